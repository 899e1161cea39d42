package io.zaptrix.faults;

import io.zaptrix.bench.Load;
import io.zaptrix.bench.RawHttp;
import io.zaptrix.faults.Customers.Fault;
import io.zaptrix.faults.RecordingPortals.Taken;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Agents who answer, and Bitrix24, which tells of each message once, whatever the answer. What was answered with 200 is
 * in {@link #accepted}, in the order of writing; what was not, nobody was promised.
 */
final class Agents {

    /** Numbers every message of this JVM. */
    private static final AtomicLong COUNT = new AtomicLong();

    /** Longer than the events' endpoint waits for a database that is away. */
    private static final Duration PATIENCE = Duration.ofSeconds(25);

    private final int port;
    private final RecordingGraph graph;

    /** All that was sent before is no concern of this story's. */
    private final int before;

    final Map<String, List<String>> accepted = new ConcurrentHashMap<>();
    final AtomicInteger unpromised = new AtomicInteger();

    Agents(int port, RecordingGraph graph) {
        this.port = port;
        this.graph = graph;
        this.before = graph.sent().size();
    }

    static String name(long message) {
        return "agent#" + message;
    }

    /** An agent answers a customer. */
    void answer(int portal, int customer) {
        long message = COUNT.incrementAndGet();
        try (RawHttp http = new RawHttp(port, PATIENCE)) {
            if (http.exchange(Load.event(message, portal, customer)) == 200) {
                accepted.computeIfAbsent(Customers.conversation(portal, customer), c -> new CopyOnWriteArrayList<>())
                        .add(name(message));
                return;
            }
        } catch (IOException none) {
            // As good as refused.
        }
        unpromised.incrementAndGet();
    }

    /** As {@link Customers#writeWhile(int, int, Duration, Fault)}. */
    void answerWhile(int portals, int each, Duration pause, Fault fault) throws Exception {
        Customers.whileItHappens(0, portals, each, pause, this::answer, fault);
    }

    Reconciliation reconcile() {
        List<Taken> sent = graph.sent();
        return Reconciliation.of(accepted, sent.subList(before, sent.size()));
    }

    /** Waits until all have been sent, and a moment longer for what should not; then nothing is missing or too much. */
    void allSentOnceInOrder(String story) throws InterruptedException {
        Customers.awaitAll(this::reconcile);
        reconcile().isClean("agents, " + story + ", unpromised " + unpromised);
    }
}
