package io.zaptrix.admin;

import io.zaptrix.channel.NumberHealth;
import io.zaptrix.channel.NumberHealth.TokenState;
import java.text.NumberFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.stereotype.Component;

/** What is known of a number, in the words of whoever looks at it. */
@Component
class NumberWords {

    /** When a token's end is told of before it comes. */
    private static final Duration SOON = Duration.ofDays(14);

    private static final Map<String, Integer> LIMITS = Map.of(
            "TIER_50", 50,
            "TIER_250", 250,
            "TIER_1K", 1_000,
            "TIER_2K", 2_000,
            "TIER_10K", 10_000,
            "TIER_100K", 100_000);
    private static final Map<String, Integer> THROUGHPUTS = Map.of("STANDARD", 80, "HIGH", 1_000);
    private static final Set<String> QUALITIES = Set.of("GREEN", "YELLOW", "RED");
    private static final Set<String> NAMES =
            Set.of("APPROVED", "AVAILABLE_WITHOUT_REVIEW", "DECLINED", "EXPIRED", "PENDING_REVIEW", "NONE");

    /** States in which Meta does not let a number send, or soon will not. */
    private static final Set<String> STATES = Set.of(
            "PENDING",
            "OFFLINE",
            "DISCONNECTED",
            "UNVERIFIED",
            "FLAGGED",
            "RATE_LIMITED",
            "RESTRICTED",
            "BANNED",
            "DELETED",
            "MIGRATED");

    private final MessageSource messages;

    /** The texts that all of it needs. */
    static Set<String> keys() {
        Set<String> keys = new TreeSet<>(Set.of(
                "number.quality",
                "number.quality.UNKNOWN",
                "number.quality.RED.next",
                "number.limit",
                "number.limit.none",
                "number.throughput",
                "number.name",
                "number.name.UNKNOWN",
                "number.name.DECLINED.next",
                "number.token",
                "number.token.until",
                "number.token.soon.next",
                "number.token.REFUSED.next",
                "number.token.OTHER_APP.next",
                "number.webhooks",
                "number.webhooks.none",
                "number.app",
                "number.app.too",
                "number.unknown",
                "number.now",
                "number.checking",
                "number.checked",
                "number.unreachable"));
        QUALITIES.forEach(quality -> keys.add("number.quality." + quality));
        NAMES.forEach(name -> keys.add("number.name." + name));
        STATES.forEach(state -> keys.add("number.state." + state));
        for (TokenState state : TokenState.values()) {
            keys.add("number.token." + state);
        }
        return keys;
    }

    NumberWords(MessageSource messages) {
        this.messages = messages;
    }

    /** How something is. */
    public enum Tone {
        PLAIN,
        OK,
        WARN,
        BAD
    }

    /** A line of what is known. */
    public record Fact(String label, String value, Tone tone) {}

    List<Fact> facts(NumberHealth health, Locale language) {
        List<Fact> facts = new ArrayList<>();
        facts.add(quality(health.quality(), language));
        facts.add(new Fact(
                say(language, "number.limit"),
                "TIER_UNLIMITED".equals(health.messagingLimit())
                        ? say(language, "number.limit.none")
                        : counted(LIMITS, health.messagingLimit(), language),
                Tone.PLAIN));
        facts.add(new Fact(
                say(language, "number.throughput"), counted(THROUGHPUTS, health.throughput(), language), Tone.PLAIN));
        facts.add(name(health.nameStatus(), language));
        facts.add(token(health, language));
        facts.add(new Fact(
                say(language, "number.webhooks"),
                health.lastWebhookAt() == null
                        ? say(language, "number.webhooks.none")
                        : ago(health.lastWebhookAt(), language),
                Tone.PLAIN));
        if (health.onBusinessApp()) {
            facts.add(new Fact(say(language, "number.app"), say(language, "number.app.too"), Tone.PLAIN));
        }
        return facts;
    }

