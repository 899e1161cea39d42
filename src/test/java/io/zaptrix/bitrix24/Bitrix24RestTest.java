package io.zaptrix.bitrix24;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import io.zaptrix.bitrix24.Server.Reply;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class Bitrix24RestTest {

    private static final String TOKEN = "s1morf609228iwyjjpvfv6wsvuja4p8u";
    private static final String SEND = "imconnector.send.messages";
    private static final Http.Limits QUICK =
            new Http.Limits(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(4), 64 * 1024, 4);

    private final Server server = new Server();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ExternalAddressGuard guard = new ExternalAddressGuard(true);
    private final HttpBitrix24Rest rest = rest(guard, new Pacer(2, 50, InstantSource.system(), System::nanoTime));
    private final URI portal = server.uri("/rest/");

    @AfterEach
    void stop() throws Exception {
        rest.close();
        server.close();
    }

    @Test
    void aCallPostsJsonWithTheTokenInsideAndGivesItsResult() {
        server.answers(Reply.json(200, """
                {"result":{"SUCCESS":true,"DATA":{"RESULT":[{"user":"585","message":{"id":"ext-msg-1001","date":{},
                "text":"Good afternoon","files":[]},"chat":{"id":"channel-123"},"SUCCESS":true,
                "session":{"ID":"323","CHAT_ID":"1767"}}]}},
                "time":{"start":1773265993,"operating_reset_at":1773266593,"operating":1.19}}
                """));

        JsonNode result = rest.call(
                portal,
                TOKEN,
                SEND,
                Map.of("CONNECTOR", "zaptrix_whatsapp", "LINE", 107, "MESSAGES", List.of(Map.of("user", Map.of()))));

        assertThat(result.at("/DATA/RESULT/0/session/CHAT_ID").asString()).isEqualTo("1767");
        Server.Request request = server.lastRequest();
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.path()).isEqualTo("/rest/imconnector.send.messages");
        assertThat(request.query()).isNull();
        assertThat(request.contentType()).startsWith("application/json");
        assertThat(request.json().get("auth").asString()).isEqualTo(TOKEN);
        assertThat(request.json().get("LINE").isNumber()).isTrue();
    }

    @Test
    void theSlashAfterTheEndpointMayBeMissing() {
        rest.call(server.uri("/rest"), TOKEN, "profile", Map.of());

        assertThat(server.lastRequest().path()).isEqualTo("/rest/profile");
    }

    @Test
    void anErrorWithStatus200IsAnError() {
        server.answers(Reply.json(200, "{\"error\":\"ERROR_ARGUMENT\",\"error_description\":\"MESSAGES is null\"}"));

        Bitrix24Exception e = failure(SEND);

        assertThat(e.kind()).isEqualTo(Kind.REFUSE);
        assertThat(e.code()).isEqualTo("ERROR_ARGUMENT");
        assertThat(e.description()).isEqualTo("MESSAGES is null");
        assertThat(e.httpStatus()).isEqualTo(200);
    }

    @Test
    void anErrorInsideTheResultIsAnError() {
        server.answers(Reply.json(
                200, "{\"result\":{\"result\":false,\"error\":\"ICON_REQUIRED\",\"error_description\":\"No icon\"}}"));

        Bitrix24Exception e = failure("imconnector.register");

        assertThat(e.kind()).isEqualTo(Kind.REFUSE);
        assertThat(e.code()).isEqualTo("ICON_REQUIRED");
    }

    @Test
    void anExpiredTokenAsksForARefresh() {
        server.answers(Reply.json(
                401, "{\"error\":\"expired_token\",\"error_description\":\"The access token provided has expired\"}"));

        assertThat(failure(SEND).kind()).isEqualTo(Kind.REFRESH);
    }

    @ParameterizedTest
    @CsvSource({
        "403, ACCESS_DENIED, REST is available only on commercial plans., SUSPEND",
        "403, ACCESS_DENIED, Access denied!, REFUSE",
        "403, insufficient_scope, '', SUSPEND",
        "401, APPLICATION_NOT_FOUND, Application not found, SUSPEND",
        "410, PORTAL_DELETED, Portal was deleted, SUSPEND",
        "403, user_access_error, No access, SUSPEND",
        "400, NOT_ACTIVE_LINE, The line is inactive, SUSPEND",
        "400, INVALID_REQUEST, Https required, SUSPEND",
        "400, ERROR_CORE, Unable to set event handler: Handler already binded, REFUSE",
        "404, ERROR_METHOD_NOT_FOUND, Method not found!, REFUSE",
        "500, INTERNAL_SERVER_ERROR, Internal server error, RETRY",
        "503, OVERLOAD_LIMIT, REST API is blocked due to overload, RETRY",
        "401, SOMETHING_NEW, ?, REFRESH",
        "500, SOMETHING_NEW, ?, RETRY",
        "400, SOMETHING_NEW, ?, REFUSE"
    })
    void everyErrorSaysWhatToDo(int status, String code, String description, Kind kind) {
        server.answers(Reply.json(
                status, Json.MAPPER.writeValueAsString(Map.of("error", code, "error_description", description))));

        Bitrix24Exception e = failure(SEND);

        assertThat(e.kind()).isEqualTo(kind);
        assertThat(e.code()).isEqualTo(code);
        assertThat(e.httpStatus()).isEqualTo(status);
        assertThat(meters.find("zaptrix.bitrix24.unknown.error").counters().stream()
                        .mapToDouble(Counter::count)
                        .sum())
                .as("what is not in the table is counted")
                .isEqualTo(code.equals("SOMETHING_NEW") ? 1 : 0);
    }

    @Test
    void whenThePortalSaysTooFastItIsLeftAloneForAWhile() {
        server.answers(
                Reply.json(503, "{\"error\":\"QUERY_LIMIT_EXCEEDED\",\"error_description\":\"Too many requests\"}"));

        Bitrix24Exception first = failure(SEND);
        Bitrix24Exception second = failure("profile");

        assertThat(first.kind()).isEqualTo(Kind.LIMIT);
        assertThat(first.retryAfter()).get().isEqualTo(Duration.ofNanos(500_000_001));
        assertThat(second.kind()).isEqualTo(Kind.LIMIT);
        assertThat(second.code()).isEqualTo("PACED");
        assertThat(second.retryAfter().orElseThrow()).isBetween(Duration.ofMillis(1), Duration.ofMillis(501));
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void aMethodOutOfTimeIsNotCalledBeforeItsTimeComesBack() {
        long resetAt = InstantSource.system().instant().getEpochSecond() + 120;
        server.answers(request -> request.path().endsWith(SEND)
                ? Reply.json(
                        429,
                        "{\"error\":\"OPERATION_TIME_LIMIT\",\"error_description\":\"Method is blocked\","
                                + "\"time\":{\"operating_reset_at\":" + resetAt + "}}")
                : Reply.json(200, "{\"result\":{\"ID\":\"1\"}}"));

        Bitrix24Exception refused = failure(SEND);
        Bitrix24Exception blocked = failure(SEND);
        rest.call(portal, TOKEN, "profile", Map.of());

        assertThat(refused.kind()).isEqualTo(Kind.LIMIT);
        assertThat(refused.retryAfter().orElseThrow()).isBetween(Duration.ofSeconds(115), Duration.ofSeconds(120));
        assertThat(blocked.code()).isEqualTo("OPERATION_TIME_LIMIT");
        assertThat(blocked.httpStatus()).isZero();
        assertThat(server.requests())
                .extracting(Server.Request::path)
                .containsExactly("/rest/" + SEND, "/rest/profile");
    }

    @Test
    void theFiftyFirstRequestAtOnceIsNotSent() throws Exception {
        try (HttpBitrix24Rest paced = rest(guard, new Pacer(2, 50, new MovableClock(), () -> 0))) {
            for (int i = 0; i < 50; i++) {
                paced.call(portal, TOKEN, "profile", Map.of());
            }
            assertThatThrownBy(() -> paced.call(portal, TOKEN, "profile", Map.of()))
                    .isInstanceOfSatisfying(Bitrix24Exception.class, e -> {
                        assertThat(e.kind()).isEqualTo(Kind.LIMIT);
                        assertThat(e.retryAfter()).contains(Duration.ofNanos(500_000_001));
                        assertThat(e.outcomeUnknown()).isFalse();
                    });
            assertThat(server.requests()).hasSize(50);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 404, 403, 500, 502, 504})
    void aPageInsteadOfJsonSaysNothingAboutTheCallSoItIsTriedAgain(int status) {
        server.answers(Reply.html(status));

        Bitrix24Exception e = failure(SEND);

        assertThat(e.kind()).isEqualTo(Kind.RETRY);
        assertThat(e.outcomeUnknown()).isTrue();
        assertThat(e.description()).doesNotContain("Bad Gateway");
    }

    @Test
    void anEmptyAnswerIsTriedAgain() {
        server.answers(new Reply(200, Map.of(), new byte[0]));

        assertThat(failure(SEND).kind()).isEqualTo(Kind.RETRY);
    }

    @Test
    void anAnswerWithoutAResultIsTriedAgain() {
        server.answers(Reply.json(200, "{\"time\":{}}"));

        assertThat(failure(SEND).code()).isEqualTo("UNEXPECTED_ANSWER");
    }

    @Test
    void aHangingPortalIsGivenUpAndItsOutcomeIsUnknown() {
        server.answers(request -> {
            Thread.sleep(5_000);
            return null;
        });

        Bitrix24Exception e = failure(SEND);

        assertThat(e.kind()).isEqualTo(Kind.RETRY);
        assertThat(e.code()).isEqualTo("TIMEOUT");
        assertThat(e.outcomeUnknown()).isTrue();
    }

    @Test
    void anAnswerThatDripsWithoutEndIsGivenUp() {
        server.answersRaw(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                while (!Thread.interrupted()) {
                    out.write(' ');
                    out.flush();
                    Thread.sleep(50);
                }
            }
        });

        assertThat(failure(SEND).code()).isEqualTo("TIMEOUT");
    }

    @Test
    void headersThatDripWithoutEndAreGivenUp() throws Exception {
        try (ServerSocket slow = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> drip(slow));

            Bitrix24Exception e = catchThrowableOfType(
                    Bitrix24Exception.class,
                    () -> rest.call(
                            URI.create("http://127.0.0.1:" + slow.getLocalPort() + "/rest/"), TOKEN, SEND, Map.of()));

            assertThat(e.code()).isEqualTo("TIMEOUT");
            assertThat(e.outcomeUnknown()).isTrue();
        }
    }

    private static void drip(ServerSocket server) {
        try (Socket socket = server.accept()) {
            OutputStream out = socket.getOutputStream();
            out.write("HTTP/1.1 200 OK\r\nX-Slow: ".getBytes(UTF_8));
            while (true) {
                out.write('x');
                Thread.sleep(50);
            }
        } catch (IOException | InterruptedException clientGone) {
            // As it should be.
        }
    }

    @Test
    void anAnswerThatIsTooLargeIsGivenUpEvenWhenItNeverEnds() {
        server.answersRaw(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                while (!Thread.interrupted()) {
                    out.write(new byte[8192]);
                }
            }
        });

        Bitrix24Exception e = failure(SEND);

        assertThat(e.kind()).isEqualTo(Kind.RETRY);
        assertThat(e.code()).isEqualTo("ANSWER_TOO_LARGE");
    }

    @Test
    void aConnectionThatBreaksHasAnUnknownOutcomeAndIsNotRepeated() {
        server.answers(request -> null);

        Bitrix24Exception e = failure(SEND);

        assertThat(e.kind()).isEqualTo(Kind.RETRY);
        assertThat(e.outcomeUnknown()).isTrue();
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void aPortalThatDoesNotListenWasCertainlyNotAsked() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        Bitrix24Exception e = catchThrowableOfType(
                Bitrix24Exception.class,
                () -> rest.call(URI.create("http://127.0.0.1:" + port + "/rest/"), TOKEN, SEND, Map.of()));

        assertThat(e.kind()).isEqualTo(Kind.RETRY);
        assertThat(e.code()).isEqualTo("CONNECT_FAILED");
        assertThat(e.outcomeUnknown()).isFalse();
    }

    @Test
    void aPortalThatHasMovedIsNotFollowedButAsksForARefresh() {
        Server elsewhere = new Server();
        try (elsewhere) {
            server.answers(Reply.html(302)
                    .with("Location", elsewhere.uri("/rest/" + SEND).toString()));

            Bitrix24Exception e = failure(SEND);

            assertThat(e.kind()).isEqualTo(Kind.REFRESH);
            assertThat(e.code()).isEqualTo("PORTAL_MOVED");
            assertThat(elsewhere.requests()).isEmpty();
        }
    }

    @Test
    void aPrivateHostIsRefusedByItsNumberAndByItsName() throws Exception {
        DnsResolver rebinding = new DnsResolver() {
            @Override
            public InetAddress[] resolve(String host) {
                return new InetAddress[] {InetAddress.getLoopbackAddress()};
            }

            @Override
            public String resolveCanonicalHostname(String host) {
                return host;
            }
        };
        try (HttpBitrix24Rest strict =
                rest(new ExternalAddressGuard(false, rebinding), new Pacer(2, 50, clock(), System::nanoTime))) {
            for (String host : List.of("portal.example", "127.0.0.1", "[::1]", "localhost")) {
                URI endpoint = URI.create("https://" + host + ":" + server.port() + "/rest/");
                assertThatThrownBy(() -> strict.call(endpoint, TOKEN, "profile", Map.of()))
                        .isInstanceOfSatisfying(Bitrix24Exception.class, e -> {
                            assertThat(e.kind()).isEqualTo(Kind.SUSPEND);
                            assertThat(e.code()).isEqualTo("ADDRESS_REFUSED");
                            assertThat(e.outcomeUnknown()).isFalse();
                        });
            }
            assertThatThrownBy(() -> strict.call(URI.create("http://acme.example/"), TOKEN, "profile", Map.of()))
                    .isInstanceOfSatisfying(
                            Bitrix24Exception.class, e -> assertThat(e.code()).isEqualTo("ADDRESS_REFUSED"));
        }
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void aTokenThatTheServerRepeatsIsNotPassedOn() {
        server.answers(Reply.json(
                400, "{\"error\":\"ERROR_CORE\",\"error_description\":\"Bad token " + TOKEN + "\\u0000\\n!\"}"));

        Bitrix24Exception e = failure(SEND);

        assertThat(e.description()).isEqualTo("Bad token ***  !");
        assertThat(e).hasMessageNotContaining(TOKEN).hasMessageContaining("REFUSE ERROR_CORE (HTTP 400)");
    }

    @Test
    void aNameThatIsNoMethodIsNotCalled() {
        assertThatThrownBy(() -> rest.call(portal, TOKEN, "../admin?x=", Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void aBatchTellsWhatBecameOfEachCall() {
        long resetAt = InstantSource.system().instant().getEpochSecond() + 300;
        server.answers(Reply.json(200, """
                {"result":{
                  "result":{"get_user":{"ID":"1"},"_1":[]},
                  "result_error":{
                    "bind":{"error":"ERROR_CORE","error_description":"Handler already binded"},
                    "slow":{"error":"OPERATION_TIME_LIMIT","error_description":"blocked"}},
                  "result_total":[],"result_next":[],
                  "result_time":{"slow":{"operating_reset_at":%d}}},
                 "time":{"operating":0}}
                """.formatted(resetAt)));
        SequencedMap<String, RestCall> calls = new LinkedHashMap<>();
        calls.put("get_user", new RestCall("user.current", Map.of()));
        calls.put("7", new RestCall("department.get", Map.of("ID", List.of(1, 2), "ACTIVE", true)));
        calls.put("bind", new RestCall("event.bind", Map.of("event", "ONAPPTEST", "handler", "https://z.example/a?b")));
        calls.put("slow", new RestCall("crm.item.list", Map.of()));
        calls.put("lost", new RestCall("app.info", Map.of()));

        BatchResult batch = rest.batch(portal, TOKEN, calls);

        assertThat(batch.outcomes().keySet()).containsExactly("get_user", "7", "bind", "slow", "lost");
        assertThat(batch.result("get_user").get("ID").asString()).isEqualTo("1");
        assertThat(batch.result("7").isArray()).isTrue();
        assertThat(batch.error("get_user")).isEmpty();
        assertThat(batch.error("bind"))
                .get()
                .extracting(Bitrix24Exception::kind)
                .isEqualTo(Kind.REFUSE);
        assertThat(batch.error("slow").orElseThrow().retryAfter().orElseThrow())
                .isBetween(Duration.ofSeconds(295), Duration.ofSeconds(300));
        assertThat(batch.error("lost"))
                .get()
                .extracting(Bitrix24Exception::code)
                .isEqualTo("NOT_EXECUTED");
        assertThatThrownBy(() -> batch.result("bind")).isInstanceOf(Bitrix24Exception.class);
        assertThatThrownBy(() -> batch.result("unheard")).isInstanceOf(IllegalArgumentException.class);

        JsonNode request = server.lastRequest().json();
        assertThat(server.lastRequest().path()).isEqualTo("/rest/batch");
        assertThat(request.get("halt").asInt()).isZero();
        assertThat(request.get("auth").asString()).isEqualTo(TOKEN);
        assertThat(request.at("/cmd/get_user").asString()).isEqualTo("user.current");
        assertThat(request.at("/cmd/_1").asString())
                .isEqualTo("department.get?"
                        + PhpForm.encode(Json.MAPPER.convertValue(
                                calls.get("7").params(),
                                new tools.jackson.core.type.TypeReference<Map<String, Object>>() {})));

        assertThat(failure("crm.item.list").code()).isEqualTo("OPERATION_TIME_LIMIT");
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void aBatchInWhichNothingSucceededIsReadToo() {
        server.answers(Reply.json(200, """
                {"result":{"result":[],"result_error":{"a":{"error":"insufficient_scope","error_description":""}},
                "result_total":[],"result_next":[],"result_time":[]}}
                """));
        SequencedMap<String, RestCall> calls = new LinkedHashMap<>();
        calls.put("a", new RestCall("user.current", Map.of()));

        assertThat(rest.batch(portal, TOKEN, calls).error("a"))
                .get()
                .extracting(Bitrix24Exception::kind)
                .isEqualTo(Kind.SUSPEND);
    }

    @Test
    void aBatchWithAnExpiredTokenFailsAsAWhole() {
        server.answers(Reply.json(401, "{\"error\":\"expired_token\",\"error_description\":\"\"}"));
        SequencedMap<String, RestCall> calls = new LinkedHashMap<>();
        calls.put("a", new RestCall("user.current", Map.of()));

        assertThatThrownBy(() -> rest.batch(portal, TOKEN, calls))
                .isInstanceOfSatisfying(
                        Bitrix24Exception.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFRESH));
    }

    @Test
    void anEmptyBatchIsNotSentAndTooLargeAOneIsRefused() {
        SequencedMap<String, RestCall> calls = new LinkedHashMap<>();
        assertThat(rest.batch(portal, TOKEN, calls).outcomes()).isEmpty();
        for (int i = 0; i < 51; i++) {
            calls.put("c" + i, new RestCall("user.current", Map.of()));
        }

        assertThatThrownBy(() -> rest.batch(portal, TOKEN, calls)).isInstanceOf(IllegalArgumentException.class);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void requestsAreMeasuredByFamilyAndOutcomeOnly() {
        rest.call(portal, TOKEN, SEND, Map.of());
        rest.call(portal, TOKEN, "something.invented", Map.of());
        server.answers(Reply.html(500));
        failure("im.message.add");

        assertThat(meters.get("zaptrix.bitrix24.request")
                        .tags("family", "imconnector", "outcome", "ok")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(meters.get("zaptrix.bitrix24.request")
                        .tags("family", "im", "outcome", "retry")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(meters.get("zaptrix.bitrix24.request").timers())
                .extracting(timer -> timer.getId().getTag("family"))
                .containsExactlyInAnyOrder("imconnector", "im", "other");
    }

    @Test
    void connectionsAreUsedAgain() {
        server.answers(request -> Reply.json(200, "{\"result\":\"" + "x".repeat(1000) + "\"}"));
        for (int i = 0; i < 20; i++) {
            assertThat(rest.call(portal, TOKEN, "profile", Map.of()).asString().getBytes(UTF_8))
                    .hasSize(1000);
        }
        assertThat(server.requests()).hasSize(20);
    }

    private Bitrix24Exception failure(String method) {
        return catchThrowableOfType(
                Bitrix24Exception.class, () -> rest.call(portal, TOKEN, method, Map.of("CONNECTOR", "c")));
    }

    private HttpBitrix24Rest rest(ExternalAddressGuard guard, Pacer pacer) {
        return new HttpBitrix24Rest(
                new Http(guard, QUICK, InstantSource.system()), guard, pacer, new RequestMetrics(meters));
    }

    private static InstantSource clock() {
        return InstantSource.system();
    }
}
