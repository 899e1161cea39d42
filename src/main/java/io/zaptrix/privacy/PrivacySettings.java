package io.zaptrix.privacy;

import io.zaptrix.platform.DirectoryScope;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.platform.ZaptrixProperties;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** What portals chose, and for which of them there is work: the table {@code privacy_settings}. */
@Component
class PrivacySettings {

    /** Meta delivers again for 7 days; what came twice must be known for what it is, with a day to spare. */
    static final int LEAST_DAYS = 8;

    static final int DEFAULT_DAYS = 30;

    private final JdbcClient jdbc;
    private final DirectoryScope directory;
    private final int mostDays;

    PrivacySettings(JdbcClient jdbc, DirectoryScope directory, ZaptrixProperties properties) {
        this.jdbc = jdbc;
        this.directory = directory;
        this.mostDays = Math.max(
                LEAST_DAYS, Math.toIntExact(properties.relay().remember().toDays()));
    }

    /** As long as the service remembers at all. */
    int mostDays() {
        return mostDays;
    }

    int defaultDays() {
        return Math.min(DEFAULT_DAYS, mostDays);
    }

    /** For how long the bound tenant's message metadata are kept. */
    @Transactional(readOnly = true)
    public int retentionDays() {
        return jdbc.sql("""
                        select retention_days from privacy_settings
                        where tenant_id = :tenant and retention_days is not null
                        """)
                .param("tenant", tenant())
                .query(Integer.class)
                .optional()
                .map(days -> Math.min(Math.max(days, LEAST_DAYS), mostDays))
                .orElseGet(this::defaultDays);
    }

    /** @param days within bounds */
    @Transactional
    public void retain(int days) {
        jdbc.sql("""
                        insert into privacy_settings (tenant_id, retention_days) values (:tenant, :days)
                        on conflict (tenant_id) do update set retention_days = excluded.retention_days, updated_at = now()
                        """).param("tenant", tenant()).param("days", days).update();
    }

    /** Within the caller's transaction. */
    void mark(boolean erasing) {
        jdbc.sql("""
                        insert into privacy_settings (tenant_id, erasing) values (:tenant, :erasing)
                        on conflict (tenant_id) do update set erasing = excluded.erasing
                        """).param("tenant", tenant()).param("erasing", erasing).update();
    }

    /** Portals with somebody to be erased. */
    List<TenantId> withErasures() {
        return tenants("select tenant_id from privacy_settings where erasing");
    }

    /** All portals: what they keep is over by the day, and the service itself forgets by the week. */
    List<TenantId> forgetting() {
        return tenants("select tenant_id from portal_config union select tenant_id from privacy_settings");
    }

    private List<TenantId> tenants(String sql) {
        return directory.call(() -> jdbc.sql(sql)
                .query((row, n) -> new TenantId(row.getObject(1, UUID.class)))
                .list());
    }

    private static UUID tenant() {
        return TenantContext.require().value();
    }
}
