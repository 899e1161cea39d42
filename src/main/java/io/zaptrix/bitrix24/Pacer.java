package io.zaptrix.bitrix24;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Bitrix24's own limits, kept on this side so that a portal is not asked what it would only refuse (REST documentation,
 * {@code limits.md}): a leaky bucket for each portal, and for each method of a portal the moment until which its time
 * is used up. Memory is bounded: portals not called for a while are forgotten, and their buckets have drained by then.
 */
final class Pacer {

    static final String BUCKET_FULL = "PACED";
    static final String METHOD_BLOCKED = "OPERATION_TIME_LIMIT";

    private static final int MOST_PORTALS = 20_000;
    private static final int MOST_METHODS = 64;
    private static final Duration FORGET_AFTER = Duration.ofMinutes(20);

    /** Where the server does not say when a method's time comes back: its baskets are a minute wide. */
    private static final Duration BASKET = Duration.ofMinutes(1);

    /** The oldest basket leaves after ten minutes; a longer wait is a broken clock. */
    private static final Duration LONGEST_BLOCK = Duration.ofMinutes(11);

    private final double ratePerSecond;
    private final int burst;
    private final InstantSource clock;
    private final Cache<String, Portal> portals = Caffeine.newBuilder()
            .maximumSize(MOST_PORTALS)
            .expireAfterAccess(FORGET_AFTER)
            .build();

    Pacer(double ratePerSecond, int burst, InstantSource clock) {
        this.ratePerSecond = ratePerSecond;
        this.burst = burst;
        this.clock = clock;
    }

    /**
     * Takes one request's place in the portal's bucket.
     *
     * @throws Bitrix24Exception of kind {@code LIMIT} with the exact time to wait, when there is none
     */
    void take(URI clientEndpoint) {
        Optional<Duration> wait = portal(clientEndpoint).take(clock.instant());
        if (wait.isPresent()) {
            throw limit(BUCKET_FULL, "The portal's request limit is used up.", wait.get());
        }
    }

    /** The failure with which a method must not be called now, if so. */
    Optional<Bitrix24Exception> blocked(URI clientEndpoint, String method) {
        return portal(clientEndpoint)
                .blockedFor(method, clock.instant())
                .map(wait -> limit(METHOD_BLOCKED, "The method's time on this portal is used up.", wait));
    }

    /**
     * The server said {@code QUERY_LIMIT_EXCEEDED}: its bucket is full, whatever ours says; returns how long to wait.
     */
    Duration full(URI clientEndpoint, @Nullable Duration retryAfter) {
        return portal(clientEndpoint).full(clock.instant(), retryAfter);
    }

    /** A good answer told when the method's oldest basket empties; kept for the day when it is refused. */
    void operatingResetsAt(URI clientEndpoint, String method, Instant at) {
        portal(clientEndpoint).resetsAt(method, at);
    }

    /** The server said {@code OPERATION_TIME_LIMIT}; returns how long to wait. */
    Duration block(URI clientEndpoint, String method, @Nullable Instant until) {
        return portal(clientEndpoint).block(method, until, clock.instant());
    }

    private Portal portal(URI clientEndpoint) {
        return portals.get(
                String.valueOf(clientEndpoint.getRawAuthority()).toLowerCase(Locale.ROOT), key -> new Portal());
    }

    private static Bitrix24Exception limit(String code, String description, Duration wait) {
        return new Bitrix24Exception(Kind.LIMIT, code, description, 0, wait, false, null);
    }

    private final class Portal {

        private double level;
        private Instant levelAt = Instant.EPOCH;
        private Instant closedUntil = Instant.EPOCH;
        private final Map<String, Instant> resets = new HashMap<>();
        private final Map<String, Instant> blocks = new HashMap<>();

        synchronized Optional<Duration> take(Instant now) {
            if (now.isBefore(closedUntil)) {
                return Optional.of(Duration.between(now, closedUntil));
            }
            drain(now);
            double over = level + 1 - burst;
            if (over > 0) {
                return Optional.of(seconds(over / ratePerSecond));
            }
            level++;
            return Optional.empty();
        }

        synchronized Duration full(Instant now, @Nullable Duration retryAfter) {
            drain(now);
            level = burst;
            Duration wait = seconds(1 / ratePerSecond);
            if (retryAfter != null && retryAfter.compareTo(wait) > 0) {
                wait = retryAfter;
                closedUntil = now.plus(wait);
            }
            return wait;
        }

        synchronized void resetsAt(String method, Instant at) {
            if (resets.size() < MOST_METHODS || resets.containsKey(method)) {
                resets.put(method, at);
            }
        }

        synchronized Duration block(String method, @Nullable Instant until, Instant now) {
            Instant reset = until != null ? until : resets.get(method);
            if (reset == null || !reset.isAfter(now) || reset.isAfter(now.plus(LONGEST_BLOCK))) {
                reset = now.plus(BASKET);
            }
            blocks.values().removeIf(end -> !end.isAfter(now));
            if (blocks.size() < MOST_METHODS || blocks.containsKey(method)) {
                blocks.put(method, reset);
            }
            return Duration.between(now, reset);
        }

        synchronized Optional<Duration> blockedFor(String method, Instant now) {
            Instant until = blocks.get(method);
            return until == null || !until.isAfter(now) ? Optional.empty() : Optional.of(Duration.between(now, until));
        }

        private void drain(Instant now) {
            if (now.isAfter(levelAt)) {
                double elapsed = Duration.between(levelAt, now).toNanos() / 1e9;
                level = Math.max(0, level - elapsed * ratePerSecond);
                levelAt = now;
            }
        }
    }

    /** Rounded up, so that whoever waits that long finds room. */
    private static Duration seconds(double seconds) {
        return Duration.ofNanos((long) Math.ceil(seconds * 1e9) + 1);
    }
}
