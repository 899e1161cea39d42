package io.zaptrix.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.sandbox.StandInMeta;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.testing.AppProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The main job: a portal installs the app and links a number; customers write, agents answer, ticks return. Each
 * message arrives exactly once and in order, whatever happens to the deliveries and to the process.
 */
@Execution(ExecutionMode.CONCURRENT)
@SuppressWarnings("NullAway.Init")
@Order(2)
class ConversationStory {

    private World world;
    private Talk talk;

    @BeforeEach
    void begin() {
        world = new World();
        talk = new Talk(world, 0);
    }

    @AfterEach
    void end() throws IOException {
        world.close();
    }

    @Test
    void customersWriteAgentsAnswerAndTicksReturn() throws InterruptedException {
        world.startReplica();
        world.installAndLink();

        talk.customersWrite();
        talk.awaitQuestions();
        talk.agentsAnswer();
        talk.awaitAnswers();
        talk.awaitTicks();

        talk.everythingOnceAndInOrder();
        StandInPortal.Chat chat = world.chatOf(talk.customer(0));
        assertThat(chat.phone()).isEqualTo("+" + talk.customer(0));
        assertThat(world.portal.statuses())
                .allSatisfy(
                        status -> assertThat(status.externalIds()).hasSize(1).allMatch(id -> id.startsWith("wamid.")));
        assertThat(world.portal.statuses())
                .extracting(status -> status.kind() + " " + status.imMessageId())
                .doesNotHaveDuplicates()
                .hasSize(2 * Talk.CUSTOMERS * Talk.MESSAGES);
        assertThat(world.portal.warnings()).isEmpty();
    }

    @Test
    void ofWhatWaitedTogetherNothingIsReadBeforeItIsDelivered() throws InterruptedException {
        world.startReplica();
        world.installAndLink();
        world.meta.statusDelays(null, null, null);
        String customer = talk.customer(0);
        world.meta.customerWrites(World.NUMBER, customer, "Ana", "Oi");
        World.await(
                "the question", Talk.PATIENCE, () -> world.seenByAgent(customer).size() == 1);
        String chat = world.chatOf(customer).id();
        List.of("um", "dois", "três").forEach(text -> world.portal.agentWrites(chat, text));
        World.await(
                "the answers",
                Talk.PATIENCE,
                () -> world.seenByCustomer(customer).size() == 3);
        List<String> sent = world.meta.sendsTo(customer).stream()
                .map(StandInMeta.Send::wamid)
                .toList();

        world.meta.status(sent.get(0), "delivered");
        World.await(
                "the first tick", Talk.PATIENCE, () -> world.portal.statuses().size() == 1);
        world.portal.faults().hangNext(1, "imconnector.send.status.delivery", Duration.ofSeconds(2));
        world.meta.status(sent.get(1), "delivered");
        Talk.pause(500);
        // While the portal hangs these come to wait, the first of them of a message already delivered.
        world.meta.status(sent.get(0), "read");
        assertThat(world.meta.awaitIdle(Talk.PATIENCE)).isTrue();
        world.meta.status(sent.get(2), "delivered");
        assertThat(world.meta.awaitIdle(Talk.PATIENCE)).isTrue();
        world.meta.status(sent.get(2), "read");

        World.await("all ticks", Talk.PATIENCE, () -> world.portal.statuses().size() == 5);
        assertThat(world.portal.statuses())
                .extracting(status ->
                        status.kind() + " " + sent.indexOf(status.externalIds().getFirst()))
                .containsExactly("delivery 0", "delivery 1", "delivery 2", "reading 0", "reading 2");
    }

    @Test
    void duplicatedDelayedAndReorderedDeliveriesChangeNothing() throws InterruptedException {
        world.startReplica();
        world.installAndLink();
        world.meta.faults().deliverTwice(true).reorder(true);
        world.bitrix24.eventsTwice(true).reorderEvents(true);

        talk.customersWrite();
        talk.awaitQuestions();
        talk.agentsAnswer();
        talk.awaitAnswers();
        talk.awaitTicks();
        Talk.pause(1_500);

        for (int c = 0; c < Talk.CUSTOMERS; c++) {
            assertThat(world.seenByAgent(talk.customer(c))).containsExactlyInAnyOrderElementsOf(Talk.texts("pergunta"));
            assertThat(world.seenByCustomer(talk.customer(c)))
                    .containsExactlyInAnyOrderElementsOf(Talk.texts("resposta"));
        }
    }

