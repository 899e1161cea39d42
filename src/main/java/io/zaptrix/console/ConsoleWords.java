package io.zaptrix.console;

import io.zaptrix.platform.Phrases;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a page says in its language where that takes more than a text: times, ages, counts. */
record ConsoleWords(Locale language, Instant now) {

    private static final Phrases PHRASES = new Phrases("messages/console");

    /** What details of the audit have a sentence. */
    static final Set<String> DETAILS = Set.of("reason", "from", "key", "sessions");

    /** Why something finds no portal. */
    static final Set<String> UNROUTED = Set.of("unknown_number", "unknown_chat", "unknown_portal", "account_event");

    /** What Meta says of numbers, beside that it knows nothing yet. */
    static final Set<String> QUALITIES = Set.of("GREEN", "YELLOW", "RED");

    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    String say(String key, Object... details) {
        return PHRASES.say(language, "console." + key, details);
    }

    /** To the minute, UTC. */
    public String when(@Nullable Instant at) {
        return at == null ? "–" : MINUTE.format(at);
    }

    /** How long ago. */
    public String ago(@Nullable Instant at) {
        return at == null ? "–" : say("ago", span(Duration.between(at, now)));
    }

    /** How long it is until then, or that it is over. */
    public String until(Instant at) {
        return at.isAfter(now) ? say("until", span(Duration.between(now, at))) : say("over");
    }

    public String span(Duration time) {
        if (time.compareTo(Duration.ofSeconds(100)) < 0) {
            return say("seconds", Long.toString(Math.max(0, time.toSeconds())));
        }
        if (time.compareTo(Duration.ofMinutes(100)) < 0) {
            return say("minutes", Long.toString(time.toMinutes()));
        }
        return time.compareTo(Duration.ofHours(48)) < 0
                ? say("hours", Long.toString(time.toHours()))
                : say("days", Long.toString(time.toDays()));
    }

    /**
     * What an entry of the audit says beside its action.
     *
     * @param detail as it is kept: a JSON object of plain values, those of features being true or false
     * @return one sentence after the other; empty where there is nothing to say. What has no words here is shown as it
     *     is
     */
    public String detail(String detail) {
        StringJoiner said = new StringJoiner(" · ");
        for (var one : JsonMapper.shared().readTree(detail).properties()) {
            JsonNode value = one.getValue();
            if (value.isBoolean()) {
                said.add(say("flag." + one.getKey()) + ": " + say(value.booleanValue() ? "detail.on" : "detail.off"));
            } else if (one.getKey().equals("by")) {
                said.add(say(value.asString().equals("oidc") ? "detail.oidc" : "detail.password"));
            } else if (DETAILS.contains(one.getKey())) {
                said.add(say("detail." + one.getKey(), value.asString()));
            } else {
                said.add(one.getKey() + ": " + value.asString());
            }
        }
        return said.toString();
    }

    /** Why something has found no portal; a reason without words is shown as it is. */
    public String why(String reason) {
        return UNROUTED.contains(reason) ? say("unrouted." + reason) : reason;
    }

    /** @param quality Meta's word for it */
    public String quality(@Nullable String quality) {
        return quality != null && QUALITIES.contains(quality) ? say("quality." + quality) : "–";
    }

    /** A count that was counted no further than a limit. */
    public String upTo(long count, long limit) {
        return count > limit ? limit + "+" : Long.toString(count);
    }
}
