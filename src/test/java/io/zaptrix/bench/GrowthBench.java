package io.zaptrix.bench;

import io.zaptrix.testing.AppProcess;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The same figures with an empty database and with one in which a busy year's end has left its rows. */
@ExtendWith(Table.class)
class GrowthBench {

    private static final int PORTALS = 50;
    private static final Duration TIME = Duration.ofSeconds(6);

    /** The disk's moods make a third of difference from one time to the next: the middle one of these counts. */
    private static final int TIMES = 3;

    private record Figures(double accepted, double p50, double p99) {}

    @Test
    void aFullDatabaseIsAsFastAsAnEmptyOne() throws Exception {
        try (Stage stage = new Stage()) {
            AppProcess app = stage.replica();
            stage.install(0, PORTALS);
            figures(stage, app, 1);
            Figures empty = figures(stage, app, TIMES);
            cost(stage, app);
            fill(stage);
            // What filling left to the disk is not what full tables cost.
            Thread.sleep(10_000);
            warm(stage, app);
            Figures full = figures(stage, app, TIMES);
            settling(stage);
            explain(stage, app);
            // Once more: what has run for longer is quicker, whatever the tables hold.
            stage.run("truncate item_ledger, conversation_mapping cascade");
            warm(stage, app);
            Figures emptied = figures(stage, app, TIMES);
            double accepted = (empty.accepted + emptied.accepted) / 2;
            double p50 = (empty.p50 + emptied.p50) / 2;
            double p99 = (empty.p99 + emptied.p99) / 2;
            Table.row(
                    "accepted a second with 10,000 portals, 1 million conversations, 10 million finished items",
                    Table.number(
                            "%.0f/s (empty %.0f before, %.0f after)", full.accepted, empty.accepted, emptied.accepted),
                    "≥ 0.8 × empty",
                    Table.number("%.2f", full.accepted / accepted));
            Table.row(
                    "webhook to portal, 50/s, with the same",
                    Table.number(
                            "p50 %.1f ms, p99 %.1f ms (empty %.1f, %.1f before, %.1f, %.1f after)",
                            full.p50, full.p99, empty.p50, empty.p99, emptied.p50, emptied.p99),
                    "≤ 1.2 × empty",
                    Table.number("%.2f, %.2f", full.p50 / p50, full.p99 / p99));
            Stage.weigh("resident set after that, -Xmx256m", app);
        }
    }

    private static void warm(Stage stage, AppProcess app) throws Exception {
        Load.run(app.port(), 16, Duration.ofSeconds(5), 300, n -> Load.webhook(n, (int) (n % PORTALS), 1));
        stage.quiet();
    }

    /** As the relay's own connections are set. */
    private static final String AS_THE_RELAY = "set zaptrix.scope = 'relay'; set plan_cache_mode = force_generic_plan;"
            + " set enable_partition_pruning = off;"
            + " set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off";

    /** What it costs that an item's end is looked for in each week's partition, beside PostgreSQL choosing the one. */
    private static void settling(Stage stage) throws SQLException {
        double[] micros = new double[2];
        int rounds = 6;
        try (Connection connection = stage.connection();
                Statement statement = connection.createStatement()) {
            statement.execute(AS_THE_RELAY);
            connection.setAutoCommit(false);
            for (int round = 0; round < rounds; round++) {
                boolean choosing = round % 2 == 1;
                statement.execute("set enable_partition_pruning = " + (choosing ? "on" : "off"));
                micros[round % 2] += settleSome(stage, connection) / (rounds / 2.0);
            }
        }
        Table.row(
                "an item's end, looked for in each partition",
                Table.number("%.0f µs (PostgreSQL choosing the partition: %.0f µs)", micros[0], micros[1]),
                "",
                Table.number("%.2f", micros[0] / micros[1]));
    }

