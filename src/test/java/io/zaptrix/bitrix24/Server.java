package io.zaptrix.bitrix24;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A server on a real socket that answers as a test says, and remembers what it was asked. */
final class Server implements AutoCloseable {

    private final HttpServer http;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile Behaviour behaviour = request -> Reply.json(200, "{\"result\":true}");

    record Request(
            String method,
            String path,
            @Nullable String query,
            @Nullable String contentType,
            String body) {

        JsonNode json() {
            return Json.MAPPER.readTree(body);
        }

        JsonNode form() {
            return PhpForm.decode(body.getBytes(UTF_8));
        }
    }

    record Reply(int status, Map<String, String> headers, byte[] body) {

        static Reply json(int status, String json) {
            return new Reply(status, Map.of("Content-Type", "application/json; charset=utf-8"), json.getBytes(UTF_8));
        }

        static Reply html(int status) {
            return new Reply(
                    status, Map.of("Content-Type", "text/html"), "<html><h1>Bad Gateway</h1></html>".getBytes(UTF_8));
        }

        Reply with(String header, String value) {
            return new Reply(status, Map.of(header, value), body);
        }
    }

    /** Answers a request; may take its time, or write by itself and answer nothing. */
    @FunctionalInterface
    interface Behaviour {
        @Nullable
        Reply answer(Request request) throws Exception;
    }

    /** As {@link Behaviour}, with the connection in hand. */
    @FunctionalInterface
    interface RawBehaviour {
        void answer(HttpExchange exchange) throws Exception;
    }

    private volatile @Nullable RawBehaviour raw;

    Server() {
        try {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", this::handle);
        http.start();
    }

    void answers(Behaviour behaviour) {
        this.behaviour = behaviour;
    }

    void answers(Reply reply) {
        this.behaviour = request -> reply;
    }

    void answersRaw(RawBehaviour raw) {
        this.raw = raw;
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + http.getAddress().getPort() + path);
    }

    int port() {
        return http.getAddress().getPort();
    }

    List<Request> requests() {
        return requests;
    }

    Request lastRequest() {
        return requests.getLast();
    }

    @Override
    public void close() {
        http.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Request request = new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath(),
                    exchange.getRequestURI().getRawQuery(),
                    exchange.getRequestHeaders().getFirst("Content-Type"),
                    new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            requests.add(request);
            RawBehaviour raw = this.raw;
            if (raw != null) {
                raw.answer(exchange);
                return;
            }
            Reply reply = behaviour.answer(request);
            if (reply != null) {
                reply.headers().forEach(exchange.getResponseHeaders()::set);
                exchange.sendResponseHeaders(reply.status(), reply.body().length == 0 ? -1 : reply.body().length);
                exchange.getResponseBody().write(reply.body());
            }
        } catch (IOException clientGone) {
            // What a test of broken connections wants.
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
