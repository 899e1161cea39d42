package io.zaptrix.portal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.zaptrix.bitrix24.PhpForm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Bitrix24's authorization server and any number of portals, on two real sockets: tokens that belong to a user of a
 * portal and to an app, calls that are remembered, and refusals on demand. All portals answer at one address; the token
 * tells whose call it is.
 */
public final class Bitrix24Stub implements AutoCloseable {

    public static final String MARKETPLACE_APP = "app.zaptrix";
    public static final String MARKETPLACE_SECRET = "marketplace-secret";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpServer authorization = server(this::authorize);
    private final HttpServer portals = server(this::portal);

    private final Map<String, Holder> accessTokens = new ConcurrentHashMap<>();
    private final Map<String, Holder> refreshTokens = new ConcurrentHashMap<>();
    private final Map<String, Holder> codes = new ConcurrentHashMap<>();
    private final Map<String, String> secrets = new ConcurrentHashMap<>(Map.of(MARKETPLACE_APP, MARKETPLACE_SECRET));
    private final Set<String> expired = ConcurrentHashMap.newKeySet();
    private final Map<String, String> refusals = new ConcurrentHashMap<>();
    private final Map<String, Map<String, String>> lines = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> handlers = new ConcurrentHashMap<>();
    private final AtomicInteger lastLine = new AtomicInteger(100);

    /** Where the portals say that they are. */
    public volatile String portalHost = "127.0.0.1";

    /** What the token endpoint answers instead of tokens. */
    public volatile @Nullable String refreshRefusal;

    /** How long the token endpoint thinks. */
    public volatile long refreshMillis;

    public final AtomicInteger refreshes = new AtomicInteger();
    public final List<Call> calls = new CopyOnWriteArrayList<>();

    /** Whom a token speaks for. */
    public record Holder(String memberId, String userId, boolean admin, String clientId, String appStatus) {}

    /** A call that a portal got. */
    public record Call(String memberId, String method, JsonNode params) {}

    /** The admin of a portal, with the marketplace app. */
    public static Holder admin(String memberId) {
        return new Holder(memberId, "1", true, MARKETPLACE_APP, "P");
    }

    public static Holder colleague(String memberId) {
        return new Holder(memberId, "7", false, MARKETPLACE_APP, "P");
    }

    public URI oauthUrl() {
        return URI.create("http://127.0.0.1:" + authorization.getAddress().getPort());
    }

    public URI clientEndpoint() {
        return URI.create("http://" + portalHost + ":" + portals.getAddress().getPort() + "/rest/");
    }

    /** What the portal posts when this person opens a page of the app. */
    public PageGrant opens(Holder holder) {
        return new PageGrant(
                accessToken(holder),
                refreshToken(holder),
                "3600",
                holder.memberId(),
                "127.0.0.1",
                "br",
                "application-token-of-" + holder.memberId(),
                "imopenlines,imconnector,im",
                holder.appStatus());
    }

    public String accessToken(Holder holder) {
        String token = "access-" + UUID.randomUUID();
        accessTokens.put(token, holder);
        return token;
    }

    public String refreshToken(Holder holder) {
        String token = "refresh-" + UUID.randomUUID();
        refreshTokens.put(token, holder);
        return token;
    }

    /** The code with which this person comes back from the authorize page. */
    public String code(Holder holder) {
        String code = "code-" + UUID.randomUUID();
        codes.put(code, holder);
        return code;
    }

    public void secret(String clientId, String secret) {
        secrets.put(clientId, secret);
    }

    /** All access tokens of the portal end now, whatever was said of their life. */
    public void expireAll(String memberId) {
        accessTokens.forEach((token, holder) -> {
            if (holder.memberId().equals(memberId)) {
                expired.add(token);
            }
        });
    }

    /** From now on the method is answered with this error; null: as usual again. */
    public void refuses(String method, @Nullable String error) {
        if (error == null) {
            refusals.remove(method);
        } else {
            refusals.put(method, error);
        }
    }

    public void hasLine(String memberId, String id, String name) {
        lines.computeIfAbsent(memberId, member -> new ConcurrentHashMap<>()).put(id, name);
    }

    public Map<String, String> linesOf(String memberId) {
        return lines.getOrDefault(memberId, Map.of());
    }

    /** Event and handler, joined by a blank. */
    public Set<String> handlersOf(String memberId) {
        return handlers.computeIfAbsent(memberId, member -> ConcurrentHashMap.newKeySet());
    }

    public List<Call> calls(String memberId, String method) {
        return calls.stream()
                .filter(call -> call.memberId().equals(memberId))
                .filter(call -> call.method().equals(method))
                .toList();
    }

    @Override
    public void close() {
        authorization.stop(0);
        portals.stop(0);
    }

    private Object authorize(String path, Map<String, String> params, JsonNode body) throws InterruptedException {
        return path.contains("app.info") ? appInfo(body.path("auth").asString("")) : token(params);
    }

    private Object appInfo(String accessToken) {
        Holder holder = accessTokens.get(accessToken);
        if (holder == null) {
            return error("invalid_client", "Invalid client");
        }
        if (expired.contains(accessToken)) {
            return error("expired_token", "The access token provided has expired.");
        }
        return Map.of(
                "result",
                Map.of(
                        "client_id",
                        holder.clientId(),
                        "scope",
                        "imopenlines,imconnector,im",
                        "install",
                        Map.of(
                                "installed",
                                true,
                                "version",
                                "1",
                                "status",
                                holder.appStatus(),
                                "client_endpoint",
                                clientEndpoint().toString(),
                                "member_id",
                                holder.memberId()),
                        "user_id",
                        holder.userId()));
    }

