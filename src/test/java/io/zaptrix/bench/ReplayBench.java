package io.zaptrix.bench;

import io.zaptrix.testing.AppProcess;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A portal's hundred thousand dead letters, sent again by one click. This side's pacing is set aside. */
@ExtendWith(Table.class)
class ReplayBench {

    private static final int PORTAL = 0;
    private static final int LETTERS = 100_000;

    @Test
    void aHundredThousandLettersAreReplayed() throws Exception {
        try (Stage stage = new Stage()) {
            AppProcess app = stage.replica("--zaptrix.bitrix24.rate-per-second=1000", "--zaptrix.bitrix24.burst=1000");
            stage.install(0, 2);
            long first = die(stage, app);
            stage.portals.forget();
            String cookie = Pages.signIn(stage, PORTAL);
            String page = "/admin/messages/undelivered";
            String upTo = Pages.get(app, cookie, page).replaceAll("(?s).*name=\"upTo\" value=\"(\\d+)\".*", "$1");
            String form = "_csrf=" + Pages.csrf(app, cookie, page) + "&upTo=" + upTo;

            long start = System.nanoTime();
            Pages.post(app, cookie, page + "/replay", form);
            Stage.await("none is left", Duration.ofMinutes(2), () -> stage.count("dead_letter") == 0);
            double taken = (System.nanoTime() - start) / 1e9;
            Stage.await("all arrive", Duration.ofMinutes(5), () -> stage.portals.arrivals.size() >= LETTERS);
            double arrived = (System.nanoTime() - start) / 1e9;

            Table.row(
                    "100,000 dead letters of a portal, sent again",
                    Table.number(
                            "in their lanes after %.1f s, in the portal after %.1f s, %d calls",
                            taken, arrived, stage.portals.calls.get()),
                    "",
                    "");
            Table.row(
                    "of these doubled, out of order in their conversation",
                    stage.portals.repeated.get() + ", "
                            + BurstBench.outOfOrder(stage.portals.order.getOrDefault(PORTAL, List.of()), first),
                    "0, 0",
                    "");
            Stage.weigh("resident set after that, -Xmx256m", app);
        }
    }

    /**
     * As if a day of failures had given them up: they are accepted, and taken from their lanes before they move.
     *
     * @return the first one's number
     */
    private static long die(Stage stage, AppProcess app) throws Exception {
        stage.portals.behaves(PORTAL, new Portals.Manners(Duration.ZERO, 500, 0));
        long first = Load.flood(app.port(), PORTAL, LETTERS / Load.BULK);
        app.sigstop();
        // What it had in hand is its own no more.
        stage.run(
                "update lane set lease_owner = null, lease_until = null, fence = nextval('lane_fence'), handed = '{}'");
        for (String sql :
                List.of("""
                insert into dead_letter (tenant_id, lane, position, seq, item_key, written_on, key_digest, payload,
                    attempts, reason, correlation_id, accepted_at)
                select tenant_id, lane, position, seq, item_key, written_on, key_digest, payload, 9,
                    'gave_up: bitrix24_INTERNAL_SERVER_ERROR', correlation_id, accepted_at
                from lane_item order by position, seq
                """, "update item_ledger set state = 'dead'", "truncate lane_item, lane", "vacuum analyze")) {
            stage.run(sql);
        }
        app.sigcont();
        stage.portals.behaves(PORTAL, Portals.Manners.GOOD);
        Stage.await(
                "it has looked", Duration.ofSeconds(30), () -> stage.count("lane where lease_owner is not null") == 0);
        return first;
    }
}
