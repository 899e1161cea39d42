package io.zaptrix.relay;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Counts what waits, and forgets what is long done. */
@Component
class Housekeeping {

    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);

    /** Meta redelivers for up to seven days; a day more, and its memory may go. */
    private static final int FINISHED_DAYS = 8;

    private static final int UNROUTED_DAYS = 30;
    private static final int UNROUTED_KEPT = 10_000;
    private static final int ROWS_A_STEP = 5_000;

    private final RelayDatabase database;
    private final MultiGauge waiting;
    private final AtomicLong dead = new AtomicLong();

    Housekeeping(RelayDatabase database, MeterRegistry metrics) {
        this.database = database;
        this.waiting = MultiGauge.builder("zaptrix.relay.waiting")
                .description("items that wait, by how long they have")
                .register(metrics);
        Gauge.builder("zaptrix.relay.dead.letters", dead, AtomicLong::get)
                .description("dead letters that nobody has replayed or dropped")
                .register(metrics);
    }

    @Scheduled(fixedDelay = 15, timeUnit = TimeUnit.SECONDS)
    void count() {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        database.inTransaction(() -> {
            database.jdbc().query("""
                            select flow,
                                case when accepted_at > now() - interval '10 seconds' then '10s'
                                     when accepted_at > now() - interval '1 minute' then '1m'
                                     when accepted_at > now() - interval '10 minutes' then '10m'
                                     else 'older' end as age,
                                count(*)
                            from lane_item where state in ('waiting', 'sent') group by 1, 2
                            """, row -> {
                rows.add(MultiGauge.Row.of(Tags.of("flow", row.getString(1), "age", row.getString(2)), row.getLong(3)));
            });
            Long letters =
                    database.jdbc().queryForObject("select count(*) from lane_item where state = 'dead'", Long.class);
            dead.set(letters == null ? 0 : letters);
            return true;
        });
        waiting.register(rows, true);
    }

    @Scheduled(initialDelay = 5, fixedDelay = 60, timeUnit = TimeUnit.MINUTES)
    void prune() {
        int gone = 0;
        int step;
        do {
            // One replica at a time is enough, and each step is short.
            step = database.inTransaction(() -> {
                Boolean mine = database.jdbc()
                        .queryForObject("select pg_try_advisory_xact_lock(hashtext('zaptrix.prune'))", Boolean.class);
                return Boolean.TRUE.equals(mine) ? database.jdbc().update("""
                                        delete from lane_item where (tenant_id, seq) in (
                                            select tenant_id, seq from lane_item
                                            where state in ('done', 'refused')
                                                and finished_at < now() - make_interval(days => ?)
                                            limit ?)
                                        """, FINISHED_DAYS, ROWS_A_STEP) : 0;
            });
            gone += step;
        } while (step == ROWS_A_STEP);
        database.inTransaction(() -> database.jdbc().update("""
                        delete from unrouted_event
                        where received_at < now() - make_interval(days => ?)
                            or id <= (select max(id) from unrouted_event) - ?
                        """, UNROUTED_DAYS, UNROUTED_KEPT));
        if (gone > 0) {
            log.info("{} finished items forgotten", gone);
        }
    }
}
