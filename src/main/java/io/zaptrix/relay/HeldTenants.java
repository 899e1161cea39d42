package io.zaptrix.relay;

import io.zaptrix.platform.NotificationListener;
import io.zaptrix.platform.TenantId;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Whose lanes are held, remembered by every replica, as every batch asks. The table tells of its changes. A replica
 * that learns of a release wakes the lanes itself: those that another has put to sleep since are woken by that one.
 */
@Component
class HeldTenants implements NotificationListener {

    private static final Logger log = LoggerFactory.getLogger(HeldTenants.class);

    private final RelayDatabase database;
    private final LaneStore store;
    private volatile @Nullable Set<TenantId> held;

    HeldTenants(RelayDatabase database, LaneStore store) {
        this.database = database;
        this.store = store;
    }

    boolean contain(TenantId tenant) {
        Set<TenantId> known = held;
        return (known == null ? load() : known).contains(tenant);
    }

    private synchronized Set<TenantId> load() {
        Set<TenantId> before = held;
        Set<TenantId> now = Set.copyOf(database.inTransaction(() -> database.jdbc()
                .query("select tenant_id from tenant_hold", (row, n) -> new TenantId(row.getObject(1, UUID.class)))));
        held = now;
        if (before != null) {
            Set<TenantId> released = new HashSet<>(before);
            released.removeAll(now);
            released.forEach(tenant -> store.wake(tenant, ""));
        }
        return now;
    }

    @Override
    public String channel() {
        return "zaptrix_tenant_hold";
    }

    @Override
    public void heard(String tenant) {
        missed();
    }

    /** Whoever tells of it must not wait for the database. */
    @Override
    public void missed() {
        Thread.startVirtualThread(() -> {
            try {
                load();
            } catch (RuntimeException away) {
                // Asked again by the next batch.
                held = null;
                log.warn("not known which portals are held: {}", away.getMessage());
            }
        });
    }
}
