package io.zaptrix.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zaptrix.bench.Portals;
import io.zaptrix.faults.Customers.Fault;
import io.zaptrix.faults.Customers.Message;
import io.zaptrix.testing.AppProcess;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * The database fails in every way it can, under webhooks that Meta delivers again until they are answered with 200.
 * Whatever was, each message arrives once and in the order of its conversation.
 */
@SuppressWarnings("NullAway.Init")
@Order(5)
class DatabaseFaultStory {

    private static final int EACH = 2;

    /** How many the relay has, by default. */
    private static final int CONNECTIONS = 8;

    /** The commit of what only the pages' connections write. */
    private static final String COMMITTED =
            "pg_stat_activity where wait_event = 'SyncRep' and application_name = 'zaptrix-pages'";

    private static final String DEADLOCK = "40P01";

    private static final Duration PAUSE = Duration.ofMillis(150);

    private static Scene scene;
    private static AppProcess replica;

    @BeforeAll
    static void begin() throws IOException, SQLException {
        scene = new Scene(1);
        replica = scene.replicas.getFirst();
    }

    @AfterAll
    static void end() throws IOException {
        scene.close();
    }

    /** Customers write and agents answer them while something happens. */
    private static void bothWrite(Customers customers, Agents agents, Fault fault) throws Exception {
        customers.writeWhile(Scene.PORTALS, EACH, PAUSE, () -> agents.answerWhile(Scene.PORTALS, EACH, PAUSE, fault));
    }

    @Test
    void killedAndStartedAgain() throws Exception {
        Customers customers = scene.customersOf(replica);
        Agents agents = scene.agentsOf(replica);
        scene.greet(customers, Scene.PORTALS, EACH);

        bothWrite(customers, agents, () -> {
            scene.postgres.kill9();
            scene.postgres.startAgain();
        });

        customers.allArrivedOnceInOrder("PostgreSQL killed (kill -9) and started again");
        agents.allSentOnceInOrder("PostgreSQL killed (kill -9) and started again");
        Scene.await("ready again", () -> Scene.status(replica, "/actuator/health/readiness") == 200);
    }

    @Test
    void frozenForTwentySeconds() throws Exception {
        Customers customers = scene.customersOf(replica);
        Agents agents = scene.agentsOf(replica);
        scene.greet(customers, Scene.PORTALS, EACH);

        bothWrite(customers, agents, () -> {
            List<ProcessHandle> frozen = scene.postgres.freeze();
            try {
                long start = System.nanoTime();
                Thread.sleep(3_000);
                assertThat(Scene.status(replica, "/health")).isEqualTo(503);
                Thread.sleep(Duration.ofSeconds(20).minusNanos(System.nanoTime() - start));
            } finally {
                scene.postgres.wake(frozen);
            }
        });

        assertThat(customers.unanswered.get())
                .as("Meta delivered again what still waited")
                .isPositive();
        customers.allArrivedOnceInOrder("PostgreSQL frozen for 20 s");
        agents.allSentOnceInOrder("PostgreSQL frozen for 20 s");
        Scene.await("ready again", () -> Scene.status(replica, "/actuator/health/readiness") == 200);
    }

