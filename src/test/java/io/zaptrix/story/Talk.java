package io.zaptrix.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.sandbox.StandInPortal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Ten customers who write at the same time, and the agents who answer them. */
final class Talk {

    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final int CUSTOMERS = 10;
    static final int MESSAGES = 6;

    private final World world;
    private final int family;

    /** @param family tells these customers from those of other stories in the same world */
    Talk(World world, int family) {
        this.world = world;
        this.family = family;
    }

    String customer(int n) {
        return "5511987" + (100 + family) + (100 + n);
    }

    static List<String> texts(String who) {
        return IntStream.rangeClosed(1, MESSAGES).mapToObj(i -> who + " " + i).toList();
    }

    /** Everybody writes everything, at the same time. */
    void customersWrite() throws InterruptedException {
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

    void agentsAnswer() throws InterruptedException {
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

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    void awaitQuestions() {
        World.await(
                "all questions reach the agents",
                PATIENCE,
                () -> IntStream.range(0, CUSTOMERS)
                        .allMatch(c -> world.seenByAgent(customer(c)).size() >= MESSAGES),
                this::arrivals);
    }

    void awaitAnswers() {
        World.await(
                "all answers reach the customers",
                PATIENCE,
                () -> IntStream.range(0, CUSTOMERS)
                        .allMatch(c -> world.seenByCustomer(customer(c)).size() >= MESSAGES),
                this::arrivals);
    }

    String arrivals() {
        StringBuilder all = new StringBuilder();
        for (int c = 0; c < CUSTOMERS; c++) {
            all.append("\n").append(customer(c)).append(": agent sees ").append(world.seenByAgent(customer(c)));
            all.append(", customer sees ").append(world.seenByCustomer(customer(c)));
        }
        return all.toString();
    }

    void awaitTicks() {
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

    void everythingOnceAndInOrder() {
        for (int c = 0; c < CUSTOMERS; c++) {
            assertThat(world.seenByAgent(customer(c))).containsExactlyElementsOf(texts("pergunta"));
            assertThat(world.seenByCustomer(customer(c))).containsExactlyElementsOf(texts("resposta"));
        }
    }

    /** Answers that arrived, and answers of which the agent was told that nobody knows. */
    int accountedFor(int c) {
        return world.seenByCustomer(customer(c)).size()
                + world.portal.systemLines(world.chatOf(customer(c)).id()).size();
    }
}
