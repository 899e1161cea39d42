package io.zaptrix.relay;

import java.time.Duration;

/**
 * Until when this replica may believe that a lane is its own, by its own monotonic clock: counted from before the claim
 * or renewal was asked for, so that it ends here before it ends in the database.
 */
final class Lease {

    private final long nanos;
    private volatile long renewedAt;

    /** @param askedAt {@link System#nanoTime()} before the claim was asked for */
    Lease(Duration length, long askedAt) {
        this.nanos = length.toNanos();
        this.renewedAt = askedAt;
    }

    void renewed(long askedAt) {
        renewedAt = askedAt;
    }

    /** Whether anything may be sent on its strength; false some time before it is over. */
    boolean holds() {
        return System.nanoTime() - renewedAt < nanos * 3 / 4;
    }
}
