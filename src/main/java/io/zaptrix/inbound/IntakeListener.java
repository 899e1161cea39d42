package io.zaptrix.inbound;

import io.zaptrix.meta.MessageReceived;
import io.zaptrix.meta.StatusChanged;
import io.zaptrix.platform.TenantId;
import io.zaptrix.relay.RelayItem;
import java.util.function.Consumer;

/**
 * Somebody who wants to carry what webhooks bring to others as well. What is given to {@code also} is accepted in the
 * same commit as the event itself, so that both are durable or neither is; an event that Meta delivers again comes here
 * again, and must give the same keys.
 *
 * <p>Every webhook passes here: an answer must come from memory.
 */
public interface IntakeListener {

    void on(TenantId tenant, MessageReceived received, Consumer<RelayItem> also);

    void on(TenantId tenant, StatusChanged changed, Consumer<RelayItem> also);
}
