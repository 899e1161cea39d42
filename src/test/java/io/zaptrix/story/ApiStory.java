package io.zaptrix.story;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.Phrases;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.Connector;
import io.zaptrix.sandbox.FileContent;
import io.zaptrix.sandbox.StandInMeta;
import io.zaptrix.sandbox.StandInPortal;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A program of the company writes to customers and is told what happens; and others try what they may not. Whatever is
 * asked and answered here must be as {@code /v3/api-docs} says.
 */
@SuppressWarnings("NullAway.Init")
class ApiStory {

    private static final String KEYS = "/admin/api-keys";
    private static final Path CHECKED_IN = Path.of("docs/api/openapi.json");
    private static final int QUOTA = 300;
    private static final String START = "ONIMCONNECTORDIALOGSTART";
    private static final Pattern KEY = Pattern.compile("zpx_[0-9A-Za-z]{71}");
    private static final List<String> ALL =
            List.of("messages:send", "messages:read", "numbers:read", "conversations:read", "webhooks:manage");
    private static final AtomicInteger CUSTOMERS = new AtomicInteger();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final JsonMapper JSON = JsonMapper.shared();

    private static World world;
    private static Integrator integrator;
    private static Browser admin;
    private static ApiContract contract;
    private static String key;
    private static StandInPortal otherPortal;
    private static String otherKey;

    private final String ana = "551198764" + (4000 + CUSTOMERS.incrementAndGet());

    @BeforeAll
    static void begin() {
        world = new World().argument("--zaptrix.api.requests-per-minute=" + QUOTA);
        integrator = new Integrator();
        world.meta
                .enforceWindow(true)
                .addTemplate(World.WABA, "order_update", "pt_BR", "APPROVED", "Pedido {{1}}: {{2}}");
        world.meta.addTemplate(World.WABA, "invoice", "pt_BR", "APPROVED", "UTILITY", JSON.readTree("""
                [{"type":"HEADER","format":"DOCUMENT"},{"type":"BODY","text":"{{1}}, segue a fatura."},
                 {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Falar"},
                   {"type":"URL","text":"Pagar","url":"https://pay.example.com/{{1}}"}]}]"""));
        world.startReplica();
        admin = world.installAndLink();
        contract = new ApiContract(send(request("/v3/api-docs")).body());
        otherPortal = world.bitrix24.addPortal("other").language("en");
        Browser other = new Browser(world.door.url());
        assertThat(other.open("/bitrix24/install", otherPortal.installPage(StandInPortal.ADMIN))
                        .statusCode())
                .isEqualTo(200);
        otherPortal.finishInstall();
        otherKey = makeKey(other, "Other", ALL);
    }

    @AfterAll
    static void end() throws IOException {
        world.close();
        integrator.close();
    }

    /** Each story has a key of its own: one that asks often takes nothing from the next one's quota. */
    @BeforeEach
    void calm() {
        world.meta.faults().clear();
        key = makeKey(admin, "Shop", ALL);
    }

