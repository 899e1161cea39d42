package io.zaptrix.admin;

import io.zaptrix.operations.Audit;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
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

    /** Details that have a word; one that has none is shown by its own name, too. */
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
            "day");

    /** How numbers are connected. */
    static final Set<String> WAYS = Set.of("token", "account");

    private static final int LONGEST = 200;

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
            case "phone.revealed" -> new Said(what, entry.subject());
            default -> new Said(what, detail(entry.subject(), detail, words, language));
        };
    }

    private static String detail(String subject, JsonNode detail, MessageSource words, Locale language) {
        StringJoiner all = new StringJoiner(" · ");
        if (!subject.isBlank()) {
            all.add(subject);
        }
        detail.properties().forEach(one -> {
            if (one.getValue().isValueNode() && !one.getValue().asString("").isBlank()) {
                all.add(label(one.getKey(), words, language) + ": "
                        + value(one.getKey(), one.getValue(), words, language));
            } else if (one.getValue().isObject()) {
                one.getValue()
                        .properties()
                        .forEach(inner ->
                                all.add(inner.getKey() + ": " + inner.getValue().asString("")));
            }
        });
        String said = all.toString();
        return said.length() > LONGEST ? said.substring(0, LONGEST) + "…" : said;
    }

    private static String label(String key, MessageSource words, Locale language) {
        return DETAILS.contains(key) ? words.getMessage("audit.detail." + key, null, language) : key;
    }

    private static String value(String key, JsonNode value, MessageSource words, Locale language) {
        String said = value.asString("");
        if (value.isBoolean()) {
            return words.getMessage(value.booleanValue() ? "audit.yes" : "audit.no", null, language);
        }
        return switch (key) {
            case "way" -> WAYS.contains(said) ? words.getMessage("audit.way." + said, null, language) : said;
            case "check" ->
                Objects.requireNonNullElse(
                        words.getMessage("check." + said.toUpperCase(Locale.ROOT), null, said, language), said);
            default -> said;
        };
    }

    private static JsonNode read(String detail) {
        try {
            return JsonMapper.shared().readTree(detail);
        } catch (JacksonException noJson) {
            return JsonMapper.shared().createObjectNode();
        }
    }
}
