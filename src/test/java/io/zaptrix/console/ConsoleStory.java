package io.zaptrix.console;

import static io.zaptrix.console.Steps.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitForSelectorState;
import io.zaptrix.platform.TenantId;
import io.zaptrix.sandbox.StandInBitrix24;
import io.zaptrix.sandbox.StandInMeta;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.story.Browser;
import io.zaptrix.testing.AppProcess;
import io.zaptrix.testing.TestDatabase;
import io.zaptrix.testing.TestSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The operator comes in, looks after the portals and changes the keys; others try to come in. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Order(7)
class ConsoleStory {

    private static final String HOME = "192.0.2.1";
    private static final String GUESSER = "203.0.113.7";
    private static final String NUMBER = "106540352242922";
    private static final String WABA = "419561257915477";
    private static final String CUSTOMER = "5511987654321";

    @TempDir
    private static Path directory;

    private static final TestDatabase.Database DATABASE = TestDatabase.createWithSchema();
    private static final IdentityProvider PROVIDER = new IdentityProvider();
    private static final List<String> recoveryCodes = new ArrayList<>();
    private static int port;
    private static Path keyset;
    private static StandInMeta meta;
    private static StandInBitrix24 bitrix24;
    private static StandInPortal portal;
    private static AppProcess app;
    private static Browser admin;
    private static Authenticator authenticator = new Authenticator("");

    @BeforeAll
    static void start() throws IOException {
        port = AppProcess.freePort();
        URI url = URI.create("http://localhost:" + port);
        keyset = Files.writeString(directory.resolve("keyset.json"), TestSettings.KEYSET);
        meta = new StandInMeta(0)
                .app(TestSettings.META_APP_ID, TestSettings.META_APP_SECRET, TestSettings.META_VERIFY_TOKEN)
                .webhookUrl(url.resolve("/webhooks/meta"))
                .addNumber(NUMBER, WABA, "+55 11 5555-0100", "Acme", "EAAconsole");
        bitrix24 =
                new StandInBitrix24(0).app(TestSettings.BITRIX24_CLIENT_ID, TestSettings.BITRIX24_CLIENT_SECRET, url);
        portal = bitrix24.addPortal("acme").language("en");
        app = process(true).start();
        admin = Steps.link(app.url(), portal, NUMBER, WABA, "EAAconsole");
    }

    private static AppProcess.Builder process(boolean withConsole) {
        AppProcess.Builder builder = AppProcess.builder()
                .port(port)
                .database(DATABASE)
                .env("ZAPTRIX_PUBLIC_URL", "http://localhost:" + port)
                .env("ZAPTRIX_ENCRYPTION_KEYSET", "file:" + keyset)
                .env("ZAPTRIX_META_CONFIG_ID", "1234567890")
                .env("ZAPTRIX_META_GRAPH_URL", meta.graphUrl().toString())
                .env("ZAPTRIX_BITRIX24_OAUTH_URL", bitrix24.oauthUrl().toString())
                .argument("--zaptrix.bitrix24.rate-per-second=50")
                .argument("--zaptrix.bitrix24.burst=500")
                .argument("--zaptrix.key-rotation.grace=100ms");
        return withConsole
                ? builder.env("ZAPTRIX_OPERATOR_OIDC_ISSUER", PROVIDER.url())
                        .env("ZAPTRIX_OPERATOR_OIDC_CLIENT_ID", IdentityProvider.CLIENT)
                        .env("ZAPTRIX_OPERATOR_OIDC_CLIENT_SECRET", "provider-secret")
                        .env("ZAPTRIX_OPERATOR_OIDC_ALLOWED", "ana@example.com, somebody@example.com")
                : builder.without("ZAPTRIX_OPERATOR_PASSWORD");
    }

    @AfterAll
    static void stop() {
        app.close();
        meta.close();
        bitrix24.close();
        PROVIDER.close();
    }

    private static JdbcClient everything() {
        return JdbcClient.create(DATABASE.superuser());
    }

    private static OperatorBrowser browser(String address) {
        return new OperatorBrowser(app.url(), address);
    }

