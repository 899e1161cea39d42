package io.zaptrix.inbound;

import io.zaptrix.meta.InboundMessage;
import io.zaptrix.platform.Phrases;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a customer sent, as words in the agent's chat. A text is itself; of everything else the chat at least reads what
 * it was, and what can be said of it safely, so that no message goes by unseen.
 */
final class CustomerText {

    private static final Phrases PHRASES = new Phrases("messages/inbound");
    private static final JsonMapper JSON = new JsonMapper();

    /** Of details that others than the customer made: names, addresses, product codes. */
    private static final int LONGEST_DETAIL = 500;

    private static final int MOST_LINES = 20;

    private final InboundMessage message;
    private final Locale language;
    private final JsonNode body;
    private final StringJoiner lines = new StringJoiner("\n");

    private CustomerText(InboundMessage message, Locale language) {
        this.message = message;
        this.language = language;
        this.body = message.raw().path(message.type());
    }

    /** Marks a text that the agent may have seen before. */
    static String perhapsRepeated(String text, Locale language) {
        return "\u21bb " + PHRASES.say(language, "repeated") + "\n" + text;
    }

    /**
     * Puts a message into words. The shapes are those of Meta's "Webhooks reference: messages"; what of them is missing
     * or of another kind is left out.
     *
     * @param message as Meta's webhook brought it
     * @param language of the portal; what is not Brazilian Portuguese, Spanish or Russian is English
     * @return BBCode for {@code imconnector.send.messages}, never blank; the customer's own words in it are harmless
     */
    static String of(InboundMessage message, Locale language) {
        return new CustomerText(message, language).words();
    }

    private String words() {
        origin();
        switch (message.type()) {
            case "text" -> {
                if (isBlank(message.text())) {
                    say("text.empty");
                }
                formatted(message.text());
            }
            case "image", "video" -> media(message.type());
            case "audio" -> media(body.path("voice").asBoolean(false) ? "voice" : "audio");
            case "sticker" -> media("sticker");
            case "document" -> document();
            case "location" -> location();
            case "contacts" -> contacts();
            case "button" -> chosen(detail(body.path("text")));
            case "interactive" -> interactive();
            case "reaction" -> reaction();
            case "order" -> order();
            case "system" -> system();
            case "edit" -> {
                say("edited");
                formatted(message.text());
            }
            case "revoke" -> say("deleted");
            case "request_welcome" -> say("welcome");
            case "unsupported", "unknown", "errors" -> unsupported();
            default -> {
                say("unknown", message.type().isBlank() ? "?" : detail(message.type()));
                formatted(message.text());
            }
        }
        errors();
        referral();
        return lines.toString();
    }

    // ---- what came around the message

    private void origin() {
        JsonNode context = message.raw().path("context");
        if (context.path("frequently_forwarded").asBoolean(false)) {
            say("forwarded.often");
        } else if (context.path("forwarded").asBoolean(false)) {
            say("forwarded");
        }
        String product = detail(context.path("referred_product").path("product_retailer_id"));
        if (!product.isEmpty()) {
            say("product", product);
        }
    }

    private void referral() {
        JsonNode referral = message.raw().path("referral");
        if (referral.isObject()) {
            say("referral");
            add(joined(" \u2014 ", detail(referral.path("headline")), detail(referral.path("body"))));
            add(detail(referral.path("source_url")));
        }
    }

    private void errors() {
        JsonNode errors = message.raw().path("errors");
        for (int i = 0; i < Math.min(errors.size(), MOST_LINES); i++) {
            JsonNode error = errors.path(i);
            String title = detail(error.path("title"));
            String reason = detail(error.path("error_data").path("details"));
            String code = detail(error.path("code"));
            add(joined(
                    " ",
                    title.isEmpty() ? detail(error.path("message")) : title,
                    code.isEmpty() ? "" : "(" + code + ")",
                    reason.isEmpty() || reason.equals(title) ? "" : "\u2014 " + reason));
        }
    }

    // ---- the kinds

    private void media(String kind) {
        say(kind);
        formatted(text(body.path("caption")));
        say("media.elsewhere");
    }

    private void document() {
        String name = detail(body.path("filename"));
        if (name.isEmpty()) {
            say("document");
        } else {
            say("document.named", name);
        }
        formatted(text(body.path("caption")));
        say("media.elsewhere");
    }

    private void location() {
        String place = joined(", ", detail(body.path("name")), detail(body.path("address")));
        if (place.isEmpty()) {
            say("location");
        } else {
            say("location.named", place);
        }
        JsonNode latitude = body.path("latitude");
        JsonNode longitude = body.path("longitude");
        if (isCoordinate(latitude) && isCoordinate(longitude)) {
            add("https://www.google.com/maps?q=" + text(latitude).strip() + ","
                    + text(longitude).strip());
        }
        add(detail(body.path("url")));
    }

    private void contacts() {
        say("contacts");
        for (int i = 0; i < Math.min(body.size(), MOST_LINES); i++) {
            contact(body.path(i));
        }
        more(body.size());
    }

    private void contact(JsonNode contact) {
        JsonNode name = contact.path("name");
        String called = detail(name.path("formatted_name"));
        if (called.isEmpty()) {
            called = joined(" ", detail(name.path("first_name")), detail(name.path("last_name")));
        }
        List<String> details = new ArrayList<>();
        details.add(called.isEmpty() ? PHRASES.say(language, "contact.unnamed") : called);
        for (JsonNode phone : contact.path("phones")) {
            String number = detail(phone.path("phone"));
            String id = detail(phone.path("wa_id"));
            details.add(number.isEmpty() && !id.isEmpty() ? "+" + id : number);
        }
        for (JsonNode email : contact.path("emails")) {
            details.add(detail(email.path("email")));
        }
        details.add(detail(contact.path("org").path("company")));
        add("\u2022 " + joined(", ", details.stream().limit(MOST_LINES).toArray(String[]::new)));
    }

