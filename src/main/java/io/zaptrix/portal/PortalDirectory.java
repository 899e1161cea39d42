package io.zaptrix.portal;

import io.zaptrix.platform.DirectoryScope;
import io.zaptrix.platform.TenantId;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Looks across portals, for work that begins with none. The only place that does; it reads no secrets, and the database
 * lets it read this one table and write nothing.
 */
@Component
class PortalDirectory {

    private final JdbcClient jdbc;
    private final DirectoryScope directory;

    PortalDirectory(JdbcClient jdbc, DirectoryScope directory) {
        this.jdbc = jdbc;
        this.directory = directory;
    }

    /** @param clientId a local app's; null: the marketplace app */
    record Entry(
            TenantId tenant, String portalUrl, @Nullable String clientId) {}

    /** The installed portal at a host, such as {@code acme.bitrix24.com}; where several were, the one last heard of. */
    Optional<Entry> atHost(String host) {
        return directory.call(() -> jdbc.sql("""
                        select tenant_id, portal_url, client_id from portal_config
                        where lower(portal_url) in ('https://' || :host, 'http://' || :host) and status <> 'UNINSTALLED'
                        order by updated_at desc limit 1
                        """)
                .param("host", host)
                .query((row, n) -> new Entry(
                        new TenantId(row.getObject("tenant_id", UUID.class)),
                        row.getString("portal_url"),
                        row.getString("client_id")))
                .optional());
    }

    List<TenantId> active() {
        return tenants(jdbc.sql("select tenant_id from portal_config where status = 'ACTIVE'"));
    }

    /** Portals in use whose access token ended before {@code then}: whoever is that idle may lose the refresh token. */
    List<TenantId> idleSince(Instant then) {
        return tenants(jdbc.sql(
                        "select tenant_id from portal_config where status = 'ACTIVE' and token_expiration_time < :then")
                .param("then", Timestamp.from(then)));
    }

    /** Suspended portals whose tokens may yet work, such as one whose payment had ended. */
    List<TenantId> suspendedWithTokens() {
        return tenants(jdbc.sql("""
                select tenant_id from portal_config
                where status = 'SUSPENDED' and refresh_token is not null and problem not like 'invalid_grant%'
                """));
    }

    /** Portals whose data has been promised to be gone by {@code now}. */
    List<TenantId> erasable(Instant now) {
        return tenants(
                jdbc.sql("select tenant_id from portal_config where status = 'UNINSTALLED' and erase_after < :now")
                        .param("now", Timestamp.from(now)));
    }

    private List<TenantId> tenants(JdbcClient.StatementSpec statement) {
        return directory.call(() -> statement
                .query((row, n) -> new TenantId(row.getObject("tenant_id", UUID.class)))
                .list());
    }
}
