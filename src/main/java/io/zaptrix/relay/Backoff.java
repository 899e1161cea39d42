package io.zaptrix.relay;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Exponential backoff with full jitter: lanes that failed together do not come back together. */
final class Backoff {

    private static final long BASE_MILLIS = 500;
    private static final long CAP_MILLIS = Duration.ofMinutes(5).toMillis();

    private Backoff() {}

    /** How long to wait after {@code failures} earlier failures in a row; never less than {@code atLeast}. */
    static Duration after(int failures, Duration atLeast) {
        long ceiling = Math.min(CAP_MILLIS, BASE_MILLIS << Math.min(failures, 20));
        long millis = 50 + ThreadLocalRandom.current().nextLong(ceiling);
        return millis > atLeast.toMillis() ? Duration.ofMillis(millis) : atLeast;
    }
}
