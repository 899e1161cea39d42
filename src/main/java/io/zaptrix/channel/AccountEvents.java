package io.zaptrix.channel;

import io.zaptrix.platform.TenantContext;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What Meta told of the bound tenant's accounts: the table {@code account_event}. */
@Service
public class AccountEvents {

    private static final String SUBJECT = "subject";
    private static final String REASON = "reason";

    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final ApplicationEventPublisher publisher;

    AccountEvents(JdbcClient jdbc, JsonMapper json, ApplicationEventPublisher publisher) {
        this.jdbc = jdbc;
        this.json = json;
        this.publisher = publisher;
    }

    /** Keeps an event; may be repeated. */
    @Transactional
    public void keep(AccountEvent event) {
        int kept = jdbc.sql("""
                        insert into account_event (tenant_id, id, at, waba_id, phone_number_id, field, what,
                            needs_action, detail)
                        values (:tenant, :id, :at, :waba, :number, :field, :what, :action, cast(:detail as jsonb))
                        on conflict do nothing
                        """)
                .param("tenant", TenantContext.require().value())
                .param("id", event.id())
                .param("at", Timestamp.from(event.at()))
                .param("waba", event.wabaId())
                .param("number", event.phoneNumberId())
                .param("field", event.field())
                .param("what", event.what())
                .param("action", event.needsAction())
                .param("detail", json.writeValueAsString(Map.of(SUBJECT, event.subject(), REASON, event.reason())))
                .update();
        if (kept > 0) {
            publisher.publishEvent(new AccountTold(TenantContext.require(), event.wabaId()));
        }
    }

    /** The last events, the latest first. */
    @Transactional(readOnly = true)
    public List<AccountEvent> recent(int most) {
        return jdbc.sql("""
                        select id, at, waba_id, phone_number_id, field, what, needs_action, detail::text
                        from account_event where tenant_id = :tenant order by at desc, id limit :most
                        """)
                .param("tenant", TenantContext.require().value())
                .param("most", most)
                .query(this::read)
                .list();
    }

    private AccountEvent read(ResultSet row, int n) throws SQLException {
        JsonNode detail = json.readTree(row.getString(8));
        return new AccountEvent(
                row.getString(1),
                row.getTimestamp(2).toInstant(),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getBoolean(7),
                detail.path(SUBJECT).asString(""),
                detail.path(REASON).asString(""));
    }
}
