package io.zaptrix.meta;

import io.zaptrix.platform.BoundedJson;
import io.zaptrix.platform.Sha256;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads Meta's webhooks. Field names and shapes are those of "Webhooks" in Meta's WhatsApp documentation and of its
 * OpenAPI description, v23.0; newer payloads are read as far as they are alike.
 */
public final class Webhooks {

    private static final String MESSAGES = "messages";
    private static final String STATUSES = "statuses";
    private static final String ERRORS = "errors";
    private static final String ECHOES = "message_echoes";
    private static final String ECHO_FIELD = "smb_message_echoes";

    /** The fields whose news of a customer come as messages of a type of our own, and the type. */
    private static final Map<String, String> TOLD = Map.of("calls", "call", "user_preferences", "preference");

    /** Begins the ids of messages that came without one: made from what they hold, so the same in each redelivery. */
    private static final String MADE_UP = "zaptrix.";

    /** The types of messages that are known: what the object of a message is called that does not say its type. */
    public static final List<String> TYPES = List.of(
            "text",
            "image",
            "video",
            "audio",
            "document",
            "sticker",
            "location",
            "contacts",
            "button",
            "interactive",
            "reaction",
            "order",
            "system",
            "edit",
            "revoke",
            "unsupported");

    /** The year 2100, beyond which a number of seconds is none. */
    private static final long LAST_SECOND = 4_102_444_800L;

    private static final JsonMapper JSON = BoundedJson.ofMeta();

    private Webhooks() {}

    /**
     * All that one webhook reports, in the order in which it does: entry by entry, change by change. Nothing is left
     * out: what is not understood comes as {@link AccountChanged}.
     *
     * @param body UTF-8 JSON
     * @throws MalformedWebhook when it is not JSON, or not an object; for no other reason
     */
    public static List<WebhookEvent> parse(byte[] body) throws MalformedWebhook {
        List<WebhookEvent> events = new ArrayList<>();
        for (JsonNode entry : read(body).path("entry")) {
            String wabaId = textOr(entry.path("id"), "");
            Instant at = timeOrNull(entry.path("time"));
            for (JsonNode change : entry.path("changes")) {
                addChange(wabaId, at, change, events);
            }
        }
        return List.copyOf(events);
    }

    private static ObjectNode read(byte[] body) throws MalformedWebhook {
        try {
            if (JSON.readTree(body) instanceof ObjectNode object) {
                return Unstorable.mayBeIn(body) ? Unstorable.mended(object) : object;
            }
        } catch (JacksonException notJson) {
            TokenStreamLocation at = notJson.getLocation();
            throw new MalformedWebhook("not JSON" + (at == null ? "" : " at byte " + at.getByteOffset()));
        }
        throw new MalformedWebhook("not a JSON object");
    }

    private static void addChange(String wabaId, @Nullable Instant at, JsonNode change, List<WebhookEvent> events) {
        String field = textOr(change.path("field"), "");
        JsonNode value = change.path("value");
        String phoneNumberId = text(value.path("metadata").path("phone_number_id"));
        if (phoneNumberId != null && field.equals(ECHO_FIELD) && hasSome(value.path(ECHOES))) {
            for (JsonNode echo : value.path(ECHOES)) {
                events.add(echo(wabaId, at, phoneNumberId, value, echo));
            }
            return;
        }
        if (phoneNumberId != null && TOLD.containsKey(field) && hasSome(value.path(field))) {
            for (JsonNode news : value.path(field)) {
                events.add(told(wabaId, at, phoneNumberId, value, field, news));
            }
            return;
        }
        if (phoneNumberId == null || !field.equals(MESSAGES) || !reportsMessages(value)) {
            events.add(new AccountChanged(wabaId, at, field, value.isMissingNode() ? nothing() : value));
            return;
        }
        // Properties in Meta's order: a status that precedes a message in the payload precedes it here.
        for (Map.Entry<String, JsonNode> property : value.properties()) {
            switch (property.getKey()) {
                case MESSAGES -> {
                    for (JsonNode message : property.getValue()) {
                        events.add(message(wabaId, at, phoneNumberId, value, message));
                    }
                }
                case STATUSES -> {
                    for (JsonNode status : property.getValue()) {
                        events.add(status(wabaId, at, phoneNumberId, value, status));
                    }
                }
                case ERRORS -> events.add(part(wabaId, at, value, ERRORS, property.getValue()));
                default -> {}
            }
        }
    }

    private static boolean reportsMessages(JsonNode value) {
        return hasSome(value.path(MESSAGES)) || hasSome(value.path(STATUSES));
    }

    private static boolean hasSome(JsonNode list) {
        return list instanceof ArrayNode some && !some.isEmpty();
    }

