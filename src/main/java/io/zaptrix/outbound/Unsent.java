package io.zaptrix.outbound;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Attempts that this process knows to have sent nothing, while the database may say that they are being sent: it went
 * away between taking that down and saying so, or before it could be told otherwise. Without this nobody could tell
 * such a part from one that was sent and of which no answer came, and it would never be sent.
 */
final class Unsent {

    private static final Duration REMEMBERED = Duration.ofHours(1);
    private static final int MOST = 10_000;

    private final Cache<UUID, Boolean> attempts =
            Caffeine.newBuilder().expireAfterWrite(REMEMBERED).maximumSize(MOST).build();

    void add(UUID attempt) {
        attempts.put(attempt, true);
    }

    boolean contains(@Nullable UUID attempt) {
        return attempt != null && attempts.getIfPresent(attempt) != null;
    }
}
