package io.zaptrix.console;

import io.zaptrix.platform.OperatorScope;
import io.zaptrix.platform.TenantId;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * What operators have done, in the table {@code operator_audit}, from which nothing can be taken for 400 days. It names
 * operators and portals, no customer; the entries about a portal outlive it, as they say what was done to it.
 */
@Component
class OperatorAudit {

    private static final Logger log = LoggerFactory.getLogger(OperatorAudit.class);

    private final JdbcClient jdbc;
    private final OperatorScope scope;
    private final JsonMapper json;

    OperatorAudit(JdbcClient jdbc, OperatorScope scope, JsonMapper json) {
        this.jdbc = jdbc;
        this.scope = scope;
        this.json = json;
    }

    /** @param portal its member id where it is still known; null: the service, or a portal that is gone */
    record Entry(
            long id,
            Instant at,
            String operator,
            String action,
            @Nullable UUID tenant,
            @Nullable String portal,
            String detail) {}

    void record(String operator, String action, @Nullable TenantId portal, Map<String, ?> detail) {
        scope.call(() -> jdbc.sql("""
                        insert into operator_audit (operator, action, portal, detail)
                        values (:operator, :action, :portal, :detail::jsonb)
                        """)
                .param("operator", operator)
                .param("action", action)
                .param("portal", portal == null ? null : portal.value(), java.sql.Types.OTHER)
                .param("detail", json.writeValueAsString(detail))
                .update());
        log.info("operator {}: {} {}", operator, action, portal == null ? "" : portal);
    }

    /** The latest, first. */
    List<Entry> list(@Nullable UUID tenant, @Nullable Long before, int limit) {
        return scope.call(() -> jdbc.sql("""
                        select a.*, p.portal_url from operator_audit a left join portal_config p on p.tenant_id = a.portal
                        where a.id < :before and (:tenant::uuid is null or a.portal = :tenant::uuid)
                        order by a.id desc limit :limit
                        """)
                .param("before", before == null ? Long.MAX_VALUE : before)
                .param("tenant", tenant == null ? null : tenant.toString(), java.sql.Types.VARCHAR)
                .param("limit", limit)
                .query((row, n) -> new Entry(
                        row.getLong("id"),
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getString("operator"),
                        row.getString("action"),
                        row.getObject("portal", UUID.class),
                        row.getString("portal_url"),
                        row.getString("detail")))
                .list());
    }

    @Scheduled(initialDelayString = "PT20M", fixedDelayString = "PT24H")
    void forget() {
        scope.call(() -> jdbc.sql("delete from operator_audit where at < now() - interval '400 days'")
                .update());
    }
}
