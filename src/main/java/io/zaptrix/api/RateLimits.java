package io.zaptrix.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * How fast a key may ask: a bucket each, filled evenly over a minute. It is each replica's own, as the limit guards a
 * replica's time and not a bill: with several, a key may ask as often of each.
 */
@Component
class RateLimits {

    private static final long WINDOW = Duration.ofMinutes(1).toNanos();

    private final int quota;
    private final Cache<UUID, Bucket> buckets = Caffeine.newBuilder()
            .expireAfterAccess(Duration.ofMinutes(5))
            .maximumSize(50_000)
            .build();

    RateLimits(ApiProperties properties) {
        this.quota = properties.requestsPerMinute();
    }

    /** @param fullIn until all of the quota is there again, seconds; {@code nextIn} until one more request is */
    record Verdict(int quota, boolean allowed, long left, long fullIn, long nextIn) {

        /** As draft-ietf-httpapi-ratelimit-headers says it. */
        void tell(HttpServletResponse response) {
            response.setHeader("RateLimit-Policy", "\"requests\";q=" + quota + ";w=60");
            response.setHeader("RateLimit", "\"requests\";r=" + left + ";t=" + fullIn);
        }
    }

    Verdict ask(UUID keyId) {
        return buckets.get(keyId, id -> new Bucket(quota)).take();
    }

    private static final class Bucket {

        private final int quota;
        private double tokens;
        private long at = System.nanoTime();

        Bucket(int quota) {
            this.quota = quota;
            this.tokens = quota;
        }

        synchronized Verdict take() {
            long now = System.nanoTime();
            tokens = Math.min(quota, tokens + (double) (now - at) / WINDOW * quota);
            at = now;
            boolean allowed = tokens >= 1;
            if (allowed) {
                tokens--;
            }
            double perSecond = quota / 60.0;
            return new Verdict(
                    quota, allowed, (long) tokens, (long) Math.ceil((quota - tokens) / perSecond), Math.max(1, (long)
                            Math.ceil((1 - tokens) / perSecond)));
        }
    }
}
