package io.zaptrix.outbound;

import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.bitrix24.PortalEvent;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.PortalEventHandler;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Sessions of open lines that begin and end (REST documentation, {@code on-im-connector-dialog-start.md} and
 * {@code …-finish.md}). They are counted and nothing else: WhatsApp knows no sessions, the customer's window goes by
 * their messages alone, and a session begins with the customer's message, which no agent has seen then. What the line
 * says to the customer at these moments comes as messages of its own.
 */
@Component
class DialogEvents implements PortalEventHandler {

    private static final String STARTED = "ONIMCONNECTORDIALOGSTART";
    private static final String FINISHED = "ONIMCONNECTORDIALOGFINISH";

    private final MeterRegistry metrics;

    DialogEvents(MeterRegistry metrics) {
        this.metrics = metrics;
    }

    @Override
    public Set<String> events() {
        return Set.of(STARTED, FINISHED);
    }

    @Override
    public void accept(Portal portal, PortalEvent event) {
        String what = event.event().equals(STARTED) ? "started" : "finished";
        metrics.counter("zaptrix.outbound.dialogs", "what", what).increment();
    }
}
