package io.zaptrix.bench;

import io.zaptrix.testing.AppProcess;
import java.time.Duration;
import java.util.Optional;
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

    /** Of a processor. */
    private static final double SMALL = 0.125;

    private static final Duration A_CALL = Duration.ofMillis(300);

    @Test
    void replicasShareABacklog() throws Exception {
        try (Stage stage = new Stage()) {
            AppProcess accepting = stage.replica("--zaptrix.relay.lanes-in-flight=0");
            stage.install(0, PORTALS);
            double one = 0;
            for (int replicas = 1; replicas <= 3; replicas++) {
                stage.replica("--zaptrix.relay.lanes-in-flight=" + LANES_IN_FLIGHT);
                // First, as it warms the replica up.
                Drained small = drain(stage, accepting, true);
                Drained drained = drain(stage, accepting, false);
                one = replicas == 1 ? drained.rate : one;
                Table.row(
                        "a backlog of 6,000 drained, 6 calls of 300 ms at a time each, by " + replicas
                                + (replicas == 1 ? " replica" : " replicas"),
                        Table.number("%.0f/s, %d doubled", drained.rate, stage.portals.repeated.get()),
                        replicas == 1 ? "" : "more than with one fewer",
                        Table.number("%.2f", drained.rate / one));
                Table.row(
                        "PostgreSQL's processor time for each of them",
                        Table.number("%.2f ms to accept it, %.2f ms to carry it", drained.accepting, drained.carrying),
                        "",
                        "");
                if (small.small) {
                    Table.row(
                            "the same with an eighth of a processor for PostgreSQL",
                            Table.number(
                                    "%.0f/s (it bears %.0f, reckoned from what carrying costs)",
                                    small.rate, SMALL * 1_000 / drained.carrying),
                            "",
                            "");
                }
            }
        }
    }

    /**
     * How a backlog went.
     *
     * @param rate messages a second
     * @param accepting PostgreSQL's processor time to accept one, in milliseconds
     * @param carrying the same to carry one: to hand it over and settle it, with all that goes with it
     * @param small whether PostgreSQL had little of a processor while they were carried: there it is the limit
     */
    private record Drained(double rate, double accepting, double carrying, boolean small) {}

    private static Drained drain(Stage stage, AppProcess accepting, boolean small) throws Exception {
        double messages = PORTALS * EACH;
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
        double before = stage.postgresMillis();
        spread(accepting, EACH);
        double accepted = stage.postgresMillis();
        callsTake(stage, A_CALL);
        stage.portals.forget();
        Optional<CpuShare> share = small ? CpuShare.of(stage.postgresProcesses(), SMALL) : Optional.empty();
        try {
            long start = System.nanoTime();
            stage.run("update lane set sleeping = false, backing_off = false, due_at = now()");
            Stage.await("all arrive", Duration.ofMinutes(3), () -> stage.portals.messages.get() >= messages);
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Drained(
                    messages / seconds,
                    (accepted - before) / messages,
                    (stage.postgresMillis() - accepted) / messages,
                    share.isPresent());
        } finally {
            if (share.isPresent()) {
                share.get().close();
            }
        }
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