    private static WebhookEvent message(
            String wabaId, @Nullable Instant at, String phoneNumberId, JsonNode value, JsonNode message) {
        JsonNode contact = contactOf(value, message);
        String from = firstId(
                message.path("from"),
                message.path("from_user_id"),
                contact.path("wa_id"),
                contact.path("user_id"),
                // All that "Webhooks reference: system messages" may tell of whose id it is that changed.
                message.path("system").path("previous_user_id"));
        if (from == null) {
            return part(wabaId, at, value, MESSAGES, listOf(message));
        }
        return new MessageReceived(
                wabaId,
                phoneNumberId,
                textOr(value.path("metadata").path("display_phone_number"), ""),
                contact.isObject() ? profile(contact) : unprofiled(message),
                content(from, withValueErrors(value, message)));
    }

    private static WebhookEvent echo(
            String wabaId, @Nullable Instant at, String phoneNumberId, JsonNode value, JsonNode echo) {
        JsonNode contacts = value.path("contacts");
        JsonNode contact =
                contacts.path(contacts.size() == 1 && value.path(ECHOES).size() == 1 ? 0 : -1);
        String own = digits(textOr(value.path("metadata").path("display_phone_number"), ""));
        String to = firstId(echo.path("to"));
        String from = firstId(echo.path("from"));
        // In some, as seen with edits and revocations, the two have changed places.
        if (to != null && to.equals(own) && from != null && !from.equals(own)) {
            to = from;
        }
        if (to == null || to.equals(own)) {
            to = firstId(contact.path("wa_id"));
        }
        String toUserId = firstText(echo.path("to_user_id"), contact.path("user_id"));
        if (to == null && toUserId == null) {
            return part(wabaId, at, value, ECHOES, listOf(echo));
        }
        return new MessageEchoed(wabaId, phoneNumberId, to, toUserId, content(own, echo));
    }

    /**
     * What a customer did that is no message: a call that ended ("Webhooks reference: calls"), a wish about marketing
     * messages ("user_preferences"). A call that only begins has no words yet, and is left to whoever carries calls.
     */
    private static WebhookEvent told(
            String wabaId, @Nullable Instant at, String phoneNumberId, JsonNode value, String field, JsonNode news) {
        boolean call = field.equals("calls");
        JsonNode contacts = value.path("contacts");
        JsonNode contact =
                contacts.path(contacts.size() == 1 && value.path(field).size() == 1 ? 0 : -1);
        boolean ours = news.path("direction").asString("").equals("BUSINESS_INITIATED");
        String customer = call
                ? firstId(news.path(ours ? "to" : "from"), contact.path("wa_id"), contact.path("user_id"))
                : firstId(news.path("wa_id"), news.path("user_id"), contact.path("wa_id"), contact.path("user_id"));
        if (customer == null || call && !news.path("event").asString("").equals("terminate")) {
            ObjectNode rest = JsonNodeFactory.instance.objectNode();
            rest.set("metadata", value.path("metadata"));
            rest.set(field, listOf(news));
            return new AccountChanged(wabaId, at, field, rest);
        }
        String type = TOLD.get(field);
        ObjectNode message = JsonNodeFactory.instance.objectNode();
        if (news.hasNonNull("id")) {
            message.set("id", news.path("id"));
        }
        message.set("timestamp", news.path("timestamp"));
        message.put("type", type).set(type, news);
        return new MessageReceived(
                wabaId,
                phoneNumberId,
                textOr(value.path("metadata").path("display_phone_number"), ""),
                contact.isObject() ? profile(contact) : null,
                content(customer, message));
    }

    private static InboundMessage content(String from, JsonNode message) {
        String wamid = text(message.path("id"));
        return new InboundMessage(
                wamid == null ? MADE_UP + Sha256.shortHex(JSON.writeValueAsBytes(message)) : wamid,
                from,
                time(message.path("timestamp")),
                type(message),
                words(message),
                text(message.path("context").path("id")),
                message);
    }

    private static String type(JsonNode message) {
        String type = text(message.path("type"));
        return type != null
                ? type
                : TYPES.stream()
                        .filter(name -> message.path(name).isContainer())
                        .findFirst()
                        .orElse("");
    }

    /** A message whose object is missing may have its reason beside it, in the value. */
    private static JsonNode withValueErrors(JsonNode value, JsonNode message) {
        boolean alone = value.path(MESSAGES).size() == 1;
        if (alone && hasSome(value.path(ERRORS)) && !message.has(ERRORS) && message instanceof ObjectNode object) {
            return object.deepCopy().set(ERRORS, value.path(ERRORS));
        }
        return message;
    }

    /** Where no contact came along, a message may still name its writer in both ways. */
    private static @Nullable ContactProfile unprofiled(JsonNode message) {
        String userId = text(message.path("from_user_id"));
        return userId == null ? null : new ContactProfile(firstId(message.path("from")), userId, null, null);
    }

    private static ArrayNode listOf(JsonNode one) {
        return JsonNodeFactory.instance.arrayNode().add(one);
    }