    /** What somebody should do something about, as sentences; the token first, as without it nothing works. */
    List<String> attention(NumberHealth health, Locale language) {
        List<String> sentences = new ArrayList<>();
        if (health.token() == TokenState.REFUSED || health.token() == TokenState.OTHER_APP) {
            sentences.add(say(language, "number.token." + health.token() + ".next"));
        } else if (endsSoon(health)) {
            sentences.add(say(language, "number.token.soon.next"));
        }
        if (health.status() != null && STATES.contains(health.status())) {
            sentences.add(say(language, "number.state." + health.status()));
        }
        if ("RED".equals(health.quality())) {
            sentences.add(say(language, "number.quality.RED.next"));
        }
        if ("DECLINED".equals(health.nameStatus())) {
            sentences.add(say(language, "number.name.DECLINED.next"));
        }
        return sentences;
    }

    /** How fresh it all is. */
    String freshness(NumberHealth health, Locale language) {
        if (health.checkedAt() == null) {
            return say(language, "number.checking");
        }
        return say(
                language,
                NumberHealth.UNREACHABLE.equals(health.problem()) ? "number.unreachable" : "number.checked",
                ago(health.checkedAt(), language));
    }

    private Fact quality(@Nullable String quality, Locale language) {
        String known = quality != null && QUALITIES.contains(quality) ? quality : "UNKNOWN";
        Tone tone = switch (known) {
            case "GREEN" -> Tone.OK;
            case "YELLOW" -> Tone.WARN;
            case "RED" -> Tone.BAD;
            default -> Tone.PLAIN;
        };
        return new Fact(say(language, "number.quality"), say(language, "number.quality." + known), tone);
    }

    private Fact name(@Nullable String status, Locale language) {
        String known = status != null && NAMES.contains(status) ? status : "UNKNOWN";
        Tone tone = switch (known) {
            case "DECLINED", "EXPIRED" -> Tone.BAD;
            case "PENDING_REVIEW" -> Tone.WARN;
            default -> Tone.PLAIN;
        };
        return new Fact(say(language, "number.name"), say(language, "number.name." + known), tone);
    }

    private Fact token(NumberHealth health, Locale language) {
        Instant end = health.tokenExpiresAt();
        String value = health.token() == TokenState.VALID && end != null
                ? say(language, "number.token.until", date(end, language))
                : say(language, "number.token." + health.token());
        Tone tone = switch (health.token()) {
            case VALID -> endsSoon(health) ? Tone.WARN : Tone.OK;
            case REFUSED, OTHER_APP -> Tone.BAD;
            case UNKNOWN -> Tone.PLAIN;
        };
        return new Fact(say(language, "number.token"), value, tone);
    }

    private static boolean endsSoon(NumberHealth health) {
        Instant end = health.tokenExpiresAt();
        return health.token() == TokenState.VALID
                && end != null
                && end.isBefore(Instant.now().plus(SOON));
    }

    private String counted(Map<String, Integer> counts, @Nullable String word, Locale language) {
        if (word == null) {
            return say(language, "number.unknown");
        }
        Integer count = counts.get(word);
        return count == null ? word : NumberFormat.getIntegerInstance(language).format(count);
    }

    private static String date(Instant at, Locale language) {
        return DateTimeFormatter.ofLocalizedDate(FormatStyle.MEDIUM)
                .withLocale(language)
                .withZone(ZoneOffset.UTC)
                .format(at);
    }

    /** How long ago, in the largest unit that fits. */
    String ago(Instant at, Locale language) {
        Duration age = Duration.between(at, Instant.now());
        if (age.toMinutes() < 1) {
            return say(language, "number.now");
        }
        if (age.toHours() < 1) {
            return say(language, "undelivered.minutes", Long.toString(age.toMinutes()));
        }
        return age.toDays() < 1
                ? say(language, "undelivered.hours", Long.toString(age.toHours()))
                : say(language, "undelivered.days", Long.toString(age.toDays()));
    }

    private String say(Locale language, String key, Object... details) {
        return messages.getMessage(key, details.length == 0 ? null : details, language);
    }
}
