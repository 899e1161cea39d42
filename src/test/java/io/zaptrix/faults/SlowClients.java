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
import org.jspecify.annotations.Nullable;

/** Clients that begin a request and go on with a byte now and then (slow loris), and come again when thrown out. */
final class SlowClients implements AutoCloseable {

    /** So long at most, if the server does not take them all. */
    private static final Duration OPENING = Duration.ofSeconds(6);

    private final int port;
    private final List<SocketChannel> channels = Collections.synchronizedList(new ArrayList<>());
    private final Thread dripping;
    private volatile boolean open = true;

    SlowClients(int port, int count) throws InterruptedException {
        this.port = port;
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
            channel.write(ByteBuffer.wrap("POST /webhooks/meta HTTP/1.1\r\nHost: slow\r\nX-A: ".getBytes(US_ASCII)));
            return channel;
        } catch (IOException refused) {
            return null;
        }
    }

    private void drip() {
        try {
            while (open) {
                for (int i = 0; i < channels.size() && open; i++) {
                    try {
                        channels.get(i).write(ByteBuffer.wrap(new byte[] {'a'}));
                    } catch (IOException thrownOut) {
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

    long connected() {
        return List.copyOf(channels).stream().filter(SocketChannel::isOpen).count();
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
