package io.zaptrix.relay;

import io.zaptrix.relay.LaneStore.Claim;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which holders of lanes are gone. That a lease is over by the database's clock is not enough: where that clock was set
 * ahead, all are over at once, and their holders are alive, in the middle of a call that must not be made twice. Who is
 * alive renews every quarter of a lease; who does not, for long enough by this replica's own monotonic clock, is gone.
 *
 * <p>Used by one thread.
 */
final class LeaseWatch {

    /** An overdue lease as it was seen; a renewal changes when it ends. */
    record Overdue(Claim claim, OffsetDateTime until) {}

    private final long grace;
    private final long blink;
    private Map<Overdue, Long> seen = Map.of();
    private long lookedAt;

    /** @param lease how long a lease lasts that is not renewed */
    LeaseWatch(Duration lease) {
        this.grace = lease.toNanos() * 2 / 5;
        this.blink = lease.toNanos() / 4;
    }

    /**
     * @param overdue what is overdue now
     * @param now {@link System#nanoTime()}
     * @return those of them whose holders have let two fifths of a lease go by under this watch
     */
    List<Overdue> gone(Collection<Overdue> overdue, long now) {
        // What kept this replica from looking (a database that hung, say) has kept the holders from renewing.
        boolean blind = now - lookedAt > blink;
        Map<Overdue, Long> still = new HashMap<>();
        overdue.forEach(one -> still.put(one, blind ? now : seen.getOrDefault(one, now)));
        seen = still;
        lookedAt = now;
        return still.entrySet().stream()
                .filter(one -> now - one.getValue() >= grace)
                .map(Map.Entry::getKey)
                .toList();
    }
}