    private void interactive() {
        JsonNode button = body.path("button_reply");
        JsonNode row = body.path("list_reply");
        JsonNode form = body.path("nfm_reply");
        if (button.isObject()) {
            chosen(detail(button.path("title")));
        } else if (row.isObject()) {
            chosen(joined(" \u2014 ", detail(row.path("title")), detail(row.path("description"))));
        } else if (form.isObject()) {
            say("form");
            add(detail(form.path("body")));
            answers(form.path("response_json"));
        } else {
            String kind = detail(body.path("type"));
            say("unknown", kind.isEmpty() ? "interactive" : kind);
            formatted(message.text());
        }
    }

    private void chosen(String label) {
        String shown = label.isEmpty() && message.text() != null ? detail(message.text()) : label;
        if (shown.isEmpty()) {
            say("chosen.unreadable");
        } else {
            say("chosen", shown);
        }
    }

    private void answers(JsonNode response) {
        JsonNode answers = response;
        if (response.isString()) {
            try {
                answers = JSON.readTree(response.asString(""));
            } catch (JacksonException e) {
                add(detail(response));
                return;
            }
        }
        int shown = 0;
        for (var answer : answers.properties()) {
            // The form's ticket, which only its maker can read.
            if (answer.getKey().equals("flow_token")) {
                continue;
            }
            if (++shown > MOST_LINES) {
                break;
            }
            JsonNode value = answer.getValue();
            String words = value.isValueNode() ? detail(value) : detail(value.toString());
            add("\u2022 " + detail(answer.getKey()) + ": " + words);
        }
        more(shown > MOST_LINES ? answers.size() : 0);
    }

    private void reaction() {
        String emoji = detail(body.path("emoji"));
        if (emoji.isEmpty()) {
            say("reaction.removed");
        } else {
            say("reaction", emoji);
        }
    }

    private void order() {
        JsonNode items = body.path("product_items");
        say("order", Integer.toString(items.size()));
        for (int i = 0; i < Math.min(items.size(), MOST_LINES); i++) {
            JsonNode item = items.path(i);
            String price = joined(" ", detail(item.path("item_price")), detail(item.path("currency")));
            add(joined(
                    " ",
                    "\u2022",
                    detail(item.path("quantity")),
                    "\u00d7",
                    detail(item.path("product_retailer_id")),
                    price.isEmpty() ? "" : "(" + price + ")"));
        }
        more(items.size());
        formatted(text(body.path("text")));
    }

    private void system() {
        String number = detail(body.path("wa_id"));
        if (number.isEmpty()) {
            number = detail(body.path("new_wa_id"));
        }
        switch (text(body.path("type"))) {
            case "user_changed_number", "customer_changed_number" -> {
                if (number.isEmpty()) {
                    say("system.number");
                } else {
                    say("system.number.known", "+" + number);
                }
            }
            case "customer_identity_changed" -> say("system.identity");
            case "user_changed_user_id" -> say("system.user");
            default -> say("system");
        }
        add(detail(body.path("body")));
    }

    private void unsupported() {
        JsonNode details = message.raw().path("unsupported");
        String kind = detail(details.path("type"));
        if (kind.isEmpty() || kind.equals("unknown")) {
            say("unsupported");
        } else {
            say("unsupported.kind", kind);
        }
        formatted(message.text());
    }

    // ---- lines

    private void say(String key, String... details) {
        lines.add(PHRASES.say(language, key, (Object[]) details));
    }

    private void add(String line) {
        if (!line.isBlank()) {
            lines.add(line);
        }
    }

    private void formatted(@Nullable String text) {
        if (text != null && !isBlank(text)) {
            lines.add(ChatMarkup.formatted(text.strip()));
        }
    }

    private void more(int size) {
        if (size > MOST_LINES) {
            say("more", Integer.toString(size - MOST_LINES));
        }
    }

    private static String detail(JsonNode node) {
        return detail(text(node));
    }

    /** One line of bounded length, without markup. */
    private static String detail(String text) {
        String line = text.strip();
        if (line.length() > LONGEST_DETAIL) {
            line = line.substring(0, line.offsetByCodePoints(0, line.codePointCount(0, LONGEST_DETAIL) - 1)) + "\u2026";
        }
        return ChatMarkup.literal(line).replace('\n', ' ').strip();
    }

    private static String text(JsonNode node) {
        return node.isValueNode() ? node.asString("") : "";
    }

    private static boolean isCoordinate(JsonNode node) {
        return node.isNumber() || (node.isString() && text(node).strip().matches("-?\\d{1,3}(\\.\\d{1,20})?"));
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null
                || text.codePoints()
                        .allMatch(c -> Character.isWhitespace(c)
                                || Character.isSpaceChar(c)
                                || Character.isISOControl(c)
                                || Character.getType(c) == Character.FORMAT);
    }

    private static String joined(String separator, String... pieces) {
        StringJoiner all = new StringJoiner(separator);
        for (String piece : pieces) {
            if (!piece.isBlank()) {
                all.add(piece);
            }
        }
        return all.toString();
    }
}
