package io.zaptrix.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * Which webhooks a tenant has, remembered because everything that Meta tells asks; that there are none, above all. A
 * change is told with its commit.
 */
@Component
class KnownWebhooks {

    /** For the replica that is cut off from the bell. */
    private static final Duration KEPT = Duration.ofMinutes(10);

    private final StoredWebhooks stored;
    private final Cache<TenantId, List<Webhooks.Webhook>> known =
            Caffeine.newBuilder().expireAfterWrite(KEPT).maximumSize(50_000).build();

    KnownWebhooks(StoredWebhooks stored, Changes changes) {
        this.stored = stored;
        changes.forgetBy(known::invalidate, known::invalidateAll);
    }

    List<Webhooks.Webhook> of(TenantId tenant) {
        // Read within the cache's own step, so that what is forgotten meanwhile does not come back.
        return known.get(tenant, asked -> TenantContext.call(asked, stored::list));
    }

    /** Those that are to be told. */
    List<Webhooks.Webhook> on(TenantId tenant) {
        List<Webhooks.Webhook> all = of(tenant);
        return all.isEmpty() ? all : all.stream().filter(Webhooks.Webhook::isOn).toList();
    }

    Optional<Webhooks.Webhook> find(TenantId tenant, UUID id) {
        return of(tenant).stream().filter(webhook -> webhook.id().equals(id)).findFirst();
    }
}
