package io.zaptrix.portal;

import com.github.benmanes.caffeine.cache.Cache;
import io.zaptrix.platform.NotificationListener;
import io.zaptrix.platform.TenantId;
import java.util.UUID;

/** What is remembered of tenants, and forgotten when the database tells that it has changed. */
interface TenantMemory extends NotificationListener {

    Cache<TenantId, ?> known();

    @Override
    default void heard(String tenant) {
        known().invalidate(new TenantId(UUID.fromString(tenant)));
    }

    @Override
    default void missed() {
        known().invalidateAll();
    }
}
