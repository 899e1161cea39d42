package io.zaptrix.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.bench.Portals;
import io.zaptrix.faults.Customers.Message;
import io.zaptrix.testing.AppProcess;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * One of two replicas is frozen, killed, or beset; Meta delivers twice, late and in disorder. Each message arrives once
 * and in the order of its conversation. Killed by the clock, at any moment: {@code ConversationStory}.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@SuppressWarnings("NullAway.Init")
@Order(3)
class ReplicaFaultStory {

    private static final int DAY = 86_400;

    /** As many as the server takes at a time (server.tomcat.max-connections). */
    private static final int CONNECTIONS = 3_072;

    private static Scene scene;
    private static AppProcess one;
    private static AppProcess other;

    @BeforeAll
    static void begin() throws IOException, SQLException {
        scene = new Scene(2);
        one = scene.replicas.getFirst();
        other = scene.replicas.getLast();
    }

    @AfterAll
    static void end() throws IOException {
        scene.close();
    }

    /** Five messages of five customers, as one webhook. */
    private static Message[] five(int portal) {
        return IntStream.range(0, 5)
                .mapToObj(customer -> Customers.message(portal, customer, Customers.now()))
                .toArray(Message[]::new);
    }

    private static String laneOf(int portal) {
        return "lane_item where lane = 'inbound:" + Portals.number(portal) + "'";
    }

    @Test
    @Order(1)
    void deliveredTwiceLateAndInDisorder() throws Exception {
        Customers customers = scene.customersOf(one);
        Customers throughOther = scene.customersOf(other);
        long now = Customers.now();
        for (long written : new long[] {now - 7 * DAY, now - 40 * DAY, now + 90 * DAY}) {
            Message late = Customers.message(0, (int) (100 + Math.abs(now - written) / DAY), written);
            customers.deliver(late);
            throughOther.deliver(late);
            Scene.await("it arrives", () -> customers.reconcile().complete());
            // Long after it is done, too.
            customers.deliver(late);
            customers.accepted.put(late.conversation(), List.of(late.wamid()));
        }
        assertThat(scene.postgres.count("item_ledger_other"))
                .as("kept apart from the weeks")
                .isEqualTo(2);

        // While the first is in the portal's hands, the rest comes in disorder, and twice.
        Hold hold = scene.portals.holdAnswer(1);
        Message[] written = IntStream.range(0, 6)
                .mapToObj(i -> Customers.message(1, 1, now + i))
                .toArray(Message[]::new);
        customers.wrote(written);
        deliver(written[0]);
        hold.awaitCall();
        deliver(written[3], written[1]);
        deliver(written[5]);
        deliver(written[1]);
        deliver(written[2], written[3]);
        deliver(written[4]);
        hold.release();

        // Half of a batch was taken already when it comes whole.
        Message[] batch = IntStream.range(0, 10)
                .mapToObj(i -> Customers.message(2, 2, now))
                .toArray(Message[]::new);
        customers.wrote(batch);
        deliver(java.util.Arrays.copyOf(batch, 5));
        deliver(batch);
        deliver(batch);

        customers.allArrivedOnceInOrder("delivered twice, late and in disorder");
    }

    private static void deliver(Message... messages) throws IOException {
        assertThat(Customers.deliver(one.port(), Duration.ofSeconds(10), messages))
                .isEqualTo(200);
    }

    @Test
    @Order(2)
    void frozenPastItsLeaseWithBatchesInHand() throws Exception {
        Customers customers = scene.customersOf(one);
        scene.greet(customers, 4, 5);

        // Portal 0 has taken the call, and the replica does not live to see the answer; portal 1 has not.
        Hold taken = scene.portals.holdAnswer(0);
        customers.deliver(five(0));
        taken.awaitCall();
        // Before it could send: it stands where it looks into its database, in the middle of a transaction.
        try (Connection holder = scene.postgres.superuser();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("lock table conversation_mapping in share row exclusive mode");
            customers.deliver(five(1));
            Scene.await(
                    "it waits for the lock",
                    () -> scene.postgres.count(
                                    "pg_stat_activity where wait_event_type = 'Lock' and application_name = 'zaptrix-pages'")
                            > 0);
            one.sigstop();
            holder.rollback();
        }
        try {
            // What the living one accepts goes on meanwhile, also in the lanes that the frozen one holds.
            Customers throughOther = scene.customersOf(other);
            throughOther.accepted.putAll(customers.accepted);
            for (int p = 0; p < 4; p++) {
                throughOther.deliver(five(p));
            }
            customers.accepted.putAll(throughOther.accepted);
            Scene.await(
                    "the other takes over",
                    () -> scene.postgres.count(laneOf(0)) == 0
                            && scene.postgres.count(laneOf(1)) == 0
                            && scene.postgres.count(laneOf(2)) == 0);
        } finally {
            taken.release();
            one.sigcont();
        }
        Thread.sleep(1_000);

        customers.allArrivedOnceInOrder("frozen past its lease with batches in hand");
        assertThat(Scene.status(one, "/actuator/health/readiness")).isEqualTo(200);
    }

    /** What it was about to send when it stood still, the other has sent when it goes on. */
    @Test
    @Order(3)
    void frozenBetweenHandingOverAndSending() throws Exception {
        Customers customers = scene.customersOf(one);
        scene.greet(customers, 1, 1);
        String greeting = customers.accepted.values().iterator().next().getFirst();
        double lost = leasesLost(one);
        // The message is about another, whose words the portal is asked for first; it does not say them at once.
        Hold asked = scene.portals.holdQuestions(0);
        customers.deliver(Customers.message(0, 0, Customers.now()).answering(greeting));
        asked.awaitCall();

        one.sigstop();
        try {
            Scene.await("the other sends it", () -> scene.postgres.count(laneOf(0)) == 0);
            assertThat(customers.reconcile().complete()).isTrue();
        } finally {
            // The words lie ready when it wakes, and nothing but its lease is between it and the sending.
            asked.release();
            one.sigcont();
        }
        Scene.await("it sees that the lane is not its own", () -> leasesLost(one) > lost);

        customers.allArrivedOnceInOrder("frozen between handing over and sending");
        assertThat(Scene.status(one, "/actuator/health/readiness")).isEqualTo(200);
    }

