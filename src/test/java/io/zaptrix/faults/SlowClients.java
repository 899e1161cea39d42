package io.zaptrix.faults;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Clients that begin a request and go on with a byte now and then (slow loris), and come again when thrown out. */
final class SlowClients implements AutoCloseable {

    /** Heads without end. */
    static final List<String> HEADS = List.of("POST /webhooks/meta HTTP/1.1\r\nHost: slow\r\nX-A: ");

    /** Whole heads, each with what else makes the server read on: a signature, an event, a chunk, a refusal. */
    static final List<String> BODIES = List.of(
            "POST /webhooks/meta HTTP/1.1\r\nHost: slow\r\nX-Hub-Signature-256: sha256=" + "0".repeat(64)
                    + "\r\nContent-Length: 3000000\r\n\r\n{",
            "POST /webhooks/bitrix24/outbound HTTP/1.1\r\nHost: slow\r\nContent-Length: 3000000\r\n\r\na",
            "POST /webhooks/bitrix24/outbound HTTP/1.1\r\nHost: slow\r\nTransfer-Encoding: chunked\r\n\r\n5;a",
            "POST /webhooks/meta HTTP/1.1\r\nHost: slow\r\nContent-Length: 3000000\r\n\r\na");

    /** So long at most, if the server does not take them all. */
    private static final Duration OPENING = Duration.ofSeconds(30);

    private final int port;
    private final List<String> beginnings;
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger thrownOut = new AtomicInteger();
    private final AtomicInteger toldTooSlow = new AtomicInteger();
    private final List<SocketChannel> channels = Collections.synchronizedList(new ArrayList<>());
    private final Thread dripping;
    private volatile boolean open = true;

    SlowClients(int port, int count, List<String> beginnings) throws InterruptedException {
        this.port = port;
        this.beginnings = beginnings;
        long end = System.nanoTime() + OPENING.toNanos();
        try (ExecutorService threads = Executors.newFixedThreadPool(32)) {
            for (int i = 0; i < count; i++) {
                threads.execute(() -> {
                    @Nullable SocketChannel begun = System.nanoTime() < end ? begin() : null;
                    if (begun != null) {
                        channels.add(begun);
                    }
                });
            }
        }
        dripping = Thread.ofPlatform().daemon().start(this::drip);
    }

    /** At most so many can be opened here, with both ends of each on this machine. */
    static int atMost(int wanted) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            long left = system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount() - 1_000;
            return (int) Math.max(100, Math.min(wanted, left));
        }
        return Math.min(wanted, 1_000);
    }

    private @Nullable SocketChannel begin() {
        try {
            SocketChannel channel = SocketChannel.open();
            channel.socket().connect(new InetSocketAddress("127.0.0.1", port), 500);
            channel.configureBlocking(false);
            String beginning = beginnings.get(begun.getAndIncrement() % beginnings.size());
            channel.write(ByteBuffer.wrap(beginning.getBytes(US_ASCII)));
            return channel;
        } catch (IOException refused) {
            return null;
        }
    }

    private void drip() {
        try {
            while (open) {
                for (int i = 0; i < channels.size() && open; i++) {
                    if (!goesOn(channels.get(i))) {
                        thrownOut.incrementAndGet();
                        channels.get(i).close();
                        @Nullable SocketChannel again = begin();
                        if (again != null) {
                            channels.set(i, again);
                        }
                    }
                }
                Thread.sleep(1_000);
            }
        } catch (IOException | InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends the next byte, unless the server has done with this client. */
    private boolean goesOn(SocketChannel channel) {
        ByteBuffer answer = ByteBuffer.allocate(1_024);
        try {
            int bytes = channel.read(answer);
            if (new String(answer.array(), 0, Math.max(0, bytes), US_ASCII).startsWith("HTTP/1.1 408")) {
                toldTooSlow.incrementAndGet();
            }
            // Those who are refused at once go on with what nobody wants.
            if (bytes >= 0) {
                channel.write(ByteBuffer.wrap(new byte[] {'a'}));
            }
            return bytes >= 0;
        } catch (IOException ended) {
            return false;
        }
    }

    /** How often one connected and sent its beginning. */
    int begun() {
        return begun.get();
    }

    /** How often the server has closed a connection before its client did. */
    int thrownOut() {
        return thrownOut.get();
    }

    /** How often one was answered with 408. */
    int toldTooSlow() {
        return toldTooSlow.get();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        open = false;
        dripping.join();
        for (SocketChannel channel : channels) {
            channel.close();
        }
    }
}
