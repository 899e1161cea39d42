package io.zaptrix.relay;

import java.time.Duration;

/**
 * Until when this replica may believe that its claims are its own, by its own monotonic clock: counted from before the
 * renewal was asked for, so that it ends here before it ends in the database.
 */
final class Lease {

    private final long nanos;
    private volatile long renewedAt = System.nanoTime();

    Lease(Duration length) {
        this.nanos = length.toNanos();
    }

    void renewed(long askedAt) {
        renewedAt = askedAt;
    }

    /** Whether anything may be sent on its strength; false some time before it is over. */
    boolean holds(long claimedAt) {
        long since = Math.max(renewedAt, claimedAt);
        return System.nanoTime() - since < nanos * 3 / 4;
    }
}
