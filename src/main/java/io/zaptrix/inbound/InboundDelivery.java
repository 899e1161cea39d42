package io.zaptrix.inbound;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.channel.Channels;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.conversation.AdReferral;
import io.zaptrix.conversation.Arrival;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.conversation.Conversation;
import io.zaptrix.conversation.Conversations;
import io.zaptrix.conversation.Heard;
import io.zaptrix.conversation.WhatsAppUser;
import io.zaptrix.meta.ContactProfile;
import io.zaptrix.meta.InboundMessage;
import io.zaptrix.meta.MessageEchoed;
import io.zaptrix.meta.MessageReceived;
import io.zaptrix.meta.WebhookEvent;
import io.zaptrix.platform.CleanText;
import io.zaptrix.portal.Connector;
import io.zaptrix.portal.PortalFailure;
import io.zaptrix.portal.PortalRest;
import io.zaptrix.relay.LaneBatch;
import io.zaptrix.relay.LaneItem;
import io.zaptrix.relay.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One batch of a number's lane on its way into the chats; used once. */
final class InboundDelivery {

    /** What Bitrix24 says when an admin has switched the connector off in the line, or the app has lost it. */
    private static final Set<String> LINE_IS_OFF = Set.of("NOT_ACTIVE_LINE", "IMCONNECTOR_NO_CORRECT_PROVIDER");

    private static final Duration ASK_AGAIN = Duration.ofSeconds(5);

    private static final int MESSAGES_A_CALL = 50;

    /** Bitrix24 fetches each of them within the call's 60 seconds. */
    private static final int FILES_A_CALL = 5;

    private static final int BYTES_A_CALL = 400_000;

    private final Channels channels;
    private final Conversations conversations;
    private final PortalRest rest;
    private final ChatHistory history;
    private final ChatMessages messages;
    private final JsonMapper json;
    private final LaneBatch batch;
    private final PhoneNumber number;
    private final Locale language;

    private final @Nullable Outcome[] outcomes;
    private final List<Item> items = new ArrayList<>();
    private final Map<WhatsAppUser, ChatAddress> addresses = new HashMap<>();
    private final Map<ChatAddress, String> chatIds = new HashMap<>();
    private Map<String, String> excerpts = Map.of();

    InboundDelivery(
            Channels channels,
            Conversations conversations,
            PortalRest rest,
            ChatHistory history,
            ChatMessages messages,
            JsonMapper json,
            LaneBatch batch,
            PhoneNumber number,
            Locale language) {
        this.channels = channels;
        this.conversations = conversations;
        this.rest = rest;
        this.history = history;
        this.messages = messages;
        this.json = json;
        this.batch = batch;
        this.number = number;
        this.language = language;
        this.outcomes = new Outcome[batch.items().size()];
    }

    /** An item of the batch that can be read, and its place there. */
    private record Item(int index, LaneItem lane, WebhookEvent event, Sender sender) {}

    /** A message about to be sent, as one or more messages to Bitrix24. */
    private record Outgoing(
            Item item,
            MessageReceived received,
            ChatAddress address,
            boolean known,
            ChatMessages.Content content,
            List<Integer> pages) {

        List<Map<String, ?>> sends() {
            return ChatMessages.sends(received, item.sender(), address, known, content, pages);
        }
    }

    /** Finds whose the messages are. All that is asked of the database before the call, for one transaction. */
    void prepare() {
        read();
        resolve();
        // Whatever becomes of the messages: the customer may be answered.
        conversations.heard(number.phoneNumberId(), heard());
    }

