package io.zaptrix.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A small HTTP server on 127.0.0.1, a virtual thread a request. */
final class LoopbackServer implements AutoCloseable {

    static {
        // Without it an answer in two writes waits 40 ms for the other side's delayed acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private static final int REMEMBERED = 20_000;

    private final Queue<String> requestLines = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * Starts to serve.
     *
     * @param port 0 takes a free one
     * @throws UncheckedIOException when the port is taken
     */
    LoopbackServer(int port, Handler handler) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            remember(exchange);
            serve(exchange, handler);
        });
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port());
    }

    /** Method and address of each request, as any log on the way would have them. */
    List<String> requestLines() {
        return List.copyOf(requestLines);
    }

    private void remember(HttpExchange exchange) {
        requestLines.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        while (requestLines.size() > REMEMBERED) {
            requestLines.poll();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static void serve(HttpExchange exchange, Handler handler) throws IOException {
        try (exchange) {
            boolean upload = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Type"))
                    .orElse("")
                    .startsWith("multipart/");
            byte[] body = upload ? new byte[0] : exchange.getRequestBody().readAllBytes();
            URI uri = exchange.getRequestURI();
            Request request = new Request(
                    exchange.getRequestMethod(),
                    uri.getPath(),
                    Optional.ofNullable(uri.getRawQuery()).orElse(""),
                    exchange.getRequestHeaders(),
                    body,
                    exchange.getRequestBody());
            Reply reply;
            try {
                reply = handler.answer(request);
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                reply = Reply.text(500, "text/plain", e.toString());
            }
            if (reply.status() == 0) {
                // Closed without an answer: the caller cannot know what became of its request.
                return;
            }
            reply.headers().forEach(exchange.getResponseHeaders()::set);
            exchange.getResponseHeaders().set("Content-Type", reply.contentType());
            byte[] answer = reply.body();
            FileContent file = reply.file();
            long length = file == null ? answer.length : file.size();
            boolean silent = length == 0 || request.method().equals("HEAD");
            exchange.sendResponseHeaders(reply.status(), silent ? -1 : length);
            if (!silent && file != null) {
                try (InputStream content = file.open()) {
                    content.transferTo(exchange.getResponseBody());
                }
            } else if (!silent) {
                exchange.getResponseBody().write(answer);
            }
        }
    }

    /** Answers one request; may wait as long as it likes. */
    interface Handler {
        Reply answer(Request request) throws InterruptedException;
    }

    /**
     * A request as it came; the query is still encoded.
     *
     * @param body empty for a form with files, which is read from {@code stream}
     */
    record Request(String method, String path, String query, Headers headers, byte[] body, InputStream stream) {

        String header(String name) {
            return Optional.ofNullable(headers.getFirst(name)).orElse("");
        }

        boolean isJson() {
            return header("Content-Type").toLowerCase(java.util.Locale.ROOT).startsWith("application/json");
        }
    }

    /**
     * An answer; status 0 closes the connection without one.
     *
     * @param file what is sent instead of the body
     */
    record Reply(
            int status,
            String contentType,
            Map<String, String> headers,
            byte[] body,
            @Nullable FileContent file) {

        Reply(int status, String contentType, Map<String, String> headers, byte[] body) {
            this(status, contentType, headers, body, null);
        }

        static final Reply NONE = new Reply(0, "", Map.of(), new byte[0]);

        /** A file, or the part of it that {@code range} asks for. */
        static Reply file(FileContent file, String contentType, String range) {
            java.util.regex.Matcher asked =
                    java.util.regex.Pattern.compile("bytes=(\\d*)-(\\d*)").matcher(range);
            if (!asked.matches() || asked.group().equals("bytes=-")) {
                return new Reply(200, contentType, Map.of("Accept-Ranges", "bytes"), new byte[0], file);
            }
            long size = file.size();
            long first = asked.group(1).isEmpty()
                    ? Math.max(0, size - Long.parseLong(asked.group(2)))
                    : Long.parseLong(asked.group(1));
            long last = asked.group(1).isEmpty() || asked.group(2).isEmpty()
                    ? size - 1
                    : Math.min(size - 1, Long.parseLong(asked.group(2)));
            if (first > last) {
                return new Reply(416, contentType, Map.of("Content-Range", "bytes */" + size), new byte[0]);
            }
            return new Reply(
                    206,
                    contentType,
                    Map.of("Content-Range", "bytes " + first + "-" + last + "/" + size),
                    new byte[0],
                    file.part(first, last - first + 1));
        }

        static Reply json(int status, Object tree) {
            return new Reply(
                    status, "application/json; charset=utf-8", Map.of(), SandboxJson.MAPPER.writeValueAsBytes(tree));
        }

        static Reply text(int status, String contentType, String text) {
            return new Reply(status, contentType + "; charset=utf-8", Map.of(), text.getBytes(UTF_8));
        }

        static Reply redirect(String location) {
            return new Reply(302, "text/html", Map.of("Location", location), new byte[0]);
        }

        static Reply empty(int status) {
            return new Reply(status, "text/plain", Map.of(), new byte[0]);
        }
    }
}
