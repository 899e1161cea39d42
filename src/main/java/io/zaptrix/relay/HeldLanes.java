package io.zaptrix.relay;

import io.zaptrix.relay.LaneStore.Claim;
import io.zaptrix.relay.LaneStore.LaneName;
import io.zaptrix.relay.LaneStore.Portion;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The lanes in this replica's hands, and how many more it would take: in all, and of each portal and flow. */
final class HeldLanes {

    private final int inAll;
    private final int each;
    private final Map<Claim, Lease> held = new HashMap<>();
    private final Map<Portion, Integer> shares = new HashMap<>();

    HeldLanes(int inAll, int each) {
        this.inAll = inAll;
        this.each = each;
    }

    synchronized void take(Claim claim, Lease lease) {
        if (held.put(claim, lease) == null) {
            shares.merge(claim.portion(), 1, Integer::sum);
        }
    }

    /** @return whether its portal had its full share, so that another lane of it may have been waiting for this */
    synchronized boolean release(Claim claim) {
        if (held.remove(claim) == null) {
            return false;
        }
        Integer left = shares.computeIfPresent(claim.portion(), (portion, n) -> n == 1 ? null : n - 1);
        return (left == null ? 0 : left) + 1 >= each || held.size() + 1 >= inAll;
    }

    synchronized int free() {
        return Math.max(0, inAll - held.size());
    }

    synchronized boolean isEmpty() {
        return held.isEmpty();
    }

    synchronized Set<Portion> full() {
        Set<Portion> full = new HashSet<>();
        shares.forEach((portion, n) -> {
            if (n >= each) {
                full.add(portion);
            }
        });
        return full;
    }

    /** Of these lanes, as many as there is room for. */
    synchronized Set<LaneName> room(Set<LaneName> lanes) {
        Set<LaneName> taken = new HashSet<>();
        Map<Portion, Integer> more = new HashMap<>();
        for (LaneName lane : lanes) {
            Portion portion = lane.portion();
            int share = shares.getOrDefault(portion, 0) + more.getOrDefault(portion, 0);
            if (held.size() + taken.size() < inAll && share < each) {
                taken.add(lane);
                more.merge(portion, 1, Integer::sum);
            }
        }
        return taken;
    }

    synchronized List<Claim> claims() {
        return List.copyOf(held.keySet());
    }

    synchronized void renewed(Claim claim, long askedAt) {
        Lease lease = held.get(claim);
        if (lease != null) {
            lease.renewed(askedAt);
        }
    }
}