    private static HttpResponse<String> password(OperatorBrowser browser, String password) {
        return browser.submit("/operator/sign-in", "/operator/sign-in", Map.of("password", password));
    }

    /** By a recovery code, of which the first sign-in has brought ten. */
    private static OperatorBrowser operator() {
        OperatorBrowser browser = browser(HOME);
        assertThat(password(browser, TestSettings.OPERATOR_PASSWORD).statusCode())
                .isEqualTo(303);
        assertThat(browser.submit("/operator/code", "/operator/code", Map.of("code", recoveryCodes.removeFirst()))
                        .statusCode())
                .isEqualTo(303);
        return browser;
    }

    private static String found(String pattern, String page) {
        Matcher matcher = Pattern.compile(pattern).matcher(page);
        assertThat(matcher.find()).as(pattern + " in " + page).isTrue();
        return matcher.group(1);
    }

    private static List<String> seenByAgent() {
        return portal.chats().stream()
                .flatMap(chat -> portal.inbound(chat.id()).stream())
                .map(StandInPortal.ChatMessage::text)
                .toList();
    }

    @Test
    @Order(1)
    void thePasswordAloneOpensNothingAndACodeOpensOnce() {
        OperatorBrowser browser = browser(HOME);
        HttpResponse<String> shut = browser.get("/operator/portals");
        assertThat(shut.statusCode()).isEqualTo(401);
        assertThat(shut.headers().firstValue("X-Frame-Options")).contains("DENY");
        assertThat(shut.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("frame-ancestors 'none'")
                .contains("script-src 'self';")
                .doesNotContain("unsafe");

        HttpResponse<String> half = password(browser, TestSettings.OPERATOR_PASSWORD);
        assertThat(half.statusCode()).isEqualTo(303);
        assertThat(half.headers().allValues("Set-Cookie"))
                .singleElement()
                .asString()
                .startsWith("zaptrix_operator=")
                .contains("Path=/operator", "Secure", "HttpOnly", "SameSite=Strict");
        String halfCookie = browser.cookies.get("zaptrix_operator");
        assertThat(browser.get("/operator/portals").headers().firstValue("Location"))
                .contains("/operator/code");
        assertThat(browser.submit("/operator/code", "/operator/keys/rotate", Map.of())
                        .statusCode())
                .isEqualTo(403);

        // The first time the app is set up; it stays the same when the page is opened again.
        String key = found(
                "<code class=\"key\">([A-Z2-7 ]+)</code>",
                browser.get("/operator/code").body());
        HttpResponse<String> page = browser.get("/operator/code");
        assertThat(page.body()).contains(key).contains("<path fill=\"#000\" d=\"M4 4h1v1h-1z");
        authenticator = new Authenticator(key);
        assertThat(browser.submit("/operator/code", "/operator/code", Map.of("code", authenticator.code(-5)))
                        .statusCode())
                .isEqualTo(401);
        String code = authenticator.code();
        HttpResponse<String> in = browser.submit("/operator/code", "/operator/code", Map.of("code", code));
        assertThat(in.statusCode()).isEqualTo(200);
        Matcher codes = Pattern.compile("<code>([A-Z2-7-]{19})</code>").matcher(in.body());
        while (codes.find()) {
            recoveryCodes.add(codes.group(1));
        }
        assertThat(recoveryCodes).hasSize(SecondFactor.RECOVERY_CODES);

        // The session is a new one, and what came before it is over.
        assertThat(browser.cookies.get("zaptrix_operator")).isNotEqualTo(halfCookie);
        assertThat(browser.get("/operator").statusCode()).isEqualTo(200);
        OperatorBrowser old = browser(HOME);
        old.cookies.put("zaptrix_operator", halfCookie);
        assertThat(old.get("/operator/code").statusCode()).isEqualTo(401);

        // The same code again, from elsewhere, within its time.
        OperatorBrowser replay = browser(HOME);
        password(replay, TestSettings.OPERATOR_PASSWORD);
        HttpResponse<String> replayed = replay.submit("/operator/code", "/operator/code", Map.of("code", code));
        assertThat(replayed.statusCode()).isEqualTo(401);
        assertThat(replayed.body()).contains("was used already").doesNotContain(key);
        // A recovery code opens once, too, however it is typed.
        String recovery = recoveryCodes.removeFirst();
        assertThat(replay.submit(
                                "/operator/code",
                                "/operator/code",
                                Map.of("code", recovery.toLowerCase().replace("-", " ")))
                        .statusCode())
                .isEqualTo(303);
        password(old, TestSettings.OPERATOR_PASSWORD);
        assertThat(old.submit("/operator/code", "/operator/code", Map.of("code", recovery))
                        .statusCode())
                .isEqualTo(401);

        // Out is out.
        String cookie = replay.cookies.get("zaptrix_operator");
        assertThat(replay.submit("/operator", "/operator/sign-out", Map.of()).statusCode())
                .isEqualTo(303);
        replay.cookies.put("zaptrix_operator", cookie);
        assertThat(replay.get("/operator").statusCode()).isEqualTo(401);

        // Nothing in the database opens anything.
        assertThat(everything()
                        .sql(
                                "select count(*) from operator_second_factor where position(convert_to(:key, 'UTF8') in secret) > 0")
                        .param("key", key.replace(" ", ""))
                        .query(Integer.class)
                        .single())
                .isZero();
    }

    @Test
    @Order(2)
    void whoGuessesIsStoppedAndTheOperatorIsNot() throws Exception {
        OperatorBrowser guesser = browser(GUESSER);
        for (int i = 0; i < Attempts.EACH; i++) {
            assertThat(password(guesser, "guess number " + i).statusCode()).isEqualTo(401);
        }
        HttpResponse<String> locked = password(guesser, TestSettings.OPERATOR_PASSWORD);
        assertThat(locked.statusCode()).isEqualTo(429);
        assertThat(locked.body()).containsPattern("You can try again in 1[45]\u00a0min");
        assertThat(Integer.parseInt(locked.headers().firstValue("Retry-After").orElseThrow()))
                .isBetween(800, 900);

        // Many at the same moment are counted as well; of IPv6, a whole network is one.
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> guesses = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                OperatorBrowser one = browser("2001:db8:1:2::" + Integer.toHexString(i + 1));
                guesses.add(() -> password(one, "guess").statusCode());
            }
            Map<Integer, Integer> answers = new TreeMap<>();
            for (Future<Integer> answer : threads.invokeAll(guesses)) {
                answers.merge(answer.get(), 1, Integer::sum);
            }
            assertThat(answers).isEqualTo(Map.of(401, Attempts.EACH, 429, 24 - Attempts.EACH));
        }

