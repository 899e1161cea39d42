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
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Bitrix24's own limits, kept on this side so that a portal is not asked what it would only refuse (REST documentation,
 * {@code limits.md}): a leaky bucket for each portal, and for each method of a portal the moment until which its time
 * is used up. Memory is bounded: portals not called for a while are forgotten, and their buckets have drained by then.
 *
 * <p>Waits are measured by a time that only goes on: a clock that is set back must not keep a portal waiting until it
 * has caught up. The clock is asked only how far off a moment is that the server names.
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
    private final LongSupplier nanoTime;
    private final Cache<String, Portal> portals = Caffeine.newBuilder()
            .maximumSize(MOST_PORTALS)
            .expireAfterAccess(FORGET_AFTER)
            .build();

    /** @param nanoTime as {@link System#nanoTime()} */
    Pacer(double ratePerSecond, int burst, InstantSource clock, LongSupplier nanoTime) {
        this.ratePerSecond = ratePerSecond;
        this.burst = burst;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /**
     * Takes one request's place in the portal's bucket.
     *
     * @throws Bitrix24Exception of kind {@code LIMIT} with the exact time to wait, when there is none
     */
    void take(URI clientEndpoint) {
        Optional<Duration> wait = portal(clientEndpoint).take(nanoTime.getAsLong());
        if (wait.isPresent()) {
            throw limit(BUCKET_FULL, "The portal's request limit is used up.", wait.get());
        }
    }

    /** The failure with which a method must not be called now, if so. */
    Optional<Bitrix24Exception> blocked(URI clientEndpoint, String method) {
        return portal(clientEndpoint)
                .blockedFor(method, nanoTime.getAsLong())
                .map(wait -> limit(METHOD_BLOCKED, "The method's time on this portal is used up.", wait));
    }

    /**
     * The server said {@code QUERY_LIMIT_EXCEEDED}: its bucket is full, whatever ours says; returns how long to wait.
     */
    Duration full(URI clientEndpoint, @Nullable Duration retryAfter) {
        return portal(clientEndpoint).full(nanoTime.getAsLong(), retryAfter);
    }

    /** A good answer told when the method's oldest basket empties; kept for the day when it is refused. */
    void operatingResetsAt(URI clientEndpoint, String method, Instant at) {
        portal(clientEndpoint).resetsAt(method, at);
    }

    /** The server said {@code OPERATION_TIME_LIMIT}; returns how long to wait. */
    Duration block(URI clientEndpoint, String method, @Nullable Instant until) {
        return portal(clientEndpoint).block(method, until, clock.instant(), nanoTime.getAsLong());
    }

    private Portal portal(URI clientEndpoint) {
        return portals.get(
                String.valueOf(clientEndpoint.getRawAuthority()).toLowerCase(Locale.ROOT),
                key -> new Portal(nanoTime.getAsLong()));
    }

    private static Bitrix24Exception limit(String code, String description, Duration wait) {
        return new Bitrix24Exception(Kind.LIMIT, code, description, 0, wait, false, null);
    }

    private final class Portal {

        private double level;
        private long levelAt;
        private long closedUntil;
        private final Map<String, Instant> resets = new HashMap<>();
        private final Map<String, Long> blocks = new HashMap<>();

        Portal(long now) {
            levelAt = now;
            closedUntil = now;
        }

        synchronized Optional<Duration> take(long now) {
            if (closedUntil - now > 0) {
                return Optional.of(Duration.ofNanos(closedUntil - now));
            }
            drain(now);
            double over = level + 1 - burst;
            if (over > 0) {
                return Optional.of(seconds(over / ratePerSecond));
            }
            level++;
            return Optional.empty();
        }

        synchronized Duration full(long now, @Nullable Duration retryAfter) {
            drain(now);
            level = burst;
            Duration wait = seconds(1 / ratePerSecond);
            if (retryAfter != null && retryAfter.compareTo(wait) > 0) {
                wait = retryAfter;
                closedUntil = now + wait.toNanos();
            }
            return wait;
        }

        synchronized void resetsAt(String method, Instant at) {
            if (resets.size() < MOST_METHODS || resets.containsKey(method)) {
                resets.put(method, at);
            }
        }

        synchronized Duration block(String method, @Nullable Instant until, Instant wallTime, long now) {
            Instant reset = until != null ? until : resets.get(method);
            Duration wait = reset == null ? BASKET : Duration.between(wallTime, reset);
            if (!wait.isPositive() || wait.compareTo(LONGEST_BLOCK) > 0) {
                wait = BASKET;
            }
            blocks.values().removeIf(end -> end - now <= 0);
            if (blocks.size() < MOST_METHODS || blocks.containsKey(method)) {
                blocks.put(method, now + wait.toNanos());
            }
            return wait;
        }

        synchronized Optional<Duration> blockedFor(String method, long now) {
            Long until = blocks.get(method);
            return until == null || until - now <= 0 ? Optional.empty() : Optional.of(Duration.ofNanos(until - now));
        }

        private void drain(long now) {
            // Who asked for the time first may come second.
            if (now - levelAt > 0) {
                level = Math.max(0, level - (now - levelAt) / 1e9 * ratePerSecond);
                levelAt = now;
            }
        }
    }

    /** Rounded up, so that whoever waits that long finds room. */
    private static Duration seconds(double seconds) {
        return Duration.ofNanos((long) Math.ceil(seconds * 1e9) + 1);
    }
}
