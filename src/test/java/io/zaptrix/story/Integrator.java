package io.zaptrix.story;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The server of somebody who builds on the API: takes events, or refuses them when told to. */
final class Integrator implements AutoCloseable {

    private final HttpServer server;
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final AtomicInteger refusals = new AtomicInteger();

    /** One attempt to deliver an event. */
    record Event(String id, long timestamp, String signature, String path, String body, int answered) {

        JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }

        /** As anybody would verify it who has read Standard Webhooks. */
        boolean isSignedBy(String secret) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(
                        Base64.getDecoder().decode(secret.substring("whsec_".length())), "HmacSHA256"));
                byte[] right = mac.doFinal((id + "." + timestamp + "." + body).getBytes(UTF_8));
                byte[] given = Base64.getDecoder().decode(signature.substring("v1,".length()));
                return signature.startsWith("v1,")
                        && MessageDigest.isEqual(right, given)
                        && Math.abs(Instant.now().getEpochSecond() - timestamp) < 60;
            } catch (GeneralSecurityException failed) {
                throw new AssertionError(failed);
            }
        }
    }

    Integrator() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        server.createContext("/", this::take);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    String url(String path) {
        return "http://localhost:" + server.getAddress().getPort() + path;
    }

    void refuseNext(int times) {
        refusals.set(times);
    }

    /** Answers 500 to whatever is posted there. */
    void refuse(String path) {
        refused.add(path);
    }

    void take(String path) {
        refused.remove(path);
    }

    List<Event> events() {
        return List.copyOf(events);
    }

    List<Event> taken(String type) {
        return events.stream()
                .filter(event -> event.answered() == 204
                        && event.json().path("type").asString().equals(type))
                .toList();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            String path = exchange.getRequestURI().getPath();
            int status = refused.contains(path) || refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ? 500 : 204;
            events.add(new Event(
                    String.valueOf(exchange.getRequestHeaders().getFirst("webhook-id")),
                    Long.parseLong(exchange.getRequestHeaders().getFirst("webhook-timestamp")),
                    String.valueOf(exchange.getRequestHeaders().getFirst("webhook-signature")),
                    path,
                    body,
                    status));
            exchange.sendResponseHeaders(status, -1);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
