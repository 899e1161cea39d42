package io.zaptrix.admin;

import io.zaptrix.journal.MessagePrices;
import io.zaptrix.operations.Audit;
import java.text.NumberFormat;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.context.MessageSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An entry of the audit in words. What was done has its sentence by the name {@code audit.} and the action; an action
 * without one is shown by its own name, so that nothing is left out.
 */
final class AuditWords {

    /** What has a sentence. */
    static final Set<String> KNOWN = Set.of(
            "letter.replayed",
            "letter.dropped",
            "letter.shown",
            "letters.exported",
            "letters.replay.started",
            "letters.replay.finished",
            "phone.revealed",
            "viewer.allowed",
            "viewer.removed",
            "prices.changed",
            "number.linked",
            "number.unlinked",
            "number.reconnected",
            "number.moved",
            "number.settings",
            "number.pin.shown",
            "connection.repaired",
            "person.exported",
            "person.erasure.asked",
            "person.erased",
            "portal.exported",
            "portal.erasure.asked",
            "retention.changed",
            "api_key.made",
            "api_key.revoked",
            "webhook.made",
            "webhook.removed",
            "webhook.on");

    /** Details that have a word of their own, by the name {@code audit.detail.} and theirs. */
    static final Set<String> DETAILS = Set.of(
            "line",
            "from",
            "to",
            "way",
            "check",
            "done",
            "currency",
            "replayed",
            "scopes",
            "days",
            "host",
            "rows",
            "day",
            "text",
            "webhooks",
            "template",
            "reason",
            "item");

    /** Details that are called what a page calls them; one that has no word at all is shown by its own name. */
    private static final Map<String, String> ELSEWHERE = Map.of(
            "read_receipts", "settings.readReceipts",
            "typing_indicator", "settings.typingIndicator",
            "agent_signature", "settings.agentSignature",
            "auto_template", "settings.autoTemplate",
            "flow", "undelivered.direction");

    /**
     * Details that say what it was done to, in the words of people rather than by an id, and those that say nothing.
     */
    private static final Set<String> NO_DETAILS = Set.of("number", "name", "up_to", "id");

    /** How numbers are connected. */
    static final Set<String> WAYS = Set.of("token", "account");

    private static final int LONGEST = 300;

    /** Of a price, as it can be typed. */
    private static final int MOST_DIGITS = 4;

    private AuditWords() {}

    /**
     * An entry in words.
     *
     * @param detail to what, and how; empty where the sentence says it all
     */
    record Said(String what, String detail) {}

    static Said of(Audit.Entry entry, MessageSource words, Locale language) {
        String what = KNOWN.contains(entry.action())
                ? words.getMessage("audit." + entry.action(), null, language)
                : entry.action();
        JsonNode detail = read(entry.detail());
        return switch (entry.action()) {
            case "viewer.allowed", "viewer.removed" ->
                new Said(
                        what,
                        detail.path("name").asString("#" + entry.subject())
                                + (detail.path("reveal").asBoolean(false)
                                        ? " · " + words.getMessage("people.reveal", null, language)
                                        : ""));
            default -> new Said(what, detail(subject(entry, detail), detail, words, language));
        };
    }

    /** To what it was done: what people call it, where that was recorded. */
    private static String subject(Audit.Entry entry, JsonNode detail) {
        String called = detail.path("number").asString(detail.path("name").asString(""));
        if (!called.isBlank()) {
            return called;
        }
        return switch (entry.action()) {
            // Known by its address, which is among the details.
            case "webhook.made", "webhook.removed", "webhook.on" -> detail.has("host") ? "" : entry.subject();
            case "letter.replayed", "letter.dropped", "letter.shown" -> "№ " + entry.subject();
            default -> entry.subject().equals("-") ? "" : entry.subject();
        };
    }

    private static String detail(String subject, JsonNode detail, MessageSource words, Locale language) {
        StringJoiner all = new StringJoiner(" · ");
        if (!subject.isBlank()) {
            all.add(subject);
        }
        detail.properties().forEach(one -> {
            JsonNode value = one.getValue();
            if (NO_DETAILS.contains(one.getKey())) {
                return;
            }
            if (value.isValueNode() && !value.asString("").isBlank()) {
                all.add(label(one.getKey(), words, language) + ": " + value(one.getKey(), value, words, language));
            } else if (value.isObject()) {
                value.properties()
                        .forEach(inner -> all.add(price(inner.getKey(), words, language) + ": "
                                + (inner.getValue().isNumber()
                                        ? number(inner.getValue(), language)
                                        : inner.getValue().asString(""))));
            }
        });
        String said = all.toString();
        return said.length() > LONGEST ? said.substring(0, LONGEST) + "…" : said;
    }

    private static String label(String key, MessageSource words, Locale language) {
        if (DETAILS.contains(key)) {
            return words.getMessage("audit.detail." + key, null, language);
        }
        String elsewhere = ELSEWHERE.get(key);
        return elsewhere == null ? key : words.getMessage(elsewhere, null, language);
    }

    private static String price(String category, MessageSource words, Locale language) {
        return MessagePrices.CATEGORIES.contains(category)
                ? words.getMessage("overview.category." + category, null, language)
                : category;
    }

    private static String value(String key, JsonNode value, MessageSource words, Locale language) {
        String said = value.asString("");
        if (value.isBoolean()) {
            return words.getMessage(value.booleanValue() ? "audit.yes" : "audit.no", null, language);
        }
        return switch (key) {
            case "day" -> day(said, language);
            case "way" -> WAYS.contains(said) ? words.getMessage("audit.way." + said, null, language) : said;
            case "check" -> said("check." + said.toUpperCase(Locale.ROOT), said, words, language);
            case "flow" -> said("undelivered.direction." + said, said, words, language);
            case "reason" -> said("undelivered.reason." + LetterReason.of(said), said, words, language);
            case "scopes" ->
                Stream.of(said.split(" "))
                        .map(scope -> said("api.scope." + scope, scope, words, language))
                        .collect(Collectors.joining(", "));
            default -> said;
        };
    }

    private static String number(JsonNode number, Locale language) {
        NumberFormat format = NumberFormat.getNumberInstance(language);
        format.setMaximumFractionDigits(MOST_DIGITS);
        return format.format(number.decimalValue());
    }

    private static String day(String said, Locale language) {
        try {
            return ShownTime.day(LocalDate.parse(said), language);
        } catch (DateTimeException noDay) {
            return said;
        }
    }

    private static String said(String key, String otherwise, MessageSource words, Locale language) {
        return Objects.requireNonNullElse(words.getMessage(key, null, otherwise, language), otherwise);
    }

    private static JsonNode read(String detail) {
        try {
            return JsonMapper.shared().readTree(detail);
        } catch (JacksonException noJson) {
            return JsonMapper.shared().createObjectNode();
        }
    }
}
