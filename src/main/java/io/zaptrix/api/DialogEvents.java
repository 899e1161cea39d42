package io.zaptrix.api;

import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.api.Webhooks.Event;
import io.zaptrix.bitrix24.ConnectorDialog;
import io.zaptrix.bitrix24.MalformedEvent;
import io.zaptrix.bitrix24.PortalEvent;
import io.zaptrix.channel.Channels;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.conversation.Conversations;
import io.zaptrix.portal.Connector;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.PortalEventHandler;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Sessions of open lines that begin and end, which the company's programs may want to know. WhatsApp knows no sessions,
 * the customer's window goes by their messages alone, and a session begins with the customer's message, which no agent
 * has seen then: so nothing else follows from them. What the line says to the customer at these moments comes as
 * messages of its own.
 */
@Component
class DialogEvents implements PortalEventHandler {

    private static final String STARTED = "ONIMCONNECTORDIALOGSTART";
    private static final String FINISHED = "ONIMCONNECTORDIALOGFINISH";

    private final WebhookEvents webhooks;
    private final Channels channels;
    private final Conversations conversations;
    private final MeterRegistry metrics;

    DialogEvents(WebhookEvents webhooks, Channels channels, Conversations conversations, MeterRegistry metrics) {
        this.webhooks = webhooks;
        this.channels = channels;
        this.conversations = conversations;
        this.metrics = metrics;
    }

    @Override
    public Set<String> events() {
        return Set.of(STARTED, FINISHED);
    }

    @Override
    public void accept(Portal portal, PortalEvent event) {
        Event what = event.event().equals(STARTED) ? Event.DIALOG_STARTED : Event.DIALOG_FINISHED;
        Instant at = event.ts() == null ? Instant.now() : event.ts();
        try {
            for (ConnectorDialog dialog : ConnectorDialog.of(event)) {
                count(what, tell(what, dialog, at));
            }
        } catch (MalformedEvent unreadable) {
            // Bitrix24 could do nothing about it, and would not send it again.
            count(what, "malformed");
        }
    }

    /** @return what became of it, as it is counted */
    private String tell(Event what, ConnectorDialog dialog, Instant at) {
        if (!Connector.CODE.equals(dialog.connector())) {
            return "foreign";
        }
        if (!webhooks.wanted(what)) {
            return "not_asked_for";
        }
        // Both look at the tenant's own alone: a portal is told of no number and no customer of another's.
        Optional<ChatAddress> address = ChatAddress.parse(dialog.chatId())
                .filter(named -> channels.find(named.phoneNumberId()).isPresent())
                .filter(named -> conversations.find(named).isPresent());
        if (address.isEmpty()) {
            return "unknown_chat";
        }
        webhooks.tell(what, dialog, address.get(), conversations.recipient(address.get()), at);
        return "told";
    }

    private void count(Event what, String outcome) {
        String word = what == Event.DIALOG_STARTED ? "started" : "finished";
        metrics.counter("zaptrix.api.dialogs", "what", word, "outcome", outcome).increment();
    }
}