    /**
     * Carries the batch; after {@link #prepare}, and outside its transaction.
     *
     * @throws Bitrix24Exception when the portal could not be asked what arrived before, and nothing was sent
     */
    List<Outcome> run() {
        Map<Integer, Set<String>> arrived = whatArrived();
        excerpts = excerpts();
        List<Outgoing> together = new ArrayList<>();
        for (Item item : items) {
            boolean alone = item.event() instanceof MessageEchoed || original(item) != null;
            if (alone && !send(together)) {
                break;
            }
            if (item.event() instanceof MessageEchoed echoed) {
                echo(item, echoed);
            } else if (item.event() instanceof MessageReceived received) {
                String original = original(item);
                if (original == null) {
                    plan(item, received, arrived.get(item.index())).ifPresent(together::add);
                } else {
                    change(item, received, original);
                }
            }
            if (alone && waits(outcomes[item.index()])) {
                return settled();
            }
        }
        send(together);
        return settled();
    }

    // ---- whose they are

    /** Takes the items up to the first that changes who is who, unless that comes first: it begins a batch. */
    private void read() {
        for (int i = 0; i < outcomes.length; i++) {
            LaneItem lane = batch.items().get(i);
            try {
                WebhookEvent event = json.readValue(lane.payload(), WebhookEvent.class);
                Sender sender = switch (event) {
                    case MessageReceived received -> Sender.of(received);
                    case MessageEchoed echoed -> Sender.of(echoed);
                    default -> null;
                };
                if (sender == null) {
                    outcomes[i] = new Outcome.Dead("unreadable_payload");
                    continue;
                }
                if (sender.becomes() != null && i > 0) {
                    return;
                }
                items.add(new Item(i, lane, event, sender));
            } catch (JacksonException | IllegalArgumentException unreadable) {
                outcomes[i] = new Outcome.Dead("unreadable_payload");
            }
        }
    }

    private void resolve() {
        if (items.isEmpty()) {
            return;
        }
        Sender first = items.getFirst().sender();
        if (first.becomes() != null) {
            conversations.follow(number.phoneNumberId(), first.user(), first.becomes());
        }
        Set<WhatsAppUser> users = new LinkedHashSet<>();
        items.forEach(item -> users.add(item.sender().owner()));
        addresses.putAll(conversations.addresses(number.phoneNumberId(), users));
        Set<String> named = new LinkedHashSet<>();
        addresses.values().forEach(address -> named.add(address.whatsappId()));
        for (Conversation known : conversations.find(number.phoneNumberId(), named)) {
            if (known.bitrixChatId() != null) {
                chatIds.put(known.address(), known.bitrixChatId());
            }
        }
    }

    private ChatAddress address(Item item) {
        return addresses.getOrDefault(
                item.sender().owner(),
                new ChatAddress(number.phoneNumberId(), item.sender().nameless()));
    }

    /**
     * What opens the customers' windows: messages and calls of theirs. Meta's own news of a customer does not, nor what
     * the company did.
     */
    private List<Heard> heard() {
        List<Heard> heard = new ArrayList<>();
        for (Item item : items) {
            if (item.event() instanceof MessageReceived received && opensTheWindow(received.message())) {
                InboundMessage message = received.message();
                heard.add(new Heard(
                        address(item),
                        // Nobody can be shown that a call was read.
                        message.type().equals("call") ? null : message.wamid(),
                        message.timestamp(),
                        message.raw().path("referral").isObject()));
            }
        }
        return heard;
    }

    private static boolean opensTheWindow(InboundMessage message) {
        return switch (message.type()) {
            case "system", "preference" -> false;
            case "call" ->
                !message.raw().path("call").path("direction").asString("").equals("BUSINESS_INITIATED");
            default -> true;
        };
    }

    // ---- what is known of before

    /** Of the items of which nobody knows whether they arrived: what their chats hold, where that can be told. */
    private Map<Integer, Set<String>> whatArrived() {
        Map<Integer, Set<String>> arrived = new HashMap<>();
        Map<String, Optional<Map<String, String>>> asked = new HashMap<>();
        for (Item item : items) {
            String chatId = chatIds.get(address(item));
            if (item.lane().uncertain() && chatId != null) {
                asked.computeIfAbsent(chatId, history::of)
                        .ifPresent(texts -> arrived.put(item.index(), texts.keySet()));
            }
        }
        return arrived;
    }

