package io.zaptrix.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.bitrix24.PhpForm;
import io.zaptrix.sandbox.LoopbackServer.Reply;
import io.zaptrix.sandbox.LoopbackServer.Request;
import java.net.URI;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Plays Bitrix24 over real HTTP on 127.0.0.1: the authorization server and any number of portals, each with its users,
 * open lines, chats, REST methods and events, with the habits of the PHP behind them, and, when told to, its failures.
 * Keeps everything it has seen, so that what was sent can be reconciled with what arrived.
 *
 * <p>The shapes are those of the REST documentation (github.com/bitrix24/b24restdocs). One habit is switchable:
 * Bitrix24 itself repeats no event that was not taken ("No retries" in its guide to events), this stand-in does unless
 * {@link #redeliver(boolean)} says otherwise. Safe for use by many threads.
 */
public final class StandInBitrix24 implements AutoCloseable {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Duration CODE_LIFE = Duration.ofSeconds(30);
    private static final Duration REFRESH_LIFE = Duration.ofDays(180);

    private final LoopbackServer server;
    private final List<String> issued = new CopyOnWriteArrayList<>();
    private final Courier courier = new Courier(status -> status >= 200 && status < 300);
    private final Map<String, StandInPortal> portals = new ConcurrentHashMap<>();
    private final Map<String, String> movedPortals = new ConcurrentHashMap<>();
    private final Map<String, App> apps = new ConcurrentHashMap<>();
    private final Map<String, Grant> accessTokens = new ConcurrentHashMap<>();
    private final Map<String, Grant> refreshTokens = new ConcurrentHashMap<>();
    private final Map<String, Grant> codes = new ConcurrentHashMap<>();
    private final List<TokenRequest> tokenRequests = new CopyOnWriteArrayList<>();
    private final List<Consumer<Passage>> passages = new CopyOnWriteArrayList<>();
    private final List<Runnable> changes = new CopyOnWriteArrayList<>();
    // Ids of chats and messages never repeat, not even after a restart: the application knows messages by them.
    private final AtomicLong ids = new AtomicLong((Instant.now().getEpochSecond() - 1_735_689_600L) * 10);

    private volatile String mainClientId = "app.stand-in.000001";
    private volatile Duration tokenLife = Duration.ofHours(1);
    private volatile boolean strictRotation = true;
    private volatile Duration tokenDelay = Duration.ZERO;

    /**
     * Starts to serve.
     *
     * @param port on 127.0.0.1; 0 takes a free one
     * @throws java.io.UncheckedIOException when the port is taken
     */
    public StandInBitrix24(int port) {
        server = new LoopbackServer(port, this::answer);
        courier.retryBetween(Duration.ofMillis(100), Duration.ofSeconds(2));
    }

    // ---------------------------------------------------------------- what is set up

    /** Where the authorization server is: the value for {@code ZAPTRIX_BITRIX24_OAUTH_URL}. */
    public URI oauthUrl() {
        return server.url();
    }

    /**
     * The marketplace app, which portals install unless given one of their own.
     *
     * @param appUrl the application's public address; events and the browser are sent there
     */
    public StandInBitrix24 app(String clientId, String clientSecret, URI appUrl) {
        mainClientId = clientId;
        return addApp(clientId, clientSecret, appUrl, false);
    }

    /** The application has come back at another address; concerns events bound from now on and sign-ins. */
    public StandInBitrix24 appUrl(URI appUrl) {
        apps.replaceAll((id, app) -> new App(id, app.secret(), appUrl, app.local()));
        return this;
    }

    /** A local app, made by one portal's own admin; see {@link StandInPortal#installs(String)}. */
    public StandInBitrix24 localApp(String clientId, String clientSecret, URI appUrl) {
        return addApp(clientId, clientSecret, appUrl, true);
    }

    private StandInBitrix24 addApp(String clientId, String clientSecret, URI appUrl, boolean local) {
        apps.put(clientId, new App(clientId, clientSecret, appUrl, local));
        return this;
    }

    /**
     * Adds a portal, with an admin (user 1), an agent (user 27) and one open line. What identifies it follows from its
     * name and so is the same after a restart.
     *
     * @param name letters, digits and hyphens; part of its address
     */
    public StandInPortal addPortal(String name) {
        StandInPortal portal = new StandInPortal(this, name, digest("member " + name), digest("application " + name));
        portals.put(name, portal);
        return portal;
    }

    /** @throws IllegalArgumentException when there is no such portal */
    public StandInPortal portal(String name) {
        StandInPortal portal = portals.get(name);
        if (portal == null) {
            throw new IllegalArgumentException("No such portal: " + name);
        }
        return portal;
    }

    public Collection<StandInPortal> portals() {
        return List.copyOf(portals.values());
    }

    /** How long access tokens live from now on; an hour unless changed. */
    public StandInBitrix24 tokenLife(Duration life) {
        tokenLife = life;
        return this;
    }

    /** Whether a refresh token dies when it is used; else it works until its time is over. On unless switched off. */
    public StandInBitrix24 strictRotation(boolean on) {
        strictRotation = on;
        return this;
    }

    /** Lets the authorization server take its time over tokens, so that racing refreshes meet. */
    public StandInBitrix24 tokenDelay(Duration each) {
        tokenDelay = each;
        return this;
    }

    /** Whether events that were not taken are repeated. On at first; the real Bitrix24 does not. */
    public StandInBitrix24 redeliver(boolean on) {
        courier.redeliver(on);
        return this;
    }

    /** How events are repeated: at first after {@code first}, then doubling up to {@code longest}. */
    public StandInBitrix24 redelivery(Duration first, Duration longest) {
        courier.retryBetween(first, longest);
        return this;
    }

    /** Sends every event twice. */
    public StandInBitrix24 eventsTwice(boolean on) {
        courier.twice(on);
        return this;
    }

    /** Sends events in any order, up to 0.4 s late. */
    public StandInBitrix24 reorderEvents(boolean on) {
        courier.reorder(on);
        return this;
    }

    /** Sends every event this much later. */
    public StandInBitrix24 delayEvents(Duration each) {
        courier.delay(each);
        return this;
    }

    /** Told of every exchange, on the thread that made it. */
    public void onPassage(Consumer<Passage> listener) {
        passages.add(listener);
    }

    /** Told whenever something in a portal changed. */
    public void onChange(Runnable listener) {
        changes.add(listener);
    }

    /** Every access token, of all portals, is expired from now on; refresh tokens live. */
    public void expireAccessTokens() {
        accessTokens.replaceAll((token, grant) -> grant.until(Instant.EPOCH));
    }

    /** Every call of {@code /oauth/token/}. */
    public List<TokenRequest> tokenRequests() {
        return List.copyOf(tokenRequests);
    }

    /** All access and refresh tokens that were ever given. */
    public List<String> issuedTokens() {
        return List.copyOf(issued);
    }

    /** Method and address of each request that came, with its query. */
    public List<String> requestLines() {
        return server.requestLines();
    }

    /** Waits until every event is delivered or given up. */
    public boolean awaitIdle(Duration most) throws InterruptedException {
        return courier.awaitIdle(most);
    }

    @Override
    public void close() {
        courier.close();
        server.close();
    }

    // ---------------------------------------------------------------- for the portals

    URI portalUrl(String name) {
        return URI.create(server.url() + "/portals/" + name + "/");
    }

    String domain() {
        return "127.0.0.1:" + server.port();
    }

    String mainClientId() {
        return mainClientId;
    }

    App app(String clientId) {
        App app = apps.get(clientId);
        if (app == null) {
            throw new IllegalStateException("No app " + clientId + "; call app(clientId, clientSecret, appUrl) first");
        }
        return app;
    }

    long nextId() {
        return ids.incrementAndGet();
    }

    void carry(String key, Courier.Parcel parcel) {
        courier.send(key, parcel);
    }

    void changed() {
        changes.forEach(Runnable::run);
    }

    void passed(boolean toApplication, String what, int status, String note) {
        Passage passage = new Passage(Instant.now(), "bitrix24", toApplication, what, status, note);
        passages.forEach(listener -> listener.accept(passage));
    }

    void renamed(StandInPortal portal, String from, String to) {
        portals.remove(from);
        portals.put(to, portal);
        movedPortals.put(from, to);
    }

    /** New tokens of a user of a portal for an app. */
    IssuedTokens issue(StandInPortal portal, String userId, String clientId) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Instant expires = now.plus(tokenLife);
        String access = randomHex(35);
        String refresh = randomHex(35);
        accessTokens.put(access, new Grant(portal, userId, clientId, expires));
        refreshTokens.put(refresh, new Grant(portal, userId, clientId, now.plus(REFRESH_LIFE)));
        issued.add(access);
        issued.add(refresh);
        return new IssuedTokens(access, refresh, expires, tokenLife.toSeconds());
    }

    void revoke(StandInPortal portal, boolean refreshToo) {
        accessTokens.replaceAll((token, grant) -> grant.portal() == portal ? grant.until(Instant.EPOCH) : grant);
        if (refreshToo) {
            refreshTokens.values().removeIf(grant -> grant.portal() == portal);
        }
    }

    void forget(StandInPortal portal) {
        accessTokens.values().removeIf(grant -> grant.portal() == portal);
        refreshTokens.values().removeIf(grant -> grant.portal() == portal);
    }

    /**
     * Who calls a portal's REST.
     *
     * @throws RestFault as the portal answers
     */
    Grant caller(StandInPortal portal, String token) {
        if (token.isEmpty()) {
            throw new RestFault(401, "NO_AUTH_FOUND", "Wrong authorization data");
        }
        Grant grant = accessTokens.get(token);
        if (grant == null || grant.portal() != portal) {
            throw new RestFault(401, "invalid_token", "Unable to get application by token");
        }
        if (grant.until().isBefore(Instant.now())) {
            throw new RestFault(401, "expired_token", "The access token provided has expired.");
        }
        if (!portal.isInstalled()) {
            throw new RestFault(401, "APPLICATION_NOT_FOUND", "Application not found");
        }
        return grant;
    }

    /** Parameters from the query and from a form or JSON body, which wins. */
    static ObjectNode params(Request request) {
        ObjectNode params = PhpForm.decode(request.query().getBytes(UTF_8));
        if (request.body().length == 0) {
            return params;
        }
        if (!request.isJson()) {
            params.setAll(PhpForm.decode(request.body()));
            return params;
        }
        try {
            if (SandboxJson.MAPPER.readTree(request.body()) instanceof ObjectNode body) {
                params.setAll(body);
            }
        } catch (JacksonException malformed) {
            throw new RestFault(400, "INVALID_REQUEST", "The request body is not valid JSON");
        }
        return params;
    }

    /** The part {@code time} of every answer. */
    static ObjectNode time(Instant start, double operating) {
        Instant finish = Instant.now();
        double took = Duration.between(start, finish).toNanos() / 1e9;
        DateTimeFormatter format = DateTimeFormatter.ISO_OFFSET_DATE_TIME;
        return JSON.objectNode()
                .put("start", start.toEpochMilli() / 1000.0)
                .put("finish", finish.toEpochMilli() / 1000.0)
                .put("duration", took)
                .put("processing", took)
                .put(
                        "date_start",
                        format.format(start.truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC)))
                .put(
                        "date_finish",
                        format.format(finish.truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC)))
                .put("operating_reset_at", finish.getEpochSecond() + 600)
                .put("operating", operating);
    }

    static Reply fault(RestFault fault) {
        return Reply.json(
                fault.status(),
                JSON.objectNode().put("error", fault.code()).put("error_description", fault.description()));
    }

    // ---------------------------------------------------------------- HTTP

    private Reply answer(Request request) throws InterruptedException {
        List<String> path = List.of(request.path().replaceAll("^/+|/+$", "").split("/+"));
        if (path.equals(List.of("oauth", "token"))) {
            return token(request);
        }
        if (path.equals(List.of("oauth", "authorize"))) {
            return chooser(request);
        }
        if (path.size() == 2
                && path.getFirst().equals("rest")
                && method(path.get(1)).equals("app.info")) {
            return authServerAppInfo(request);
        }
        if (path.size() >= 2 && path.getFirst().equals("portals")) {
            String name = path.get(1);
            StandInPortal portal = portals.get(name);
            if (portal == null) {
                String moved = movedPortals.get(name);
                return moved == null
                        ? Reply.text(404, "text/html", "<h1>404 Not Found</h1>")
                        : Reply.redirect(
                                server.url() + request.path().replaceFirst("/portals/" + name, "/portals/" + moved));
            }
            return portalAnswer(portal, request, path.subList(2, path.size()));
        }
        return Reply.text(404, "text/html", "<h1>404 Not Found</h1>");
    }

    private Reply portalAnswer(StandInPortal portal, Request request, List<String> rest) throws InterruptedException {
        if (rest.size() == 2 && rest.getFirst().equals("rest")) {
            return portal.rest(request, method(rest.get(1)));
        }
        if (rest.equals(List.of("oauth", "authorize"))) {
            return authorize(portal, params(request));
        }
        return portal.page(request, rest);
    }

    private static String method(String segment) {
        String method = segment.toLowerCase(Locale.ROOT);
        return method.endsWith(".json") ? method.substring(0, method.length() - 5) : method;
    }

    /** All portals here share a host, which alone does not say whose page is asked for: so the visitor does. */
    private Reply chooser(Request request) {
        StringBuilder html =
                new StringBuilder("<!doctype html><html lang=\"en\"><title>Bitrix24 (stand-in)</title><ul>");
        portals.keySet().stream()
                .sorted()
                .forEach(name -> html.append("<li><a href=\"/portals/")
                        .append(name)
                        .append("/oauth/authorize/?")
                        .append(request.query()
                                .replace("&", "&amp;")
                                .replace("\"", "%22")
                                .replace("<", "%3C"))
                        .append("\">")
                        .append(name)
                        .append("</a></li>"));
        return Reply.text(200, "text/html", html.append("</ul></html>").toString());
    }

    /** Sends the browser back with a code, to where the app's settings say; the user is taken for signed in. */
    private Reply authorize(StandInPortal portal, JsonNode params) {
        String clientId = params.path("client_id").asString("");
        App app = apps.get(clientId);
        if (app == null || !portal.isInstalled()) {
            return Reply.text(400, "text/html", "<h1>The application is not installed</h1>");
        }
        String code = randomHex(35);
        String user = params.path("user").asString(portal.adminId());
        codes.put(code, new Grant(portal, user, clientId, Instant.now().plus(CODE_LIFE)));
        String state = params.path("state").asString("");
        return Reply.redirect(app.redirectUrl() + "?code=" + code + "&state=" + URLEncoder.encode(state, UTF_8)
                + "&domain=" + URLEncoder.encode(domain(), UTF_8) + "&member_id=" + portal.memberId() + "&scope="
                + URLEncoder.encode(portal.scope(), UTF_8) + "&server_domain="
                + URLEncoder.encode(domain(), UTF_8));
    }

    private Reply token(Request request) throws InterruptedException {
        Thread.sleep(tokenDelay);
        ObjectNode params;
        try {
            params = params(request);
        } catch (RestFault malformed) {
            return fault(malformed);
        }
        String grantType = params.path("grant_type").asString("");
        Reply reply;
        String member = "";
        try {
            Grant grant = granted(params, grantType);
            member = grant.portal().memberId();
            IssuedTokens tokens = issue(grant.portal(), grant.userId(), grant.clientId());
            ObjectNode answer = JSON.objectNode()
                    .put("access_token", tokens.access())
                    .put("client_endpoint", grant.portal().clientEndpoint().toString())
                    .put("domain", domain())
                    .put("expires_in", tokens.expiresIn())
                    .put("member_id", member)
                    .put("refresh_token", tokens.refresh())
                    .put("scope", grant.portal().scope())
                    .put("server_endpoint", server.url() + "/rest/")
                    .put("status", grant.portal().status());
            if (grantType.equals("refresh_token")) {
                answer.put("expires", tokens.expires().getEpochSecond());
                answer.put("user_id", Integer.parseInt(grant.userId()));
            }
            reply = Reply.json(200, answer);
        } catch (RestFault fault) {
            reply = fault(fault);
        }
        tokenRequests.add(new TokenRequest(grantType, member, reply.status(), Instant.now()));
        passed(false, "oauth " + grantType, reply.status(), "");
        return reply;
    }

    private Grant granted(ObjectNode params, String grantType) {
        App app = apps.get(params.path("client_id").asString(""));
        if (app == null) {
            // Not a 4xx: the authorization server's habit.
            throw new RestFault(200, "wrong_client", "Wrong client");
        }
        if (!app.secret().equals(params.path("client_secret").asString(""))) {
            throw new RestFault(401, "invalid_client", "Wrong client secret");
        }
        Map<String, Grant> grants;
        String key;
        switch (grantType) {
            case "refresh_token" -> {
                grants = refreshTokens;
                key = params.path("refresh_token").asString("");
            }
            case "authorization_code" -> {
                grants = codes;
                key = params.path("code").asString("");
            }
            default -> throw new RestFault(400, "invalid_request", "Wrong grant type");
        }
        boolean once = grants == codes || strictRotation;
        Grant grant = once ? grants.remove(key) : grants.get(key);
        if (grant == null
                || !grant.clientId().equals(app.clientId())
                || grant.until().isBefore(Instant.now())) {
            throw new RestFault(400, "invalid_grant", "Invalid grant");
        }
        if (!grant.portal().isInstalled()) {
            throw new RestFault(401, "NOT_INSTALLED", "Application not installed");
        }
        return grant;
    }

    private Reply authServerAppInfo(Request request) {
        Instant start = Instant.now();
        Reply reply;
        try {
            String token = params(request).path("auth").asString("");
            Grant grant = accessTokens.get(token);
            if (token.isEmpty()) {
                throw new RestFault(401, "NO_AUTH_FOUND", "Wrong authorization data");
            }
            if (grant == null) {
                throw new RestFault(400, "invalid_client", "Wrong access token");
            }
            if (grant.until().isBefore(Instant.now())) {
                throw new RestFault(401, "expired_token", "The access token provided has expired.");
            }
            StandInPortal portal = grant.portal();
            ObjectNode result = JSON.objectNode()
                    .put("client_id", grant.clientId())
                    .put("scope", portal.scope())
                    .put(
                            "expires",
                            DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(grant.until()
                                    .truncatedTo(ChronoUnit.SECONDS)
                                    .atOffset(ZoneOffset.UTC)));
            result.putObject("install")
                    .put("installed", portal.isInstalled())
                    .put("version", "1")
                    .put("status", portal.status())
                    .put("scope", portal.scope())
                    .put("domain", domain())
                    .put("uri", portal.url().toString())
                    .put("client_endpoint", portal.clientEndpoint().toString())
                    .put("member_id", portal.memberId())
                    .put("member_type", "cloud");
            result.put("user_id", grant.userId());
            ObjectNode answer = JSON.objectNode();
            answer.set("result", result);
            answer.set("time", time(start, 0));
            reply = Reply.json(200, answer);
        } catch (RestFault fault) {
            reply = fault(fault);
        }
        passed(false, "oauth app.info", reply.status(), "");
        return reply;
    }

    private static String randomHex(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    /**
     * A call of {@code /oauth/token/}.
     *
     * @param memberId the portal's; empty when the call was refused
     */
    public record TokenRequest(String grantType, String memberId, int status, Instant at) {}

    /** An application of a developer, as the authorization server knows it. */
    record App(String clientId, String secret, URI url, boolean local) {

        /** Where the browser comes back after signing in. */
        String redirectUrl() {
            return url + "/login/oauth2/code/bitrix24";
        }
    }

    record Grant(StandInPortal portal, String userId, String clientId, Instant until) {

        Grant until(Instant end) {
            return new Grant(portal, userId, clientId, end);
        }
    }

    record IssuedTokens(String access, String refresh, Instant expires, long expiresIn) {}

    /** Everything that the application may rely on later. */
    ObjectNode save() {
        ObjectNode saved = JSON.objectNode();
        save(saved.putObject("access"), accessTokens);
        save(saved.putObject("refresh"), refreshTokens);
        ObjectNode each = saved.putObject("portals");
        portals.forEach((name, portal) -> each.set(name, portal.save()));
        return saved.put("ids", ids.get());
    }

    /** Brings back what was saved of the portals that have been added. */
    void restore(JsonNode saved) {
        portals.forEach((name, portal) -> {
            if (saved.path("portals").has(name)) {
                portal.restore(saved.path("portals").path(name));
            }
        });
        restore(saved.path("access"), accessTokens);
        restore(saved.path("refresh"), refreshTokens);
        ids.accumulateAndGet(saved.path("ids").asLong(0), Math::max);
    }

    private static void save(ObjectNode to, Map<String, Grant> grants) {
        grants.forEach((token, grant) -> {
            if (grant.until().isAfter(Instant.now())) {
                to.putObject(token)
                        .put("portal", grant.portal().name())
                        .put("user", grant.userId())
                        .put("client", grant.clientId())
                        .put("until", grant.until().getEpochSecond());
            }
        });
    }

    private void restore(JsonNode from, Map<String, Grant> grants) {
        from.properties().forEach(entry -> {
            JsonNode grant = entry.getValue();
            StandInPortal portal = portals.get(grant.path("portal").asString(""));
            if (portal != null) {
                grants.put(
                        entry.getKey(),
                        new Grant(
                                portal,
                                grant.path("user").asString(""),
                                grant.path("client").asString(""),
                                Instant.ofEpochSecond(grant.path("until").asLong(0))));
            }
        });
    }
}
