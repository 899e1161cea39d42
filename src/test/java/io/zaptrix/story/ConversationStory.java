package io.zaptrix.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.sandbox.StandInMeta;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.testing.AppProcess;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The main job: a portal installs the app and links a number; customers write, agents answer, ticks return. Each
 * message arrives exactly once and in order, whatever happens to the deliveries and to the process.
 */
@Execution(ExecutionMode.CONCURRENT)
class ConversationStory {

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final int CUSTOMERS = 10;
    private static final int MESSAGES = 6;

    private World world;

    @BeforeEach
    void begin() {
        world = new World();
    }

    @AfterEach
    void end() throws IOException {
        world.close();
    }

    private static String customer(int n) {
        return "55119876500" + (10 + n);
    }

    private static List<String> texts(String who) {
        return IntStream.rangeClosed(1, MESSAGES).mapToObj(i -> who + " " + i).toList();
    }

    /** Everybody writes everything, at the same time. */
    private void customersWrite() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int c = 0; c < CUSTOMERS; c++) {
            String waId = customer(c);
            threads.add(Thread.ofVirtual().start(() -> {
                for (String text : texts("pergunta")) {
                    world.meta.customerWrites(World.NUMBER, waId, "Cliente " + waId, text);
                    pause(30);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void agentsAnswer() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int c = 0; c < CUSTOMERS; c++) {
            String chat = world.chatOf(customer(c)).id();
            threads.add(Thread.ofVirtual().start(() -> {
                for (String text : texts("resposta")) {
                    world.portal.agentWrites(chat, text);
                    pause(30);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    private void awaitQuestions() {
        World.await(
                "all questions reach the agents",
                PATIENCE,
                () -> IntStream.range(0, CUSTOMERS)
                        .allMatch(c -> world.seenByAgent(customer(c)).size() >= MESSAGES),
                this::arrivals);
    }

    private void awaitAnswers() {
        World.await(
                "all answers reach the customers",
                PATIENCE,
                () -> IntStream.range(0, CUSTOMERS)
                        .allMatch(c -> world.seenByCustomer(customer(c)).size() >= MESSAGES),
                this::arrivals);
    }

    private String arrivals() {
        StringBuilder all = new StringBuilder();
        for (int c = 0; c < CUSTOMERS; c++) {
            all.append("\n").append(customer(c)).append(": agent sees ").append(world.seenByAgent(customer(c)));
            all.append(", customer sees ").append(world.seenByCustomer(customer(c)));
        }
        return all.toString();
    }

    private void awaitTicks() {
        World.await(
                "all answers are marked as read",
                PATIENCE,
                () -> IntStream.range(0, CUSTOMERS)
                        .mapToObj(c -> world.chatOf(customer(c)))
                        .flatMap(chat -> chat.messages().stream())
                        .filter(message -> message.author() == StandInPortal.Author.AGENT)
                        .allMatch(message -> message.mark() == StandInPortal.Mark.READ),
                () -> world.portal.statuses().size() + " statuses");
    }

    private void everythingOnceAndInOrder() {
        for (int c = 0; c < CUSTOMERS; c++) {
            assertThat(world.seenByAgent(customer(c))).containsExactlyElementsOf(texts("pergunta"));
            assertThat(world.seenByCustomer(customer(c))).containsExactlyElementsOf(texts("resposta"));
        }
    }

    @Test
    void customersWriteAgentsAnswerAndTicksReturn() throws InterruptedException {
        world.startReplica();
        world.installAndLink();

        customersWrite();
        awaitQuestions();
        agentsAnswer();
        awaitAnswers();
        awaitTicks();

        everythingOnceAndInOrder();
        StandInPortal.Chat chat = world.chatOf(customer(0));
        assertThat(chat.phone()).isEqualTo("+" + customer(0));
        assertThat(world.portal.statuses())
                .allSatisfy(
                        status -> assertThat(status.externalIds()).hasSize(1).allMatch(id -> id.startsWith("wamid.")));
        assertThat(world.portal.warnings()).isEmpty();
    }

    @Test
    void duplicatedDelayedAndReorderedDeliveriesChangeNothing() throws InterruptedException {
        world.startReplica();
        world.installAndLink();
        world.meta.faults().deliverTwice(true).reorder(true);
        world.bitrix24.eventsTwice(true).reorderEvents(true);

        customersWrite();
        awaitQuestions();
        agentsAnswer();
        awaitAnswers();
        awaitTicks();
        pause(1_500);

        for (int c = 0; c < CUSTOMERS; c++) {
            assertThat(world.seenByAgent(customer(c))).containsExactlyInAnyOrderElementsOf(texts("pergunta"));
            assertThat(world.seenByCustomer(customer(c))).containsExactlyInAnyOrderElementsOf(texts("resposta"));
        }
    }

    @Test
    void whatIsReorderedOnItsWayToAWaitingPortalIsPutInOrder() {
        world.startReplica();
        world.installAndLink();
        String waId = customer(0);
        world.meta.customerWrites(World.NUMBER, waId, "Ana", "pergunta 0");
        World.await("the chat is open", PATIENCE, () -> world.seenByAgent(waId).size() == 1);

        // The one request that the portal allows in five seconds is used up; what comes now waits together.
        world.portal.limit(1, 0.2);
        world.meta.customerWrites(World.NUMBER, waId, "Ana", "pergunta 0");
        World.await("the limit holds", PATIENCE, () -> world.seenByAgent(waId).size() == 2);
        world.meta.faults().reorder(true).deliverTwice(true);
        Instant first = Instant.now().minusSeconds(60);
        for (int i = 1; i <= MESSAGES; i++) {
            world.meta.customersWrite(
                    World.NUMBER,
                    List.of(new StandInMeta.CustomerText(waId, "Ana", "pergunta " + i, first.plusSeconds(i))));
        }
        pause(1_500);
        world.portal.noLimit();
        World.await("all arrive", PATIENCE, () -> world.seenByAgent(waId).size() >= MESSAGES + 2);
        pause(1_000);

        List<String> seen = world.seenByAgent(waId);
        assertThat(seen.subList(2, seen.size())).containsExactlyElementsOf(texts("pergunta"));
    }

    @Test
    void killedInTheMiddleNothingIsLostAndNothingDoubled() throws InterruptedException {
        AppProcess victim = world.startReplica();
        world.installAndLink();

        Thread killer = Thread.ofVirtual().start(() -> {
            pause(150);
            world.kill(victim);
            world.startReplica();
        });
        customersWrite();
        killer.join();
        awaitQuestions();

        AppProcess next = world.replicas.getFirst();
        killer = Thread.ofVirtual().start(() -> {
            pause(150);
            world.kill(next);
            world.startReplica();
        });
        agentsAnswer();
        killer.join();
        World.await(
                "every answer reaches its customer, or its agent knows that nobody knows",
                PATIENCE,
                () -> IntStream.range(0, CUSTOMERS).allMatch(c -> accountedFor(c) >= MESSAGES),
                this::arrivals);
        pause(2_000);

        for (int c = 0; c < CUSTOMERS; c++) {
            List<String> seen = new ArrayList<>(world.seenByAgent(customer(c)));
            // What may be a repetition says so; what does not say so is there once, in order.
            seen.removeIf(text -> text.startsWith("\u21bb"));
            List<String> plain = seen.stream().distinct().toList();
            assertThat(seen).isEqualTo(plain);
            assertThat(world.seenByAgent(customer(c)).stream()
                            .map(text -> text.substring(text.indexOf('\n') + 1))
                            .distinct())
                    .containsExactlyElementsOf(texts("pergunta"));

            List<String> answered = world.seenByCustomer(customer(c));
            assertThat(answered).doesNotHaveDuplicates().isSorted();
            assertThat(accountedFor(c)).isEqualTo(MESSAGES);
        }
    }

    /** Answers that arrived, and answers of which the agent was told that nobody knows. */
    private int accountedFor(int c) {
        return world.seenByCustomer(customer(c)).size()
                + world.portal.systemLines(world.chatOf(customer(c)).id()).size();
    }

    @Test
    void twoReplicasShareTheWork() throws InterruptedException {
        world.startReplica();
        world.startReplica();
        world.installAndLink();

        customersWrite();
        awaitQuestions();
        agentsAnswer();
        awaitAnswers();
        awaitTicks();

        everythingOnceAndInOrder();
    }

    @Test
    void oneOfTwoReplicasIsKilledAndTheOtherGoesOn() throws InterruptedException {
        AppProcess victim = world.startReplica();
        world.startReplica();
        world.installAndLink();

        customersWrite();
        awaitQuestions();
        Thread killer = Thread.ofVirtual().start(() -> {
            pause(100);
            world.kill(victim);
        });
        agentsAnswer();
        killer.join();
        World.await(
                "every answer reaches its customer, or its agent knows that nobody knows",
                PATIENCE,
                () -> IntStream.range(0, CUSTOMERS).allMatch(c -> accountedFor(c) >= MESSAGES),
                this::arrivals);

        for (int c = 0; c < CUSTOMERS; c++) {
            assertThat(world.seenByAgent(customer(c))).containsExactlyElementsOf(texts("pergunta"));
            assertThat(world.seenByCustomer(customer(c)))
                    .doesNotHaveDuplicates()
                    .isSorted();
        }
    }

    @Test
    void askedToStopItFinishesWhatIsInHandAndTheNextGoesOn() throws InterruptedException {
        AppProcess first = world.startReplica();
        world.installAndLink();
        customersWrite();
        awaitQuestions();

        Thread restart = Thread.ofVirtual().start(() -> {
            pause(120);
            first.stop();
            world.replicas.remove(first);
            world.startReplica();
        });
        agentsAnswer();
        restart.join();
        awaitAnswers();
        awaitTicks();

        everythingOnceAndInOrder();
        for (int c = 0; c < CUSTOMERS; c++) {
            assertThat(world.portal.systemLines(world.chatOf(customer(c)).id()))
                    .as("nothing is uncertain")
                    .isEmpty();
        }
    }

    @Test
    void whatWhatsAppRefusesTheAgentLearnsInTheChat() {
        world.startReplica();
        world.installAndLink();
        String waId = customer(0);
        world.meta.customerWrites(World.NUMBER, waId, "Ana", "oi");
        World.await("the chat is open", PATIENCE, () -> world.seenByAgent(waId).size() == 1);
        String chat = world.chatOf(waId).id();

        world.meta.faults().refuseNext(1, 131047);
        world.portal.agentWrites(chat, "tarde demais");
        World.await(
                "the refusal is told",
                PATIENCE,
                () -> world.portal.systemLines(chat).size() == 1);
        world.meta.faults().failNext(1, 131026);
        world.portal.agentWrites(chat, "aceita e depois falha");
        World.await(
                "the failure is told",
                PATIENCE,
                () -> world.portal.systemLines(chat).size() == 2);
        world.portal.agentWrites(chat, "esta chega");
        World.await(
                "the next one flows", PATIENCE, () -> world.seenByCustomer(waId).contains("esta chega"));

        assertThat(world.portal.systemLines(chat))
                .extracting(StandInPortal.ChatMessage::text)
                .satisfiesExactly(
                        first -> assertThat(first).contains("24 horas").contains("131047"),
                        second -> assertThat(second).contains("131026"));
    }

    @Test
    void whatIsBrokenHoldsItsMessagesUntilItIsMended() {
        world.startReplica();
        Browser admin = world.installAndLink();
        String waId = customer(0);
        world.meta.customerWrites(World.NUMBER, waId, "Ana", "oi");
        World.await("the chat is open", PATIENCE, () -> world.seenByAgent(waId).size() == 1);
        StandInPortal.Chat chat = world.chatOf(waId);

        world.portal.disconnect("zaptrix_whatsapp", chat.lineId());
        world.meta.faults().revokeToken(World.NUMBER);
        world.meta.customerWrites(World.NUMBER, waId, "Ana", "alguem?");
        world.portal.agentWrites(chat.id(), "aqui");
        World.await(
                "the agent knows",
                PATIENCE,
                () -> world.portal.systemLines(chat.id()).size() == 1);
        World.await(
                "the admin sees it",
                PATIENCE,
                () -> admin.get("/admin/phone-numbers").body().contains("Precisa da sua atenção"));
        assertThat(world.seenByAgent(waId)).hasSize(1);
        assertThat(world.seenByCustomer(waId)).isEmpty();

        world.meta.faults().restoreToken(World.NUMBER);
        world.link(admin, chat.lineId());
        World.await(
                "the customer's message arrives",
                PATIENCE,
                () -> world.seenByAgent(waId).size() == 2);
        World.await(
                "the agent's, too", PATIENCE, () -> world.seenByCustomer(waId).size() == 1);

        assertThat(world.seenByAgent(waId)).containsExactly("oi", "alguem?");
        assertThat(world.seenByCustomer(waId)).containsExactly("aqui");
        assertThat(admin.get("/admin/phone-numbers").body()).contains("Funcionando");
    }

    @Test
    void anAnswerThatGotLostIsNotRepeatedButResolvedByItsStatus() {
        world.startReplica();
        world.installAndLink();
        String waId = customer(0);
        world.meta.customerWrites(World.NUMBER, waId, "Ana", "oi");
        World.await("the chat is open", PATIENCE, () -> world.seenByAgent(waId).size() == 1);
        String chat = world.chatOf(waId).id();

        world.meta.faults().dropAnswerNext(1);
        world.portal.agentWrites(chat, "um");
        world.portal.agentWrites(chat, "dois");
        World.await("both arrive", PATIENCE, () -> world.seenByCustomer(waId).size() == 2);
        World.await(
                "both are marked",
                PATIENCE,
                () -> world.chatOf(waId).messages().stream()
                        .filter(message -> message.author() == StandInPortal.Author.AGENT)
                        .allMatch(message -> message.mark() == StandInPortal.Mark.READ));

        assertThat(world.seenByCustomer(waId)).containsExactly("um", "dois");
        assertThat(world.portal.systemLines(chat)).isEmpty();
    }

    @Test
    void expiredTokensAndLimitsCostTimeButNoMessage() throws InterruptedException {
        world.startReplica();
        world.installAndLink();
        world.portal.limit(5, 4);
        world.bitrix24.expireAccessTokens();

        customersWrite();
        awaitQuestions();
        world.bitrix24.expireAccessTokens();
        agentsAnswer();
        awaitAnswers();

        everythingOnceAndInOrder();
    }
}
