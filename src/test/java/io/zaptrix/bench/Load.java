package io.zaptrix.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.testing.TestSettings;
import java.io.IOException;
import java.net.URLEncoder;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Clients that keep sending. */
public final class Load {

    /** Numbers every message of this run of the benchmarks, so that none comes twice. */
    private static final AtomicLong COUNT = new AtomicLong();

    private static final ThreadLocal<Mac> MAC = ThreadLocal.withInitial(() -> {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(TestSettings.META_APP_SECRET.getBytes(UTF_8), "HmacSHA256"));
            return mac;
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    });

    private Load() {}

    /** @param nanos how long each request took, ascending */
    record Run(double rate, long[] nanos) {

        double millis(double quantile) {
            return Load.millis(nanos, quantile);
        }
    }

    /** @param sorted ascending, in nanoseconds */
    static double millis(long[] sorted, double quantile) {
        return sorted.length == 0
                ? Double.NaN
                : sorted[(int) Math.min(sorted.length - 1, sorted.length * quantile)] / 1e6;
    }

    /**
     * Sends requests and waits for each answer, which must be 200.
     *
     * @param rate requests a second to keep to, counted from when each was due, so that a stall counts for all that it
     *     holds up; 0: as fast as they are answered
     * @param request makes the next request from its number
     */
    static Run run(int port, int clients, Duration time, double rate, LongFunction<byte[]> request) throws Exception {
        return together(clients, time, rate, () -> {
            RawHttp http = new RawHttp(port);
            return new Client() {
                private byte[] prepared = {};

                @Override
                public void prepare() {
                    prepared = request.apply(COUNT.incrementAndGet());
                }

                @Override
                public void next() throws IOException {
                    if (http.exchange(prepared) != 200) {
                        throw new IllegalStateException("a request was not accepted");
                    }
                }

                @Override
                public void close() throws IOException {
                    http.close();
                }
            };
        });
    }

    /** Does one thing after the other, on a connection of its own. */
    interface Client extends AutoCloseable {

        /** What is not part of the time that is measured. */
        default void prepare() {}

        void next() throws Exception;
    }

    /**
     * Clients that each do one thing after the other.
     *
     * @param rate as {@link #run}'s
     * @param beginning makes a client
     */
    static Run together(int clients, Duration time, double rate, Callable<Client> beginning) throws Exception {
        List<long[]> samples = new ArrayList<>();
        long start = System.nanoTime();
        long end = start + time.toNanos();
        try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
            List<Future<long[]>> running = new ArrayList<>();
            for (int c = 0; c < clients; c++) {
                int number = c;
                running.add(threads.submit(() -> {
                    try (Client client = beginning.call()) {
                        return keepGoing(client, number, clients, start, end, rate);
                    }
                }));
            }
            for (Future<long[]> client : running) {
                samples.add(client.get());
            }
        }
        long[] all = samples.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        return new Run(all.length / (time.toMillis() / 1e3), all);
    }

    private static long[] keepGoing(Client client, int number, int clients, long start, long end, double rate)
            throws Exception {
        long[] nanos = new long[1 << 12];
        int n = 0;
        double every = rate == 0 ? 0 : clients / rate * 1e9;
        while (true) {
            long due = start + (long) (every * (n + number / (double) clients));
            if (Math.max(due, System.nanoTime()) >= end) {
                return Arrays.copyOf(nanos, n);
            }
            long early = due - System.nanoTime();
            if (every > 0 && early > 0) {
                Thread.sleep(Duration.ofNanos(early));
            }
            client.prepare();
            long from = every > 0 ? due : System.nanoTime();
            client.next();
            if (n == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * n);
            }
            nanos[n++] = System.nanoTime() - from;
        }
    }

    static String wamid(long n) {
        return "wamid.HBgLNTUxMTk4NzY1NDMyMRUCABIYFDNBMDAw%012d".formatted(n);
    }

    private static final byte[][] WEBHOOK = pieces("""
            {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"messaging_product":\
            "whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"~"},"contacts":\
            [{"profile":{"name":"Customer"},"wa_id":"~"}],"messages":[{"from":"~","id":"~","timestamp":"~",\
            "type":"text","text":{"body":"Hello, is this still available in blue?"}}]},"field":"messages"}]}]}""");

    /** A signed webhook with one message, written now. */
    static byte[] webhook(long n, int portal, int customer) {
        String from = "55119%08d".formatted(customer);
        return signed(fill(
                WEBHOOK,
                Portals.number(portal),
                from,
                from,
                wamid(n),
                String.valueOf(System.currentTimeMillis() / 1_000)));
    }

    /** How many messages one webhook of {@link #bulk} carries. */
    static final int BULK = 100;

    /** A signed webhook of a hundred messages of as many customers, known as {@code first}, {@code first + 1}, … */
    static byte[] bulk(long first, int portal) {
        StringBuilder contacts = new StringBuilder();
        StringBuilder messages = new StringBuilder();
        for (int i = 0; i < BULK; i++) {
            String from = "55118%08d".formatted(i);
            contacts.append(i == 0 ? "" : ",")
                    .append("{\"profile\":{\"name\":\"Customer\"},\"wa_id\":\"" + from + "\"}");
            messages.append(i == 0 ? "" : ",")
                    .append("{\"from\":\"" + from + "\",\"id\":\"" + wamid(first + i) + "\",\"timestamp\":\""
                            + System.currentTimeMillis() / 1_000
                            + "\",\"type\":\"text\",\"text\":{\"body\":\"One of many that came at once\"}}");
        }
        return signed(("{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"1\",\"changes\":[{\"value\":"
                        + "{\"messaging_product\":\"whatsapp\",\"metadata\":{\"display_phone_number\":\"15550783881\","
                        + "\"phone_number_id\":\"" + Portals.number(portal) + "\"},\"contacts\":[" + contacts
                        + "],\"messages\":[" + messages + "]},\"field\":\"messages\"}]}]}")
                .getBytes(US_ASCII));
    }

    /** Sends {@code count} webhooks of {@link #BULK} messages each, one after the other; returns the first's number. */
    static long flood(int port, int portal, int count) throws Exception {
        long first = COUNT.getAndAdd((long) count * BULK) + 1;
        try (RawHttp http = new RawHttp(port)) {
            for (int i = 0; i < count; i++) {
                if (http.exchange(bulk(first + (long) i * BULK, portal)) != 200) {
                    throw new IllegalStateException("a request was not accepted");
                }
            }
        }
        return first;
    }

    /**
     * Sends {@code count} requests on 16 connections.
     *
     * @param request makes one from its number in this run of the benchmarks and its index, from 0
     */
    static void each(int port, int count, IndexedRequest request) throws Exception {
        AtomicInteger next = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            List<Future<Void>> running = new ArrayList<>();
            for (int c = 0; c < 16; c++) {
                running.add(threads.submit(() -> {
                    try (RawHttp http = new RawHttp(port)) {
                        for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                            if (http.exchange(request.make(COUNT.incrementAndGet(), i)) != 200) {
                                throw new IllegalStateException("a request was not accepted");
                            }
                        }
                    }
                    return null;
                }));
            }
            for (Future<Void> connection : running) {
                connection.get();
            }
        }
    }

    interface IndexedRequest {
        byte[] make(long number, int index);
    }

    /** A signed webhook with any body. */
    public static byte[] signed(byte[] body) {
        return RawHttp.post(
                "/webhooks/meta",
                "Content-Type: application/json\r\nX-Hub-Signature-256: sha256="
                        + HexFormat.of().formatHex(MAC.get().doFinal(body)) + "\r\n",
                body);
    }

    private static final byte[][] EVENT = pieces("event=ONIMCONNECTORMESSAGEADD&event_handler_id=555"
            + "&data[CONNECTOR]=zaptrix_whatsapp&data[LINE]=1&data[MESSAGES][0][im][chat_id]=13"
            + "&data[MESSAGES][0][im][message_id]=~&data[MESSAGES][0][message][user_id]=27"
            + "&data[MESSAGES][0][message][text]=~&data[MESSAGES][0][chat][id]=~&ts=~"
            + "&auth[access_token]=a&auth[expires_in]=3600&auth[domain]=some-domain.bitrix24.com"
            + "&auth[member_id]=~&auth[user_id]=27&auth[application_token]=~");

    /** An agent's message, known at {@link Graph} by {@code #n}. */
    public static byte[] event(long n, int portal, int customer) {
        byte[] body = fill(
                EVENT,
                String.valueOf(n),
                URLEncoder.encode("Yes, it is. #" + n, UTF_8),
                URLEncoder.encode(Portals.number(portal) + ":55119%08d".formatted(customer), UTF_8),
                String.valueOf(System.currentTimeMillis() / 1_000),
                "bench" + portal,
                "application" + portal);
        return RawHttp.post("/webhooks/bitrix24/outbound", "Content-Type: application/x-www-form-urlencoded\r\n", body);
    }

    private static byte[][] pieces(String template) {
        return Arrays.stream(template.split("~", -1))
                .map(piece -> piece.getBytes(US_ASCII))
                .toArray(byte[][]::new);
    }

    private static byte[] fill(byte[][] pieces, String... values) {
        int length = 0;
        for (byte[] piece : pieces) {
            length += piece.length;
        }
        for (String value : values) {
            length += value.length();
        }
        byte[] filled = new byte[length];
        int at = 0;
        for (int i = 0; i < pieces.length; i++) {
            System.arraycopy(pieces[i], 0, filled, at, pieces[i].length);
            at += pieces[i].length;
            if (i < values.length) {
                byte[] value = values[i].getBytes(US_ASCII);
                System.arraycopy(value, 0, filled, at, value.length);
                at += value.length;
            }
        }
        return filled;
    }
}