    // ---------------------------------------------------------------- what tests are made of

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(world.door.url() + path)).timeout(Duration.ofSeconds(30));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException failed) {
            throw new AssertionError(failed);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** An admin makes a key on the page, and copies it. */
    private static String makeKey(Browser browser, String name, List<String> scopes) {
        HttpResponse<String> made = post(browser, form(browser.get(KEYS).body(), name, scopes));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
        Matcher found = KEY.matcher(made.body());
        assertThat(found.find()).as(made.body()).isTrue();
        return found.group();
    }

    private static String form(String page, String name, List<String> scopes) {
        StringBuilder form = new StringBuilder("name=" + URLEncoder.encode(name, UTF_8) + "&days=30");
        for (String hidden : List.of("_csrf", "id")) {
            Matcher value = Pattern.compile("name=\"" + hidden + "\"[^>]*value=\"([^\"]+)\"")
                    .matcher(page);
            assertThat(value.find()).as(hidden).isTrue();
            form.append('&').append(hidden).append('=').append(URLEncoder.encode(value.group(1), UTF_8));
        }
        scopes.forEach(scope -> form.append("&scope=").append(URLEncoder.encode(scope, UTF_8)));
        return form.toString();
    }

    private static HttpResponse<String> post(Browser browser, String form) {
        return browser.post(KEYS, form);
    }

    /** Calls the API, and holds the exchange to the contract. */
    private static HttpResponse<String> call(
            @Nullable String as, String method, String path, @Nullable String body, String... headers) {
        HttpRequest.Builder request = request(path)
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (as != null) {
            request.header("Authorization", "Bearer " + as);
        }
        if (body != null && !Arrays.asList(headers).contains("Content-Type")) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> response = send(request);
        contract.assertExchange(method, path, body, response);
        assertThat(response.headers().firstValue("Set-Cookie")).isEmpty();
        if (response.statusCode() >= 400) {
            assertThat(json(response).path("correlation_id").asString())
                    .isEqualTo(response.headers().firstValue("X-Correlation-Id").orElseThrow());
        }
        return response;
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JSON.readTree(response.body());
    }

    private static String problem(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return json(response).path("type").asString().replaceFirst("urn:zaptrix:problem:", "");
    }

    private static List<String> wrongFields(HttpResponse<String> response) {
        assertThat(problem(response, 422)).isEqualTo("invalid");
        List<String> fields = new ArrayList<>();
        json(response)
                .path("errors")
                .forEach(error -> fields.add(error.path("field").asString()));
        return fields;
    }

    private HttpResponse<String> sendMessage(String idempotencyKey, String message) {
        return call(key, "POST", "/api/v1/messages", message, "Idempotency-Key", idempotencyKey);
    }

    private String text(String words) {
        ObjectNode message = JSON.createObjectNode().put("from", World.NUMBER).put("to", "+" + ana);
        message.putObject("text").put("body", words);
        return message.toString();
    }

    private String accepted(String message) {
        HttpResponse<String> response = sendMessage(UUID.randomUUID().toString(), message);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        return json(response).path("id").asString();
    }

    private static JsonNode awaitState(String id, String state) {
        JsonNode[] last = new JsonNode[1];
        World.await(
                "message " + state,
                Talk.PATIENCE,
                () -> {
                    last[0] = json(call(key, "GET", "/api/v1/messages/" + id, null));
                    return last[0].path("state").asString().equals(state);
                },
                () -> String.valueOf(last[0]));
        return last[0];
    }

    /** Ana wrote so long ago, and her chat is open; its id. */
    private String anaWrote(Duration ago) {
        world.meta.customersWrite(
                World.NUMBER,
                List.of(new StandInMeta.CustomerText(
                        ana, "Ana", "oi", Instant.now().minus(ago))));
        World.await(
                "the chat is open", Talk.PATIENCE, () -> !world.seenByAgent(ana).isEmpty());
        return world.chatOf(ana).id();
    }

    private static JdbcClient everything() {
        return JdbcClient.create(world.database.superuser());
    }

    private static TenantId tenant() {
        return TenantId.ofMember(world.portal.memberId());
    }

    // ---------------------------------------------------------------- keys

    @Test
    void aKeyIsShownOnceAndIsNowhereAfterwards() {
        String page = admin.get(KEYS).body();
        String form = form(page, "Twice", List.of("numbers:read"));
        HttpResponse<String> made = post(admin, form);
        Matcher found = KEY.matcher(made.body());
        assertThat(found.find()).isTrue();
        String once = found.group();
        assertThat(made.headers().firstValue("Cache-Control")).contains("no-store");
        HttpResponse<String> again = post(admin, form);
        assertThat(again.statusCode()).as("the same form again makes none").isEqualTo(303);

        String list = admin.get(KEYS).body();
        assertThat(list.split("Twice", -1)).hasSizeBetween(2, 3);
        assertThat(list).contains(once.substring(once.length() - 6)).doesNotContainPattern(KEY);
        assertThat(everything()
                        .sql("select string_agg(api_key::text, ' ') from api_key")
                        .query(String.class)
                        .single())
                .doesNotContain(once, once.substring(4, 40));
        assertThat(call(once, "GET", "/api/v1/numbers", null).statusCode()).isEqualTo(200);
        World.await(
                "its last use is known",
                Talk.PATIENCE,
                () -> everything()
                                .sql("select count(*) from api_key where name = 'Twice' and last_used_at is not null")
                                .query(Long.class)
                                .single()
                        == 1);
        assertThat(everything()
                        .sql("select action from audit_entry where tenant_id = :tenant and action like 'api_key%'")
                        .param("tenant", tenant().value())
                        .query(String.class)
                        .list())
                .contains("api_key.made");
    }

    @Test
    void aFormThatSaysTooLittleIsShownAgain() {
        String page = admin.get(KEYS).body();
        HttpResponse<String> nameless = post(admin, form(page, " ", List.of("numbers:read")));
        assertThat(nameless.statusCode()).isEqualTo(422);
        HttpResponse<String> scopeless = post(admin, form(page, "Useless", List.of()));
        assertThat(scopeless.statusCode()).isEqualTo(422);
        assertThat(scopeless.body()).contains("value=\"Useless\"").contains("role=\"alert\"");
    }

    @Test
    void aRevokedKeyOpensNothingFromThatMomentOn() throws Exception {
        String doomed = makeKey(admin, "Doomed", List.of("numbers:read"));
        assertThat(call(doomed, "GET", "/api/v1/numbers", null).statusCode()).isEqualTo(200);
        UUID id = everything()
                .sql("select id from api_key where name = 'Doomed'")
                .query(UUID.class)
                .single();
        try (var replica = world.database.dataSource().getConnection();
                var statement = replica.createStatement()) {
            statement.execute("listen zaptrix_api");
            HttpResponse<String> revoked = admin.submit(KEYS + "/" + id + "/revoke", Map.of());
            assertThat(revoked.statusCode()).isEqualTo(303);
            assertThat(problem(call(doomed, "GET", "/api/v1/numbers", null), 401))
                    .isEqualTo("unauthorized");
            assertThat(replica.unwrap(org.postgresql.PGConnection.class).getNotifications(5_000))
                    .as("other replicas hear of it")
                    .hasSizeGreaterThanOrEqualTo(1);
        }
        // What another replica has revoked, this one hears.
        String elsewhere = makeKey(admin, "Elsewhere", List.of("numbers:read"));
        assertThat(call(elsewhere, "GET", "/api/v1/numbers", null).statusCode()).isEqualTo(200);
        everything().sql("""
                        with gone as (update api_key set revoked_at = now() where name = 'Elsewhere' returning tenant_id)
                        select pg_notify('zaptrix_api', tenant_id::text)::text from gone
                        """).query(String.class).list();
        World.await(
                "it is heard",
                Duration.ofSeconds(5),
                () -> call(elsewhere, "GET", "/api/v1/numbers", null).statusCode() == 401);
    }

    @Test
    void aKeyEndsWithItsTime() {
        String old = makeKey(admin, "Old", List.of("numbers:read"));
        everything().sql("""
                        with over as (update api_key set expires_at = now() + interval '600 milliseconds' where name = 'Old'
                            returning tenant_id)
                        select pg_notify('zaptrix_api', tenant_id::text)::text from over
                        """).query(String.class).list();
        World.await(
                "it is over",
                Duration.ofSeconds(5),
                () -> call(old, "GET", "/api/v1/numbers", null).statusCode() == 401);
    }

    @Test
    void whoHasNoKeyOrAWrongOneIsToldHowToProveThemselves() {
        for (String wrong : new String[] {
            "x",
            "zpx_" + "0".repeat(71),
            key.substring(0, key.length() - 1) + (key.endsWith("a") ? 'b' : 'a'),
            key.toLowerCase(java.util.Locale.ROOT),
            key + "0",
            "' or 1=1 --"
        }) {
            HttpResponse<String> response = call(wrong, "GET", "/api/v1/numbers", null);
            assertThat(problem(response, 401)).isEqualTo("unauthorized");
            assertThat(response.headers().firstValue("WWW-Authenticate").orElseThrow())
                    .startsWith("Bearer ")
                    .contains("invalid_token");
        }
        HttpResponse<String> none = call(null, "GET", "/api/v1/numbers", null);
        assertThat(none.headers().firstValue("WWW-Authenticate")).contains("Bearer realm=\"zaptrix\"");
        assertThat(send(request("/api/v1/numbers?access_token=" + key + "&key=" + key))
                        .statusCode())
                .as("a key in an address opens nothing")
                .isEqualTo(401);
        assertThat(send(request("/api/v1/numbers").header("Cookie", "zaptrix_session=" + key))
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void everyOperationIsDocumentedAndNeedsItsScope() {
        Set<String> scopes = new TreeSet<>();
        for (ApiContract.Operation operation : contract.operations()) {
            Matcher scope = Pattern.compile("Needs the scope `([^`]+)`")
                    .matcher(operation.description().path("description").asString());
            assertThat(scope.find()).as(operation.path()).isTrue();
            scopes.add(scope.group(1));
            List<String> others = new ArrayList<>(ALL);
            others.remove(scope.group(1));
            String without = makeKey(admin, "Without " + scope.group(1), others);
            HttpResponse<String> refused = call(
                    without,
                    operation.method(),
                    operation.examplePath(),
                    operation.description().has("requestBody") ? "{}" : null);
            assertThat(problem(refused, 403)).isEqualTo("missing-scope");
            assertThat(json(refused).path("scope").asString()).isEqualTo(scope.group(1));
            assertThat(refused.headers().firstValue("WWW-Authenticate").orElseThrow())
                    .contains("insufficient_scope", scope.group(1));
        }
        assertThat(scopes).containsExactlyInAnyOrderElementsOf(ALL);
        HttpResponse<String> nowhere = send(request("/api/v1/nowhere").header("Authorization", "Bearer " + key));
        assertThat(problem(nowhere, 404)).isEqualTo("not-found");
        HttpResponse<String> otherwise = send(request("/api/v1/numbers")
                .header("Authorization", "Bearer " + key)
                .DELETE());
        assertThat(problem(otherwise, 405)).isEqualTo("method-not-allowed");
    }

    @Test
    void theContractIsTheOneThatIntegratorsHave() throws IOException {
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target/openapi.json"), contract.stable());
        assertThat(contract.stable())
                .as(
                        "the API is described otherwise than in %s; if that is meant, and nobody's program breaks by it,"
                                + " take target/openapi.json over",
                        CHECKED_IN)
                .isEqualTo(Files.readString(CHECKED_IN));
    }

    @Test
    void whoAsksTooOftenIsAskedToWait() throws Exception {
        String hasty = makeKey(admin, "Hasty", List.of("numbers:read"));
        HttpResponse<String> first = call(hasty, "GET", "/api/v1/numbers", null);
        assertThat(first.headers().firstValue("RateLimit-Policy")).contains("\"requests\";q=" + QUOTA + ";w=60");
        assertThat(first.headers().firstValue("RateLimit").orElseThrow())
                .startsWith("\"requests\";r=" + (QUOTA - 1) + ";t=");
        List<Integer> statuses = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                for (int n = 0; n < QUOTA / 8 + 12; n++) {
                    statuses.add(send(request("/api/v1/numbers").header("Authorization", "Bearer " + hasty))
                            .statusCode());
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(statuses).contains(200, 429).containsOnly(200, 429);
        HttpResponse<String> later = call(hasty, "GET", "/api/v1/numbers", null);
        if (later.statusCode() == 429) {
            assertThat(problem(later, 429)).isEqualTo("rate-limited");
            assertThat(later.headers().firstValue("Retry-After")).contains("1");
        }
        assertThat(call(key, "GET", "/api/v1/numbers", null).statusCode())
                .as("another key is not slowed")
                .isEqualTo(200);
    }

    // ---------------------------------------------------------------- messages

    @Test
    void aMessageReachesTheCustomerAndItsStateIsTold() {
        String chat = anaWrote(Duration.ofMinutes(1));
        String id = accepted(text("Seu pedido [b]saiu[/b] & chega *hoje*"));
        JsonNode read = awaitState(id, "read");
        assertThat(world.meta.sendsTo(ana))
                .extracting(StandInMeta.Send::text)
                .as("as it was written: nothing in it is markup")
                .containsExactly("Seu pedido [b]saiu[/b] & chega *hoje*");
        assertThat(read.path("parts")).hasSize(1);
        assertThat(read.at("/parts/0/wamid").asString())
                .isEqualTo(world.meta.sendsTo(ana).getFirst().wamid());
        assertThat(read.path("to").asString()).isEqualTo(ana);
        World.await(
                "the agent sees it",
                Talk.PATIENCE,
                () -> world.portal.systemLines(chat).stream()
                        .anyMatch(line -> line.text().contains("(b)saiu(/b)")));
        assertThat(world.portal.statuses())
                .as("nothing in the chat bears marks for it")
                .noneMatch(status -> status.imMessageId().contains("api"));
        assertThat(world.meta.sendsTo(ana)).as("the line stays inside").hasSize(1);
    }

    @Test
    void filesTemplatesAndLongTextsGoOutAsTheyAre() {
        anaWrote(Duration.ofMinutes(1));
        String start = "{\"from\":\"" + World.NUMBER + "\",\"to\":\"" + ana + "\",";
        accepted(start + "\"media\":{\"kind\":\"document\",\"link\":\"https://files.example.com/a.pdf\","
                + "\"filename\":\"a.pdf\",\"caption\":\"Nota\"},\"reply_to\":\"wamid.X\"}");
        accepted(start + "\"template\":{\"name\":\"order_update\",\"language\":\"pt_BR\","
                + "\"body\":[{\"text\":\"1042\"},{\"text\":\"saiu\\ncedo\"}]}}");
        String longId = accepted(text("palavra ".repeat(900)));
        JsonNode told = awaitState(longId, "read");
        assertThat(told.path("parts")).hasSize(2);
        List<StandInMeta.Send> sends = world.meta.sendsTo(ana);
        assertThat(sends).extracting(StandInMeta.Send::type).containsExactly("document", "template", "text", "text");
        assertThat(sends.getFirst().body().at("/document/caption").asString()).isEqualTo("Nota");
        assertThat(sends.getFirst().replyTo()).isEqualTo("wamid.X");
        assertThat(sends.get(1)
                        .body()
                        .at("/template/components/0/parameters/1/text")
                        .asString())
                .isEqualTo("saiu cedo");
    }

    @Test
    void aTemplateTakesAFileInItsHeaderAndTheEndsOfItsButtonsAddresses() {
        String chat = anaWrote(Duration.ofMinutes(1));
        String start = "{\"from\":\"" + World.NUMBER + "\",\"to\":\"" + ana
                + "\",\"template\":{\"name\":\"invoice\",\"language\":\"pt_BR\",\"body\":[{\"text\":\"Ana\"}],";
        String button = "\"buttons\":[{\"index\":1,\"text\":\"2026-42\"}]";
        String id = world.meta.addMedia("application/pdf", FileContent.of("%PDF-1.7 the invoice".getBytes(UTF_8)));

        awaitState(
                accepted(start + button + ",\"header_file\":{\"kind\":\"document\",\"id\":\"" + id
                        + "\",\"filename\":\"fatura.pdf\"}}}"),
                "read");

        StandInMeta.Send send = world.meta.sendsTo(ana).getFirst();
        assertThat(send.text()).contains("Ana, segue a fatura.", "https://pay.example.com/2026-42");
        assertThat(send.body()
                        .at("/template/components/0/parameters/0/document/filename")
                        .asString())
                .isEqualTo("fatura.pdf");
        World.await(
                "the agent sees it",
                Talk.PATIENCE,
                () -> world.portal.systemLines(chat).stream()
                        .anyMatch(line -> line.text().contains("fatura.pdf")
                                && line.text().contains("Ana \u00b7 2026-42")));
        // What the template needs is Meta's to say.
        awaitState(accepted(start + button + "}}"), "failed");
        // And so is a file that it cannot fetch.
        JsonNode unreachable = awaitState(
                accepted(start + button
                        + ",\"header_file\":{\"kind\":\"document\",\"link\":\"https://127.0.0.1:9/1042.pdf\"}}}"),
                "failed");
        assertThat(unreachable.at("/parts/0/error/reason").asString()).isEqualTo("media");
        assertThat(unreachable.at("/parts/0/error/code").asInt()).isEqualTo(131053);
        for (String wrong : List.of(
                "\"header_file\":{\"kind\":\"document\"}",
                "\"header_file\":{\"kind\":\"audio\",\"id\":\"1\"}",
                "\"header_file\":{\"kind\":\"image\",\"id\":\"1\",\"filename\":\"a.png\"}",
                "\"header\":[{\"text\":\"a\"}],\"header_file\":{\"kind\":\"image\",\"id\":\"1\"}",
                "\"buttons\":[{\"index\":1,\"text\":\"a\"},{\"index\":1,\"text\":\"b\"}]",
                "\"buttons\":[{\"index\":10,\"text\":\"a\"}]")) {
            assertThat(problem(sendMessage(UUID.randomUUID().toString(), start + wrong + "}}"), 422))
                    .as(wrong)
                    .isEqualTo("invalid");
        }
    }

    @Test
    void anAgentsMessagesAndAProgramsKeepTheirOrder() throws InterruptedException {
        String chat = anaWrote(Duration.ofMinutes(1));
        // The first waits so long that all others are there before it is out.
        world.meta.faults().slow(Duration.ofMillis(250));
        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            int events = taken();
            world.portal.agentWrites(chat, "agente " + i);
            World.await("the event is taken", Talk.PATIENCE, () -> taken() > events);
            expected.add("agente " + i);
            accepted(text("sistema " + i));
            expected.add("sistema " + i);
        }
        World.await("all are out", Talk.PATIENCE, () -> world.meta.sendsTo(ana).size() == expected.size());
        assertThat(world.seenByCustomer(ana)).containsExactlyElementsOf(expected);
    }

    private static int taken() {
        return (int) world.portal.events().stream()
                .filter(event -> event.event().equals("ONIMCONNECTORMESSAGEADD") && event.status() == 200)
                .count();
    }

    @Test
    void theSameRequestAgainSendsNothingAgain() throws InterruptedException {
        anaWrote(Duration.ofMinutes(1));
        String once = UUID.randomUUID().toString();
        List<HttpResponse<String>> answers = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            threads.add(Thread.ofVirtual().start(() -> answers.add(sendMessage(once, text("uma vez")))));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(answers)
                .as(() -> answers.stream().map(HttpResponse::body).toList().toString())
                .extracting(HttpResponse::statusCode)
                // Whoever comes while the first is under way may have to come again; if all were slower, nobody has to.
                .contains(202)
                .isSubsetOf(202, 409);
        assertThat(answers.stream().filter(answer -> answer.statusCode() == 409))
                .allMatch(answer -> problem(answer, 409).equals("idempotency-in-progress"));
        HttpResponse<String> again = sendMessage(once, "  " + text("uma vez"));
        assertThat(again.headers().firstValue("Idempotent-Replayed")).contains("true");
        Set<String> bodies = new TreeSet<>();
        answers.stream().filter(answer -> answer.statusCode() == 202).forEach(answer -> bodies.add(answer.body()));
        bodies.add(again.body());
        assertThat(bodies).as("one message").hasSize(1);

        assertThat(problem(sendMessage(once, text("outra coisa")), 422)).isEqualTo("idempotency-key-reused");

        // As if the first were on its way just now.
        everything()
                .sql("update api_idempotency set answered = false, taken_at = now() where idempotency_key = :key")
                .param("key", once)
                .update();
        assertThat(problem(sendMessage(once, text("uma vez")), 409)).isEqualTo("idempotency-in-progress");

        // As if the process had died after the message was accepted, and before it was answered.
        int forgotten = everything().sql("""
                        update api_idempotency set answered = false, taken_at = now() - interval '1 hour'
                        where idempotency_key = :key
                        """).param("key", once).update();
        assertThat(forgotten).isEqualTo(1);
        HttpResponse<String> afterCrash = sendMessage(once, text("uma vez"));
        assertThat(afterCrash.body()).isEqualTo(again.body());

        // A day later the key stands for nothing any more.
        everything()
                .sql("update api_idempotency set created_at = now() - interval '25 hours' where idempotency_key = :key")
                .param("key", once)
                .update();
        assertThat(sendMessage(once, text("no dia seguinte")).body()).isNotEqualTo(again.body());
        World.await("both are out", Talk.PATIENCE, () -> world.meta.sendsTo(ana).size() >= 2);
        assertThat(world.seenByCustomer(ana)).containsExactly("uma vez", "no dia seguinte");
    }

    @Test
    void programsThatWriteToANewCustomerAtTheSameMomentMakeOneConversation() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            threads.add(Thread.ofVirtual()
                    .start(() -> accepted("{\"from\":\"" + World.NUMBER + "\",\"to\":\"" + ana
                            + "\",\"template\":{\"name\":\"order_update\",\"language\":\"pt_BR\",\"body\":[{\"text\":\"1\"},"
                            + "{\"text\":\"x\"}]}}")));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(everything()
                        .sql("select count(*) from conversation_mapping where meta_whatsapp_id like :ana || '%'")
                        .param("ana", ana)
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
        World.await("all are out", Talk.PATIENCE, () -> world.meta.sendsTo(ana).size() == 6);
    }

    @Test
    void outsideTheWindowOnlyATemplateIsTaken() {
        anaWrote(Duration.ofHours(25));
        assertThat(problem(sendMessage(UUID.randomUUID().toString(), text("oi?")), 422))
                .isEqualTo("window-closed");
        String template = accepted("{\"from\":\"" + World.NUMBER + "\",\"to\":\"" + ana
                + "\",\"template\":{\"name\":\"order_update\",\"language\":\"pt_BR\",\"body\":[{\"text\":\"1\"},"
                + "{\"text\":\"x\"}]}}");
        awaitState(template, "read");
    }

    @Test
    void whatWhatsAppRefusesIsToldWithItsReason() {
        String chat = anaWrote(Duration.ofMinutes(1));
        world.meta.faults().refuseNext(1, 131026);
        JsonNode refused = awaitState(accepted(text("um")), "failed");
        assertThat(refused.at("/parts/0/error/reason").asString()).isEqualTo("undeliverable");
        assertThat(refused.at("/parts/0/error/code").asInt()).isEqualTo(131026);
        world.meta.faults().failNext(1, 131049);
        JsonNode failed = awaitState(accepted(text("dois")), "failed");
        assertThat(failed.at("/parts/0/error/reason").asString()).isEqualTo("ecosystem");
        World.await(
                "agents, who saw it go out, are told",
                Talk.PATIENCE,
                () -> world.portal.systemLines(chat).stream()
                        .anyMatch(line -> line.text().contains("(WhatsApp 131049)")));
    }

    @Test
    void garbageIsRefusedWithItsPlace() {
        String usual = UUID.randomUUID().toString();
        for (String noJson : new String[] {
            "",
            "{",
            "nothing",
            "{}{}",
            "{\"from\":1e",
            "\u0000",
            "{\"to\":\"1\",\"to\":\"2\"}",
            "null",
            "[".repeat(5_000),
            "{\"text\":".repeat(300) + "1" + "}".repeat(300)
        }) {
            assertThat(problem(sendMessage(usual, noJson), 400)).as(noJson).isEqualTo("malformed");
        }
        assertThat(wrongFields(sendMessage(usual, "{}"))).containsExactly("from", "to");
        assertThat(wrongFields(sendMessage(usual, text("x").replace("\"body\"", "\"bodi\""))))
                .containsExactly("text.bodi");
        assertThat(wrongFields(sendMessage(usual, text("x").replace("\"x\"", "7"))))
                .containsExactly("text.body");
        assertThat(wrongFields(sendMessage(usual, text(" ")))).containsExactly("text.body");
        assertThat(wrongFields(sendMessage(usual, text("x".repeat(16_385))))).containsExactly("text.body");
        assertThat(wrongFields(sendMessage(usual, text("x").replace("+" + ana, "Ana"))))
                .containsExactly("to");
        assertThat(wrongFields(sendMessage(usual, text("x").replace(World.NUMBER, "106540352242999"))))
                .containsExactly("from");
        assertThat(wrongFields(sendMessage(
                        usual,
                        "{\"from\":\"1\",\"to\":\"" + ana
                                + "\",\"media\":{\"kind\":\"sticker\",\"link\":\"https://u:p@x/y\","
                                + "\"caption\":\"c\",\"filename\":\"f\"}}")))
                .containsExactly("media.caption", "media.filename", "media.link");
        assertThat(problem(sendMessage(usual, "{\"to\":\"" + "1".repeat(70_000) + "\"}"), 413))
                .isEqualTo("too-large");
        assertThat(problem(
                        call(
                                key,
                                "POST",
                                "/api/v1/messages",
                                "from=1",
                                "Content-Type",
                                "text/plain",
                                "Idempotency-Key",
                                "a"),
                        415))
                .isEqualTo("unsupported-media-type");
        assertThat(problem(call(key, "POST", "/api/v1/messages", text("x")), 400))
                .isEqualTo("idempotency-key-missing");
        assertThat(world.meta.sendsTo(ana)).isEmpty();
    }

    @Test
    void theExamplesOfTheGuideWork() throws IOException {
        world.meta.customerWrites(World.NUMBER, "5511987654321", "Bia", "oi");
        World.await(
                "the chat is open",
                Talk.PATIENCE,
                () -> !world.seenByAgent("5511987654321").isEmpty());
        String guide = Files.readString(Path.of("docs/api.md")).replace("\\\n", " ");
        Matcher example = Pattern.compile("(?s)```sh\\s*curl \"\\$ZAPTRIX([^\"]+)\"(.*?)```")
                .matcher(guide);
        String id = "";
        int examples = 0;
        while (example.find()) {
            List<String> headers = new ArrayList<>();
            Matcher header = Pattern.compile("-H '([^:]+): ([^']+)'").matcher(example.group(2));
            while (header.find()) {
                headers.addAll(List.of(header.group(1), header.group(2)));
            }
            Matcher data = Pattern.compile("(?s)-d '([^']+)'").matcher(example.group(2));
            String body =
                    data.find() ? data.group(1).replace("https://integrator.example.com", integrator.url("")) : null;
            HttpResponse<String> response = call(
                    key,
                    body == null ? "GET" : "POST",
                    example.group(1).replace("$ID", id),
                    body,
                    headers.toArray(String[]::new));
            assertThat(response.statusCode())
                    .as(example.group() + response.body())
                    .isLessThan(300);
            id = json(response).path("id").asString(id);
            examples++;
        }
        assertThat(examples).isEqualTo(8);
        call(key, "DELETE", "/api/v1/webhooks/" + id, null);
        Matcher event = Pattern.compile("(?s)```json(.*?)```").matcher(guide);
        List<String> types = new ArrayList<>();
        while (event.find()) {
            types.add(JSON.readTree(event.group(1)).path("type").asString());
            contract.assertEvent(types.getLast(), event.group(1));
        }
        assertThat(types).containsExactly("message.status", "dialog.started");
    }

    // ---------------------------------------------------------------- looking

    @Test
    void numbersAndConversationsAreListedPageByPage() {
        for (int i = 0; i < 5; i++) {
            accepted("{\"from\":\"" + World.NUMBER + "\",\"to\":\"" + ana + i
                    + "\",\"template\":{\"name\":\"order_update\",\"language\":\"pt_BR\",\"body\":[{\"text\":\"1\"},"
                    + "{\"text\":\"x\"}]}}");
        }
        JsonNode numbers = json(call(key, "GET", "/api/v1/numbers", null)).path("data");
        assertThat(numbers).hasSize(1);
        assertThat(numbers.at("/0/id").asString()).isEqualTo(World.NUMBER);
        List<String> seen = new ArrayList<>();
        String path = "/api/v1/conversations?limit=2&number=" + World.NUMBER;
        String cursor = "";
        for (int page = 0; page < 3; page++) {
            JsonNode found = json(call(key, "GET", path + cursor, null));
            found.path("data").forEach(each -> seen.add(each.path("customer").asString()));
            cursor = "&cursor=" + found.path("next_cursor").asString("");
        }
        assertThat(seen).hasSizeGreaterThanOrEqualTo(5).doesNotHaveDuplicates();
        assertThat(seen.subList(0, 5)).containsExactly(ana + 4, ana + 3, ana + 2, ana + 1, ana + 0);
        assertThat(wrongFields(call(key, "GET", "/api/v1/conversations?limit=0", null)))
                .containsExactly("limit");
        assertThat(wrongFields(call(key, "GET", "/api/v1/conversations?cursor=x", null)))
                .containsExactly("cursor");
    }

    @Test
    void fromWhichAdACustomerCameIsKeptForTheCrm() {
        assertThat(anaCameBy("120", "Oferta", "ARAk", Duration.ofMinutes(5))).isEqualTo(JSON.readTree("""
                        {"source_type":"ad","source_id":"120","source_url":"https://fb.me/120","headline":"Oferta",
                         "click_id":"ARAk"}"""));
        assertThat(anaCameBy("121", "Outra", "ARAm", Duration.ofMinutes(1))
                        .path("click_id")
                        .asString())
                .as("the last one counts")
                .isEqualTo("ARAm");
        anaWrote(Duration.ofSeconds(10));
        assertThat(conversation().at("/ad/click_id").asString()).isEqualTo("ARAm");
    }

    /** What is told of the ad then, but the time. */
    private JsonNode anaCameBy(String ad, String headline, String clickId, Duration ago) {
        ObjectNode message = JSON.createObjectNode();
        message.putObject("text").put("body", "quero saber mais");
        message.putObject("referral")
                .put("source_url", "https://fb.me/" + ad)
                .put("source_id", ad)
                .put("source_type", "ad")
                .put("headline", headline)
                .put("ctwa_clid", clickId);
        Instant at = Instant.now().minus(ago).truncatedTo(ChronoUnit.SECONDS);
        world.meta.customerSends(World.NUMBER, ana, "Ana", "text", message, at);
        World.await(
                "the ad is known",
                Talk.PATIENCE,
                () -> conversation().at("/ad/source_id").asString("").equals(ad));
        ObjectNode told = (ObjectNode) conversation().path("ad");
        assertThat(Instant.parse(told.remove("at").asString())).isEqualTo(at);
        return told;
    }

    private JsonNode conversation() {
        for (JsonNode each : json(call(key, "GET", "/api/v1/conversations?number=" + World.NUMBER, null))
                .path("data")) {
            if (each.path("customer").asString().equals(ana)) {
                return each;
            }
        }
        return JSON.createObjectNode();
    }

    @Test
    void anotherPortalsThingsAreNotThere() {
        anaWrote(Duration.ofMinutes(1));
        String id = accepted(text("segredo"));
        String hook = json(call(
                        key,
                        "POST",
                        "/api/v1/webhooks",
                        "{\"url\":\"" + integrator.url("/own") + "\",\"events\":[\"message.status\"]}"))
                .path("id")
                .asString();
        assertThat(problem(call(otherKey, "GET", "/api/v1/messages/" + id, null), 404))
                .isEqualTo("not-found");
        assertThat(problem(call(otherKey, "DELETE", "/api/v1/webhooks/" + hook, null), 404))
                .isEqualTo("not-found");
        assertThat(problem(call(otherKey, "POST", "/api/v1/webhooks/" + hook + "/test", null), 404))
                .isEqualTo("not-found");
        assertThat(json(call(otherKey, "GET", "/api/v1/webhooks", null)).path("data"))
                .isEmpty();
        assertThat(json(call(otherKey, "GET", "/api/v1/numbers", null)).path("data"))
                .isEmpty();
        assertThat(json(call(otherKey, "GET", "/api/v1/conversations", null)).path("data"))
                .isEmpty();
        HttpResponse<String> sent = call(
                otherKey,
                "POST",
                "/api/v1/messages",
                text("roubo"),
                "Idempotency-Key",
                UUID.randomUUID().toString());
        assertThat(wrongFields(sent)).containsExactly("from");
        for (String nobodys : List.of("1", "' or 1=1", UUID.randomUUID().toString())) {
            assertThat(problem(call(key, "GET", "/api/v1/messages/" + nobodys.replace(" ", "%20"), null), 404))
                    .isEqualTo("not-found");
        }
        assertThat(call(key, "DELETE", "/api/v1/webhooks/" + hook, null).statusCode())
                .isEqualTo(204);
    }

    // ---------------------------------------------------------------- webhooks

    @Test
    void anIntegratorIsToldWhatHappensSignedAndUntilItArrives() {
        JsonNode quiet = webhook("/quiet", false);
        JsonNode whole = webhook("/whole", true);
        JsonNode ping =
                json(call(key, "POST", "/api/v1/webhooks/" + quiet.path("id").asString() + "/test", null));
        assertThat(ping.path("delivered").asBoolean()).isTrue();
        assertThat(integrator.taken("webhook.test"))
                .singleElement()
                .matches(event -> event.isSignedBy(quiet.path("secret").asString()))
                .matches(event -> !event.isSignedBy(whole.path("secret").asString()));

        integrator.refuseNext(3);
        anaWrote(Duration.ofMinutes(1));
        World.await(
                "both are told",
                Talk.PATIENCE,
                () -> received().size() == 2,
                () -> integrator.events().toString());
        Integrator.Event with = received().stream()
                .filter(event -> event.json().at("/data/text").isString())
                .findFirst()
                .orElseThrow();
        Integrator.Event without = received().stream()
                .filter(event -> !event.json().at("/data/text").isString())
                .findFirst()
                .orElseThrow();
        assertThat(with.isSignedBy(whole.path("secret").asString())).isTrue();
        assertThat(with.json().at("/data/text").asString()).isEqualTo("oi");
        assertThat(without.isSignedBy(quiet.path("secret").asString())).isTrue();
        assertThat(without.body()).contains(ana).doesNotContain("oi\"", "Ana");
        assertThat(integrator.events().stream()
                        .filter(event ->
                                event.answered() == 500 && !event.path().equals("/dead")))
                .as("what was refused came again, with the same id")
                .isNotEmpty()
                .allMatch(refused -> integrator.events().stream()
                        .anyMatch(event -> event.answered() == 204 && event.id().equals(refused.id())));

        String id = accepted(text("olá"));
        World.await(
                "the message's way is told",
                Talk.PATIENCE,
                () -> states(id).containsAll(List.of("sent", "delivered", "read")),
                () -> states(id).toString());
        world.meta.faults().refuseNext(1, 131026);
        String refused = accepted(text("não chega"));
        World.await(
                "and its end, of which Meta tells nobody, to both",
                Talk.PATIENCE,
                () -> integrator.taken("message.status").stream()
                                .filter(event -> event.body().contains(refused))
                                .count()
                        == 2);
        assertThat(states(refused)).containsExactly("failed");
        assertThat(admin.get(KEYS).body()).as("the admin sees where events go").contains("localhost");

        for (JsonNode each : List.of(quiet, whole)) {
            assertThat(call(key, "DELETE", "/api/v1/webhooks/" + each.path("id").asString(), null)
                            .statusCode())
                    .isEqualTo(204);
        }
        integrator.events().stream()
                .filter(event -> !event.body().contains("webhook.test"))
                .forEach(event -> contract.assertEvent(event.json().path("type").asString(), event.body()));
        int told = integrator.events().size();
        awaitState(accepted(text("sem testemunhas")), "read");
        assertThat(integrator.events()).hasSize(told);
        assertThat(everything()
                        .sql("select count(*) from lane_item where lane like 'webhook:%' or payload::text like '%oi%'")
                        .query(Long.class)
                        .single())
                .as("nothing of it is kept")
                .isZero();
    }

    @Test
    void aWebhookToWhichNothingArrivesForThreeDaysIsSwitchedOffAndTheAdminKnows() {
        JsonNode dead = webhook("/dead", true);
        String id = dead.path("id").asString();
        int notices = world.portal.notifications().size();
        integrator.refuse("/dead");
        anaWrote(Duration.ofMinutes(1));
        World.await(
                "it is known to fail",
                Talk.PATIENCE,
                () -> count("select count(*) from api_webhook where failure = 'http_500' and id = '" + id + "'") == 1);
        assertThat(state(id).path("failing_since").isString()).isTrue();
        assertThat(state(id).has("off_since")).as("not at once").isFalse();

        // Two days and 23 hours are not three days.
        failingFor(id, "2 days 23 hours");
        int attempts = attempts("/dead");
        World.await("it is tried again", Talk.PATIENCE, () -> attempts("/dead") > attempts + 1);
        assertThat(state(id).has("off_since")).isFalse();

        failingFor(id, "3 days 1 minute");
        World.await(
                "it is switched off",
                Talk.PATIENCE,
                () -> count("select count(*) from api_webhook where off_since is not null and id = '" + id + "'") == 1);
        assertThat(state(id).path("off_since").isString()).isTrue();
        World.await(
                "the admin is told",
                Talk.PATIENCE,
                () -> world.portal.notifications().size() > notices);
        assertThat(world.portal.notifications().getLast().text()).contains("localhost", "http_500");
        assertThat(world.portal.notifications().getLast().userId()).isEqualTo(StandInPortal.ADMIN);
        World.await(
                "what waited is a dead letter",
                Talk.PATIENCE,
                () -> count("select count(*) from dead_letter where reason = 'webhook_off' and lane = 'webhook:" + id
                                + "' and encode(payload, 'escape') like '%" + ana + "%'")
                        == 1);

        int last = attempts("/dead");
        anaWrote(Duration.ofSeconds(30));
        awaitState(accepted(text("olá")), "read");
        assertThat(attempts("/dead")).as("nothing is posted to it").isEqualTo(last);
        assertThat(count("select count(*) from lane_item where lane = 'webhook:" + id + "'"))
                .as("and nothing is kept for it")
                .isZero();
        String page = admin.get(KEYS).body();
        assertThat(page)
                .contains(new Phrases("messages/api").say(Locale.of("pt", "BR"), "api.webhook.off"))
                .contains(KEYS + "/webhooks/" + id + "/on")
                .contains("http_500");

        integrator.take("/dead");
        Matcher csrf = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"").matcher(page);
        assertThat(csrf.find()).isTrue();
        assertThat(admin.post(KEYS + "/webhooks/" + id + "/on", "_csrf=" + URLEncoder.encode(csrf.group(1), UTF_8))
                        .statusCode())
                .isEqualTo(303);
        assertThat(state(id).has("off_since")).isFalse();
        assertThat(state(id).has("failing_since")).isFalse();
        anaWrote(Duration.ofSeconds(20));
        World.await(
                "it is told again",
                Talk.PATIENCE,
                () -> received().stream()
                        .anyMatch(event -> event.isSignedBy(dead.path("secret").asString())));
        assertThat(world.portal.notifications()).as("told once").hasSize(notices + 1);
        assertThat(call(key, "DELETE", "/api/v1/webhooks/" + id, null).statusCode())
                .isEqualTo(204);
    }

    @Test
    void withALeakedKeyGoWhatItHadCustomersWordsSentTo() {
        String leaked = makeKey(admin, "Leaked", List.of("webhooks:manage", "conversations:read"));
        UUID keyId = everything()
                .sql("select id from api_key where name = 'Leaked'")
                .query(UUID.class)
                .single();
        JsonNode thief = webhook(leaked, "/thief", true);
        String id = thief.path("id").asString();
        String kept = webhook("/kept", true).path("id").asString();
        Locale portuguese = Locale.of("pt", "BR");
        Phrases phrases = new Phrases("messages/api");

        assertThat(admin.get(KEYS + "/" + keyId + "/revoke").body())
                .as("the admin is told before what goes with the key")
                .contains(phrases.say(portuguese, "api.revoke.webhooks", "localhost"));
        assertThat(admin.submit(KEYS + "/" + keyId + "/revoke", Map.of()).statusCode())
                .isEqualTo(303);
        anaWrote(Duration.ofMinutes(1));
        World.await(
                "what another key made is told",
                Talk.PATIENCE,
                () -> !received().isEmpty());
        assertThat(attempts("/thief")).as("nothing is posted there").isZero();
        assertThat(count("select count(*) from lane_item where lane = 'webhook:" + id + "'"))
                .as("and nothing is kept for it")
                .isZero();
        assertThat(state(id).path("off_since").isString()).isTrue();
        assertThat(state(id).has("failing_since")).isFalse();
        assertThat(state(kept).has("off_since")).isFalse();
        assertThat(admin.get(KEYS).body())
                .contains("a chave que o criou foi revogada")
                .contains(KEYS + "/webhooks/" + id + "/on");

        // It may have been the company's own program that was behind it.
        assertThat(admin.post(KEYS + "/webhooks/" + id + "/on", "_csrf=" + URLEncoder.encode(admin.csrf(KEYS), UTF_8))
                        .statusCode())
                .isEqualTo(303);
        world.meta.customerWrites(World.NUMBER, ana, "Ana", "ainda aí?");
        World.await(
                "it is told again",
                Talk.PATIENCE,
                () -> received().stream()
                        .anyMatch(event -> event.isSignedBy(thief.path("secret").asString())));
        for (String each : List.of(id, kept)) {
            assertThat(call(key, "DELETE", "/api/v1/webhooks/" + each, null).statusCode())
                    .isEqualTo(204);
        }
    }

    @Test
    void aKeyWithoutWebhooksGoesWithoutAWordAboutThem() {
        makeKey(admin, "Plain", List.of("webhooks:manage"));
        UUID keyId = everything()
                .sql("select id from api_key where name = 'Plain'")
                .query(UUID.class)
                .single();
        assertThat(admin.get(KEYS + "/" + keyId + "/revoke").body())
                .contains(new Phrases("messages/api").say(Locale.of("pt", "BR"), "api.revoke.text"))
                .doesNotContain("webhooks que ela criou");
    }

    @Test
    void whoMayBeToldMayNotThereforeReadWhatCustomersWrite() {
        String deaf = makeKey(admin, "Deaf", List.of("webhooks:manage"));
        HttpResponse<String> refused = askForWebhook(deaf, "/deaf", true);
        assertThat(problem(refused, 403)).isEqualTo("missing-scope");
        assertThat(json(refused).path("scope").asString()).isEqualTo("conversations:read");
        assertThat(refused.headers().firstValue("WWW-Authenticate").orElseThrow())
                .contains("insufficient_scope", "conversations:read");
        assertThat(json(call(deaf, "GET", "/api/v1/webhooks", null)).path("data"))
                .as("none is made")
                .noneMatch(webhook -> webhook.path("url").asString().endsWith("/deaf"));
        JsonNode made = webhook(deaf, "/deaf", false);
        assertThat(made.path("include_text").asBoolean()).isFalse();
        assertThat(call(deaf, "DELETE", "/api/v1/webhooks/" + made.path("id").asString(), null)
                        .statusCode())
                .isEqualTo(204);
    }

    @Test
    void anIntegratorIsToldOnceOfEachSessionThatBeginsAndEnds() throws Exception {
        JsonNode hook = json(call(key, "POST", "/api/v1/webhooks", dialogHook("/dialogs")));
        String otherHook = json(call(otherKey, "POST", "/api/v1/webhooks", dialogHook("/others")))
                .path("id")
                .asString();
        world.bitrix24.eventsTwice(true);
        String chat = anaWrote(Duration.ofMinutes(1));
        String session = world.chatOf(ana).sessionId();
        World.await(
                "the session's beginning is told",
                Talk.PATIENCE,
                () -> !dialogs("started").isEmpty());
        Integrator.Event started = dialogs("started").getFirst();
        assertThat(started.isSignedBy(hook.path("secret").asString())).isTrue();
        assertThat(started.json().at("/data/number").asString()).isEqualTo(World.NUMBER);
        assertThat(started.json().at("/data/session_id").asString()).isEqualTo(session);
        assertThat(started.json().at("/data/line_id").asString())
                .isEqualTo(world.chatOf(ana).lineId());
        assertThat(Duration.between(
                        Instant.parse(started.json().path("timestamp").asString()), Instant.now()))
                .isBetween(Duration.ofSeconds(-1), Duration.ofMinutes(1));

        world.portal.agentCloses(chat);
        World.await("its end is told", Talk.PATIENCE, () -> !dialogs("finished").isEmpty());
        assertThat(dialogs("finished").getFirst().json().path("data"))
                .isEqualTo(started.json().path("data"));
        world.bitrix24.eventsTwice(false);

        // Who writes in a chat that is closed begins another session.
        world.meta.customerWrites(World.NUMBER, ana, "Ana", "mais uma coisa");
        World.await(
                "the next session is told",
                Talk.PATIENCE,
                () -> dialogs("started").size() == 2);
        assertThat(dialogs("started").getLast().json().at("/data/session_id").asString())
                .isEqualTo(world.chatOf(ana).sessionId())
                .isNotEqualTo(session);

        String ours = World.NUMBER + ":" + ana;
        String line = world.chatOf(ana).lineId();
        world.portal.post(START, dialog("somebody_elses", line, ours, "901"), world.portal.applicationToken());
        world.portal.post(
                START,
                dialog(Connector.CODE, line, World.NUMBER + ":5500000000000", "902"),
                world.portal.applicationToken());
        world.portal.post(START, dialog(Connector.CODE, line, "8", "903"), world.portal.applicationToken());
        world.portal.post(START, dialog(Connector.CODE, line, ours, "none"), world.portal.applicationToken());
        otherPortal.post(START, dialog(Connector.CODE, line, ours, "904"), otherPortal.applicationToken());
        assertThat(world.bitrix24.awaitIdle(Duration.ofSeconds(10))).isTrue();
        assertThat(world.portal.events())
                .filteredOn(event -> event.event().equals(START))
                .hasSizeGreaterThanOrEqualTo(7)
                .allMatch(event -> event.status() == 200);
        assertThat(count("select count(*) from lane_item where lane like 'webhook:%'"))
                .as("nothing waits to be told")
                .isZero();
        assertThat(dialogs("started")).as("told once each").hasSize(2);
        assertThat(dialogs("finished")).hasSize(1);
        assertThat(attempts("/others")).isZero();
        integrator.events().stream()
                .filter(event -> event.path().equals("/dialogs"))
                .forEach(event -> contract.assertEvent(event.json().path("type").asString(), event.body()));
        call(key, "DELETE", "/api/v1/webhooks/" + hook.path("id").asString(), null);
        call(otherKey, "DELETE", "/api/v1/webhooks/" + otherHook, null);
    }

    private static String dialogHook(String path) {
        return "{\"url\":\"" + integrator.url(path) + "\",\"events\":[\"dialog.started\",\"dialog.finished\"]}";
    }

    private List<Integrator.Event> dialogs(String what) {
        return integrator.taken("dialog." + what).stream()
                .filter(event -> event.json().at("/data/customer").asString().equals(ana))
                .toList();
    }

    private static ObjectNode dialog(String connector, String line, String chat, String session) {
        ObjectNode data = JSON.createObjectNode().put("CONNECTOR", connector).put("LINE", line);
        ObjectNode entry = data.putArray("DATA").addObject();
        entry.putObject("connector")
                .put("connector_id", connector)
                .put("line_id", line)
                .put("chat_id", chat)
                .put("user_id", "8");
        entry.putObject("session").put("id", session).put("closed", "N");
        return data;
    }

    private static JsonNode state(String id) {
        for (JsonNode webhook : json(call(key, "GET", "/api/v1/webhooks", null)).path("data")) {
            if (webhook.path("id").asString().equals(id)) {
                return webhook;
            }
        }
        throw new AssertionError(id);
    }

    /** As if its first failure had been so long ago. */
    private static void failingFor(String id, String time) {
        everything()
                .sql(
                        "update api_webhook set failing_since = now() - cast(:time as interval) where id = cast(:id as uuid)")
                .param("time", time)
                .param("id", id)
                .update();
        everything()
                .sql("select pg_notify('zaptrix_api', tenant_id::text) from api_webhook where id = cast(:id as uuid)")
                .param("id", id)
                .query((row, n) -> true)
                .list();
    }

    private static int attempts(String path) {
        return (int) integrator.events().stream()
                .filter(event -> event.path().equals(path))
                .count();
    }

    private static long count(String sql) {
        return everything().sql(sql).query(Long.class).single();
    }

    private JsonNode webhook(String path, boolean text) {
        return webhook(key, path, text);
    }

    private static HttpResponse<String> askForWebhook(String as, String path, boolean text) {
        return call(
                as,
                "POST",
                "/api/v1/webhooks",
                "{\"url\":\"" + integrator.url(path) + "\",\"events\":[\"message.received\",\"message.status\"],"
                        + "\"include_text\":" + text + "}");
    }

    private static JsonNode webhook(String as, String path, boolean text) {
        HttpResponse<String> made = askForWebhook(as, path, text);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        assertThat(call(key, "GET", "/api/v1/webhooks", null).body()).doesNotContain("whsec_");
        return json(made);
    }

    private List<Integrator.Event> received() {
        return integrator.taken("message.received").stream()
                .filter(event -> event.json().at("/data/from").asString().equals(ana))
                .toList();
    }

    private Set<String> states(String id) {
        Set<String> states = new TreeSet<>();
        integrator.taken("message.status").stream()
                .map(Integrator.Event::json)
                .filter(event -> event.at("/data/id").asString("").equals(id))
                .forEach(event -> states.add(event.at("/data/state").asString()));
        return states;
    }

    @Test
    void anAddressInsideIsNoWebhooks() {
        for (String url : List.of(
                "https://169.254.169.254/latest/meta-data",
                "https://[fd00:ec2::254]/",
                "https://user:password@example.com/",
                "ftp://example.com/",
                "file:///etc/passwd",
                "https:///nowhere",
                "gopher://localhost:70/",
                "not an address")) {
            assertThat(wrongFields(call(
                            key,
                            "POST",
                            "/api/v1/webhooks",
                            JSON.createObjectNode()
                                    .put("url", url)
                                    .set("events", JSON.createArrayNode().add("message.status"))
                                    .toString())))
                    .as(url)
                    .containsExactly("url");
        }
    }
}
