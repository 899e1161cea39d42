package io.zaptrix.portal;

import io.zaptrix.bitrix24.PortalEvent;
import java.util.Set;

/**
 * Who takes events of portals. Called with the portal's tenant bound and its {@code application_token} proved; what it
 * takes must be durable when it returns, because the portal is then told 200 and will not send it again.
 */
public interface PortalEventHandler {

    /** The events it takes, in capitals. */
    Set<String> events();

    void accept(Portal portal, PortalEvent event);
}
