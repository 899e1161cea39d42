package io.zaptrix.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A small HTTP server on 127.0.0.1, a virtual thread a request. */
final class LoopbackServer implements AutoCloseable {

    static {
        // Without it an answer in two writes waits 40 ms for the other side's delayed acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
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
        server.createContext("/", exchange -> serve(exchange, handler));
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static void serve(HttpExchange exchange, Handler handler) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            URI uri = exchange.getRequestURI();
            Request request = new Request(
                    exchange.getRequestMethod(),
                    uri.getPath(),
                    Optional.ofNullable(uri.getRawQuery()).orElse(""),
                    exchange.getRequestHeaders(),
                    body);
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
            boolean silent = answer.length == 0 || request.method().equals("HEAD");
            exchange.sendResponseHeaders(reply.status(), silent ? -1 : answer.length);
            if (!silent) {
                exchange.getResponseBody().write(answer);
            }
        }
    }

    /** Answers one request; may wait as long as it likes. */
    interface Handler {
        Reply answer(Request request) throws InterruptedException;
    }

    /** A request as it came; the query is still encoded. */
    record Request(String method, String path, String query, Headers headers, byte[] body) {

        String header(String name) {
            return Optional.ofNullable(headers.getFirst(name)).orElse("");
        }

        boolean isJson() {
            return header("Content-Type").toLowerCase(java.util.Locale.ROOT).startsWith("application/json");
        }
    }

    /** An answer; status 0 closes the connection without one. */
    record Reply(int status, String contentType, Map<String, String> headers, byte[] body) {

        static final Reply NONE = new Reply(0, "", Map.of(), new byte[0]);

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
