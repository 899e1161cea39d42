package io.zaptrix.bench;

import io.zaptrix.testing.AppProcess;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * How many signed, unique webhooks and how many agents' events a second are accepted durably, over HTTP and in a
 * process of their own, beside what the same database does in the same run with one 600-byte insert a transaction.
 */
@ExtendWith(Table.class)
class AcceptBench {

    private static final int CLIENTS = 64;
    private static final int INSERT_CLIENTS = 16;
    private static final int PORTALS = 50;
    private static final Duration TIME = Duration.ofSeconds(10);

    @Test
    void acceptedASecondAgainstPlainInserts() throws Exception {
        try (Stage stage = new Stage()) {
            AppProcess app = stage.replica();
            stage.install(0, PORTALS);
            // The portals are known, but their numbers are gone: nothing is delivered, so that acceptance is measured.
            stage.run("delete from phone_number");
            stage.run(
                    "create table plain (id bigint generated always as identity, body bytea); grant insert on plain to zaptrix");
            LongFunction<byte[]> webhook = n -> Load.webhook(n, (int) (n % PORTALS), (int) (n % 5_000));
            LongFunction<byte[]> event = n -> Load.event(n, (int) (n % PORTALS), (int) (n % PORTALS));

            Load.run(app.port(), CLIENTS, Duration.ofSeconds(15), 0, webhook);
            Load.Run before = inserts(stage, 0);
            Load.Run webhooks = Load.run(app.port(), CLIENTS, TIME, 0, webhook);
            Load.Run after = inserts(stage, 0);
            Load.Run half = Load.run(app.port(), CLIENTS, TIME, webhooks.rate() / 2, webhook);
            double base = (before.rate() + after.rate()) / 2;
            Load.Run halfOfInserts = inserts(stage, base / 2);

            Table.row(
                    "plain 600-byte inserts, 16 clients",
                    Table.number(
                            "%.0f/s (%.0f and %.0f), p99 %.1f ms",
                            base, before.rate(), after.rate(), after.millis(0.99)),
                    "",
                    "1");
            Table.row(
                    "Meta webhooks accepted, 64 clients",
                    Table.number(
                            "%.0f/s, p50 %.1f ms, p99 %.1f ms",
                            webhooks.rate(), webhooks.millis(0.5), webhooks.millis(0.99)),
                    "1.5 × inserts",
                    Table.number("%.2f", webhooks.rate() / base));
            Table.row(
                    "inserts at half their rate",
                    Table.number("p50 %.1f ms, p99 %.1f ms", halfOfInserts.millis(0.5), halfOfInserts.millis(0.99)),
                    "",
                    "");
            atHalf("webhooks", half);

            stage.run("truncate lane_item, lane");
            Load.run(app.port(), CLIENTS, Duration.ofSeconds(10), 0, event);
            Load.Run events = Load.run(app.port(), CLIENTS, TIME, 0, event);
            Table.row(
                    "Bitrix24 events accepted, 64 clients",
                    Table.number(
                            "%.0f/s, p50 %.1f ms, p99 %.1f ms", events.rate(), events.millis(0.5), events.millis(0.99)),
                    "1.5 × inserts",
                    Table.number("%.2f", events.rate() / base));
            atHalf("events", Load.run(app.port(), CLIENTS, TIME, events.rate() / 2, event));
            Stage.weigh("resident set after that, -Xmx256m", app);
        }
    }

    private static void atHalf(String what, Load.Run half) {
        Table.row(
                what + " at half that rate",
                Table.number("p50 %.1f ms, p99 %.1f ms", half.millis(0.5), half.millis(0.99)),
                "p99 < 50 ms",
                Table.number("%.2f", half.millis(0.99) / 50));
    }

    /** @param rate as {@link Load#run}'s */
    private static Load.Run inserts(Stage stage, double rate) throws Exception {
        return Load.together(INSERT_CLIENTS, TIME, rate, () -> {
            Connection connection = stage.connection();
            PreparedStatement insert = connection.prepareStatement("insert into plain (body) values (?)");
            byte[] body = new byte[600];
            return new Load.Client() {
                @Override
                public void next() throws SQLException {
                    insert.setBytes(1, body);
                    insert.executeUpdate();
                }

                @Override
                public void close() throws SQLException {
                    connection.close();
                }
            };
        });
    }
}
