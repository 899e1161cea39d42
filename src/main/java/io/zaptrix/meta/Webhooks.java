package io.zaptrix.meta;

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

    /** The year 2100, beyond which a number of seconds is none. */
    private static final long LAST_SECOND = 4_102_444_800L;

    private static final JsonMapper JSON = JsonMapper.shared();

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
            for (JsonNode change : entry.path("changes")) {
                addChange(wabaId, change, events);
            }
        }
        return List.copyOf(events);
    }

    private static ObjectNode read(byte[] body) throws MalformedWebhook {
        try {
            if (JSON.readTree(body) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException notJson) {
            TokenStreamLocation at = notJson.getLocation();
            throw new MalformedWebhook("not JSON" + (at == null ? "" : " at byte " + at.getByteOffset()));
        }
        throw new MalformedWebhook("not a JSON object");
    }

    private static void addChange(String wabaId, JsonNode change, List<WebhookEvent> events) {
        String field = textOr(change.path("field"), "");
        JsonNode value = change.path("value");
        String phoneNumberId = text(value.path("metadata").path("phone_number_id"));
        if (phoneNumberId == null || !field.equals(MESSAGES) || !reportsMessages(value)) {
            events.add(new AccountChanged(wabaId, field, value.isMissingNode() ? nothing() : value));
            return;
        }
        // Properties in Meta's order: a status that precedes a message in the payload precedes it here.
        for (Map.Entry<String, JsonNode> property : value.properties()) {
            switch (property.getKey()) {
                case MESSAGES -> {
                    for (JsonNode message : property.getValue()) {
                        events.add(message(wabaId, phoneNumberId, value, message));
                    }
                }
                case STATUSES -> {
                    for (JsonNode status : property.getValue()) {
                        events.add(status(wabaId, phoneNumberId, value, status));
                    }
                }
                case ERRORS -> events.add(part(wabaId, value, ERRORS, property.getValue()));
                default -> {}
            }
        }
    }

    private static boolean reportsMessages(JsonNode value) {
        return (value.path(MESSAGES) instanceof ArrayNode messages && !messages.isEmpty())
                || (value.path(STATUSES) instanceof ArrayNode statuses && !statuses.isEmpty());
    }

    private static WebhookEvent message(String wabaId, String phoneNumberId, JsonNode value, JsonNode message) {
        JsonNode contact = contactOf(value, message);
        String wamid = text(message.path("id"));
        String from = firstText(
                message.path("from"), message.path("from_user_id"), contact.path("wa_id"), contact.path("user_id"));
        if (wamid == null || from == null) {
            return part(
                    wabaId,
                    value,
                    MESSAGES,
                    JsonNodeFactory.instance.arrayNode().add(message));
        }
        return new MessageReceived(
                wabaId,
                phoneNumberId,
                textOr(value.path("metadata").path("display_phone_number"), ""),
                contact.isObject() ? profile(contact) : null,
                new InboundMessage(
                        wamid,
                        from,
                        time(message.path("timestamp")),
                        textOr(message.path("type"), ""),
                        words(message),
                        text(message.path("context").path("id")),
                        message));
    }

    private static WebhookEvent status(String wabaId, String phoneNumberId, JsonNode value, JsonNode status) {
        String wamid = text(status.path("id"));
        String name = text(status.path("status"));
        if (wamid == null || name == null) {
            return part(
                    wabaId,
                    value,
                    STATUSES,
                    JsonNodeFactory.instance.arrayNode().add(status));
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
    private static AccountChanged part(String wabaId, JsonNode value, String name, JsonNode piece) {
        ObjectNode rest = JsonNodeFactory.instance.objectNode();
        rest.set("metadata", value.path("metadata"));
        rest.set(name, piece);
        return new AccountChanged(wabaId, MESSAGES, rest);
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
                text(contact.path("wa_id")),
                text(contact.path("user_id")),
                firstText(profile.path("username"), contact.path("username")),
                text(profile.path("name")));
    }

    private static @Nullable String words(JsonNode message) {
        String type = textOr(message.path("type"), "");
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
            case "edit" ->
                content.path("message").path("type").asString("").equals("edit")
                        ? null
                        : words(content.path("message"));
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
        String text = text(node);
        if (text != null && text.matches("\\d{1,10}")) {
            long seconds = Long.parseLong(text);
            if (seconds <= LAST_SECOND) {
                return Instant.ofEpochSecond(seconds);
            }
        }
        return Instant.ofEpochSecond(Instant.now().getEpochSecond());
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
