package io.zaptrix.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.Zaptrix;
import io.zaptrix.testing.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What monitors, developers and those who send nonsense get, over HTTP. */
@SpringBootTest(classes = Zaptrix.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class OperationsStory {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    /** Looks like a signature, so that the body is read. */
    private static final String SIGNED = " HTTP/1.1|Host: slow|X-Hub-Signature-256: sha256=" + "0".repeat(64) + "|";

    @LocalServerPort
    private int port;

    @Autowired
    private ServletWebServerApplicationContext server;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        TestDatabase.createWithSchema().register(registry);
    }

    @Test
    void healthTellsServiceDatabaseAndTime() throws Exception {
        HttpResponse<String> response = get("/health");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(response.headers().firstValue("Set-Cookie")).isEmpty();
        JsonNode health = JSON.readTree(response.body());
        assertThat(health.get("service").asString()).isEqualTo("UP");
        assertThat(health.get("database").asString()).isEqualTo("UP");
        assertThat(health.get("version").asString()).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(health.get("timestamp").asString()).endsWith("Z");
        assertThat(Instant.parse(health.get("timestamp").asString()))
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/actuator/health/liveness", "/actuator/health/readiness"})
    void probesAreOpenAndTellNoDetails(String path) throws Exception {
        HttpResponse<String> response = get(path);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"status\":\"UP\"}");
    }

    @Test
    void metricsNameRoutesAndNotAddresses() throws Exception {
        get("/health");
        get("/webhooks/meta?hub.mode=unsubscribe");
        get("/no/such/page/4711");
        String metrics = get("/actuator/prometheus").body();
        assertThat(metrics).contains("uri=\"/health\"").contains("uri=\"/webhooks/meta\"");
        assertThat(metrics).doesNotContain("4711").doesNotContain("unsubscribe");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/actuator/env", "/actuator/configprops", "/actuator/heapdump", "/actuator/loggers"})
    void nothingElseOfTheActuatorIsOut(String path) throws Exception {
        assertThat(get(path).statusCode()).isGreaterThanOrEqualTo(300);
        assertThat(get(path).body()).doesNotContain("zaptrix.");
    }

    @Test
    void theDocumentationIsOnePageThatTakesEverythingFromHere() throws Exception {
        HttpResponse<String> page = get("/documentation");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("script-src 'self'")
                .doesNotContain("unsafe");
        Matcher linked = Pattern.compile("(?:src|href)=\"([^\"]+)\"").matcher(page.body());
        int files = 0;
        while (linked.find()) {
            assertThat(get(linked.group(1)).statusCode()).as(linked.group(1)).isEqualTo(200);
            files++;
        }
        assertThat(files).isGreaterThanOrEqualTo(4);
    }

    @Test
    void theDescriptionListsWhatProgramsCallAndNoPages() throws Exception {
        JsonNode api = JSON.readTree(get("/v3/api-docs").body());
        assertThat(api.at("/info/title").asString()).isEqualTo("Zaptrix");
        assertThat(api.at("/info/license/name").asString()).isEqualTo("Apache-2.0");
        assertThat(api.get("paths").propertyNames())
                .contains("/health", "/webhooks/meta", "/webhooks/bitrix24/outbound")
                .noneMatch(path -> path.startsWith("/admin") || path.startsWith("/error"));
        assertThat(api.at("/paths/~1webhooks~1bitrix24~1outbound/post/tags/0").asString())
                .isEqualTo("Webhooks");
        api.get("paths")
                .forEach(path -> path.forEach(
                        operation -> assertThat(operation.path("summary").asString(""))
                                .as(operation.toString())
                                .isNotEmpty()));
    }

    @Test
    void aRequestKeepsTheNameThatAProxyGaveIt() throws Exception {
        assertThat(name("X-Correlation-Id", "edge-4711.a")).isEqualTo("edge-4711.a");
        assertThat(name("X-Request-Id", "0af7651916cd43dd8448eb211c80319c"))
                .isEqualTo("0af7651916cd43dd8448eb211c80319c");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "has space", "{\"json\":1}", "<script>", "-leading"})
    void whatCouldNotBeANameIsReplaced(String given) throws Exception {
        assertThat(name("X-Correlation-Id", given)).matches("[0-9a-f]{16}");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /no/such/page, 404",
        "GET, /error, 404",
        "DELETE, /health, 405",
        "GET, /webhooks/bitrix24/outbound, 405",
    })
    void errorsForProgramsAreProblemsWithoutATrace(String method, String path, int status) throws Exception {
        HttpResponse<String> response =
                send(request(path).method(method, BodyPublishers.noBody()).build());
        assertProblem(response, status);
    }

    @Test
    void aProgramGetsAProblemEvenIfItAcceptsPages() throws Exception {
        assertProblem(
                send(request("/webhooks/nobody").header("Accept", "text/html").build()), 404);
    }

    @ParameterizedTest
    @CsvSource({
        "en, There is no such page",
        "de, There is no such page",
        "pt-BR, Esta página não existe",
        "pt-PT, Esta página não existe",
        "es-MX, Esta página no existe",
        "ru, Такой страницы нет",
    })
    void errorsForPeopleAreAPageInTheirLanguage(String language, String title) throws Exception {
        HttpResponse<String> response = send(request("/no-such-page")
                .header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
                .header("Accept-Language", language)
                .build());
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
        assertThat(response.body())
                .contains("<h1>" + title + "</h1>")
                .contains(response.headers().firstValue("X-Correlation-Id").orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/webhooks/meta", "/webhooks/bitrix24/outbound", "/health", "/no/such/page"})
    void aBodyOverThreeMegabytesIsRefusedOnEveryPath(String path) throws Exception {
        byte[] tooLarge = new byte[BodyLimitFilter.LIMIT + 1];
        assertProblem(post(path, "application/json", BodyPublishers.ofByteArray(tooLarge)), 413);
    }

    @ParameterizedTest
    @CsvSource({
        "/webhooks/meta, application/json",
        "/webhooks/meta, application/x-www-form-urlencoded",
        "/webhooks/bitrix24/outbound, application/x-www-form-urlencoded",
        "/webhooks/bitrix24/outbound, application/json",
    })
    void aBodyOfNoAnnouncedLengthIsCounted(String path, String type) throws Exception {
        byte[] tooLarge = new byte[BodyLimitFilter.LIMIT + 1];
        java.util.Arrays.fill(tooLarge, (byte) 'a');
        double before = refusals();
        assertProblem(post(path, type, BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(tooLarge))), 413);
        assertThat(refusals()).isEqualTo(before + 1);
    }

    @Test
    void aBodyOfExactlyThreeMegabytesIsLookedAt() throws Exception {
        byte[] allowed = new byte[BodyLimitFilter.LIMIT];
        assertThat(post("/webhooks/meta", "application/json", BodyPublishers.ofByteArray(allowed))
                        .statusCode())
                .isEqualTo(401);
        assertThat(post(
                                "/webhooks/meta",
                                "application/json",
                                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(allowed)))
                        .statusCode())
                .isEqualTo(401);
    }

    /** A byte is sent again and again until the answer comes; the connection ends with it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /webhooks/meta|Content-Type: application/json|Content-Length: 3000000||{",
                "POST /webhooks/meta|Content-Type: application/json|Transfer-Encoding: chunked||50000|{",
                // Within one chunk's size, where Tomcat reads on until it knows it.
                "POST /webhooks/meta|Content-Type: application/json|Transfer-Encoding: chunked||5;a",
                "POST /webhooks/bitrix24/outbound|Content-Type: application/x-www-form-urlencoded|Content-Length: 3000000||a",
                "POST /bitrix24/app|Content-Type: application/x-www-form-urlencoded|Content-Length: 3000000||a",
                // Tomcat reads the form itself.
                "POST /admin/sign-out|Content-Type: application/x-www-form-urlencoded|Content-Length: 3000000||a",
            })
    void aBodyThatDripsIsNotWaitedFor(String begun) throws Exception {
        double before = refusals();
        String answer = inAHurry(() -> drip(begun.replaceFirst("\\|", SIGNED)));
        assertThat(answer)
                .startsWith("HTTP/1.1 408")
                .containsIgnoringCase("connection: close")
                .contains("application/problem+json")
                .contains("The body came too slowly.");
        assertThat(refusals()).isEqualTo(before + 1);
    }

    /** Answered at once, and then Tomcat would read what nobody wanted. */
    @ParameterizedTest
    @CsvSource({"/webhooks/meta, 3000000, 401", "/webhooks/meta, 4000000, 413", "/no/such/page, 3000000, 404"})
    void norIsTheRestOfOneThatIsNotLookedAt(String path, int length, int status) throws Exception {
        assertThat(inAHurry(() -> drip("POST " + path + " HTTP/1.1|Host: slow|Content-Length: " + length + "||a")))
                .startsWith("HTTP/1.1 " + status);
    }

    private String inAHurry(Callable<String> story) throws Exception {
        TomcatWebServer tomcat = (TomcatWebServer) Objects.requireNonNull(server.getWebServer());
        PromptProtocol protocol =
                (PromptProtocol) tomcat.getTomcat().getConnector().getProtocolHandler();
        protocol.setPatienceWithBody(Duration.ofSeconds(1));
        try {
            return story.call();
        } finally {
            protocol.setPatienceWithBody(PromptProtocol.PATIENCE_WITH_BODY);
        }
    }

    /** All that is answered, until the other end closes. */
    private String drip(String begun) throws Exception {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (Socket socket = new Socket("localhost", port)) {
            socket.setSoTimeout(100);
            socket.getOutputStream().write(begun.replace("|", "\r\n").getBytes(StandardCharsets.US_ASCII));
            // Far more often than Tomcat's own timeout.
            for (int sent = 0; sent < 300; ) {
                try {
                    int some = socket.getInputStream().read();
                    if (some < 0) {
                        return answer.toString(StandardCharsets.UTF_8);
                    }
                    answer.write(some);
                } catch (SocketTimeoutException nothing) {
                    socket.getOutputStream().write('a');
                    sent++;
                } catch (SocketException reset) {
                    return answer.toString(StandardCharsets.UTF_8);
                }
            }
        }
        throw new AssertionError("still open: " + answer.toString(StandardCharsets.UTF_8));
    }

    private double refusals() throws Exception {
        return get("/actuator/prometheus")
                .body()
                .lines()
                .filter(line -> line.startsWith("zaptrix_http_bodies_refused_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private void assertProblem(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith("application/problem+json");
        JsonNode problem = JSON.readTree(response.body());
        assertThat(problem.get("status").asInt()).isEqualTo(status);
        assertThat(problem.get("title").asString()).isNotEmpty();
        assertThat(problem.get("correlation_id").asString())
                .isEqualTo(response.headers().firstValue("X-Correlation-Id").orElseThrow());
        assertThat(response.body()).doesNotContain("Exception").doesNotContain("\\tat ");
    }

    private String name(String header, String value) throws Exception {
        return send(request("/health").header(header, value).build())
                .headers()
                .firstValue("X-Correlation-Id")
                .orElseThrow();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).build());
    }

    private HttpResponse<String> post(String path, String type, BodyPublisher body)
            throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", type)
                // Looks like one, so that the body is read.
                .header("X-Hub-Signature-256", "sha256=" + "0".repeat(64))
                .POST(body)
                .build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .version(HttpClient.Version.HTTP_1_1)
                .timeout(Duration.ofSeconds(20));
    }

    private static HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