    /** The words of the messages that these are about, as far as the portal or this batch has them. */
    private Map<String, String> excerpts() {
        Set<String> wanted = new LinkedHashSet<>();
        Set<String> chats = new LinkedHashSet<>();
        Map<String, String> found = new LinkedHashMap<>();
        for (Item item : items) {
            String about = item.event() instanceof MessageReceived received ? about(received.message()) : null;
            if (about == null) {
                continue;
            }
            wanted.add(about);
            String chatId = chatIds.get(address(item));
            if (chatId != null) {
                chats.add(chatId);
            }
        }
        if (wanted.isEmpty()) {
            return Map.of();
        }
        for (Item item : items) {
            if (item.event() instanceof MessageReceived received
                    && received.message().text() != null) {
                found.put(received.message().wamid(), received.message().text());
            }
        }
        if (!found.keySet().containsAll(wanted)) {
            found.putAll(history.ofAll(chats));
        }
        Map<String, String> excerpts = new LinkedHashMap<>();
        for (String wamid : wanted) {
            String text = found.get(wamid);
            String excerpt = text == null ? "" : ChatHistory.excerpt(text);
            if (!excerpt.isBlank()) {
                excerpts.put(wamid, excerpt);
            }
        }
        return excerpts;
    }

    private static @Nullable String about(InboundMessage message) {
        return message.type().equals("reaction")
                ? text(message.raw().path("reaction").path("message_id"))
                : message.contextWamid();
    }

    /** The message that this one changes or takes back. */
    private static @Nullable String original(Item item) {
        if (!(item.event() instanceof MessageReceived received)) {
            return null;
        }
        String type = received.message().type();
        return type.equals("edit") || type.equals("revoke")
                ? text(received.message().raw().path(type).path("original_message_id"))
                : null;
    }

    // ---- sending

    private Optional<Outgoing> plan(Item item, MessageReceived received, @Nullable Set<String> arrived) {
        String about = about(received.message());
        ChatMessages.Content content =
                messages.content(received, address(item), language, about == null ? null : excerpts.get(about), true);
        boolean perhaps = item.lane().uncertain() && arrived == null;
        if (perhaps) {
            content = marked(content);
        }
        List<Integer> pages = IntStream.range(0, content.pages().size())
                .filter(page -> arrived == null
                        || !arrived.contains(
                                ChatMessages.pageId(received.message().wamid(), page)))
                .boxed()
                .toList();
        if (pages.isEmpty()) {
            outcomes[item.index()] = Outcome.DONE;
            return Optional.empty();
        }
        return Optional.of(
                new Outgoing(item, received, address(item), chatIds.containsKey(address(item)), content, pages));
    }

    private ChatMessages.Content marked(ChatMessages.Content content) {
        List<String> pages = new ArrayList<>(content.pages());
        pages.set(0, CustomerText.perhapsRepeated(pages.getFirst(), language));
        return new ChatMessages.Content(pages, content.files());
    }

    /**
     * Sends all in as few calls as they fit into, and empties the list.
     *
     * @return whether what follows may go on
     */
    private boolean send(List<Outgoing> all) {
        List<Outgoing> call = new ArrayList<>();
        int count = 0;
        int files = 0;
        int bytes = 0;
        for (Outgoing one : all) {
            List<Map<String, ?>> sends = one.sends();
            int size = sends.stream().mapToInt(ChatMessages::size).sum();
            int own = one.content().files().size();
            boolean full =
                    count + sends.size() > MESSAGES_A_CALL || files + own > FILES_A_CALL || bytes + size > BYTES_A_CALL;
            if (full && !call.isEmpty()) {
                if (!call(call)) {
                    all.clear();
                    return false;
                }
                call.clear();
                count = files = bytes = 0;
            }
            call.add(one);
            count += sends.size();
            files += own;
            bytes += size;
        }
        all.clear();
        return call.isEmpty() || call(call);
    }