    private Object token(Map<String, String> params) throws InterruptedException {
        boolean refreshing = "refresh_token".equals(params.get("grant_type"));
        if (refreshing) {
            refreshes.incrementAndGet();
        }
        Thread.sleep(refreshMillis);
        String clientId = params.getOrDefault("client_id", "");
        if (!params.getOrDefault("client_secret", "").equals(secrets.get(clientId))) {
            return error("invalid_client", "Wrong client_secret");
        }
        String refusal = refreshRefusal;
        if (refusal != null) {
            return error(refusal, "No.");
        }
        Holder holder = refreshing
                ? refreshTokens.get(params.getOrDefault("refresh_token", ""))
                : codes.remove(params.getOrDefault("code", ""));
        if (holder == null || !holder.clientId().equals(clientId)) {
            return error("invalid_grant", "Unknown grant");
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("access_token", accessToken(holder));
        answer.put("refresh_token", refreshToken(holder));
        answer.put("expires_in", 3600);
        answer.put("member_id", holder.memberId());
        answer.put("client_endpoint", clientEndpoint().toString());
        answer.put("domain", "oauth.bitrix.info");
        answer.put("status", holder.appStatus());
        answer.put("scope", "imopenlines,imconnector,im");
        return answer;
    }

    private Object portal(String path, Map<String, String> params, JsonNode body) {
        String method = path.substring(path.lastIndexOf('/') + 1);
        String accessToken = body.path("auth").asString("");
        Holder holder = accessTokens.get(accessToken);
        if (holder == null) {
            return error("invalid_token", "Unable to get application by token");
        }
        if (expired.contains(accessToken)) {
            return error("expired_token", "The access token provided has expired.");
        }
        ((ObjectNode) body).remove("auth");
        calls.add(new Call(holder.memberId(), method, body));
        String refusal = refusals.get(method);
        return refusal != null ? error(refusal, "Refused: " + method) : answer(holder, method, body);
    }

    private Object answer(Holder holder, String method, JsonNode params) {
        String member = holder.memberId();
        return switch (method) {
            case "profile" ->
                result(Map.of("ID", holder.userId(), "ADMIN", holder.admin(), "NAME", "Ana", "LAST_NAME", "Souza"));
            case "imconnector.register" -> result(Map.of("result", true));
            case "event.get" ->
                result(handlersOf(member).stream()
                        .map(handler -> handler.split(" "))
                        .map(pair -> Map.of("event", pair[0], "handler", pair[1], "offline", 0))
                        .toList());
            case "event.bind" ->
                handlersOf(member).add(handler(params))
                        ? result(true)
                        : error("ERROR_CORE", "Unable to set event handler: Handler already binded");
            case "event.unbind" -> {
                handlersOf(member).remove(handler(params));
                yield result(Map.of("count", 1));
            }
            case "imopenlines.config.list.get" -> {
                List<Map<String, String>> listed = new ArrayList<>();
                if (params.path("PARAMS").path("offset").asInt(0) == 0) {
                    linesOf(member)
                            .forEach((id, name) -> listed.add(Map.of("ID", id, "LINE_NAME", name, "ACTIVE", "Y")));
                }
                yield result(listed);
            }
            case "imopenlines.config.add" -> {
                int id = lastLine.incrementAndGet();
                hasLine(
                        member,
                        Integer.toString(id),
                        params.path("PARAMS").path("LINE_NAME").asString(""));
                yield result(id);
            }
            case "imopenlines.config.delete" ->
                result(lines.getOrDefault(member, Map.of())
                                .remove(params.path("CONFIG_ID").asString(""))
                        != null);
            case "imconnector.status" -> result(Map.of("STATUS", false, "CONFIGURED", false));
            case "imconnector.activate", "imconnector.connector.data.set" -> result(true);
            default -> error("ERROR_METHOD_NOT_FOUND", "Method not found!");
        };
    }

    private static String handler(JsonNode params) {
        return params.path("event").asString("") + " " + params.path("handler").asString("");
    }

    private static Map<String, Object> result(Object result) {
        return Map.of("result", result, "time", Map.of("start", 1, "finish", 2));
    }

    private static Map<String, Object> error(String code, String description) {
        return Map.of("error", code, "error_description", description);
    }

    private interface Answering {
        Object answer(String path, Map<String, String> params, JsonNode body) throws InterruptedException;
    }

    private static HttpServer server(Answering answering) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", exchange -> handle(exchange, answering));
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void handle(HttpExchange exchange, Answering answering) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
            JsonNode sent = type.contains("json") ? JSON.readTree(body) : PhpForm.decode(body);
            Map<String, String> params = new LinkedHashMap<>();
            sent.properties()
                    .forEach(
                            field -> params.put(field.getKey(), field.getValue().asString("")));
            String query = exchange.getRequestURI().getRawQuery();
            for (String pair : (query == null ? "" : query).split("&")) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    params.put(pair.substring(0, equals), URLDecoder.decode(pair.substring(equals + 1), UTF_8));
                }
            }
            Object answer = answering.answer(exchange.getRequestURI().getPath(), params, sent);
            boolean refused = answer instanceof Map<?, ?> map && map.containsKey("error");
            byte[] json = JSON.writeValueAsBytes(answer);
            exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
            exchange.sendResponseHeaders(refused ? status(answer) : 200, json.length);
            exchange.getResponseBody().write(json);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int status(Object answer) {
        String code = String.valueOf(((Map<?, ?>) answer).get("error"));
        return switch (code) {
            case "expired_token", "invalid_token" -> 401;
            case "QUERY_LIMIT_EXCEEDED", "INTERNAL_SERVER_ERROR" -> 503;
            default -> 400;
        };
    }
}
