package io.zaptrix.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.bench.Load;
import io.zaptrix.bench.Portals;
import io.zaptrix.bench.RawHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Customers who write, and Meta, which delivers what they write again until it is answered with 200. What was is in
 * {@link #accepted}, in the order of writing.
 */
final class Customers {

    /** Numbers every message of this JVM. */
    private static final AtomicLong COUNT = new AtomicLong();

    /**
     * An answer that takes longer than this is as good as none: the webhook comes again while the first still waits.
     */
    static final Duration PATIENCE = Duration.ofSeconds(8);

    static final Duration GIVE_UP = Duration.ofSeconds(60);

    private final int port;
    private final RecordingPortals portals;

    /** All that portals took before is no concern of this story's. */
    private final int before;

    final Map<String, List<String>> accepted = new ConcurrentHashMap<>();
    final AtomicInteger refused = new AtomicInteger();
    final AtomicInteger unanswered = new AtomicInteger();
    final List<Long> nanos = new CopyOnWriteArrayList<>();

    Customers(int port, RecordingPortals portals) {
        this.port = port;
        this.portals = portals;
        this.before = portals.taken().size();
    }

    /**
     * What a customer writes.
     *
     * @param seconds since 1970, when it was written
     * @param context what Meta says of the message that it answers, as JSON; empty when it answers none
     */
    record Message(String wamid, int portal, int customer, long seconds, String context) {

        /** The same as an answer to another message. */
        Message answering(String other) {
            return new Message(wamid, portal, customer, seconds, "\"context\":{\"id\":\"" + other + "\"},");
        }

        String whatsappId() {
            return Customers.whatsappId(customer);
        }

        String conversation() {
            return Customers.conversation(portal, customer);
        }
    }

    private static String whatsappId(int customer) {
        return "55119%08d".formatted(customer);
    }

    /** The chat's external id. */
    static String conversation(int portal, int customer) {
        return Portals.number(portal) + ":" + whatsappId(customer);
    }

    static long now() {
        return System.currentTimeMillis() / 1_000;
    }

    static Message message(int portal, int customer, long seconds) {
        return new Message("wamid.FAULT%010d".formatted(COUNT.incrementAndGet()), portal, customer, seconds, "");
    }

    /** One signed webhook with these messages, all of one portal. */
    static byte[] webhook(List<Message> messages) {
        StringBuilder contacts = new StringBuilder();
        StringBuilder bodies = new StringBuilder();
        for (Message message : messages) {
            String comma = contacts.isEmpty() ? "" : ",";
            contacts.append(comma)
                    .append("{\"profile\":{\"name\":\"Ana\"},\"wa_id\":\"" + message.whatsappId() + "\"}");
            bodies.append(comma)
                    .append("{\"from\":\"" + message.whatsappId() + "\",\"id\":\"" + message.wamid()
                            + "\",\"timestamp\":\"" + message.seconds() + "\"," + message.context()
                            + "\"type\":\"text\",\"text\":{\"body\":\"Oi\"}}");
        }
        return Load.signed(
                ("{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"1\",\"changes\":[{\"value\":"
                                + "{\"messaging_product\":\"whatsapp\",\"metadata\":{\"display_phone_number\":\"15550783881\","
                                + "\"phone_number_id\":\""
                                + Portals.number(messages.getFirst().portal())
                                + "\"},\"contacts\":[" + contacts + "],\"messages\":[" + bodies
                                + "]},\"field\":\"messages\"}]}]}")
                        .getBytes(UTF_8));
    }

    /** Writes down as accepted, in this order of writing. */
    void wrote(Message... messages) {
        for (Message message : messages) {
            accepted.computeIfAbsent(message.conversation(), c -> new CopyOnWriteArrayList<>())
                    .add(message.wamid());
        }
    }

    /** Delivers once; returns the answer's status. */
    static int deliver(int port, Duration patience, Message... messages) throws IOException {
        try (RawHttp http = new RawHttp(port, patience)) {
            return http.exchange(webhook(List.of(messages)));
        }
    }

    /** Delivers until it is answered with 200; Meta goes on for days, a story does not. */
    void deliver(Message... messages) throws InterruptedException {
        byte[] webhook = webhook(List.of(messages));
        long start = System.nanoTime();
        while (System.nanoTime() - start < GIVE_UP.toNanos()) {
            try (RawHttp http = new RawHttp(port, PATIENCE)) {
                if (http.exchange(webhook) == 200) {
                    nanos.add(System.nanoTime() - start);
                    wrote(messages);
                    return;
                }
                refused.incrementAndGet();
            } catch (IOException none) {
                unanswered.incrementAndGet();
            }
            Thread.sleep(100);
        }
        throw new AssertionError("never answered with 200");
    }

    /** What happens while the customers write. */
    interface Fault {

        void happens() throws Exception;
    }

    /** Each of them writes on and on, one message after the other, while something happens and a little longer. */
    void writeWhile(int portals, int each, Duration pause, Fault fault) throws Exception {
        writeWhile(0, portals, each, pause, fault);
    }

    /** As above, to the portals from {@code first} until before {@code last}. */
    void writeWhile(int first, int last, int each, Duration pause, Fault fault) throws Exception {
        whileItHappens(
                first, last, each, pause, (portal, customer) -> deliver(message(portal, customer, now())), fault);
    }

    /** Who writes something in a conversation. */
    interface Writer {

        void write(int portal, int customer) throws InterruptedException;
    }

    /** In each conversation somebody writes on and on, while something happens and a little longer. */
    static void whileItHappens(int first, int last, int each, Duration pause, Writer writer, Fault fault)
            throws Exception {
        AtomicBoolean end = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int p = first; p < last; p++) {
                for (int c = 0; c < each; c++) {
                    int portal = p;
                    int customer = c;
                    running.add(threads.submit(() -> {
                        while (!end.get()) {
                            writer.write(portal, customer);
                            Thread.sleep(pause);
                        }
                        return true;
                    }));
                }
            }
            try {
                Thread.sleep(500);
                fault.happens();
                Thread.sleep(500);
            } finally {
                end.set(true);
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
    }

    Reconciliation reconcile() {
        List<RecordingPortals.Taken> taken = portals.taken();
        return Reconciliation.of(accepted, taken.subList(before, taken.size()));
    }

    /** Waits until all have arrived, and a moment longer for what should not; then nothing is missing or too much. */
    void allArrivedOnceInOrder(String story) throws InterruptedException {
        awaitAll(this::reconcile);
        reconcile().isClean(story);
    }

    /** Until nothing is missing, or for half a minute, and a moment longer. */
    static void awaitAll(Supplier<Reconciliation> found) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!found.get().complete() && System.nanoTime() < end) {
            Thread.sleep(50);
        }
        Thread.sleep(300);
    }
}