    /** A call that must not happen twice. */
    private JsonNode once(String method, Map<String, ?> parameters) {
        return rest.call(method, parameters, batch::checkpoint);
    }

    /** @return whether what follows may go on */
    private boolean call(List<Outgoing> together) {
        List<Map<String, ?>> sends = new ArrayList<>();
        together.forEach(one -> sends.addAll(one.sends()));
        try {
            return settle(together, once("imconnector.send.messages", parameters(sends)));
        } catch (Bitrix24Exception failure) {
            if (failure.kind() == Bitrix24Exception.Kind.REFUSE && together.size() > 1) {
                // One of them spoils the call; alone, the others pass.
                return together.stream().allMatch(one -> call(List.of(one)));
            }
            Outcome outcome = failed(failure, false);
            together.forEach(one -> outcomes[one.item().index()] = outcome);
            return !waits(outcome);
        }
    }

    private boolean settle(List<Outgoing> together, JsonNode result) {
        if (isFalse(result.path("SUCCESS"))
                && result.path("DATA").path("RESULT").isEmpty()) {
            // The documented error NOT_ACTIVE_LINE in its other shape: nothing was taken.
            channels.suspend(number.phoneNumberId(), PhoneNumber.CONNECTOR_OFF);
            together.forEach(one -> outcomes[one.item().index()] = new Outcome.Suspended("line_not_active"));
            return false;
        }
        List<JsonNode> answers = new ArrayList<>();
        result.path("DATA").path("RESULT").forEach(answers::add);
        List<Arrival> arrivals = new ArrayList<>();
        List<Outgoing> withoutFiles = new ArrayList<>();
        int next = 0;
        for (Outgoing one : together) {
            List<JsonNode> own = new ArrayList<>();
            for (int page = 0; page < one.pages().size(); page++, next++) {
                own.add(next < answers.size() ? answers.get(next) : json.createObjectNode());
            }
            Optional<JsonNode> refused = own.stream()
                    .filter(answer -> isFalse(answer.path("SUCCESS")))
                    .findFirst();
            if (refused.isEmpty()) {
                outcomes[one.item().index()] = Outcome.DONE;
                arrivals.add(arrival(one, own.getFirst()));
            } else if (isFalse(own.getFirst().path("SUCCESS"))
                    && !one.content().files().isEmpty()) {
                withoutFiles.add(one);
            } else {
                outcomes[one.item().index()] = new Outcome.Dead("bitrix24_refused: " + errors(refused.get()));
            }
        }
        arrived(together, arrivals);
        return withoutFiles.isEmpty() || sendWithoutFiles(withoutFiles);
    }

    /** Bitrix24 refuses what has files: what was sent is at least said. */
    private boolean sendWithoutFiles(List<Outgoing> refused) {
        return call(refused.stream()
                .map(one -> {
                    ChatMessages.Content content =
                            messages.content(one.received(), address(one.item()), language, null, false);
                    return new Outgoing(
                            one.item(),
                            one.received(),
                            one.address(),
                            one.known(),
                            content,
                            IntStream.range(0, content.pages().size()).boxed().toList());
                })
                .toList());
    }

    private Arrival arrival(Outgoing one, JsonNode answer) {
        String chatId = text(answer.path("session").path("CHAT_ID"));
        if (chatId != null) {
            chatIds.put(one.address(), chatId);
        }
        return new Arrival(
                one.address(),
                name(one.received().contact()),
                one.received().message().timestamp(),
                chatId,
                text(answer.path("user")));
    }

    private void arrived(List<Outgoing> together, List<Arrival> arrivals) {
        conversations.record(number.phoneNumberId(), arrivals);
        for (Outgoing one : together) {
            JsonNode referral = one.received().message().raw().path("referral");
            if (referral.isObject() && outcomes[one.item().index()] instanceof Outcome.Done) {
                conversations.keep(
                        one.address(),
                        new AdReferral(
                                one.received().message().timestamp(),
                                bounded(referral.path("source_type")),
                                bounded(referral.path("source_id")),
                                bounded(referral.path("source_url")),
                                bounded(referral.path("headline")),
                                bounded(referral.path("ctwa_clid"))));
            }
        }
        if (!arrivals.isEmpty() && PhoneNumber.CONNECTOR_OFF.equals(number.problem())) {
            channels.resume(number.phoneNumberId());
        }
    }

