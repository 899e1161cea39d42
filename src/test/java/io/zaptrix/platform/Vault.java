package io.zaptrix.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The part of HashiCorp Vault that is asked: {@code POST /v1/transit/decrypt/:name}, with its documented answers and
 * errors ({@code {"errors": […]}}; 400 for a wrong ciphertext or key, 403 for a wrong token, 404 where nothing is
 * mounted, 503 while sealed).
 */
final class Vault implements AutoCloseable {

    static final String TOKEN = "hvs.CAESIJ-stand-in-token";

    private final HttpServer server;
    private final Map<String, String> sealed = new ConcurrentHashMap<>();
    final List<String> asked = new CopyOnWriteArrayList<>();
    volatile boolean isSealed;
    volatile String namespace = "";

    Vault() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** As {@code vault write transit/encrypt/zaptrix} does. */
    String wraps(String plaintext) {
        String ciphertext = "vault:v1:" + Base64.getEncoder().encodeToString(("#" + sealed.size()).getBytes(UTF_8));
        sealed.put(ciphertext, plaintext);
        return ciphertext;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            asked.add(exchange.getRequestMethod() + " " + path);
            JsonNode body =
                    JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes());
            String in = exchange.getRequestHeaders().getFirst("X-Vault-Namespace");
            if (isSealed) {
                reply(exchange, 503, errors("Vault is sealed"));
            } else if (!TOKEN.equals(exchange.getRequestHeaders().getFirst("X-Vault-Token"))
                    || !namespace.equals(in == null ? "" : in)) {
                reply(exchange, 403, errors("permission denied"));
            } else if (!path.startsWith("/v1/transit/")) {
                reply(exchange, 404, errors("no handler for route. route entry not found."));
            } else if (!path.equals("/v1/transit/decrypt/zaptrix")) {
                reply(exchange, 400, errors("encryption key not found"));
            } else {
                String plaintext = sealed.get(body.path("ciphertext").asString(""));
                if (plaintext == null) {
                    reply(exchange, 400, errors("cipher: message authentication failed"));
                } else {
                    reply(
                            exchange,
                            200,
                            "{\"request_id\":\"7c1d\",\"lease_id\":\"\",\"renewable\":false,\"lease_duration\":0,\"data\":{"
                                    + "\"plaintext\":\""
                                    + Base64.getEncoder().encodeToString(plaintext.getBytes(UTF_8))
                                    + "\"},\"wrap_info\":null,\"warnings\":null,\"auth\":null}");
                }
            }
        }
    }

    private static String errors(String message) {
        return "{\"errors\":[\"" + message + "\"]}";
    }

    private static void reply(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
