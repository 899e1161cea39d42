package io.zaptrix.relay;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.platform.TenantId;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The relay's door: accepts, and rings. */
@Component
class Lanes implements Relay {

    private static final Logger log = LoggerFactory.getLogger(Lanes.class);

    private final GroupCommit commits;
    private final LaneStore store;
    private final Bell bell;
    private final MeterRegistry metrics;
    private final Map<String, Counter> accepted = new ConcurrentHashMap<>();

    Lanes(GroupCommit commits, LaneStore store, Bell bell, MeterRegistry metrics) {
        this.commits = commits;
        this.store = store;
        this.bell = bell;
        this.metrics = metrics;
    }

    @Override
    public void accept(Collection<RelayItem> items) {
        if (items.isEmpty()) {
            return;
        }
        commits.commit(items);
        for (RelayItem item : items) {
            // What became of it is said when it is settled, once; the ledger knows what was accepted.
            log.debug("{} accepted", item.flow());
            accepted.computeIfAbsent(
                            item.flow(),
                            flow -> Counter.builder("zaptrix.relay.accepted")
                                    .tag("flow", flow)
                                    .register(metrics))
                    .increment();
        }
    }

    @Override
    public boolean isAccepting() {
        return !commits.isHeldUp() && store.isReachable();
    }

    @Override
    public void wake(TenantId tenant, String lanePrefix) {
        if (store.wake(tenant, lanePrefix) > 0) {
            bell.ring();
        }
    }
}
