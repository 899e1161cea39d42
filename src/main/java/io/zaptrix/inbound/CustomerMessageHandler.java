package io.zaptrix.inbound;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.channel.Channels;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.conversation.Arrival;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.conversation.Conversation;
import io.zaptrix.conversation.Conversations;
import io.zaptrix.conversation.Heard;
import io.zaptrix.meta.ContactProfile;
import io.zaptrix.meta.InboundMessage;
import io.zaptrix.meta.MessageReceived;
import io.zaptrix.portal.Connector;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.PortalFailure;
import io.zaptrix.portal.PortalRest;
import io.zaptrix.portal.Portals;
import io.zaptrix.relay.LaneBatch;
import io.zaptrix.relay.LaneHandler;
import io.zaptrix.relay.LaneItem;
import io.zaptrix.relay.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Brings what customers write into the open line's chat, many messages a call ({@code imconnector.send.messages}).
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

    /** What Bitrix24 says when an admin has switched the connector off in the line, or the app has lost it. */
    private static final Set<String> LINE_IS_OFF = Set.of("NOT_ACTIVE_LINE", "IMCONNECTOR_NO_CORRECT_PROVIDER");

    private static final Duration ASK_AGAIN = Duration.ofSeconds(5);

    private final Channels channels;
    private final Conversations conversations;
    private final Portals portals;
    private final PortalRest rest;
    private final JsonMapper json;

    CustomerMessageHandler(
            Channels channels, Conversations conversations, Portals portals, PortalRest rest, JsonMapper json) {
        this.channels = channels;
        this.conversations = conversations;
        this.portals = portals;
        this.rest = rest;
        this.json = json;
    }

    @Override
    public String flow() {
        return FLOW;
    }

    @Override
    public int batchSize() {
        return MESSAGES_A_CALL;
    }

    /** A message on its way: its place in the batch, and whether it must say that it may be a repetition. */
    private record Pending(int index, MessageReceived received, boolean perhapsRepeated) {

        ChatAddress address() {
            return CustomerMessageHandler.address(received);
        }
    }

    private static ChatAddress address(MessageReceived received) {
        return new ChatAddress(received.phoneNumberId(), received.message().from());
    }

    /** What opens the customer's window; Meta's own news of the customer does not. */
    private static Optional<Heard> heard(MessageReceived received) {
        InboundMessage message = received.message();
        return message.type().equals("system")
                ? Optional.empty()
                : Optional.of(new Heard(
                        address(received),
                        message.wamid(),
                        message.timestamp(),
                        message.raw().path("referral").isObject()));
    }

    @Override
    public List<Outcome> deliver(LaneBatch batch) {
        String phoneNumberId = batch.lane().substring(FLOW.length() + 1);
        Optional<PhoneNumber> number = channels.find(phoneNumberId);
        if (number.isEmpty()) {
            return List.of(new Outcome.Suspended("number_not_linked"));
        }
        Locale language = portals.find(batch.tenant()).map(Portal::language).orElse(Locale.ENGLISH);

        @Nullable Outcome[] outcomes = new Outcome[batch.items().size()];
        List<Pending> pending = new ArrayList<>();
        List<Heard> heard = new ArrayList<>();
        for (int i = 0; i < outcomes.length; i++) {
            LaneItem item = batch.items().get(i);
            try {
                MessageReceived received = json.readValue(item.payload(), MessageReceived.class);
                heard(received).ifPresent(heard::add);
                if (!item.uncertain()) {
                    pending.add(new Pending(i, received, false));
                    continue;
                }
                Boolean arrived = hasArrived(received);
                if (Boolean.TRUE.equals(arrived)) {
                    outcomes[i] = Outcome.DONE;
                } else {
                    pending.add(new Pending(i, received, arrived == null));
                }
            } catch (JacksonException unreadable) {
                outcomes[i] = new Outcome.Dead("unreadable_payload");
            } catch (Bitrix24Exception notAsked) {
                return List.of(notNow(batch.items().getFirst(), notAsked));
            }
        }
        // Whatever becomes of the messages: the customer may be answered.
        conversations.heard(heard);
        if (!pending.isEmpty()) {
            send(batch, number.get(), language, pending, outcomes);
        }
        return settled(outcomes);
    }

    private void send(
            LaneBatch batch, PhoneNumber number, Locale language, List<Pending> pending, @Nullable Outcome[] outcomes) {
        try {
            JsonNode result = rest.call(
                    "imconnector.send.messages",
                    Map.of(
                            "CONNECTOR", Connector.CODE,
                            "LINE", number.lineId(),
                            "MESSAGES",
                                    pending.stream()
                                            .map(p -> message(p, language))
                                            .toList()),
                    batch::checkpoint);
            settle(number, pending, result, outcomes);
        } catch (Bitrix24Exception failure) {
            if (failure.kind() == Bitrix24Exception.Kind.REFUSE && pending.size() > 1) {
                // One of them spoils the call; alone, the others pass.
                for (Pending one : pending) {
                    send(batch, number, language, List.of(one), outcomes);
                    if (waits(outcomes[one.index()])) {
                        return;
                    }
                }
                return;
            }
            if (LINE_IS_OFF.contains(failure.code())) {
                channels.suspend(number.phoneNumberId(), PhoneNumber.CONNECTOR_OFF);
            }
            Outcome outcome = PortalFailure.outcome(failure, false);
            for (Pending one : pending) {
                outcomes[one.index()] = outcome;
            }
        }
    }

    private void settle(PhoneNumber number, List<Pending> pending, JsonNode result, @Nullable Outcome[] outcomes) {
        if (isFalse(result.path("SUCCESS"))
                && result.path("DATA").path("RESULT").isEmpty()) {
            // The documented error NOT_ACTIVE_LINE in its other shape: nothing was taken.
            channels.suspend(number.phoneNumberId(), PhoneNumber.CONNECTOR_OFF);
            pending.forEach(one -> outcomes[one.index()] = new Outcome.Suspended("line_not_active"));
            return;
        }
        List<Arrival> arrivals = new ArrayList<>();
        List<JsonNode> answers = new ArrayList<>();
        result.path("DATA").path("RESULT").forEach(answers::add);
        for (int i = 0; i < pending.size(); i++) {
            Pending one = pending.get(i);
            JsonNode answer = i < answers.size() ? answers.get(i) : json.createObjectNode();
            if (isFalse(answer.path("SUCCESS"))) {
                outcomes[one.index()] = new Outcome.Dead("bitrix24_refused: " + errors(answer));
                continue;
            }
            outcomes[one.index()] = Outcome.DONE;
            arrivals.add(new Arrival(
                    one.address(),
                    name(one.received().contact()),
                    one.received().message().timestamp(),
                    text(answer.path("session").path("CHAT_ID")),
                    text(answer.path("user"))));
        }
        conversations.record(arrivals);
        if (!arrivals.isEmpty() && PhoneNumber.CONNECTOR_OFF.equals(number.problem())) {
            channels.resume(number.phoneNumberId());
        }
    }

    private Map<String, ?> message(Pending pending, Locale language) {
        MessageReceived received = pending.received();
        ChatAddress address = pending.address();
        CustomerName name = CustomerName.of(received.contact(), address.whatsappId());

        Map<String, Object> user = new LinkedHashMap<>();
        user.put("id", address.external());
        user.put("name", name.first());
        if (!name.last().isEmpty()) {
            user.put("last_name", name.last());
        }
        phone(received).ifPresent(phone -> {
            // What Bitrix24's CRM tracker finds or makes the contact by.
            user.put("phone", phone);
            user.put("skip_phone_validate", "Y");
        });
        String text = CustomerText.of(received.message(), language);
        return Map.of(
                "user", user,
                "message",
                        Map.of(
                                "id", received.message().wamid(),
                                "date", received.message().timestamp().getEpochSecond(),
                                "text",
                                        pending.perhapsRepeated()
                                                ? CustomerText.perhapsRepeated(text, language)
                                                : text),
                "chat", Map.of("id", address.external()));
    }

    /** @return whether Bitrix24 has the message; null when it cannot tell */
    private @Nullable Boolean hasArrived(MessageReceived received) {
        String whatsappId = received.message().from();
        String chatId = conversations.find(received.phoneNumberId(), List.of(whatsappId)).stream()
                .map(Conversation::bitrixChatId)
                .findFirst()
                .orElse(null);
        if (chatId == null) {
            return null;
        }
        try {
            JsonNode history = rest.call("imopenlines.session.history.get", Map.of("CHAT_ID", chatId));
            for (JsonNode message : history.path("message")) {
                JsonNode ids = message.path("params").path("connectorMid");
                for (JsonNode id :
                        ids.isContainer() ? ids : json.createArrayNode().add(ids)) {
                    if (id.asString("").equals(received.message().wamid())) {
                        return true;
                    }
                }
            }
            return false;
        } catch (Bitrix24Exception refused) {
            if (refused.kind() == Bitrix24Exception.Kind.REFUSE) {
                return null;
            }
            throw refused;
        }
    }

    /** The history cannot be asked now: nothing of the batch is touched. */
    private static Outcome notNow(LaneItem first, Bitrix24Exception failure) {
        Outcome outcome = PortalFailure.outcome(failure, true);
        if (outcome instanceof Outcome.Retry retry) {
            return first.uncertain()
                    ? new Outcome.Uncertain(retry.reason(), retry.atLeast())
                    : new Outcome.Wait(retry.reason(), ASK_AGAIN);
        }
        return outcome;
    }

    private static boolean waits(@Nullable Outcome outcome) {
        return !(outcome instanceof Outcome.Done || outcome instanceof Outcome.Dead);
    }

    /** The outcomes up to the first item that was not touched. */
    private static List<Outcome> settled(@Nullable Outcome[] outcomes) {
        List<Outcome> settled = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            if (outcome == null) {
                break;
            }
            settled.add(outcome);
        }
        return settled;
    }

    private static Optional<String> phone(MessageReceived received) {
        ContactProfile contact = received.contact();
        String id = contact != null && contact.waId() != null
                ? contact.waId()
                : received.message().from();
        return id.chars().allMatch(Character::isDigit) && !id.isEmpty() ? Optional.of("+" + id) : Optional.empty();
    }

    private static @Nullable String name(@Nullable ContactProfile contact) {
        return contact == null ? null : contact.name();
    }

    private static boolean isFalse(JsonNode node) {
        return node.isBoolean() && !node.asBoolean()
                || node.isString() && List.of("N", "0", "false").contains(node.asString());
    }

    private static @Nullable String text(JsonNode node) {
        return node.isValueNode() && !node.isNull() ? node.asString() : null;
    }

    private static String errors(JsonNode answer) {
        List<String> errors = new ArrayList<>();
        answer.path("ERRORS").forEach(error -> errors.add(error.isValueNode() ? error.asString() : error.toString()));
        String all = String.join("; ", errors);
        return all.length() > 300 ? all.substring(0, 300) : all;
    }
}
