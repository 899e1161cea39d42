package io.zaptrix.channel;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.zaptrix.platform.NotificationListener;
import io.zaptrix.platform.TenantId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Whose number it is: the table whose key gives a number to one portal, and a memory before it, since every webhook
 * asks. Whatever changes the table tells all replicas with its commit, by {@code NOTIFY}.
 */
@Component
class NumberRoutes implements NotificationListener {

    private static final String CHANNEL = "zaptrix_route";

    /** Both short, for the replica that is cut off from the bell; "nobody's" is shorter, as its messages go astray. */
    private static final Duration OWNED = Duration.ofMinutes(1);

    private static final Duration NOBODYS = Duration.ofSeconds(2);

    private final JdbcClient jdbc;

    private final Cache<String, TenantId> owned =
            Caffeine.newBuilder().expireAfterWrite(OWNED).maximumSize(50_000).build();

    private final Cache<String, Boolean> nobodys =
            Caffeine.newBuilder().expireAfterWrite(NOBODYS).maximumSize(10_000).build();

    NumberRoutes(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Optional<TenantId> find(String phoneNumberId) {
        if (nobodys.getIfPresent(phoneNumberId) != null) {
            return Optional.empty();
        }
        // Read within the cache's own step, so that what is forgotten meanwhile does not come back.
        TenantId owner = owned.get(phoneNumberId, number -> read(number).orElse(null));
        if (owner == null) {
            nobodys.put(phoneNumberId, Boolean.TRUE);
        }
        return Optional.ofNullable(owner);
    }

    /** As {@link #find}, from the table itself. */
    Optional<TenantId> read(String phoneNumberId) {
        return jdbc.sql("select tenant_id from phone_number_route where phone_number_id = :number")
                .param("number", phoneNumberId)
                .query((row, n) -> new TenantId(row.getObject(1, UUID.class)))
                .optional();
    }

    /** Who has numbers of a WhatsApp Business Account; rarely asked, so not remembered. */
    List<TenantId> ofAccount(String wabaId) {
        return jdbc.sql("select distinct tenant_id from phone_number_route where waba_id = :waba")
                .param("waba", wabaId)
                .query((row, n) -> new TenantId(row.getObject(1, UUID.class)))
                .list();
    }

    /** Makes the number the tenant's, within the caller's transaction; whether it is nobody else's. */
    boolean claim(String phoneNumberId, String wabaId, TenantId tenant) {
        int claimed = jdbc.sql("""
                        insert into phone_number_route as route (phone_number_id, tenant_id, waba_id)
                        values (:number, :tenant, :waba)
                        on conflict (phone_number_id) do update
                            set tenant_id = excluded.tenant_id, waba_id = excluded.waba_id
                        where route.tenant_id = excluded.tenant_id
                        """)
                .param("number", phoneNumberId)
                .param("tenant", tenant.value())
                .param("waba", wabaId)
                .update();
        ring(phoneNumberId);
        return claimed == 1;
    }

    /** Gives the number back, within the caller's transaction. */
    void release(String phoneNumberId, TenantId tenant) {
        jdbc.sql("delete from phone_number_route where phone_number_id = :number and tenant_id = :tenant")
                .param("number", phoneNumberId)
                .param("tenant", tenant.value())
                .update();
        ring(phoneNumberId);
    }

    /** As {@link #release}, of all the tenant's numbers. */
    void releaseAll(TenantId tenant) {
        List<String> released = jdbc.sql(
                        "delete from phone_number_route where tenant_id = :tenant returning phone_number_id")
                .param("tenant", tenant.value())
                .query(String.class)
                .list();
        released.forEach(this::ring);
    }

    @Override
    public String channel() {
        return CHANNEL;
    }

    @Override
    public void heard(String phoneNumberId) {
        forget(phoneNumberId);
    }

    @Override
    public void missed() {
        owned.invalidateAll();
        nobodys.invalidateAll();
    }

    private void forget(String phoneNumberId) {
        owned.invalidate(phoneNumberId);
        nobodys.invalidate(phoneNumberId);
    }

    /** PostgreSQL sends it when the transaction commits; this replica does not wait for the echo. */
    private void ring(String phoneNumberId) {
        jdbc.sql("select pg_notify(:channel, :payload)")
                .param("channel", CHANNEL)
                .param("payload", phoneNumberId)
                .query((row, n) -> Boolean.TRUE)
                .list();
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                forget(phoneNumberId);
            }
        });
    }
}