    @Test
    void killedInTheMiddleNothingIsLostAndNothingDoubled() throws InterruptedException {
        AppProcess victim = world.startReplica();
        world.installAndLink();

        Thread killer = Thread.ofVirtual().start(() -> {
            Talk.pause(150);
            world.kill(victim);
            world.startReplica();
        });
        talk.customersWrite();
        killer.join();
        talk.awaitQuestions();

        AppProcess next = world.replicas.getFirst();
        killer = Thread.ofVirtual().start(() -> {
            Talk.pause(150);
            world.kill(next);
            world.startReplica();
        });
        talk.agentsAnswer();
        killer.join();
        World.await(
                "every answer reaches its customer, or its agent knows that nobody knows",
                Talk.PATIENCE,
                () -> IntStream.range(0, Talk.CUSTOMERS).allMatch(c -> talk.accountedFor(c) >= Talk.MESSAGES),
                talk::arrivals);
        Talk.pause(2_000);

        for (int c = 0; c < Talk.CUSTOMERS; c++) {
            List<String> seen = new ArrayList<>(world.seenByAgent(talk.customer(c)));
            // What may be a repetition says so; what does not say so is there once, in order.
            seen.removeIf(text -> text.startsWith("\u21bb"));
            List<String> plain = seen.stream().distinct().toList();
            assertThat(seen).isEqualTo(plain);
            assertThat(world.seenByAgent(talk.customer(c)).stream()
                            .map(text -> text.substring(text.indexOf('\n') + 1))
                            .distinct())
                    .containsExactlyElementsOf(Talk.texts("pergunta"));

            List<String> answered = world.seenByCustomer(talk.customer(c));
            assertThat(answered).doesNotHaveDuplicates().isSorted();
            assertThat(talk.accountedFor(c)).isEqualTo(Talk.MESSAGES);
        }
    }

    @Test
    void twoReplicasShareTheWork() throws InterruptedException {
        world.startReplica();
        world.startReplica();
        world.installAndLink();

        talk.customersWrite();
        talk.awaitQuestions();
        talk.agentsAnswer();
        talk.awaitAnswers();
        talk.awaitTicks();

        talk.everythingOnceAndInOrder();
    }

    @Test
    void oneOfTwoReplicasIsKilledAndTheOtherGoesOn() throws InterruptedException {
        AppProcess victim = world.startReplica();
        world.startReplica();
        world.installAndLink();

        talk.customersWrite();
        talk.awaitQuestions();
        Thread killer = Thread.ofVirtual().start(() -> {
            Talk.pause(100);
            world.kill(victim);
        });
        talk.agentsAnswer();
        killer.join();
        World.await(
                "every answer reaches its customer, or its agent knows that nobody knows",
                Talk.PATIENCE,
                () -> IntStream.range(0, Talk.CUSTOMERS).allMatch(c -> talk.accountedFor(c) >= Talk.MESSAGES),
                talk::arrivals);

        for (int c = 0; c < Talk.CUSTOMERS; c++) {
            assertThat(world.seenByAgent(talk.customer(c))).containsExactlyElementsOf(Talk.texts("pergunta"));
            assertThat(world.seenByCustomer(talk.customer(c)))
                    .doesNotHaveDuplicates()
                    .isSorted();
        }
    }

    @Test
    void askedToStopItFinishesWhatIsInHandAndTheNextGoesOn() throws InterruptedException {
        AppProcess first = world.startReplica();
        world.installAndLink();
        talk.customersWrite();
        talk.awaitQuestions();

        Thread restart = Thread.ofVirtual().start(() -> {
            Talk.pause(120);
            first.stop();
            world.replicas.remove(first);
            world.startReplica();
        });
        talk.agentsAnswer();
        restart.join();
        talk.awaitAnswers();
        talk.awaitTicks();

        talk.everythingOnceAndInOrder();
        for (int c = 0; c < Talk.CUSTOMERS; c++) {
            assertThat(world.portal.systemLines(world.chatOf(talk.customer(c)).id()))
                    .as("nothing is uncertain")
                    .isEmpty();
        }
    }
}
