package io.zaptrix.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.zaptrix.platform.Notifications;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Who a key is, remembered because every request asks. A revocation is told with its commit; while notifications cannot
 * be heard the table is asked.
 */
@Component
class KnownKeys {

    private static final Logger log = LoggerFactory.getLogger(KnownKeys.class);

    private static final Duration KEPT = Duration.ofMinutes(5);

    /** A key's last use is written this often at most, by each replica. */
    private static final Duration NOTED = Duration.ofMinutes(1);

    private final StoredKeys stored;
    private final ObjectProvider<Notifications> notifications;
    private final Cache<TenantId, List<StoredKeys.Usable>> known =
            Caffeine.newBuilder().expireAfterWrite(KEPT).maximumSize(20_000).build();
    private final Cache<UUID, Boolean> noted =
            Caffeine.newBuilder().expireAfterWrite(NOTED).maximumSize(50_000).build();

    KnownKeys(StoredKeys stored, Changes changes, ObjectProvider<Notifications> notifications) {
        this.stored = stored;
        this.notifications = notifications;
        changes.forgetBy(known::invalidate, known::invalidateAll);
    }

    /** Whether {@link #find} answers from memory, and so costs nothing worth bounding. */
    boolean remembers(TenantId tenant) {
        return notifications.getObject().listening() && known.getIfPresent(tenant) != null;
    }

    /** Whose key it is; empty if it is nobody's, or not any more. */
    Optional<ApiCaller> find(KeyText key) {
        List<StoredKeys.Usable> keys = notifications.getObject().listening()
                // Read within the cache's own step, so that what is forgotten meanwhile does not come back.
                ? known.get(key.tenant(), this::read)
                : read(key.tenant());
        if (keys == null) {
            return Optional.empty();
        }
        StoredKeys.Usable found = null;
        for (StoredKeys.Usable each : keys) {
            // All of them, each in a time that does not tell where it differs.
            if (MessageDigest.isEqual(each.digest(), key.digest())) {
                found = each;
            }
        }
        if (found == null || !Instant.now().isBefore(found.expiresAt())) {
            return Optional.empty();
        }
        note(key.tenant(), found.id());
        return Optional.of(new ApiCaller(key.tenant(), found.id(), found.scopes()));
    }

    /** A portal without keys is not remembered: any number of tenants can be made up. */
    private @Nullable List<StoredKeys.Usable> read(TenantId tenant) {
        List<StoredKeys.Usable> keys = TenantContext.call(tenant, stored::usable);
        return keys.isEmpty() ? null : keys;
    }

    private void note(TenantId tenant, UUID id) {
        if (noted.asMap().putIfAbsent(id, Boolean.TRUE) == null) {
            Thread.startVirtualThread(() -> {
                try {
                    TenantContext.run(tenant, () -> stored.used(id));
                } catch (RuntimeException later) {
                    log.debug("the last use of a key is not noted", later);
                }
            });
        }
    }
}
