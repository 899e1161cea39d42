package io.zaptrix.inbound;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.channel.Channels;
import io.zaptrix.conversation.Conversations;
import io.zaptrix.meta.MessageEchoed;
import io.zaptrix.meta.MessageReceived;
import io.zaptrix.meta.WebhookEvent;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.PortalRest;
import io.zaptrix.portal.Portals;
import io.zaptrix.relay.LaneBatch;
import io.zaptrix.relay.LaneHandler;
import io.zaptrix.relay.Outcome;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * Brings what customers write into the open line's chat, many messages a call ({@code imconnector.send.messages}), and
 * what the company wrote to them elsewhere.
 *
 * <p>Bitrix24 shows a message again when it is sent again, whatever its id. So when nobody knows whether a message
 * arrived, the chat's history is asked first; where it cannot be asked (the customer's first message), the message is
 * sent with a mark that it may be a repetition: losing it would be worse.
 */
@Component
class CustomerMessageHandler implements LaneHandler {

    static final String FLOW = "inbound";

    /** A call has 60 seconds at Bitrix24, which works through its messages one by one. */
    private static final int MESSAGES_A_CALL = 50;

    private final Channels channels;
    private final Conversations conversations;
    private final Portals portals;
    private final PortalRest rest;
    private final ChatHistory history;
    private final ChatMessages messages;
    private final JsonMapper json;

    /** One for all that is asked before the call: each of its own would cost as much as what it asks. */
    private final TransactionTemplate transaction;

    CustomerMessageHandler(
            Channels channels,
            Conversations conversations,
            Portals portals,
            PortalRest rest,
            ChatHistory history,
            ChatMessages messages,
            JsonMapper json,
            PlatformTransactionManager transactions) {
        this.channels = channels;
        this.conversations = conversations;
        this.portals = portals;
        this.rest = rest;
        this.history = history;
        this.messages = messages;
        this.json = json;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Override
    public String flow() {
        return FLOW;
    }

    @Override
    public int batchSize() {
        return MESSAGES_A_CALL;
    }

    @Override
    public Optional<String> counterpart(String lane, byte[] payload) {
        return switch (json.readValue(payload, WebhookEvent.class)) {
            case MessageReceived received -> Optional.of(received.message().from());
            case MessageEchoed echoed -> Optional.ofNullable(echoed.to() == null ? echoed.toUserId() : echoed.to());
            default -> Optional.empty();
        };
    }

    @Override
    public List<Outcome> deliver(LaneBatch batch) {
        Optional<InboundDelivery> delivery = transaction.execute(status -> prepared(batch));
        if (delivery.isEmpty()) {
            return List.of(new Outcome.Suspended("number_not_linked"));
        }
        try {
            return delivery.get().run();
        } catch (Bitrix24Exception notAsked) {
            // Before anything was sent: the histories of chats could not be asked.
            return List.of(InboundDelivery.notNow(batch.items().getFirst(), notAsked));
        }
    }

    private Optional<InboundDelivery> prepared(LaneBatch batch) {
        Locale language = portals.find(batch.tenant()).map(Portal::language).orElse(Locale.ENGLISH);
        Optional<InboundDelivery> delivery = channels.find(batch.lane().substring(FLOW.length() + 1))
                .map(number -> new InboundDelivery(
                        channels, conversations, rest, history, messages, json, batch, number, language));
        delivery.ifPresent(InboundDelivery::prepare);
        return delivery;
    }
}