    /** Where a machine's clock is corrected by hours, in the middle of calls and with portals that are waited for. */
    @Test
    void itsClockIsSetAheadByTwoHoursAndBack() throws Exception {
        Optional<MovableClock> installed = MovableClock.make();
        assumeTrue(
                installed.isPresent() || System.getenv("ZAPTRIX_REQUIRE_FAKETIME") != null,
                "libfaketime is not installed");
        MovableClock clock = installed.orElseThrow();
        Customers customers = scene.customersOf(replica);
        Agents agents = scene.agentsOf(replica);
        scene.greet(customers, Scene.PORTALS, EACH);
        Scene.await("what became of it is written", () -> scene.postgres.count("lane") == 0);
        scene.postgres.startAgain(clock.environment());
        Scene.await("ready again", () -> Scene.status(replica, "/actuator/health/readiness") == 200);

        bothWrite(customers, agents, () -> {
            // What another call would send again, as the portal has not taken it yet.
            Hold inHand = scene.portals.holdCall(1);
            inHand.awaitCall();
            clock.set(Duration.ofHours(2));
            assertThat(scene.postgres.ahead()).isBetween(Duration.ofMinutes(119), Duration.ofMinutes(121));
            Thread.sleep(Scene.LEASE.plusSeconds(1));
            inHand.release();

            scene.portals.goDown(2);
            Thread.sleep(3_000);
            Hold alsoInHand = scene.portals.holdAnswer(3);
            alsoInHand.awaitCall();
            clock.set(Duration.ZERO);
            assertThat(scene.postgres.ahead().abs()).isLessThan(Duration.ofMinutes(1));
            scene.portals.comeBack(2);
            Thread.sleep(Scene.LEASE.plusSeconds(1));
            alsoInHand.release();
        });

        customers.allArrivedOnceInOrder("PostgreSQL's clock two hours ahead and back");
        agents.allSentOnceInOrder("PostgreSQL's clock two hours ahead and back");
    }

    @Test
    void diskFull() throws Exception {
        Customers customers = scene.customersOf(replica);
        Agents agents = scene.agentsOf(replica);
        scene.greet(customers, Scene.PORTALS, EACH);
        long[] slowest = {0};

        bothWrite(customers, agents, () -> {
            fillDisk("insert");
            try {
                for (int i = 0; i < 5; i++) {
                    long start = System.nanoTime();
                    assertThat(Customers.deliver(
                                    replica.port(), Duration.ofSeconds(20), Customers.message(0, 99, Customers.now())))
                            .isEqualTo(503);
                    slowest[0] = Math.max(slowest[0], System.nanoTime() - start);
                }
            } finally {
                freeDisk();
            }
        });

        System.out.printf("disk full: slowest refusal %d ms%n", slowest[0] / 1_000_000);
        assertThat(Duration.ofNanos(slowest[0]))
                .as("refused at once, for Meta to come again")
                .isLessThan(Duration.ofSeconds(3));
        customers.allArrivedOnceInOrder("disk full");
        agents.allSentOnceInOrder("disk full");
    }

    /** What a portal has taken cannot be written down as taken; it must not be sent again for that. */
    @Test
    void diskFullWhileABatchIsInHand() throws Exception {
        Customers customers = scene.customersOf(replica);
        Agents agents = scene.agentsOf(replica);
        scene.greet(customers, Scene.PORTALS, EACH);

        bothWrite(customers, agents, () -> {
            Hold inHand = scene.portals.holdAnswer(0);
            inHand.awaitCall();
            fillDisk("insert or update");
            try {
                inHand.release();
                // It comes again as uncertain, is found in the chat's history, and cannot be written down again.
                Scene.await(
                        "it is tried again, and again",
                        () -> scene.postgres.count("lane_item where uncertain and attempts >= 2 and lane = 'inbound:"
                                        + Portals.number(0) + "'")
                                > 0);
                assertThat(Customers.deliver(
                                replica.port(), Duration.ofSeconds(20), Customers.message(0, 99, Customers.now())))
                        .as("nothing is promised meanwhile")
                        .isEqualTo(503);
            } finally {
                freeDisk();
            }
        });

        customers.allArrivedOnceInOrder("disk full while batches are in hand");
        agents.allSentOnceInOrder("disk full while batches are in hand");
        Scene.await("what became of it is written", () -> scene.postgres.count("lane_item") == 0);
    }

