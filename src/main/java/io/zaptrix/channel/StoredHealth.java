package io.zaptrix.channel;

import io.zaptrix.channel.NumberHealth.TokenState;
import io.zaptrix.platform.TenantContext;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** The table {@code number_health} of the bound tenant. */
@Repository
@Transactional
class StoredHealth {

    private static final String ALL = """
            select phone_number_id, verified_name, number_status, quality_rating, name_status, throughput,
                messaging_limit, platform_type, on_business_app, token_state, token_expires_at, problem, checked_at,
                last_webhook_at
            from number_health where tenant_id = :tenant
            """;

    private final JdbcClient jdbc;

    StoredHealth(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Transactional(readOnly = true)
    List<NumberHealth> all() {
        return jdbc.sql(ALL)
                .param("tenant", TenantContext.require().value())
                .query(StoredHealth::read)
                .list();
    }

    /** Keeps all but when the last webhook came, which others write. */
    void keep(NumberHealth health) {
        jdbc.sql("""
                        insert into number_health as known (tenant_id, phone_number_id, verified_name, number_status,
                            quality_rating, name_status, throughput, messaging_limit, platform_type, on_business_app,
                            token_state, token_expires_at, problem, checked_at)
                        values (:tenant, :number, :name, :status, :quality, :nameStatus, :throughput, :limit,
                            :platform, :app, :token, :expires, :problem, :checked)
                        on conflict (tenant_id, phone_number_id) do update set
                            verified_name = coalesce(excluded.verified_name, known.verified_name),
                            number_status = coalesce(excluded.number_status, known.number_status),
                            quality_rating = coalesce(excluded.quality_rating, known.quality_rating),
                            name_status = coalesce(excluded.name_status, known.name_status),
                            throughput = coalesce(excluded.throughput, known.throughput),
                            messaging_limit = coalesce(excluded.messaging_limit, known.messaging_limit),
                            platform_type = coalesce(excluded.platform_type, known.platform_type),
                            on_business_app = excluded.on_business_app,
                            token_state = excluded.token_state,
                            token_expires_at = excluded.token_expires_at,
                            problem = excluded.problem,
                            checked_at = excluded.checked_at
                        """)
                .param("tenant", TenantContext.require().value())
                .param("number", health.phoneNumberId())
                .param("name", health.verifiedName())
                .param("status", health.status())
                .param("quality", health.quality())
                .param("nameStatus", health.nameStatus())
                .param("throughput", health.throughput())
                .param("limit", health.messagingLimit())
                .param("platform", health.platformType())
                .param("app", health.onBusinessApp())
                .param("token", health.token().name())
                .param("expires", timestamp(health.tokenExpiresAt()))
                .param("problem", health.problem())
                .param("checked", timestamp(health.checkedAt()))
                .update();
    }

    void heard(String phoneNumberId, Instant at) {
        // A minute that a crash loses is no loss, and waiting for the disk would be one.
        jdbc.sql("set local synchronous_commit to off").update();
        jdbc.sql("""
                        insert into number_health as known (tenant_id, phone_number_id, last_webhook_at)
                        values (:tenant, :number, :at)
                        on conflict (tenant_id, phone_number_id) do update
                            set last_webhook_at = greatest(known.last_webhook_at, excluded.last_webhook_at)
                        """)
                .param("tenant", TenantContext.require().value())
                .param("number", phoneNumberId)
                .param("at", Timestamp.from(at))
                .update();
    }

    /** What is known of the number is old: it was linked anew. */
    void outdate(String phoneNumberId) {
        jdbc.sql("""
                        update number_health set checked_at = null
                        where tenant_id = :tenant and phone_number_id = :number
                        """)
                .param("tenant", TenantContext.require().value())
                .param("number", phoneNumberId)
                .update();
    }

    void forget(String phoneNumberId) {
        jdbc.sql("delete from number_health where tenant_id = :tenant and phone_number_id = :number")
                .param("tenant", TenantContext.require().value())
                .param("number", phoneNumberId)
                .update();
    }

    private static @Nullable Timestamp timestamp(@Nullable Instant at) {
        return at == null ? null : Timestamp.from(at);
    }

    private static @Nullable Instant instant(@Nullable Timestamp at) {
        return at == null ? null : at.toInstant();
    }

    private static NumberHealth read(ResultSet row, int n) throws SQLException {
        return new NumberHealth(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                row.getBoolean(9),
                TokenState.valueOf(row.getString(10)),
                instant(row.getTimestamp(11)),
                row.getString(12),
                instant(row.getTimestamp(13)),
                instant(row.getTimestamp(14)));
    }
}
