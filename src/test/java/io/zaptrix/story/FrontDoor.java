package io.zaptrix.story;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** One address before any number of replicas: each connection goes to the next one that answers. */
final class FrontDoor implements AutoCloseable {

    private final ServerSocket door;
    private final List<Integer> replicas = new CopyOnWriteArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();

    FrontDoor() {
        try {
            door = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Thread.ofVirtual().start(this::open);
    }

    String url() {
        return "http://localhost:" + door.getLocalPort();
    }

    void to(int... ports) {
        replicas.clear();
        for (int port : ports) {
            replicas.add(port);
        }
    }

    private void open() {
        while (!door.isClosed()) {
            try {
                Socket caller = door.accept();
                Thread.ofVirtual().start(() -> lead(caller));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void lead(Socket caller) {
        List<Integer> ports = List.copyOf(replicas);
        int first = turn.getAndIncrement();
        for (int i = 0; i < ports.size(); i++) {
            try {
                Socket replica = new Socket("127.0.0.1", ports.get(Math.floorMod(first + i, ports.size())));
                Thread.ofVirtual().start(() -> pump(caller, replica));
                pump(replica, caller);
                return;
            } catch (IOException gone) {
                // The next one, then.
            }
        }
        close(caller);
    }

    private static void pump(Socket from, Socket to) {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] bytes = new byte[8_192];
            for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                out.write(bytes, 0, n);
                out.flush();
            }
        } catch (IOException ended) {
            // One side is gone, and so is the other.
        } finally {
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException ignored) {
            // It is closed all the same.
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
