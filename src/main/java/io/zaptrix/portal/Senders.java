package io.zaptrix.portal;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.zaptrix.platform.Notifications;
import io.zaptrix.platform.Sha256;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Who may send events, remembered because every event asks. The table itself tells of each change (a trigger notifies),
 * so that an uninstallation counts at once on every replica; while notifications cannot be heard the table is asked.
 */
@Component
class Senders implements TenantMemory {

    /** Bitrix24 sends an event once: a database that is away for a moment is worth waiting for. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final Duration KEPT = Duration.ofMinutes(10);

    private final PortalStore store;
    private final ObjectProvider<Notifications> notifications;
    private final Cache<TenantId, Sender> known =
            Caffeine.newBuilder().expireAfterWrite(KEPT).maximumSize(20_000).build();

    Senders(PortalStore store, ObjectProvider<Notifications> notifications) {
        this.store = store;
        this.notifications = notifications;
    }

    /**
     * @param tokenDigest SHA-256 of the application token, so that no secret lies in memory for long; null: the portal
     *     has none, and nothing proves anything
     */
    record Sender(Portal portal, byte @Nullable [] tokenDigest) {

        /** Compares in a time that does not tell where the tokens differ. */
        boolean proves(@Nullable String applicationToken) {
            byte[] given = Sha256.of(applicationToken == null ? "" : applicationToken);
            return tokenDigest != null && MessageDigest.isEqual(tokenDigest, given);
        }
    }

    /** The portal that the tenant is, if it is known here. */
    Optional<Sender> find(TenantId tenant) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                // Read within the cache's own step, so that what is forgotten meanwhile does not come back.
                return notifications.getObject().listening()
                        ? Optional.ofNullable(known.get(tenant, this::read))
                        : Optional.ofNullable(read(tenant));
            } catch (DataAccessException | TransactionException away) {
                if (System.nanoTime() > deadline) {
                    throw away;
                }
                pause();
            }
        }
    }

    private @Nullable Sender read(TenantId tenant) {
        return TenantContext.call(tenant, () -> store.read(row -> row.map(this::sender)))
                .orElse(null);
    }

    private Sender sender(PortalConfig row) {
        String token = store.applicationToken(row);
        return new Sender(row.toPortal(), token == null || token.isEmpty() ? null : Sha256.of(token));
    }

    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String channel() {
        return "zaptrix_portal";
    }

    @Override
    public Cache<TenantId, Sender> known() {
        return known;
    }
}
