package io.zaptrix.inbound;

import io.zaptrix.meta.InboundMessage;
import io.zaptrix.platform.BoundedJson;
import io.zaptrix.platform.Phrases;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
    private static final JsonMapper JSON = BoundedJson.ofAnybody();

    /** Of details that others than the customer made: names, addresses, product codes. */
    private static final int LONGEST_DETAIL = 500;

    private static final int MOST_LINES = 20;

    /** Bitrix24 cuts messages of more than 20,000 characters off without a word. */
    private static final int LONGEST_PAGE = 19_000;

    /** So many of the customer's own characters fit a page, even if each of them has to be broken. */
    private static final int LONGEST_PIECE = 9_000;

    /** More than WhatsApp lets anybody write at once, which is 65,536. */
    private static final int MOST_PIECES = 8;

    /** The place and round of a screen, with which forms made in Meta's builder surround the names of their fields. */
    private static final Pattern BUILT_FIELD = Pattern.compile("screen_\\d+_(.+)_\\d+");

    private static final Pattern BUILT_OPTION = Pattern.compile("\\d+_(?=\\p{L})");

    private final InboundMessage message;
    private final Locale language;
    private final Around around;
    private final JsonNode body;
    private final List<StringBuilder> pages = new ArrayList<>(List.of(new StringBuilder()));

    private CustomerText(InboundMessage message, Locale language, Around around) {
        this.message = message;
        this.language = language;
        this.around = around;
        this.body = message.raw().path(message.type());
    }

    /**
     * What else is known when a message is put into words.
     *
     * @param fileShown the message's file is attached, so it need not be named
     * @param named the words of the message that this one is about, as the chat has them; null where they are not known
     * @param speaker who of a group wrote; null in a conversation of two
     */
    record Around(
            boolean fileShown,
            @Nullable String named,
            @Nullable String speaker) {

        static final Around NOTHING = new Around(false, null, null);
    }

    /** Marks a text that the agent may have seen before. */
    static String perhapsRepeated(String text, Locale language) {
        return "\u21bb " + PHRASES.say(language, "repeated") + "\n" + text;
    }

    /**
     * Puts into words what the company itself did in another place, see {@link io.zaptrix.meta.MessageEchoed}; never
     * blank.
     */
    static List<String> echoed(InboundMessage message, Locale language, Around around) {
        CustomerText text = new CustomerText(message, language, around);
        switch (message.type()) {
            case "edit" -> {
                text.say("echo.edited");
                text.formatted(message.text());
            }
            case "revoke" -> text.say("echo.deleted");
            default -> {
                text.say("echo");
                text.write();
            }
        }
        return text.pages.stream().map(StringBuilder::toString).toList();
    }

    /** What stands for a message that nobody can put into words. */
    static String undecipherable(Locale language) {
        return PHRASES.say(language, "undecipherable");
    }

    /**
     * Puts a message into words. The shapes are those of Meta's "Webhooks reference: messages"; what of them is missing
     * or of another kind is left out.
     *
     * @param message as Meta's webhook brought it
     * @param language of the portal; what is not Brazilian Portuguese, Spanish or Russian is English
     * @return BBCode for {@code imconnector.send.messages}; the customer's own words in it are harmless. One page, or
     *     more where Bitrix24 would cut it off. None is blank, unless the file says everything
     */
    static List<String> pages(InboundMessage message, Locale language, Around around) {
        CustomerText text = new CustomerText(message, language, around);
        text.write();
        return text.pages.stream().map(StringBuilder::toString).toList();
    }

    /** As {@link #pages}, as one text and with nothing known. */
    static String of(InboundMessage message, Locale language) {
        return String.join("\n", pages(message, language, Around.NOTHING));
    }

    private void write() {
        if (around.speaker() != null) {
            add("[b]" + ChatMarkup.literal(around.speaker()) + "[/b]");
        }
        origin();
        kind();
        errors();
        referral();
        if (pages.getFirst().isEmpty() && !around.fileShown()) {
            say("text.empty");
        }
    }

    private void kind() {
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
            case "revoke" -> {
                say("deleted");
                named();
            }
            case "call" -> call();
            case "preference" -> preference();
            case "request_welcome" -> say("welcome");
            case "unsupported", "unknown", "errors" -> unsupported();
            default -> {
                say("unknown", message.type().isBlank() ? "?" : detail(message.type()));
                formatted(message.text());
            }
        }
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
        } else if (message.contextWamid() != null) {
            answered(text(context.path("from")));
        }
    }

    /** The message that this one answers. That a button was pressed under something goes without saying. */
    private void answered(String writer) {
        boolean pressed = message.type().equals("button") || message.type().equals("interactive");
        if (around.named() == null && pressed) {
            return;
        }
        if (writer.isEmpty()) {
            say("reply");
        } else {
            say(writer.equals(message.from()) ? "reply.own" : "reply.ours");
        }
        named();
    }

    private void named() {
        String named = around.named();
        if (named != null) {
            add(">>" + named);
        }
    }

    private void referral() {
        JsonNode referral = message.raw().path("referral");
        if (referral.isObject()) {
            say("referral");
            add(joined(" \u2014 ", detail(referral.path("headline")), detail(referral.path("body"))));
            add(detail(referral.path("source_url")));
            String id = detail(referral.path("source_id"));
            if (!id.isEmpty()) {
                say("referral.id", id);
            }
            String click = detail(referral.path("ctwa_clid"));
            if (!click.isEmpty()) {
                say("referral.click", click);
            }
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
        if (around.fileShown()) {
            formatted(text(body.path("caption")));
            return;
        }
        say(kind);
        formatted(text(body.path("caption")));
        say("media.elsewhere");
    }

    private void document() {
        if (around.fileShown()) {
            formatted(text(body.path("caption")));
            return;
        }
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
        details.add(detail(contact.path("org").path("title")));
        for (JsonNode url : contact.path("urls")) {
            details.add(detail(url.path("url")));
        }
        for (JsonNode address : contact.path("addresses")) {
            details.add(joined(
                    " ",
                    detail(address.path("street")),
                    detail(address.path("zip")),
                    detail(address.path("city")),
                    detail(address.path("country"))));
        }
        details.add(detail(contact.path("birthday")));
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
        } else if (body.path("product").isObject()) {
            productChosen(body.path("product"));
        } else if (body.path("call_permission_reply").isObject()) {
            callPermission(body.path("call_permission_reply"));
        } else {
            String kind = detail(body.path("type"));
            say("unknown", kind.isEmpty() ? "interactive" : kind);
            formatted(message.text());
        }
    }

    /** "Webhooks reference: interactive messages" has it beside the lists and buttons; its words may be missing. */
    private void productChosen(JsonNode product) {
        String id = detail(product.path("product_retailer_id"));
        if (id.isEmpty()) {
            chosen(detail(product.path("text")));
            return;
        }
        say("chosen.product", id);
        formatted(text(product.path("text")));
    }

    /**
     * The answer to a request to be called, or what WhatsApp made of the customer's own call ("User call permissions").
     */
    private void callPermission(JsonNode reply) {
        switch (text(reply.path("response"))) {
            case "accept" ->
                say(reply.path("is_permanent").asBoolean(false) ? "call.permission.always" : "call.permission.given");
            case "reject" -> say("call.permission.denied");
            default -> chosen("");
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
            add("\u2022 " + field(answer.getKey()) + ": " + answer(answer.getValue()));
        }
        more(shown > MOST_LINES ? answers.size() : 0);
    }

    /** A field's name for people: builders of forms write them with underscores, for want of spaces. */
    private static String field(String name) {
        Matcher built = BUILT_FIELD.matcher(name);
        return detail((built.matches() ? built.group(1) : name).replace('_', ' '));
    }

    private static String answer(JsonNode value) {
        if (value.isArray() && value.values().stream().allMatch(JsonNode::isValueNode)) {
            return detail(
                    value.values().stream().map(item -> option(text(item))).collect(Collectors.joining(", ")));
        }
        return value.isValueNode() ? detail(option(text(value))) : detail(value.toString());
    }

    private static String option(String text) {
        Matcher built = BUILT_OPTION.matcher(text);
        return built.lookingAt() ? text.substring(built.end()).replace('_', ' ') : text;
    }

    private void reaction() {
        String emoji = detail(body.path("emoji"));
        if (emoji.isEmpty()) {
            say("reaction.removed");
        } else {
            say("reaction", emoji);
        }
        named();
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
                    say("system.number.known", number.startsWith("+") ? number : "+" + number);
                    say("system.number.followed");
                }
            }
            case "customer_identity_changed" -> say("system.identity");
            case "user_changed_user_id" -> say("system.user");
            default -> say("system");
        }
        add(detail(body.path("body")));
    }

    private void call() {
        boolean ours = text(body.path("direction")).equals("BUSINESS_INITIATED");
        int seconds = body.path("duration").asInt(0);
        if (seconds <= 0) {
            say(ours ? "call.ours.missed" : "call.missed");
        } else {
            say(ours ? "call.ours" : "call", "%d:%02d".formatted(seconds / 60, seconds % 60));
        }
    }

    private void preference() {
        switch (text(body.path("value"))) {
            case "stop" -> say("preference.stop");
            case "resume" -> say("preference.resume");
            default -> say("system");
        }
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
        add(PHRASES.say(language, key, (Object[]) details));
    }

    private void add(String line) {
        if (line.isBlank()) {
            return;
        }
        StringBuilder page = pages.getLast();
        if (!page.isEmpty() && page.length() + 1 + line.length() > LONGEST_PAGE) {
            page = new StringBuilder();
            pages.add(page);
        }
        if (!page.isEmpty()) {
            page.append('\n');
        }
        page.append(line);
    }

    private void formatted(@Nullable String text) {
        if (text == null || isBlank(text)) {
            return;
        }
        String rest = text.strip();
        for (int piece = 1; !rest.isEmpty(); piece++) {
            if (piece > MOST_PIECES) {
                say("cut");
                return;
            }
            int end = end(rest);
            String words = rest.substring(0, end);
            String shown = ChatMarkup.formatted(words);
            add(shown.length() <= LONGEST_PAGE ? shown : ChatMarkup.literal(words));
            rest = rest.substring(end).stripLeading();
        }
    }

    /** Where a piece that fits a page ends: at a line's end, else at a space, else anywhere but within a character. */
    private static int end(String text) {
        if (text.length() <= LONGEST_PIECE) {
            return text.length();
        }
        for (char c : new char[] {'\n', ' '}) {
            int at = text.lastIndexOf(c, LONGEST_PIECE);
            if (at > LONGEST_PIECE / 2) {
                return at;
            }
        }
        return Character.isHighSurrogate(text.charAt(LONGEST_PIECE - 1)) ? LONGEST_PIECE - 1 : LONGEST_PIECE;
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