    // ---- changing what was sent

    /**
     * Edits or deletes a message in the chat. Bitrix24 answers that it did so also where it has no such message, so the
     * history is asked; where it does not have it, a line says what the customer did.
     */
    private void change(Item item, MessageReceived received, String original) {
        ChatAddress address = address(item);
        String chatId = chatIds.get(address);
        @Nullable Set<String> there = null;
        try {
            there = chatId == null ? null : history.of(chatId).map(Map::keySet).orElse(null);
            List<String> pages = there == null
                    ? List.of()
                    : there.stream()
                            .filter(id -> ChatMessages.isPageOf(id, original))
                            .toList();
            boolean done = !pages.isEmpty()
                    && (received.message().type().equals("revoke")
                            ? delete(address, pages)
                            : update(received, address, original, pages));
            if (done) {
                outcomes[item.index()] = Outcome.DONE;
                return;
            }
        } catch (Bitrix24Exception failure) {
            if (failure.kind() != Bitrix24Exception.Kind.REFUSE) {
                outcomes[item.index()] = failed(failure, true);
                return;
            }
        }
        plan(item, received, there).ifPresent(line -> call(List.of(line)));
    }

    private boolean delete(ChatAddress address, Collection<String> ids) {
        return isDone(once(
                "imconnector.delete.messages",
                parameters(ids.stream()
                        .map(id -> Map.of(
                                "user", Map.of("id", address.external()),
                                "message", Map.of("id", id),
                                "chat", Map.of("id", address.external())))
                        .toList())));
    }

    private boolean update(MessageReceived edit, ChatAddress address, String original, Collection<String> pages) {
        List<String> now = messages.edited(edit, address, language).pages();
        if (now.size() > 1 || pages.size() > 1 || now.getFirst().isBlank()) {
            return false;
        }
        return isDone(once(
                "imconnector.update.messages",
                parameters(List.of(Map.of(
                        "user", Map.of("id", address.external()),
                        "message",
                                Map.of(
                                        "id",
                                        original,
                                        "date",
                                        edit.message().timestamp().getEpochSecond(),
                                        "text",
                                        now.getFirst()),
                        "chat", Map.of("id", address.external()))))));
    }

    private static boolean isDone(JsonNode result) {
        if (isFalse(result.path("SUCCESS"))) {
            return false;
        }
        for (JsonNode answer : result.path("DATA").path("RESULT")) {
            if (isFalse(answer.path("SUCCESS"))) {
                return false;
            }
        }
        return true;
    }

    // ---- what the company wrote elsewhere

    /**
     * Shows it as a system line of the chat, which is never carried to the customer. As a message of a colleague
     * ({@code message.user_id}) the open line would send it out again. Without a chat there is nobody to show it to: to
     * open one would let the line greet a customer who has not written.
     */
    private void echo(Item item, MessageEchoed echoed) {
        ChatAddress address = address(item);
        String chatId = chatIds.get(address);
        if (chatId == null) {
            outcomes[item.index()] = Outcome.DONE;
            return;
        }
        List<String> pages = new ArrayList<>(messages.echoed(address, echoed.message(), language));
        if (item.lane().uncertain()) {
            pages.set(0, CustomerText.perhapsRepeated(pages.getFirst(), language));
        }
        outcomes[item.index()] = Outcome.DONE;
        for (int page = 0; page < pages.size(); page++) {
            try {
                line(address, chatId, ChatMessages.pageId(echoed.message().wamid(), page), echoed, pages.get(page));
            } catch (Bitrix24Exception failure) {
                outcomes[item.index()] = failed(failure, false);
                return;
            }
        }
    }