    /** @return the mean time of one, in microseconds, in transactions of fifty */
    private static double settleSome(Stage stage, Connection connection) throws SQLException {
        int many = 1_000;
        long nanos = 0;
        try (Connection other = stage.superuser();
                Statement statement = other.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select tenant_id, written_on, key_digest from item_ledger tablesample system (0.01) limit "
                                + many);
                PreparedStatement settle = connection.prepareStatement("""
                        update item_ledger set state = 'done', finished_at = now()
                        from (values (?::date, ?::uuid)) as gone (written_on, key_digest)
                        where item_ledger.tenant_id = ? and item_ledger.written_on = gone.written_on
                            and item_ledger.key_digest = gone.key_digest
                        """)) {
            int done = 0;
            while (rows.next()) {
                settle.setObject(1, rows.getObject("written_on"));
                settle.setObject(2, rows.getObject("key_digest"));
                settle.setObject(3, rows.getObject("tenant_id"));
                long start = System.nanoTime();
                if (settle.executeUpdate() != 1) {
                    throw new IllegalStateException("the item is not where it was");
                }
                if (++done % 50 == 0) {
                    connection.commit();
                }
                nanos += System.nanoTime() - start;
            }
            connection.commit();
            return nanos / 1e3 / done;
        }
    }

    /** @param times how often the rate is measured */
    private static Figures figures(Stage stage, AppProcess app, int times) throws Exception {
        Map<String, Long> sent = new ConcurrentHashMap<>();
        LongFunction<byte[]> webhook = n -> {
            sent.put(Load.wamid(n), System.nanoTime());
            return Load.webhook(n, (int) (n % PORTALS), (int) (n % 500));
        };
        Load.run(app.port(), 16, Duration.ofSeconds(10), 50, webhook);
        Stage.await(
                "all arrive",
                Duration.ofSeconds(30),
                () -> stage.portals.arrivals.keySet().containsAll(sent.keySet()));
        long[] nanos = LatencyBench.latencies(sent, stage.portals.arrivals);
        for (int p = 0; p < PORTALS; p++) {
            stage.portals.behaves(p, new Portals.Manners(Duration.ZERO, 500, 0));
        }
        double[] rates = new double[times];
        for (int i = 0; i < times; i++) {
            rates[i] = Load.run(app.port(), 64, TIME, 0, n -> Load.webhook(n, (int) (n % PORTALS), (int) (n % 500)))
                    .rate();
            stage.run("truncate lane_item, lane");
        }
        Arrays.sort(rates);
        for (int p = 0; p < PORTALS; p++) {
            stage.portals.behaves(p, Portals.Manners.GOOD);
        }
        Thread.sleep(2_000);
        return new Figures(rates[times / 2], Load.millis(nanos, 0.5), Load.millis(nanos, 0.99));
    }

    /** What a lone message costs the database from its webhook to its being settled. */
    private static void cost(Stage stage, AppProcess app) throws Exception {
        stage.portals.forget();
        Statistics before = Statistics.of(stage);
        int messages = 600;
        Load.run(
                app.port(),
                4,
                Duration.ofSeconds(12),
                messages / 12.0,
                n -> Load.webhook(n, (int) (n % PORTALS), (int) (n % 500)));
        Stage.await("all arrive", Duration.ofSeconds(20), () -> stage.portals.messages.get() >= messages);
        Thread.sleep(1_500);
        Statistics after = Statistics.of(stage);
        double n = stage.portals.messages.get();
        Table.row(
                "cost of a message that comes alone, the conversation's row included",
                Table.number(
                        "%.1f transactions, %.0f bytes of WAL",
                        (after.commits - before.commits) / n, (after.wal - before.wal) / n),
                "",
                "");
    }

    private record Statistics(long commits, long wal) {

        static Statistics of(Stage stage) throws SQLException {
            try (Connection connection = stage.superuser();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("""
                            select xact_commit, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint
                            from pg_stat_database where datname = current_database()
                            """)) {
                row.next();
                return new Statistics(row.getLong(1), row.getLong(2));
            }
        }
    }

    private static void fill(Stage stage) throws SQLException {
        long start = System.nanoTime();
        stage.run("""
                insert into portal_config (tenant_id, member_id, portal_url, client_endpoint, status, language)
                select gen_random_uuid(), 'full' || i, 'https://full' || i || '.bitrix24.com',
                    'https://full' || i || '.bitrix24.com/rest/', 'ACTIVE', 'en'
                from generate_series(1, 10000) i
                """);
        stage.run("create table full_portal as select row_number() over () - 1 as i, tenant_id from portal_config");
        stage.run("create unique index on full_portal (i)");
        stage.run("""
                insert into conversation_mapping (tenant_id, phone_number_id, meta_whatsapp_id, bitrix_chat_id,
                    contact_name, last_message_at)
                select tenant_id, 'number', '5511' || n, n, 'Customer', now()
                from generate_series(1, 1000000) n join full_portal on i = n % 10000
                """);
        stage.run("select item_ledger_week((current_date - 7 * week)::date) from generate_series(0, 5) week");
        stage.run("alter table item_ledger drop constraint item_ledger_pkey");
        stage.runTogether("""
                insert into item_ledger (tenant_id, written_on, key_digest, lane, item_key, correlation_id, accepted_at,
                    state, finished_at, subject, kind)
                select tenant_id, current_date - (n % 28)::int, gen_random_uuid(), 'inbound:number',
                    'wamid.HBgLNTUxMTk4NzY1NDMyMRUCABIYFDNBMDAw' || lpad(n::text, 12, '0'), '0123456789abcdef',
                    now() - n % 28 * interval '1 day', 'done', now() - n % 28 * interval '1 day',
                    '5511' || n % 1000000, 'text'
                from generate_series(%d, %d) n join full_portal on i = n % 10000
                """, 10_000_000);
        stage.run("set maintenance_work_mem = '256MB';"
                + " alter table item_ledger add primary key (tenant_id, written_on, key_digest)");
        stage.run("vacuum analyze item_ledger");
        stage.run("vacuum analyze conversation_mapping");
        stage.run("checkpoint");
        Table.row(
                "bytes a finished item takes, index included",
                Table.number(
                        "%.0f (filled in %.0f s)",
                        size(stage) / (double) stage.count("item_ledger"), (System.nanoTime() - start) / 1e9),
                "",
                "");
    }

    private static long size(Stage stage) throws SQLException {
        try (Connection connection = stage.superuser();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select sum(pg_total_relation_size(oid)) from pg_class
                        where relispartition and relname like 'item_ledger_%' and relkind = 'r'
                        """)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** The plans of the relay's own statements, with the tables full; the replica stands still meanwhile. */
    private static void explain(Stage stage, AppProcess app) throws Exception {
        app.sigstop();
        try {
            stage.plans(IntStream.range(0, 20).mapToObj(Portals::tenant).toList());
        } finally {
            app.sigcont();
        }
    }
}