    /**
     * WhatsApp has an agent's message, and who sent it stands still: Meta's webhook tells the other that it was sent.
     */
    @Test
    @Order(4)
    void frozenWhileWhatsAppHasAnAgentsMessage() throws Exception {
        Customers customers = scene.customersOf(one);
        scene.greet(customers, 2, 1);
        Agents agents = scene.agentsOf(one);
        Agents throughOther = scene.agentsOf(other);
        Hold taken = scene.graph.holdAnswer(0);
        agents.answer(0, 0);
        taken.awaitCall();

        one.sigstop();
        try {
            throughOther.accepted.putAll(agents.accepted);
            throughOther.answer(0, 0);
            throughOther.answer(1, 0);
            Scene.await("the other goes on", () -> throughOther.reconcile().complete());
        } finally {
            taken.release();
            one.sigcont();
        }
        Thread.sleep(1_000);

        throughOther.allSentOnceInOrder("a replica frozen while WhatsApp has the message");
        assertThat(throughOther.unpromised).hasValue(0);
        assertThat(Scene.status(one, "/actuator/health/readiness")).isEqualTo(200);
    }

    /** How often a replica found out that a lane had been taken from it. */
    private static double leasesLost(AppProcess replica) throws IOException, InterruptedException {
        return Scene.metric(replica, "zaptrix_relay_lease_lost_total");
    }

    @Test
    @Order(5)
    void besetByClientsThatSendAByteNowAndThen() throws Exception {
        beset("slow heads", SlowClients.HEADS);
    }

    @Test
    @Order(6)
    void besetByClientsWhoseBodiesDrip() throws Exception {
        int told = beset("slow bodies", SlowClients.BODIES);
        assertThat(told).as("they hear why").isPositive();
    }

    /** Returns how many were told that they are too slow. */
    private static int beset(String story, List<String> beginnings) throws Exception {
        int count = SlowClients.atMost(10_000);
        Customers customers = scene.customersOf(one);
        int told;
        try (SlowClients slow = new SlowClients(one.port(), count, beginnings)) {
            int begun = slow.begun();
            for (int i = 0; i < 100; i++) {
                customers.deliver(Customers.message(i % 4, 5, Customers.now()));
                Thread.sleep(20);
            }
            Scene.await("they are thrown out", () -> slow.thrownOut() > CONNECTIONS);
            told = slow.toldTooSlow();
            System.out.printf(
                    "%s: %d wanted, %d begun at first, %d in all, %d thrown out, %d told%n",
                    story, count, begun, slow.begun(), slow.thrownOut(), told);
            assertThat(begun).as("they are more than there are connections").isGreaterThan(CONNECTIONS);
        }

        long[] nanos = customers.nanos.stream().mapToLong(n -> n).sorted().toArray();
        System.out.printf(
                "%s: 100 webhooks answered with 200, median %d ms, slowest %d ms, %d refused, %d unanswered%n",
                story,
                nanos[50] / 1_000_000,
                nanos[99] / 1_000_000,
                customers.refused.get(),
                customers.unanswered.get());
        assertThat(customers.refused.get() + customers.unanswered.get())
                .as("each is answered with 200 at its first delivery")
                .isZero();
        customers.allArrivedOnceInOrder("beset by " + story);
        return told;
    }

    @Test
    @Order(7)
    void replacedOneAfterTheOtherWhileCustomersWrite() throws Exception {
        Customers customers = scene.customersOf(one);
        Customers throughOther = scene.customersOf(other);

        Agents agents = scene.agentsOf(one);
        scene.greet(customers, Scene.PORTALS, 3);

        // Who finds nobody at the address comes again, as Meta does; Bitrix24 does not.
        int half = Scene.PORTALS / 2;
        customers.writeWhile(
                0,
                half,
                3,
                Duration.ofMillis(100),
                () -> throughOther.writeWhile(
                        half,
                        Scene.PORTALS,
                        3,
                        Duration.ofMillis(100),
                        () -> agents.answerWhile(half, 3, Duration.ofMillis(100), () -> {
                            one = scene.renew(one);
                            other = scene.renew(other);
                        })));

        throughOther.allArrivedOnceInOrder("replaced one after the other, the second's customers");
        customers.allArrivedOnceInOrder("replaced one after the other, the first's customers");
        agents.allSentOnceInOrder("replaced one after the other");
    }

    @Test
    @Order(8)
    void killedWithBatchesInHand() throws Exception {
        Customers customers = scene.customersOf(one);
        scene.greet(customers, 2, 5);
        Hold taken = scene.portals.holdAnswer(0);
        Hold untaken = scene.portals.holdCall(1);
        customers.deliver(five(0));
        customers.deliver(five(1));
        taken.awaitCall();
        untaken.awaitCall();
        Agents agents = scene.agentsOf(one);
        Hold sent = scene.graph.holdAnswer(0);
        agents.answer(0, 0);
        sent.awaitCall();

        one.kill9();
        scene.replicas.remove(one);

        customers.allArrivedOnceInOrder("killed (kill -9) with batches in hand, taken and untaken");
        agents.allSentOnceInOrder("killed (kill -9) while WhatsApp has the message");
        taken.release();
        sent.release();
    }
}
