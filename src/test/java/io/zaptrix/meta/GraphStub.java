package io.zaptrix.meta;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that answers, or fails to, exactly as told; one behaviour a request, the last one over and over. */
final class GraphStub implements AutoCloseable {

    /** What becomes of a connection once a request has been read from it. */
    interface Behaviour {
        /** @return whether the connection serves further requests */
        boolean answer(Socket connection, OutputStream out) throws Exception;
    }

    record Request(String method, URI address, Map<String, String> headers, String body) {}

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Queue<Behaviour> behaviours = new ConcurrentLinkedQueue<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> connections = new CopyOnWriteArrayList<>();

    GraphStub() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    URI url() {
        return URI.create("http://localhost:" + server.getLocalPort());
    }

    /** All requests that arrived, whatever became of them. */
    List<Request> requests() {
        return requests;
    }

    int connections() {
        return connections.size();
    }

    GraphStub then(Behaviour behaviour) {
        behaviours.add(behaviour);
        return this;
    }

    GraphStub answers(int status, String body, String... headers) {
        return then((connection, out) -> {
            out.write(response(status, body, headers));
            return true;
        });
    }

    static byte[] response(int status, String body, String... headers) {
        byte[] bytes = body.getBytes(UTF_8);
        StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append(" Whatever\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        head.append("Content-Type: application/json; charset=UTF-8\r\nContent-Length: ")
                .append(bytes.length)
                .append("\r\n\r\n");
        byte[] response = Arrays.copyOf(head.toString().getBytes(ISO_8859_1), head.length() + bytes.length);
        System.arraycopy(bytes, 0, response, head.length(), bytes.length);
        return response;
    }

    private void accept() {
        try {
            while (true) {
                Socket connection = server.accept();
                connections.add(connection);
                Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            InputStream in = new BufferedInputStream(connection.getInputStream());
            OutputStream out = connection.getOutputStream();
            while (true) {
                requests.add(read(in));
                Behaviour behaviour = behaviours.size() > 1 ? behaviours.poll() : behaviours.peek();
                if (behaviour == null || !behaviour.answer(connection, out)) {
                    return;
                }
                out.flush();
            }
        } catch (Exception over) {
            // The client went away, or the behaviour was to fail.
        }
    }

    private static Request read(InputStream in) throws IOException {
        String[] start = line(in).split(" ");
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            String[] header = line.split(": *", 2);
            headers.put(header[0].toLowerCase(Locale.ROOT), header[1]);
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        return new Request(start[0], URI.create(start[1]), headers, new String(in.readNBytes(length), UTF_8));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException();
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket connection : connections) {
            connection.close();
        }
    }
}