    /**
     * That an agent's message is being sent is in the database, and who wrote it down never hears so: nothing was sent,
     * and nothing but what that replica remembers tells it from a message of which no answer came.
     */
    @Test
    void theAnswerToACommitIsLost() throws Exception {
        Customers customers = scene.customersOf(replica);
        scene.greet(customers, 1, 1);
        Agents agents = scene.agentsOf(replica);
        scene.postgres.run("""
                create function waits() returns trigger language plpgsql as $$
                begin
                    perform pg_sleep(2);
                    return new;
                end $$;
                create trigger waits before insert on outbound_message for each row execute function waits();
                """);
        try {
            agents.answer(0, 0);
            Scene.await(
                    "it is being written down",
                    () -> scene.postgres.count("pg_stat_activity where wait_event = 'PgSleep'") == 1);
            // A commit waits for a standby that there is not, when it is in the log already.
            scene.postgres.run("alter system set synchronous_standby_names = 'nobody'");
            scene.postgres.run("select pg_reload_conf()");
            Scene.await("it is written down, and not yet said to be", () -> scene.postgres.count(COMMITTED) == 1);
            scene.postgres.run("select pg_terminate_backend(pid) from " + COMMITTED);
        } finally {
            scene.postgres.run("alter system reset synchronous_standby_names");
            scene.postgres.run("select pg_reload_conf()");
            scene.postgres.run("drop trigger waits on outbound_message; drop function waits()");
        }

        agents.allSentOnceInOrder("the answer to a commit lost");
        assertThat(agents.unpromised).hasValue(0);
    }

    /** As PostgreSQL says it (53100), where it says it: at the first row that needs a new page. */
    private static void fillDisk(String when) throws SQLException {
        scene.postgres.run("""
                create function disk_full() returns trigger language plpgsql as $$
                begin
                    raise exception 'could not extend file "base/1/1": No space left on device' using errcode = '53100';
                end $$;
                create trigger disk_full before %s on item_ledger for each row execute function disk_full();
                """.formatted(when));
    }

    private static void freeDisk() throws InterruptedException {
        // What it locks, others lock in another order: PostgreSQL may ask it to begin again.
        Scene.await("the disk is free", () -> {
            try {
                scene.postgres.run("drop trigger disk_full on item_ledger; drop function disk_full()");
                return true;
            } catch (SQLException failed) {
                if (DEADLOCK.equals(failed.getSQLState())) {
                    return false;
                }
                throw failed;
            }
        });
    }

    @Test
    void everyConnectionOfTheRelayHeldByLocks() throws Exception {
        Customers customers = scene.customersOf(replica);
        scene.greet(customers, Scene.PORTALS, 1);
        // Eight lanes are in hand, and cannot be settled: eight connections wait for their rows.
        List<Hold> holds = IntStream.range(0, CONNECTIONS)
                .mapToObj(scene.portals::holdAnswer)
                .toList();
        for (int p = 0; p < CONNECTIONS; p++) {
            customers.deliver(Customers.message(p, 0, Customers.now()));
        }
        for (Hold hold : holds) {
            hold.awaitCall();
        }
        Message probe = Customers.message(9, 0, Customers.now());
        long start;
        try (Connection holder = scene.postgres.superuser();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("select from lane for update");
            holds.forEach(Hold::release);
            Scene.await(
                    "no connection is left",
                    () -> scene.postgres.count("pg_stat_activity where wait_event_type = 'Lock'"
                                    + " and application_name = 'zaptrix-relay'")
                            == CONNECTIONS);
            start = System.nanoTime();
            Thread health = Thread.ofVirtual().start(DatabaseFaultStory::awaitHealthTells);
            assertThat(Customers.deliver(replica.port(), Duration.ofSeconds(40), probe))
                    .isEqualTo(503);
            assertThat(health.join(Duration.ofSeconds(1)))
                    .as("health has told that nothing is accepted")
                    .isTrue();
            holder.rollback();
        }
        Duration refusedAfter = Duration.ofNanos(System.nanoTime() - start);
        customers.deliver(probe);

        System.out.printf("no connection left: refused after %d ms%n", refusedAfter.toMillis());
        assertThat(refusedAfter).isLessThan(Duration.ofSeconds(22));
        customers.allArrivedOnceInOrder("every connection held by locks");
        Scene.await("ready again", () -> Scene.status(replica, "/actuator/health/readiness") == 200);
    }

    private static void awaitHealthTells() {
        try {
            Scene.await("health tells", () -> Scene.status(replica, "/actuator/health/readiness") == 503);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
