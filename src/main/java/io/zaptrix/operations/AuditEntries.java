package io.zaptrix.operations;

import io.zaptrix.platform.TenantContext;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code audit_entry}. */
@Repository
class AuditEntries implements Audit {

    private final JdbcClient jdbc;
    private final JsonMapper json;

    AuditEntries(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    @Override
    @Transactional
    public void record(String actor, String action, String subject, Map<String, ?> detail) {
        jdbc.sql("""
                        insert into audit_entry (tenant_id, actor, action, subject, detail)
                        values (:tenant, :actor, :action, :subject, :detail::jsonb)
                        """)
                .param("tenant", TenantContext.require().value())
                .param("actor", actor)
                .param("action", action)
                .param("subject", subject)
                .param("detail", json.writeValueAsString(detail))
                .update();
    }

    @Override
    @Transactional(readOnly = true)
    public List<Entry> list(@Nullable Long before, int limit) {
        return jdbc.sql("""
                        select id, at, actor, action, subject, detail::text as detail from audit_entry
                        where tenant_id = :tenant and id < :before order by id desc limit :limit
                        """)
                .param("tenant", TenantContext.require().value())
                .param("before", before == null ? Long.MAX_VALUE : before)
                .param("limit", limit)
                .query((row, n) -> new Entry(
                        row.getLong("id"),
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getString("actor"),
                        row.getString("action"),
                        row.getString("subject"),
                        row.getString("detail")))
                .list();
    }
}
