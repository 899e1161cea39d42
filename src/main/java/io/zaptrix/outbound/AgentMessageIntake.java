package io.zaptrix.outbound;

import io.zaptrix.bitrix24.ConnectorMessage;
import io.zaptrix.bitrix24.PortalEvent;
import io.zaptrix.conversation.CanonicalPhone;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.platform.CorrelationId;
import io.zaptrix.portal.Connector;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.PortalEventHandler;
import io.zaptrix.relay.Relay;
import io.zaptrix.relay.RelayItem;
import io.zaptrix.relay.Unrouted;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Hands what agents write to the relay: one lane a conversation. Bitrix24 sends an event only once. */
@Component
class AgentMessageIntake implements PortalEventHandler {

    private static final String ADDED = "ONIMCONNECTORMESSAGEADD";
    private static final String UPDATED = "ONIMCONNECTORMESSAGEUPDATE";
    private static final String DELETED = "ONIMCONNECTORMESSAGEDELETE";

    /** What no person wrote. */
    static final String AUTOMATIC = "automatic";

    private final Relay relay;
    private final Unrouted unrouted;
    private final Notices notices;
    private final JsonMapper json;

    AgentMessageIntake(Relay relay, Unrouted unrouted, Notices notices, JsonMapper json) {
        this.relay = relay;
        this.unrouted = unrouted;
        this.notices = notices;
        this.json = json;
    }

    @Override
    public Set<String> events() {
        return Set.of(ADDED, UPDATED, DELETED);
    }

    @Override
    public void accept(Portal portal, PortalEvent event) {
        if (event.event().equals(ADDED)) {
            take(portal, event);
        } else {
            // WhatsApp's Cloud API has neither; silence would let the agent believe that it worked.
            ConnectorMessage.of(event).stream()
                    .filter(message -> Connector.CODE.equals(message.connector()))
                    .forEach(message ->
                            notices.cannotChange(message, event.event().equals(DELETED)));
        }
    }

    private void take(Portal portal, PortalEvent event) {
        List<RelayItem> items = new ArrayList<>();
        for (ConnectorMessage message : ConnectorMessage.of(event)) {
            if (!Connector.CODE.equals(message.connector()) || HiddenMessages.isHidden(message)) {
                continue;
            }
            Optional<ChatAddress> address = ChatAddress.parse(message.chatId());
            if (address.isEmpty()) {
                unrouted.keep(
                        "bitrix24",
                        "unknown_chat",
                        message.chatId(),
                        message.imMessageId().getBytes(StandardCharsets.UTF_8));
                continue;
            }
            AgentMessage written = AgentMessage.of(message);
            items.add(new RelayItem(
                    portal.tenant(),
                    AgentMessageHandler.FLOW + ":" + address.get().external(),
                    message.imMessageId(),
                    position(message.imMessageId()),
                    event.ts() == null ? Instant.now() : event.ts(),
                    json.writeValueAsBytes(written),
                    CorrelationId.current(),
                    subject(address.get()),
                    written.automatic() ? AUTOMATIC : "agent"));
        }
        relay.accept(items);
    }

    /** The customer by the name of the conversation; one that somebody else had before has a count behind it. */
    static String subject(ChatAddress address) {
        return CanonicalPhone.of(address.whatsappId().replaceFirst("^(\\d+)\\.\\d+$", "$1"));
    }

    /** Bitrix24 numbers its messages as they are written. */
    static long position(String imMessageId) {
        try {
            return Long.parseLong(imMessageId);
        } catch (NumberFormatException notANumber) {
            return Long.MAX_VALUE;
        }
    }
}
