package io.zaptrix.relay;

import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.ZaptrixProperties;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** On the pages' connections, which see the bound tenant's rows only. */
@Component
class LedgerStore implements Ledger {

    private final JdbcClient jdbc;
    private final int days;

    LedgerStore(JdbcClient jdbc, ZaptrixProperties properties) {
        this.jdbc = jdbc;
        this.days = Math.toIntExact(properties.relay().remember().toDays());
    }

    /** The day of writing is not known here, so all that are remembered are looked at, by the key. */
    @Override
    @Transactional
    public void failed(String flow, String key, String reason) {
        Partitions.withoutChoice(jdbc);
        jdbc.sql("""
                        update item_ledger set state = 'failed', reason = :reason
                        where tenant_id = :tenant and key_digest = :digest and state = 'done'
                            and written_on = any(array(
                                select current_date - n from generate_series(-1, cast(:days as int)) as n))
                        """)
                .param("tenant", TenantContext.require().value())
                .param("digest", RelayItem.digest(flow, key))
                .param("reason", reason)
                .param("days", days)
                .update();
    }
}