    private void line(ChatAddress address, String chatId, String id, MessageEchoed echoed, String text) {
        try {
            once(
                    "im.message.add",
                    Map.of(
                            "DIALOG_ID", "chat" + chatId,
                            "MESSAGE", text,
                            "SYSTEM", "Y",
                            // Without access to the chat SYSTEM is ignored; this still keeps it from the customer.
                            "SKIP_CONNECTOR", "Y",
                            "URL_PREVIEW", "N"));
        } catch (Bitrix24Exception failure) {
            if (failure.kind() != Bitrix24Exception.Kind.REFUSE && !isAboutScope(failure)) {
                throw failure;
            }
            once(
                    "imconnector.send.messages",
                    parameters(List.of(Map.of(
                            "user", Map.of("id", address.external()),
                            "message",
                                    Map.of(
                                            "id",
                                            id,
                                            "date",
                                            echoed.message().timestamp().getEpochSecond(),
                                            "text",
                                            text,
                                            "disable_crm",
                                            "Y"),
                            "chat", Map.of("id", address.external())))));
        }
    }

    /** The app may have been installed without the scope {@code im}; the portal is well all the same. */
    private static boolean isAboutScope(Bitrix24Exception failure) {
        return failure.code().equals("insufficient_scope") || failure.code().equals("ACCESS_DENIED");
    }

    // ---- outcomes

    /** The history cannot be asked now: nothing of the batch is touched. */
    static Outcome notNow(LaneItem first, Bitrix24Exception failure) {
        Outcome outcome = PortalFailure.outcome(failure, true);
        if (outcome instanceof Outcome.Retry retry) {
            return first.uncertain()
                    ? new Outcome.Uncertain(retry.reason(), retry.atLeast())
                    : new Outcome.Wait(retry.reason(), ASK_AGAIN);
        }
        return outcome;
    }

    private Outcome failed(Bitrix24Exception failure, boolean repeatable) {
        if (LINE_IS_OFF.contains(failure.code())) {
            channels.suspend(number.phoneNumberId(), PhoneNumber.CONNECTOR_OFF);
        }
        return PortalFailure.outcome(failure, repeatable);
    }

    private static boolean waits(@Nullable Outcome outcome) {
        return !(outcome instanceof Outcome.Done || outcome instanceof Outcome.Dead);
    }

    /** The outcomes up to the first item that was not touched. */
    private List<Outcome> settled() {
        List<Outcome> settled = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            if (outcome == null) {
                break;
            }
            settled.add(outcome);
        }
        return settled;
    }

    // ---- small things

    private Map<String, ?> parameters(List<? extends Map<String, ?>> entries) {
        return Map.of("CONNECTOR", Connector.CODE, "LINE", number.lineId(), "MESSAGES", entries);
    }

    private static @Nullable String name(@Nullable ContactProfile contact) {
        if (contact == null) {
            return null;
        }
        String name = contact.name() != null ? contact.name() : contact.username();
        return name == null ? null : CleanText.of(name);
    }

    private static boolean isFalse(JsonNode node) {
        return node.isBoolean() && !node.asBoolean()
                || node.isString() && List.of("N", "0", "false").contains(node.asString());
    }

    private static @Nullable String text(JsonNode node) {
        return node.isValueNode() && !node.isNull() ? node.asString() : null;
    }

    private static @Nullable String bounded(JsonNode node) {
        String text = text(node);
        return text == null || text.isBlank()
                ? null
                : CleanText.of(text.length() > 2_000 ? text.substring(0, 2_000) : text);
    }

    private static String errors(JsonNode answer) {
        List<String> errors = new ArrayList<>();
        answer.path("ERRORS").forEach(error -> errors.add(error.isValueNode() ? error.asString() : error.toString()));
        String all = String.join("; ", errors);
        return all.length() > 300 ? all.substring(0, 300) : all;
    }
}
