package io.zaptrix.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Locale;

/**
 * A server that costs next to nothing, because it shares the machine with what is measured: no routing, no state but
 * what a subclass keeps, HTTP/1.1 with connections kept.
 */
public abstract class QuickServer implements AutoCloseable {

    private final ServerSocket socket;
    private volatile boolean open = true;

    protected QuickServer() throws IOException {
        socket = new ServerSocket();
        // All of 127.0.0.0/8, so that every portal has an address of its own.
        socket.bind(new InetSocketAddress("0.0.0.0", 0), 1_000);
        Thread.ofVirtual().start(this::accept);
    }

    public record Answer(int status, String json) {}

    /** @param host without the port */
    protected abstract Answer answer(String host, String path, String body) throws InterruptedException;

    public final int port() {
        return socket.getLocalPort();
    }

    private void accept() {
        while (open) {
            try {
                Socket connection = socket.accept();
                connection.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            InputStream in = new BufferedInputStream(connection.getInputStream(), 16_384);
            while (open) {
                String request = line(in);
                String host = "";
                int length = 0;
                for (String header = line(in); !header.isEmpty(); header = line(in)) {
                    String lower = header.toLowerCase(Locale.ROOT);
                    if (lower.startsWith("content-length:")) {
                        length = Integer.parseInt(lower.substring(15).strip());
                    } else if (lower.startsWith("host:")) {
                        host = lower.substring(5).strip().replaceAll(":.*", "");
                    }
                }
                String body = new String(in.readNBytes(length), UTF_8);
                Answer answer = answer(host, request.split(" ")[1], body);
                byte[] json = answer.json().getBytes(UTF_8);
                byte[] head = ("HTTP/1.1 " + answer.status()
                                + " X\r\nContent-Type: application/json\r\nContent-Length: " + json.length + "\r\n\r\n")
                        .getBytes(US_ASCII);
                byte[] whole = new byte[head.length + json.length];
                System.arraycopy(head, 0, whole, 0, head.length);
                System.arraycopy(json, 0, whole, head.length, json.length);
                connection.getOutputStream().write(whole);
            }
        } catch (IOException gone) {
            // The client closed, or was killed.
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException();
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return new String(line.toString().getBytes(ISO_8859_1), UTF_8);
    }

    @Override
    public void close() throws IOException {
        open = false;
        socket.close();
    }
}
