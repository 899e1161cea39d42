package io.zaptrix.channel;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** The part of the Graph API that linking a number asks: the number, and the app's subscription to the account. */
final class MetaStub implements AutoCloseable {

    static final String TOKEN = "EAAgood";
    /** Its token is good for the account of this id, and for those whose ids begin with it. */
    static final String WABA = "419561257915477";

    private final HttpServer server;
    private final Set<String> unknown = ConcurrentHashMap.newKeySet();
    final List<String> subscriptions = new CopyOnWriteArrayList<>();

    /** The service says that it is not there. */
    volatile boolean down;

    MetaStub() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    void doesNotKnow(String phoneNumberId) {
        unknown.add(phoneNumberId);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String[] path = exchange.getRequestURI().getPath().split("/");
            String id = path[2];
            boolean known =
                    ("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            if (down) {
                reply(exchange, 503, error(131016, "Service unavailable"));
            } else if (!known) {
                reply(exchange, 401, error(190, "Error validating access token"));
            } else if (path.length > 3) {
                if (id.startsWith(WABA)) {
                    if (exchange.getRequestMethod().equals("DELETE")) {
                        subscriptions.remove(id);
                    } else if (!subscriptions.contains(id)) {
                        subscriptions.add(id);
                    }
                    reply(exchange, 200, "{\"success\":true}");
                } else {
                    reply(exchange, 403, error(200, "You do not have the necessary permissions"));
                }
            } else if (unknown.contains(id)) {
                reply(exchange, 400, error(100, "Unsupported get request. Object does not exist"));
            } else {
                reply(
                        exchange,
                        200,
                        "{\"id\":\"" + id + "\",\"display_phone_number\":\"+55 11 99999-0001\","
                                + "\"verified_name\":\"Jaspers Market\",\"quality_rating\":\"GREEN\"}");
            }
        }
    }

    private static String error(int code, String message) {
        return "{\"error\":{\"message\":\"(#" + code + ") " + message + "\",\"type\":\"OAuthException\",\"code\":"
                + code + ",\"error_data\":{\"messaging_product\":\"whatsapp\",\"details\":\"" + message + "\"}}}";
    }

    private static void reply(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(UTF_8);
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