        // All together are counted, too; where the operator has been before, that locks nobody out.
        everything()
                .sql(
                        "update operator_attempt set failures = 1000, window_ends = now() + interval '10 minutes' where client = '*'")
                .update();
        assertThat(password(browser("198.51.100.9"), TestSettings.OPERATOR_PASSWORD)
                        .statusCode())
                .isEqualTo(429);
        assertThat(operator().get("/operator/audit").body()).contains("sign-in was locked");
        everything().sql("delete from operator_attempt where client = '*'").update();
    }

    @Test
    @Order(3)
    void noSessionOpensWhatItIsNotFor() {
        OperatorBrowser portals = browser(HOME);
        StandInPortal.Page page = portal.installPage(StandInPortal.ADMIN);
        assertThat(portals.post("/bitrix24/app?" + page.queryString(), form(page.formBody()))
                        .statusCode())
                .isEqualTo(303);
        String portalCookie = portals.cookies.get("zaptrix_session");
        assertThat(portals.get("/operator").statusCode()).isEqualTo(401);
        portals.cookies.put("zaptrix_operator", portalCookie);
        assertThat(portals.get("/operator").statusCode()).isEqualTo(401);

        OperatorBrowser operator = operator();
        String operatorCookie = operator.cookies.get("zaptrix_operator");
        assertThat(operator.get("/admin/phone-numbers").statusCode()).isEqualTo(401);
        operator.cookies.put("zaptrix_session", operatorCookie);
        assertThat(operator.get("/admin/phone-numbers").statusCode()).isEqualTo(401);

        // Neither a form from elsewhere nor one of another session.
        String tenant = TenantId.ofMember(portal.memberId()).toString();
        assertThat(operator.post("/operator/portals/" + tenant + "/suspend", Map.of("reason", "x"))
                        .statusCode())
                .isEqualTo(403);
        OperatorBrowser other = operator();
        String theirs = found(
                "name=\"_csrf\" value=\"([^\"]+)\"", other.get("/operator").body());
        HttpResponse<String> crossed =
                operator.post("/operator/portals/" + tenant + "/suspend", Map.of("reason", "x", "_csrf", theirs));
        assertThat(crossed.statusCode()).isEqualTo(403);
        assertThat(crossed.headers().firstValue("X-Frame-Options")).contains("DENY");

        // After a quarter of an hour without a word, and after eight hours in any case.
        everything()
                .sql("update operator_session set seen_at = now() - interval '14 minutes'")
                .update();
        assertThat(operator.get("/operator").statusCode()).isEqualTo(200);
        everything()
                .sql("update operator_session set seen_at = now() - interval '16 minutes'")
                .update();
        assertThat(operator.get("/operator").statusCode()).isEqualTo(401);
        everything()
                .sql("update operator_session set seen_at = now(), started_at = now() - interval '481 minutes'")
                .update();
        assertThat(other.get("/operator").statusCode()).isEqualTo(401);
    }

    private static Map<String, String> form(String body) {
        Map<String, String> form = new TreeMap<>();
        for (String pair : body.split("&")) {
            String[] nameAndValue = pair.split("=", 2);
            form.put(
                    nameAndValue[0],
                    java.net.URLDecoder.decode(nameAndValue[1], java.nio.charset.StandardCharsets.UTF_8));
        }
        return form;
    }

    @Test
    @Order(4)
    void aCompanyAccountOpensItWhereItIsOnTheList() {
        PROVIDER.address = "Ana@Example.com";
        OperatorBrowser ana = browser(HOME);
        assertThat(ana.get("/operator/sign-in").body()).contains("/operator/oidc/start/operator");
        URI asked = URI.create(ana.get("/operator/oidc/start/operator")
                .headers()
                .firstValue("Location")
                .orElseThrow());
        assertThat(asked.toString())
                .startsWith(PROVIDER.url() + "/authorize?")
                .contains("code_challenge_method=S256", "nonce=", "state=");
        String back = PROVIDER.back(asked);

        // An answer that somebody else asked for opens nothing.
        assertThat(browser(HOME).get(back).statusCode()).isEqualTo(401);
        HttpResponse<String> welcome = ana.get(back);
        assertThat(welcome.statusCode()).as(welcome.body()).isEqualTo(200);
        assertThat(welcome.body()).contains("http-equiv=\"refresh\" content=\"0;url=/operator\"");
        assertThat(ana.get("/operator/audit").body()).contains("Ana@Example.com");
        // Nor does the same answer again.
        assertThat(ana.get(back).statusCode()).isEqualTo(401);

        for (String stranger : List.of("eve@example.com", "ana@example.com.evil.test")) {
            PROVIDER.address = stranger;
            assertThat(answered(browser(HOME)).statusCode()).isEqualTo(403);
        }
        PROVIDER.address = "ana@example.com";
        PROVIDER.verified = false;
        OperatorBrowser unverified = browser(HOME);
        assertThat(answered(unverified).statusCode()).isEqualTo(403);
        assertThat(unverified.get("/operator").statusCode()).isEqualTo(401);
    }

    private static HttpResponse<String> answered(OperatorBrowser browser) {
        return browser.get(PROVIDER.back(URI.create(browser.get("/operator/oidc/start/operator")
                .headers()
                .firstValue("Location")
                .orElseThrow())));
    }

    @Test
    @Order(5)
    void aPortalIsSuspendedAndNothingOfItIsLost() throws Exception {
        OperatorBrowser operator = operator();
        String tenant = TenantId.ofMember(portal.memberId()).toString();
        String path = "/operator/portals/" + tenant;
        meta.customerWrites(NUMBER, CUSTOMER, "Maria", "before");
        await("the first message", () -> seenByAgent().contains("before"));

        assertThat(operator.get("/operator/portals?q="
                                + portal.url().getAuthority().substring(0, 5))
                        .body())
                .contains(tenant);
        assertThat(operator.get("/operator/portals?q=" + portal.memberId()).body())
                .contains(tenant);
        assertThat(operator.get("/operator/portals?q=%25nothing").body())
                .contains("No portal is like that")
                .doesNotContain(tenant);
        assertThat(operator.get("/operator/portals/" + TenantId.ofMember("nobody"))
                        .statusCode())
                .isEqualTo(404);

        assertThat(operator.submit(path, path + "/suspend", Map.of("reason", " "))
                        .statusCode())
                .isEqualTo(422);
        assertThat(operator.submit(path, path + "/suspend", Map.of("reason", "Invoice 17 is <not> paid"))
                        .statusCode())
                .isEqualTo(303);
        // Whatever was in a handler's hands is through by then.
        await("the hold", () -> operator.get(path).body().contains("suspended by the operator"));
        Thread.sleep(300);
        meta.customerWrites(NUMBER, CUSTOMER, "Maria", "meanwhile, secretly");
        await("what waits", () -> operator.get("/operator").body().contains("1, of which 0 are carried and 1 pause"));
        assertThat(meta.webhooks().getLast().status()).isEqualTo(200);
        assertThat(seenByAgent()).doesNotContain("meanwhile, secretly");
        assertThat(fact("Waiting", operator.get(path).body())).startsWith("1 ").contains("the oldest came");
        assertThat(admin.get("/admin/phone-numbers").body())
                .contains("Invoice 17 is &lt;not&gt; paid")
                .contains("suspended it for your Bitrix24");

        // What the console shows of it: numbers, and no number of a person.
        for (String shown : List.of("/operator", "/operator/portals", path, "/operator/unrouted", "/operator/audit")) {
            assertThat(operator.get(shown).body())
                    .as(shown)
                    .doesNotContain(
                            "secretly", CUSTOMER, "Maria", "EAAconsole", "5555-0100", portal.applicationToken());
        }

        assertThat(operator.submit(path, path + "/resume", Map.of()).statusCode())
                .isEqualTo(303);
        await("what has waited", () -> seenByAgent().contains("meanwhile, secretly"));
        assertThat(admin.get("/admin/phone-numbers").body()).doesNotContain("Invoice 17");

        // Features, of which those that are not ticked are off.
        String key = apiKey();
        assertThat(numbersBy(key)).isEqualTo(200);
        assertThat(admin.get("/admin/phone-numbers").body()).contains("href=\"/admin/phone-numbers/sign-up\"");
        operator.submit(path, path + "/flags", Map.of("on", "auto_template"));
        await("the API to be off", () -> numbersBy(key) == 403);
        assertThat(admin.get("/admin/phone-numbers").body()).doesNotContain("href=\"/admin/phone-numbers/sign-up\"");
        String csrf = admin.csrf("/admin/phone-numbers");
        assertThat(admin.post("/admin/phone-numbers/sign-up", Map.of("_csrf", csrf, "code", "AQ", "wabaId", WABA))
                        .body())
                .contains("has not set it up yet");
        assertThat(operator.submit(path, path + "/flags", Map.of("on", "api")).statusCode())
                .isEqualTo(303);
        assertThat(everything()
                        .sql("select flag from portal_flag where not enabled order by 1")
                        .query(String.class)
                        .list())
                .containsExactly("auto_template", "embedded_signup");
        assertThat(operator.get(path).body())
                .contains("value=\"api\" checked")
                .contains("suspended the portal", "resumed the portal", "changed features")
                .contains("JSON API and its keys: on · ", "reason: Invoice 17 is &lt;not&gt; paid")
                .doesNotContain("{&quot;");
        operator.submit(path, path + "/flags", Map.of("on", "api,auto_template,embedded_signup"));
        await("the API to be on", () -> numbersBy(key) == 200);
        assertThat(admin.get("/admin/phone-numbers").body()).contains("href=\"/admin/phone-numbers/sign-up\"");
        assertThat(operator.get("/operator/audit").body()).contains("Invoice 17 is &lt;not&gt; paid");
    }

    /** What the page says of a fact, without its tags. */
    private static String fact(String name, String page) {
        return found("<dt>" + name + "</dt><dd>(.*?)</dd>", page)
                .replaceAll("<[^>]+>", "")
                .strip();
    }

    /** Somebody's number that is linked nowhere: the operator sees that it comes, whose it is not, and no word. */
    @Test
    @Order(5)
    void whatIsNobodysIsListedWithoutItsWords() throws Exception {
        OperatorBrowser operator = operator();
        assertThat(operator.get("/operator/unrouted").body()).contains("Everything has found its portal");
        meta.addNumber("106540352249999", WABA, "+55 11 5555-0199", "Elsewhere", "EAAelsewhere");
        meta.customerWrites("106540352249999", CUSTOMER, "Maria", "hello, whoever you are");

        await("the row", () -> operator.get("/operator/unrouted").body().contains("106540352249999"));
        assertThat(operator.get("/operator/unrouted").body())
                .contains("Meta", "No portal here has this number")
                .doesNotContain("whoever", CUSTOMER, "Maria");
        assertThat(operator.get("/operator").body())
                .contains("<a href=\"/operator/unrouted\"><strong>1</strong>")
                .doesNotContain("whoever");
    }

    private static String apiKey() {
        String page = admin.get("/admin/api-keys").body();
        HttpResponse<String> made = admin.submit(
                "/admin/api-keys",
                Map.of(
                        "name", "console",
                        "days", "30",
                        "scope", "numbers:read",
                        "id", found("name=\"id\"[^>]*value=\"([^\"]+)\"", page)));
        return found("(zpx_[0-9A-Za-z]{71})", made.body());
    }

    private static int numbersBy(String key) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(app.url() + "/api/v1/numbers"))
                                    .header("Authorization", "Bearer " + key)
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }

    /** Looked at wide and narrow, by day and by night, each time in another language. */
    @Test
    @Order(6)
    void thePagesCanBeUsedByEverybody() throws IOException {
        OperatorBrowser operator = operator();
        String path = "/operator/portals/" + TenantId.ofMember(portal.memberId());
        everything()
                .sql(
                        "insert into unrouted_event (source, reason, reference, body) values ('meta', 'unknown_number', '106540352249999', '{\"text\": \"secretly\"}')")
                .update();
        operator.submit(path, path + "/suspend", Map.of("reason", "Invoice 17 is not paid"));
        record Window(int width, boolean dark, String locale) {}
        Optional<Eyes> opened = Eyes.open();
        if (opened.isPresent()) {
            try (Eyes eyes = opened.get()) {
                for (Window window : List.of(
                        new Window(1280, false, "en"),
                        new Window(360, true, "pt-BR"),
                        new Window(1280, true, "es"),
                        new Window(360, false, "ru"))) {
                    String suffix = "-" + window.locale() + "-" + window.width() + (window.dark() ? "-dark" : "-light");
                    try (BrowserContext context = eyes.window(
                            app.url(),
                            window.width(),
                            window.dark(),
                            window.locale(),
                            operator.cookies.get("zaptrix_operator"))) {
                        Page page = context.newPage();
                        for (String shown :
                                List.of("", "/portals", path.substring(9), "/unrouted", "/keys", "/audit", "/access")) {
                            page.navigate(app.url() + "/operator" + shown);
                            eyes.look(
                                    page,
                                    "console"
                                            + shown.replaceAll("[0-9a-f-]{36}", "one")
                                                    .replace('/', '-') + suffix);
                        }
                        page.navigate(app.url() + "/operator/portals/" + TenantId.ofMember("nobody"));
                        eyes.look(page, "console-gone" + suffix);
                        page.navigate(app.url() + "/operator/keys");
                        page.locator("[name=_csrf]")
                                .first()
                                .evaluate("field => { field.value = 'of another session'; field.form.submit(); }");
                        page.waitForURL(url -> !url.endsWith("/keys"));
                        eyes.look(page, "console-denied" + suffix);
                    }
                    try (BrowserContext context =
                            eyes.window(app.url(), window.width(), window.dark(), window.locale(), null)) {
                        Page page = context.newPage();
                        PROVIDER.address = "eve@example.com";
                        page.navigate(app.url() + "/operator/oidc/start/operator");
                        eyes.look(page, "console-not-allowed" + suffix);
                        page.navigate(app.url() + "/operator/oidc/callback?code=c&state=of-nobody");
                        eyes.look(page, "console-provider-failed" + suffix);
                        // From where somebody has guessed too often.
                        context.setExtraHTTPHeaders(Map.of("X-Forwarded-For", GUESSER));
                        page.navigate(app.url() + "/operator/sign-in");
                        page.locator("#password").fill("another guess");
                        page.locator("button[type=submit]").click();
                        page.locator("#password")
                                .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED));
                        eyes.look(page, "console-wait" + suffix);
                    }
                    try (BrowserContext context =
                            eyes.window(app.url(), window.width(), window.dark(), window.locale(), null)) {
                        Page page = context.newPage();
                        page.navigate(app.url() + "/operator");
                        eyes.look(page, "console-sign-in" + suffix);
                        page.locator("#password").fill(TestSettings.OPERATOR_PASSWORD);
                        page.locator("button[type=submit]").click();
                        page.locator("#code").fill("000000");
                        eyes.look(page, "console-code" + suffix);
                        everything()
                                .sql("update operator_second_factor set confirmed_at = null")
                                .update();
                        page.navigate(app.url() + "/operator/code");
                        eyes.look(page, "console-set-up" + suffix);
                        page.locator("#code").fill(authenticator.code());
                        page.locator("button[type=submit]").click();
                        page.locator(".codes").waitFor();
                        eyes.look(page, "console-recovery" + suffix);
                        recoveryCodes.clear();
                        recoveryCodes.addAll(page.locator(".codes code").allInnerTexts());
                    }
                }
            }
        }
        operator.submit(path, path + "/resume", Map.of());
    }

    @Test
    @Order(7)
    void theKeyChangesWhileMessagesFlow() throws Exception {
        OperatorBrowser operator = operator();
        long old = 1;
        assertThat(sealedWith(old)).isPositive();
        assertThat(operator.get("/operator/keys").body()).contains("seals", "1 of 1 replicas");

        // One replica has not heard of the new key: nobody seals with it, although the keyset says so.
        everything().sql("""
                        insert into replica (id, host, version, key_ids, primary_key)
                        values (gen_random_uuid(), 'late', '0.0.9', '{1}', 1)
                        """).update();
        long fresh = 77;
        write(keyset(List.of(old, fresh), fresh));
        await("the new key", () -> operator.get("/operator/keys").body().contains("seals when all know it"));
        assertThat(operator.get("/operator/keys").body()).contains("1 of 2 replicas", "2 of 2 replicas");
        assertThat(operator.get("/operator").body())
                .as("two versions at a time")
                .contains("late", "0.0.9", "Replicas of different versions are running");
        visit();
        assertThat(sealedWith(fresh)).isZero();

        everything()
                .sql("update replica set key_ids = '{1,77}', primary_key = 77 where host = 'late'")
                .update();
        await("sealing with the new key", () -> {
            visit();
            return sealedWith(fresh) > 0;
        });

        meta.customerWrites(NUMBER, CUSTOMER, "Maria", "during 1");
        assertThat(operator.submit("/operator/keys", "/operator/keys/seal", Map.of())
                        .statusCode())
                .isEqualTo(303);
        meta.customerWrites(NUMBER, CUSTOMER, "Maria", "during 2");
        await(
                "everything sealed anew",
                () -> everything()
                                .sql(
                                        "select count(*) from key_rotation where finished_at is not null and failed = 0 and done = total and done > 0")
                                .query(Integer.class)
                                .single()
                        == 1);
        assertThat(sealedWith(old)).isZero();
        assertThat(sealedWith(fresh)).isGreaterThanOrEqualTo(5);
        await("messages meanwhile", () -> seenByAgent().containsAll(List.of("during 1", "during 2")));

        // The old key is gone, and everything opens: tokens, numbers, the second factor; after a restart, too.
        everything().sql("delete from replica where host = 'late'").update();
        write(keyset(List.of(fresh), fresh));
        await("one key", () -> !operator.get("/operator/keys").body().contains("only opens"));
        meta.customerWrites(NUMBER, CUSTOMER, "Maria", "with the new key");
        await("a message", () -> seenByAgent().contains("with the new key"));
        OperatorBrowser again = browser(HOME);
        password(again, TestSettings.OPERATOR_PASSWORD);
        assertThat(again.submit("/operator/code", "/operator/code", Map.of("code", authenticator.code(1)))
                        .statusCode())
                .isEqualTo(303);

        app.stop();
        app = process(false).start();
        meta.customerWrites(NUMBER, CUSTOMER, "Maria", "after the restart");
        await("a message", () -> seenByAgent().contains("after the restart"));
        String chat = portal.chats().getFirst().id();
        portal.agentWrites(chat, "and back");
        await(
                "an answer",
                () -> meta.sendsTo(CUSTOMER).stream()
                        .anyMatch(send -> String.valueOf(send.text()).contains("and back")));

        // Without a password and a provider there is no console.
        assertThat(browser(HOME).get("/operator").statusCode()).isEqualTo(404);
        assertThat(browser(HOME).get("/operator/sign-in").statusCode()).isEqualTo(404);
        assertThat(again.get("/operator/portals").statusCode()).isEqualTo(404);
        assertThat(app.output()).doesNotContain("does not open", "cannot open");
    }

    /** Brings tokens that are sealed anew. */
    private static void visit() {
        assertThat(new Browser(app.url())
                        .open("/bitrix24/app", portal.installPage(StandInPortal.ADMIN))
                        .statusCode())
                .isEqualTo(303);
    }

    /** How many values in the whole database begin with a key's prefix, in whatever table and column. */
    private static long sealedWith(long key) {
        long count = 0;
        for (String[] column : everything()
                .sql("""
                        select table_name, column_name from information_schema.columns
                        where table_schema = 'public' and data_type = 'bytea'
                        """)
                .query((row, n) -> new String[] {row.getString(1), row.getString(2)})
                .list()) {
            count += everything()
                    .sql("select count(*) from " + column[0] + " where substring(" + column[1]
                            + " from 1 for 5) = decode(:prefix, 'hex')")
                    .param("prefix", "01%08x".formatted(key))
                    .query(Long.class)
                    .single();
        }
        return count;
    }

    private static void write(String json) throws IOException {
        Path half = keyset.resolveSibling("keyset.json.new");
        Files.writeString(half, json);
        Files.move(half, keyset, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    /** The keys of the test's keyset, each under a number of its own and with a byte of its own. */
    private static String keyset(List<Long> ids, long primary) {
        JsonMapper json = JsonMapper.shared();
        ObjectNode set = (ObjectNode) json.readTree(TestSettings.KEYSET);
        JsonNode first = set.get("key").get(0);
        ArrayNode keys = set.putArray("key");
        for (long id : ids) {
            ObjectNode key = (ObjectNode) first.deepCopy();
            key.put("keyId", id);
            if (id != 1) {
                ObjectNode data = (ObjectNode) key.get("keyData");
                data.put("value", data.get("value").asString().replace("AAECAwQF", "/wECAwQF"));
            }
            keys.add(key);
        }
        set.put("primaryKeyId", primary);
        return json.writeValueAsString(set);
    }
}
