package io.zaptrix.bench;

import io.zaptrix.testing.AppProcess;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * How fast a backlog drains with one, two and three replicas. On one small machine they share its cores, so each is
 * given few workers and portals that take their time: what is shown is that replicas do not stand in each other's way.
 * Each drains a backlog before the one that is measured, as a virtual machine that has just started spends more on its
 * compilers than on messages.
 */
@ExtendWith(Table.class)
class ReplicasBench {

    private static final int PORTALS = 300;
    private static final int EACH = 20;

    /** Six calls at a time, each of 20 messages: at most 400 messages a second for one replica. */
    private static final int LANES_IN_FLIGHT = 6;

    private static final Duration A_CALL = Duration.ofMillis(300);

    @Test
    void replicasShareABacklog() throws Exception {
        try (Stage stage = new Stage()) {
            AppProcess accepting = stage.replica("--zaptrix.relay.lanes-in-flight=0");
            stage.install(0, PORTALS);
            double one = 0;
            for (int replicas = 1; replicas <= 3; replicas++) {
                stage.replica("--zaptrix.relay.lanes-in-flight=" + LANES_IN_FLIGHT);
                drain(stage, accepting, EACH / 2);
                double before = stage.postgresMillis();
                double rate = drain(stage, accepting, EACH);
                double database = (stage.postgresMillis() - before) / (PORTALS * EACH);
                one = replicas == 1 ? rate : one;
                Table.row(
                        "a backlog of 6,000 drained, 6 calls of 300 ms at a time each, by " + replicas
                                + (replicas == 1 ? " replica" : " replicas"),
                        Table.number("%.0f/s, %d doubled", rate, stage.portals.repeated.get()),
                        replicas == 1 ? "" : "more than with one fewer",
                        Table.number("%.2f", rate / one));
                Table.row(
                        "PostgreSQL's processor time for each of them, its acceptance included",
                        Table.number("%.2f ms", database),
                        "",
                        "");
            }
        }
    }

    /**
     * @param each how many messages to each portal
     * @return messages a second
     */
    private static double drain(Stage stage, AppProcess accepting, int each) throws Exception {
        callsTake(stage, Duration.ZERO);
        // A lane's row goes with its last item. It is put back asleep, so that what comes now waits as if the portals
        // had failed.
        spread(accepting, 1);
        stage.quiet();
        stage.run("""
                insert into lane (tenant_id, lane, flow, sleeping, due_at, backing_off)
                select distinct tenant_id, lane, split_part(lane, ':', 1), true, now() + interval '1 hour', true
                from item_ledger
                """);
        spread(accepting, each);
        callsTake(stage, A_CALL);
        stage.portals.forget();
        long start = System.nanoTime();
        stage.run("update lane set sleeping = false, backing_off = false, due_at = now()");
        Stage.await("all arrive", Duration.ofMinutes(3), () -> stage.portals.messages.get() >= PORTALS * each);
        return PORTALS * each / ((System.nanoTime() - start) / 1e9);
    }

    private static void callsTake(Stage stage, Duration time) {
        for (int p = 0; p < PORTALS; p++) {
            stage.portals.behaves(p, new Portals.Manners(time, 200, 0));
        }
    }

    private static void spread(AppProcess app, int each) throws Exception {
        Load.each(app.port(), PORTALS * each, (n, i) -> Load.webhook(n, i % PORTALS, 1));
    }
}
