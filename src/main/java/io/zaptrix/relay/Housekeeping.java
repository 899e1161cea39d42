package io.zaptrix.relay;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.zaptrix.platform.ZaptrixProperties;
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

    /** A dead letter carries a message's text: so long somebody may still want it sent, whatever else is remembered. */
    private static final int DEAD_DAYS = 30;

    private static final int COUNTED = 20_000;
    private static final int UNROUTED_DAYS = 30;
    private static final int UNROUTED_KEPT = 10_000;

    private final RelayDatabase database;
    private final ZaptrixProperties.Relay settings;
    private final MultiGauge waiting;
    private final AtomicLong dead = new AtomicLong();

    Housekeeping(RelayDatabase database, ZaptrixProperties properties, MeterRegistry metrics) {
        this.database = database;
        this.settings = properties.relay();
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
            // A full scan is right here, whatever the other statements want; but not one that grows with the backlog.
            database.jdbc().execute("set local enable_seqscan = on; set local enable_hashjoin = on");
            database.jdbc()
                    .query(
                            """
                            with part as (
                                select lane, accepted_at from lane_item limit ?
                            ), seen as (
                                select split_part(lane, ':', 1) as flow,
                                    case when accepted_at > now() - interval '10 seconds' then '10s'
                                         when accepted_at > now() - interval '1 minute' then '1m'
                                         when accepted_at > now() - interval '10 minutes' then '10m'
                                         else 'older' end as age,
                                    count(*) as n
                                from part group by 1, 2
                            )
                            select flow, age, n, sum(n) over () as counted,
                                (select n_live_tup from pg_stat_user_tables where relname = 'lane_item') as estimated
                            from seen
                            """,
                            row -> {
                                long counted = row.getLong(4);
                                // Exact while all were counted; else their shares of what the server believes there is.
                                double scale = counted < COUNTED ? 1 : Math.max(1, row.getDouble(5) / counted);
                                rows.add(MultiGauge.Row.of(
                                        Tags.of("flow", row.getString(1), "age", row.getString(2)),
                                        Math.round(row.getLong(3) * scale)));
                            },
                            COUNTED);
            Long letters = database.jdbc().queryForObject("select count(*) from dead_letter", Long.class);
            dead.set(letters == null ? 0 : letters);
            return true;
        });
        waiting.register(rows, true);
    }

    /** Makes the ledger's next weeks and drops those whose time is over, whole partitions at a time. */
    @Scheduled(initialDelay = 0, fixedDelay = 60, timeUnit = TimeUnit.MINUTES)
    void turnPages() {
        try {
            database.inTransaction(() -> {
                Boolean mine = database.jdbc()
                        .queryForObject("select pg_try_advisory_xact_lock(hashtext('zaptrix.prune'))", Boolean.class);
                if (!Boolean.TRUE.equals(mine)) {
                    return false;
                }
                // To add or drop a partition locks the whole ledger for an instant: rather later than in a queue before
                // which all acceptances wait.
                database.jdbc().execute("set local lock_timeout = '2s'");
                database.jdbc().query("""
                                select item_ledger_week((current_date + 7 * week)::date)
                                from generate_series(-1, 2) as week
                                """, row -> {});
                for (String week : database.jdbc()
                        .queryForList(
                                """
                                select relname from pg_class
                                where relispartition and relname ~ '^item_ledger_[0-9]{8}$'
                                    and to_date(right(relname, 8), 'YYYYMMDD') + 7 < current_date - ?
                                """, String.class, (int) settings.remember().toDays())) {
                    database.jdbc().execute("drop table " + week);
                    log.info("{} forgotten", week);
                }
                return true;
            });
        } catch (RuntimeException later) {
            log.warn("the ledger's weeks could not be turned, which is tried again: {}", later.getMessage());
        }
    }

    @Scheduled(initialDelay = 5, fixedDelay = 60, timeUnit = TimeUnit.MINUTES)
    void prune() {
        int days = (int) settings.remember().toDays();
        database.inTransaction(() -> database.jdbc()
                .update("delete from item_ledger_other where accepted_at < now() - make_interval(days => ?)", days));
        database.inTransaction(() ->
                database.jdbc().update("delete from item_retry where at < now() - make_interval(days => ?)", days));
        database.inTransaction(() -> database.jdbc()
                .update(
                        "delete from dead_letter where died_at < now() - make_interval(days => ?)",
                        Math.min(DEAD_DAYS, days)));
        database.inTransaction(() -> database.jdbc().update("""
                        delete from unrouted_event
                        where received_at < now() - make_interval(days => ?)
                            or id <= (select max(id) from unrouted_event) - ?
                        """, UNROUTED_DAYS, UNROUTED_KEPT));
    }
}
