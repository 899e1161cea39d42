package io.zaptrix.bitrix24;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import io.zaptrix.bitrix24.Server.Reply;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class Bitrix24OAuthTest {

    private static final String CLIENT = "app.573ad8a0346747.09223434";
    private static final String SECRET = "LJSl0lNB76B5YY6u0YVQ3AW0DrVADcRTwVr4y99PXU1BWQybWK";
    private static final String REFRESH = "4f9k4jpmg13usmybzuqknt2v9fh0q6rl";

    private static final Http.Limits LIMITS =
            new Http.Limits(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(4), 65536, 4);

    private final Server server = new Server();
    private final MovableClock clock = new MovableClock();
    private final HttpBitrix24OAuth oauth = new HttpBitrix24OAuth(
            http(LIMITS), http(LIMITS), server.uri("/"), new RequestMetrics(new SimpleMeterRegistry()), clock);

    @AfterEach
    void stop() throws Exception {
        oauth.close();
        server.close();
    }

    @Test
    void aRefreshBringsNewTokensAndThePortalsAddress() {
        server.answers(Reply.json(200, """
                {
                    "access_token": "ydtj8pho532wydb5ixk78ol7uqlb7sch",
                    "client_endpoint": "https://portal.bitrix24.com/rest/",
                    "domain": "oauth.bitrix.info",
                    "expires": 1780319382,
                    "expires_in": 3600,
                    "member_id": "a223c6b3710f85df22e9377d6c4f7553",
                    "refresh_token": "3s6lr4kr3cv2od4v853gvrchb875bwxb",
                    "scope": "crm,entity,im,task",
                    "server_endpoint": "https://oauth.bitrix.info/rest/",
                    "status": "F",
                    "user_id": 67
                }
                """));

        TokenPair tokens = oauth.refresh(CLIENT, SECRET, REFRESH);

        assertThat(tokens)
                .isEqualTo(new TokenPair(
                        "ydtj8pho532wydb5ixk78ol7uqlb7sch",
                        "3s6lr4kr3cv2od4v853gvrchb875bwxb",
                        clock.instant().plusSeconds(3600),
                        "a223c6b3710f85df22e9377d6c4f7553",
                        URI.create("https://portal.bitrix24.com/rest/"),
                        "portal.bitrix24.com",
                        "crm,entity,im,task",
                        "F",
                        "67"));
        assertThat(tokens.toString()).doesNotContain("ydtj8pho", "3s6lr4kr");
        Server.Request request = server.lastRequest();
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.path()).isEqualTo("/oauth/token/");
        assertThat(request.query()).isNull();
        assertThat(request.form().toString())
                .isEqualTo("{\"grant_type\":\"refresh_token\",\"client_id\":\"" + CLIENT + "\",\"client_secret\":\""
                        + SECRET + "\",\"refresh_token\":\"" + REFRESH + "\"}");
    }

    @Test
    void aCodeBringsTheFirstTokensAlsoWhereNumbersAreStringsAndTheUserIsMissing() {
        server.answers(Reply.json(200, """
                {"access_token":"a","client_endpoint":"https://portal.bitrix24.com/rest","domain":"oauth.bitrix.info",
                 "expires_in":"3600","member_id":"m","refresh_token":"r","scope":"crm","status":"F"}
                """));

        TokenPair tokens = oauth.exchange(CLIENT, SECRET, "avmocpghblyi01m3h42bljvqtyd19sw1");

        assertThat(tokens.expiresAt()).isEqualTo(clock.instant().plusSeconds(3600));
        assertThat(tokens.clientEndpoint()).isEqualTo(URI.create("https://portal.bitrix24.com/rest/"));
        assertThat(tokens.userId()).isNull();
        assertThat(server.lastRequest().form().get("grant_type").asString()).isEqualTo("authorization_code");
        assertThat(server.lastRequest().form().get("code").asString()).isEqualTo("avmocpghblyi01m3h42bljvqtyd19sw1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"405", "404", "400"})
    void aServerThatTakesOnlyWhatIsDocumentedGetsThat(int status) {
        server.answers(request -> request.method().equals("GET")
                ? Reply.json(
                        200,
                        "{\"access_token\":\"a\",\"refresh_token\":\"r\",\"member_id\":\"m\","
                                + "\"client_endpoint\":\"https://p.example/rest/\"}")
                : Reply.json(status, "{\"error\":\"invalid_request\",\"error_description\":\"No parameter found\"}"));

        TokenPair tokens = oauth.refresh(CLIENT, SECRET, REFRESH);

        assertThat(tokens.accessToken()).isEqualTo("a");
        assertThat(tokens.expiresAt()).isEqualTo(clock.instant().plusSeconds(3600));
        assertThat(PhpForm.decode(String.valueOf(server.lastRequest().query()).getBytes(UTF_8))
                        .get("client_secret")
                        .asString())
                .isEqualTo(SECRET);
    }

    @ParameterizedTest
    @CsvSource({
        "400, invalid_grant, SUSPEND",
        "401, invalid_client, SUSPEND",
        "200, wrong_client, SUSPEND",
        "401, NOT_INSTALLED, SUSPEND",
        "403, invalid_scope, SUSPEND",
        "402, PAYMENT_REQUIRED, SUSPEND",
        "200, PAYMENT_REQUIRED, SUSPEND",
        "401, NO_AUTH_FOUND, SUSPEND",
        "500, INTERNAL_SERVER_ERROR, RETRY",
        "503, QUERY_LIMIT_EXCEEDED, LIMIT"
    })
    void aRefusedRefreshSaysWhetherAPersonMustHelp(int status, String code, Kind kind) {
        server.answers(Reply.json(status, "{\"error\":\"" + code + "\"}"));

        Bitrix24Exception e =
                catchThrowableOfType(Bitrix24Exception.class, () -> oauth.refresh(CLIENT, SECRET, REFRESH));

        assertThat(e.kind()).isEqualTo(kind);
        assertThat(e.code()).isEqualTo(code);
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void aServerInTroubleIsAskedAgainLater() {
        server.answers(Reply.html(502));
        assertThat(refreshFailure().kind()).isEqualTo(Kind.RETRY);

        server.answers(request -> {
            Thread.sleep(5_000);
            return null;
        });
        Bitrix24Exception timeout = refreshFailure();
        assertThat(timeout.kind()).isEqualTo(Kind.RETRY);
        assertThat(timeout.outcomeUnknown()).isTrue();
    }

    @Test
    void noFailureShowsASecret() {
        server.answers(Reply.json(
                400, "{\"error\":\"invalid_grant\",\"error_description\":\"" + SECRET + " " + REFRESH + "\"}"));

        Bitrix24Exception e = refreshFailure();

        assertThat(e).hasMessageNotContainingAny(SECRET, REFRESH).hasNoCause();
    }

    @Test
    void appInfoTellsWhomATokenBelongsTo() {
        server.answers(Reply.json(200, """
                {"result":{"client_id":"local.abc123def456","scope":"crm,user,task",
                 "expires":"2024-12-31T23:59:59+00:00",
                 "install":{"installed":true,"version":"2","status":"P","scope":"crm,user,task",
                   "domain":"example.bitrix24.com","uri":"https://example.bitrix24.com",
                   "client_endpoint":"https://example.bitrix24.com/rest/",
                   "member_id":"a223c6b3710f85df22e9377d6c4f7553","member_type":"user"},
                 "user_id":"12345"},"time":{}}
                """));

        AppInfo info = oauth.appInfo("token");

        assertThat(info)
                .isEqualTo(new AppInfo(
                        "local.abc123def456",
                        "a223c6b3710f85df22e9377d6c4f7553",
                        URI.create("https://example.bitrix24.com/rest/"),
                        "example.bitrix24.com",
                        "P",
                        List.of("crm", "user", "task"),
                        true,
                        "12345",
                        Instant.parse("2024-12-31T23:59:59Z")));
        assertThat(server.lastRequest().path()).isEqualTo("/rest/app.info");
        assertThat(server.lastRequest().query()).isNull();
        assertThat(server.lastRequest().json().get("auth").asString()).isEqualTo("token");
    }

    @ParameterizedTest
    @CsvSource({
        "401, expired_token, REFRESH",
        "400, invalid_client, REFUSE",
        "401, NO_AUTH_FOUND, REFUSE",
        "401, invalid_token, REFUSE",
        "500, INTERNAL_SERVER_ERROR, RETRY"
    })
    void aTokenThatIsNoneIsRefused(int status, String code, Kind kind) {
        server.answers(Reply.json(status, "{\"error\":\"" + code + "\",\"error_description\":\"\"}"));

        Bitrix24Exception e = catchThrowableOfType(Bitrix24Exception.class, () -> oauth.appInfo("forged"));

        assertThat(e.kind()).isEqualTo(kind);
    }

    @Test
    void anAnswerThatNamesNoPortalProvesNothing() {
        server.answers(Reply.json(200, "{\"result\":{\"client_id\":\"local.abc\",\"user_id\":1}}"));

        Bitrix24Exception e = catchThrowableOfType(Bitrix24Exception.class, () -> oauth.appInfo("token"));

        assertThat(e.kind()).isEqualTo(Kind.RETRY);
        assertThat(e.code()).isEqualTo("UNEXPECTED_ANSWER");
    }

    @Test
    void tokensAreRefreshedHoweverManyStrangersKeepTheServerThinking() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        server.answers(request -> {
            if (request.path().equals("/rest/app.info")) {
                over.await();
                return Reply.json(401, "{\"error\":\"invalid_token\"}");
            }
            return Reply.json(
                    200,
                    "{\"access_token\":\"a\",\"refresh_token\":\"r\",\"member_id\":\"m\","
                            + "\"client_endpoint\":\"https://p.example/rest/\"}");
        });
        List<Thread> strangers = new ArrayList<>();
        // As the application has it, with as many connections.
        try (HttpBitrix24OAuth real = Bitrix24Configuration.oauth(server.uri("/"), new SimpleMeterRegistry())) {
            for (int i = 0; i < Http.Limits.DEFAULT.perHost(); i++) {
                String token = "stranger" + i;
                strangers.add(Thread.startVirtualThread(() -> assertThatThrownBy(() -> real.appInfo(token))));
            }
            while (server.requests().size() < strangers.size()) {
                Thread.sleep(10);
            }
            assertThat(catchThrowableOfType(Bitrix24Exception.class, () -> real.appInfo("one more"))
                            .code())
                    .isEqualTo("BUSY");

            assertThat(real.refresh(CLIENT, SECRET, REFRESH).accessToken()).isEqualTo("a");

            over.countDown();
            for (Thread stranger : strangers) {
                stranger.join();
            }
        }
    }

    private Http http(Http.Limits limits) {
        return new Http(SystemDefaultDnsResolver.INSTANCE, limits, clock);
    }

    private Bitrix24Exception refreshFailure() {
        return catchThrowableOfType(Bitrix24Exception.class, () -> oauth.refresh(CLIENT, SECRET, REFRESH));
    }
}
