package io.zaptrix.relay;

import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** {@link Holds} in the table {@code tenant_hold}, written as the tenant that is held. */
@Component
class StoredHolds implements Holds {

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;

    StoredHolds(JdbcClient jdbc, PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Override
    public Optional<Hold> find(TenantId tenant) {
        return TenantContext.call(
                tenant,
                () -> transaction.execute(status -> jdbc.sql(
                                "select since, reason from tenant_hold where tenant_id = :tenant")
                        .param("tenant", tenant.value())
                        .query((row, n) -> new Hold(
                                row.getObject("since", OffsetDateTime.class).toInstant(), row.getString("reason")))
                        .optional()));
    }

    @Override
    public void hold(TenantId tenant, String reason) {
        TenantContext.run(
                tenant,
                () -> transaction.executeWithoutResult(status -> jdbc.sql("""
                        insert into tenant_hold (tenant_id, reason) values (:tenant, :reason)
                        on conflict (tenant_id) do update set reason = excluded.reason
                        """)
                        .param("tenant", tenant.value())
                        .param("reason", reason)
                        .update()));
    }

    @Override
    public void release(TenantId tenant) {
        TenantContext.run(
                tenant,
                () -> transaction.executeWithoutResult(
                        status -> jdbc.sql("delete from tenant_hold where tenant_id = :tenant")
                                .param("tenant", tenant.value())
                                .update()));
    }
}