    private static WebhookEvent status(
            String wabaId, @Nullable Instant at, String phoneNumberId, JsonNode value, JsonNode status) {
        String wamid = text(status.path("id"));
        String name = text(status.path("status"));
        if (wamid == null || name == null) {
            return part(wabaId, at, value, STATUSES, listOf(status));
        }
        List<MetaError> errors = new ArrayList<>();
        for (JsonNode error : status.path(ERRORS)) {
            errors.add(error(error));
        }
        return new StatusChanged(
                wabaId,
                phoneNumberId,
                new MessageStatus(
                        wamid,
                        name,
                        time(status.path("timestamp")),
                        firstText(status.path("recipient_id"), status.path("recipient_user_id")),
                        text(status.path("biz_opaque_callback_data")),
                        errors,
                        status));
    }

    /** A piece of a {@code messages} change that is no message or status, with whose number it concerns. */
    private static AccountChanged part(
            String wabaId, @Nullable Instant at, JsonNode value, String name, JsonNode piece) {
        ObjectNode rest = JsonNodeFactory.instance.objectNode();
        rest.set("metadata", value.path("metadata"));
        rest.set(name, piece);
        return new AccountChanged(wabaId, at, name.equals(ECHOES) ? ECHO_FIELD : MESSAGES, rest);
    }

    /**
     * The contact that wrote {@code message}. Meta says that a number and the id derived from it may differ, so a lone
     * contact counts for a lone message whatever its id.
     */
    private static JsonNode contactOf(JsonNode value, JsonNode message) {
        JsonNode contacts = value.path("contacts");
        String from = text(message.path("from"));
        String fromUser = text(message.path("from_user_id"));
        for (JsonNode contact : contacts) {
            String waId = text(contact.path("wa_id"));
            String userId = text(contact.path("user_id"));
            if ((waId != null && waId.equals(from))
                    || (userId != null && (userId.equals(fromUser) || userId.equals(from)))) {
                return contact;
            }
        }
        boolean alone = contacts.size() == 1 && value.path(MESSAGES).size() == 1;
        return contacts.path(alone ? 0 : -1);
    }

    private static ContactProfile profile(JsonNode contact) {
        JsonNode profile = contact.path("profile");
        return new ContactProfile(
                firstId(contact.path("wa_id")),
                text(contact.path("user_id")),
                firstText(profile.path("username"), contact.path("username")),
                text(profile.path("name")));
    }

    private static @Nullable String words(JsonNode message) {
        String type = type(message);
        JsonNode content = message.path(type);
        return switch (type) {
            case "text" -> text(content.path("body"));
            case "image", "video", "document", "audio", "sticker" -> text(content.path("caption"));
            case "button" -> text(content.path("text"));
            case "interactive" ->
                firstText(
                        content.path("button_reply").path("title"),
                        content.path("list_reply").path("title"));
            case "order" -> text(content.path("text"));
            // An edit holds the message in its new form; one inside another is none that WhatsApp makes.
            case "edit" -> type(content.path("message")).equals("edit") ? null : words(content.path("message"));
            default -> null;
        };
    }

    static MetaError error(JsonNode error) {
        JsonNode data = error.path("error_data");
        return new MetaError(
                integer(error.path("code")),
                text(error.path("title")),
                text(error.path("message")),
                data.isString() ? text(data) : text(data.path("details")));
    }

    static int integer(JsonNode node) {
        if (node.isIntegralNumber() && node.canConvertToInt()) {
            return node.intValue();
        }
        String text = text(node);
        return text != null && text.matches("\\d{1,9}") ? Integer.parseInt(text) : GraphException.NO_CODE;
    }

    /** Seconds since 1970, which Meta writes as a string; this moment where it wrote nothing of the kind. */
    private static Instant time(JsonNode node) {
        Instant time = timeOrNull(node);
        return time == null ? Instant.ofEpochSecond(Instant.now().getEpochSecond()) : time;
    }

    private static @Nullable Instant timeOrNull(JsonNode node) {
        String text = text(node);
        if (text != null && text.matches("\\d{1,10}")) {
            long seconds = Long.parseLong(text);
            if (seconds <= LAST_SECOND) {
                return Instant.ofEpochSecond(seconds);
            }
        }
        return null;
    }

    /** As {@link #firstText}, of ids: a phone number loses the plus that it should not have had. */
    private static @Nullable String firstId(JsonNode... nodes) {
        String id = firstText(nodes);
        return id != null && id.matches("\\+[\\d ()-]+") ? digits(id) : id;
    }

    private static String digits(String phone) {
        return phone.replaceAll("\\D", "");
    }

    private static JsonNode nothing() {
        return JsonNodeFactory.instance.nullNode();
    }

    private static String textOr(JsonNode node, String otherwise) {
        String text = text(node);
        return text == null ? otherwise : text;
    }

    static @Nullable String firstText(JsonNode... nodes) {
        for (JsonNode node : nodes) {
            String text = text(node);
            if (text != null) {
                return text;
            }
        }
        return null;
    }

    /** A string, or a number as one; null where there is nothing in it. */
    static @Nullable String text(JsonNode node) {
        if (!node.isString() && !node.isIntegralNumber()) {
            return null;
        }
        String text = node.asString();
        return text.isEmpty() ? null : text;
    }
}
