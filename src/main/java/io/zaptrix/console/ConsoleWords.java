package io.zaptrix.console;

import io.zaptrix.platform.Phrases;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a page says in its language where that takes more than a text: times, ages, counts. */
record ConsoleWords(Locale language, Instant now) {

    private static final Phrases PHRASES = new Phrases("messages/console");
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

    /** A count that was counted no further than a limit. */
    public String upTo(long count, long limit) {
        return count > limit ? limit + "+" : Long.toString(count);
    }
}
