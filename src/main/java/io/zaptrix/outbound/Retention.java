package io.zaptrix.outbound;

import io.zaptrix.platform.ZaptrixProperties;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Forgets what was sent when the ledger forgets that it was asked for; in short steps, so that nothing waits for it.
 */
@Component
class Retention {

    private static final Logger log = LoggerFactory.getLogger(Retention.class);
    private static final int ROWS_A_STEP = 5_000;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final int days;

    Retention(JdbcClient jdbc, PlatformTransactionManager transactions, ZaptrixProperties properties) {
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactions);
        this.days = Math.toIntExact(properties.relay().remember().toDays());
    }

    /** @return how many rows are gone */
    @Scheduled(initialDelay = 10, fixedDelay = 60, timeUnit = TimeUnit.MINUTES)
    long forget() {
        long gone = forget("outbound_message");
        forget("direct_message");
        return gone;
    }

    private long forget(String table) {
        long gone = 0;
        int step;
        do {
            Integer deleted = transaction.execute(status -> forgetSome(table));
            step = deleted == null ? 0 : deleted;
            gone += step;
        } while (step == ROWS_A_STEP);
        if (gone > 0) {
            log.info("{} rows of {} forgotten", gone, table);
        }
        return gone;
    }

    private int forgetSome(String table) {
        jdbc.sql("select set_config('zaptrix.scope', 'retention', true)")
                .query(String.class)
                .single();
        return jdbc.sql("delete from " + table + " where ctid in (select ctid from " + table
                        + " where created_at < now() - make_interval(days => :days) limit :rows)")
                .param("days", days)
                .param("rows", ROWS_A_STEP)
                .update();
    }
}
