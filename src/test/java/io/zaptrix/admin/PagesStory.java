package io.zaptrix.admin;

import static io.zaptrix.admin.Seen.says;
import static io.zaptrix.admin.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.sandbox.StandInPortal.Page;
import io.zaptrix.story.Browser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages as a portal's people get them, and what those get who should not. */
class PagesStory {

    private static final String NUMBERS = Stage.NUMBERS;

    private static Stage stage;

    @BeforeAll
    static void start() throws IOException {
        stage = new Stage();
    }

    @AfterAll
    static void stop() {
        stage.close();
    }

    // ---------------------------------------------------------------- opening

    @Test
    void theInstallerOpensASessionForThePortalsFrameOnly() {
        StandInPortal portal = stage.portal("en");

        HttpResponse<String> page = stage.browser().open("/bitrix24/install", portal.installPage(StandInPortal.ADMIN));

        says(page, 200, "en", "installed.title");
        assertThat(page.body()).contains("src=\"https://api.bitrix24.com/api/v1/\"", "src=\"/js/installed.js\"");
        assertThat(page.headers().firstValue("Set-Cookie").orElseThrow().split("; "))
                .contains("Secure", "HttpOnly", "SameSite=None", "Partitioned");
        assertThat(framedBy(page)).isEqualTo(portal.url().toString().replaceAll("/portals/.*", ""));
        assertThat(page.headers().firstValue("X-Frame-Options")).isEmpty();
        assertThat(page.headers().firstValue("Cache-Control")).contains("no-store");
    }

    @Test
    void installFinishIsCalledByTheScript() {
        assertThat(stage.browser().get("/js/installed.js").body()).contains("BX24.installFinish()");
    }

    @ParameterizedTest
    @CsvSource({"/bitrix24/install", "/bitrix24/app", "/bitrix24/connector"})
    void aForgedTokenOpensNothing(String path) {
        StandInPortal portal = stage.portal("br");
        stage.installed(portal);
        Page page = portal.installPage(StandInPortal.ADMIN);

        HttpResponse<String> refused = stage.browser()
                .open(path, new Page(page.query(), with(page.form(), "AUTH_ID", "0000forged", "REFRESH_ID", "0000")));

        says(refused, 401, "br", "refused.NOT_PROVED");
        saysReference(refused, "br");
        assertThat(logged(refused)).contains("not opened").doesNotContain("0000forged");
        assertThat(refused.headers().firstValue("Set-Cookie")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"/bitrix24/install", "/bitrix24/app", "/bitrix24/connector"})
    void whoIsNoAdminIsToldWhoCanHelp(String path) {
        StandInPortal portal = stage.portal("ru");
        stage.installed(portal);

        HttpResponse<String> refused = stage.browser().open(path, portal.installPage(StandInPortal.AGENT));

        says(refused, 403, "ru", "refused.NOT_ADMIN", "refused.NOT_ADMIN.next");
        assertThat(refused.headers().firstValue("Set-Cookie")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"/bitrix24/install", "/bitrix24/app", "/bitrix24/connector"})
    void withoutATokenThereIsNothingToProve(String path) {
        Page page = stage.portal("la").installPage(StandInPortal.ADMIN);

        HttpResponse<String> refused = stage.browser().open(path, new Page(page.query(), without(page.form())));

        says(refused, 400, "la", "refused.NOT_PROVED");
        saysReference(refused, "la");
        assertThat(logged(refused)).contains("not let in");
    }

    @Test
    void aFormThatIsNoneIsRefused() {
        Browser browser = stage.browser();
        assertThat(browser.post("/bitrix24/install", Map.of()).statusCode()).isEqualTo(400);
        assertThat(browser.open("/bitrix24/app", new Page(Map.of(), Map.of("a[b", "1", "a", "2")))
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void aPortalThatHasNotInstalledTheAppIsToldSo() {
        StandInPortal portal = stage.portal("en");

        HttpResponse<String> refused = stage.browser().open("/bitrix24/app", portal.installPage(StandInPortal.ADMIN));

        says(refused, 403, "en", "refused.NOT_INSTALLED", "refused.NOT_INSTALLED.next");
    }

    @Test
    void thePagesShowTheForm() {
        StandInPortal portal = stage.portal("br");
        stage.installed(portal);

        HttpResponse<String> app = opened("/bitrix24/app", portal.installPage(StandInPortal.ADMIN));
        says(app, 200, "br", "guide.title", "guide.number.todo", "guide.message.later");

        HttpResponse<String> connector =
                opened("/bitrix24/connector", portal.connectorPage(StandInPortal.ADMIN, Stage.CONNECTOR, "1"));
        says(connector, 200, "br", "connector.empty", "connector.add");
        assertThat(text(connector)).contains(Words.say("br", "connector.line", "Open Channel"));

        HttpResponse<String> form = stage.installed(portal).get(NUMBERS + "?line=1");
        says(form, 200, "br", "numbers.title", "numbers.empty", "link.submit");
        assertThat(form.body())
                .contains("name=\"_csrf\"")
                .contains("<option value=\"1\" selected=\"selected\">Open Channel</option>")
                .contains("name=\"line\" value=\"1\"");
    }

    /** The catalog asks so before it takes the addresses of an app. */
    @ParameterizedTest
    @CsvSource({"/bitrix24/install", "/bitrix24/app", "/bitrix24/connector"})
    void whoAsksForAPageOfTheFrameIsToldWhereItIsOpened(String path) {
        says(get(path, "Accept", "text/html", "Accept-Language", "ru"), 200, "ru", "signin.title");
        assertThat(send(HttpRequest.newBuilder(URI.create(stage.app.url() + path))
                                .HEAD())
                        .statusCode())
                .isEqualTo(200);
    }

    // ---------------------------------------------------------------- the guide

    @Test
    void theGuideKnowsWhatIsDoneAndSeesTheFirstMessageCome() {
        StandInPortal portal = stage.portal("br");
        Browser admin = stage.installed(portal);
        Stage.Number number = stage.number();
        String begun = String.valueOf(Instant.now().getEpochSecond());
        assertThat(path(admin.get("/admin"))).isEqualTo("/admin/start");

        admin.submit(NUMBERS, number.form());
        HttpResponse<String> linked = admin.get("/admin/start");
        says(linked, 200, "br", "guide.message.waiting", "guide.done");
        assertThat(text(linked))
                .contains("https://wa.me/" + number.display().replaceAll("\\D", "") + "?text=Oi")
                .contains(
                        Words.say("br", "guide.number.done", number.display(), "Vendas " + number.id()),
                        Words.say("br", "guide.line.done", "Vendas " + number.id()));
        String asked = "/admin/start/arrival?number=" + number.id() + "&since=" + begun;
        assertThat(admin.get(asked).statusCode()).isEqualTo(200);
        String longAgo = asked.replaceAll("since=.*", "since=1700000000");
        assertThat(text(admin.get(longAgo)))
                .contains(Words.say("br", "guide.message.late"), "href=\"/admin/check\"")
                .doesNotContain(Words.say("br", "guide.message.again"));

        stage.meta.customerWrites(number.id(), "5511987654321", "Ana", "Oi!");
        Instant end = Instant.now().plusSeconds(15);
        while (admin.get(asked).statusCode() != 286 && Instant.now().isBefore(end)) {
            Thread.onSpinWait();
        }
        HttpResponse<String> arrived = admin.get(asked);
        assertThat(arrived.statusCode()).isEqualTo(286);
        assertThat(text(arrived)).contains("/online/?IM_DIALOG=chat", "**").doesNotContain("5511987654321", "hx-get");
        says(admin.get("/admin/start"), 200, "br", "guide.finished");

        // Tried again at once, it waits for another message and does not show the same one.
        Matcher again = Pattern.compile("href=\"(/admin/start\\?number=[^\"#]+after=(\\d+))#message\"")
                .matcher(text(arrived));
        assertThat(again.find()).as(arrived.body()).isTrue();
        says(admin.get(again.group(1)), 200, "br", "guide.message.waiting");
        assertThat(admin.get(asked + "&after=" + again.group(2)).statusCode()).isEqualTo(200);
        assertThat(admin.get(asked + "&after=" + (Long.parseLong(again.group(2)) - 1))
                        .statusCode())
                .isEqualTo(286);
        assertThat(path(admin.get("/admin"))).isNotEqualTo("/admin/start");

        // Nobody else's.
        assertThat(stage.installed(stage.portal("br")).get(asked).statusCode()).isEqualTo(404);
        HttpResponse<String> line = admin.get("/admin/connector/"
                + portal.activeLines(Stage.CONNECTOR).iterator().next());
        says(line, 200, "br", "numbers.state.active", "connector.add", "connector.saved");
        assertThat(text(line)).contains(number.display());
        assertThat(admin.get("/admin/connector/0").statusCode()).isEqualTo(404);
    }

    // ---------------------------------------------------------------- around the pages

    @Test
    void whatEverybodyMayReadIsThereInEveryLanguage() {
        for (String[] tongue : new String[][] {{"br", "pt-BR"}, {"en", "en-US"}, {"la", "es"}, {"ru", "ru"}}) {
            says(get("/privacy", "Accept", "text/html", "Accept-Language", tongue[1]), 200, tongue[0], "notice.title");
            says(
                    get("/terms?lang=" + tongue[1], "Accept", "text/html"),
                    200,
                    tongue[0],
                    "terms.title",
                    "terms.licence");
        }
        assertThat(text(get("/terms", "Accept", "text/html"))).contains("Zaptrix", "localhost");
    }

    @Test
    void theLookIsRememberedAndTheAddressStays() {
        Browser admin = stage.installed(stage.portal("en"));
        assertThat(admin.get(NUMBERS).body()).doesNotContain("data-theme");

        HttpResponse<String> switched = admin.get(NUMBERS + "?line=1&look=dark");
        assertThat(switched.statusCode()).isEqualTo(303);
        assertThat(path(switched)).isEqualTo(NUMBERS + "?line=1");
        assertThat(switched.headers().firstValue("Set-Cookie").orElseThrow().split("; "))
                .contains("zaptrix_look=dark", "Secure", "SameSite=None", "Partitioned");
        HttpResponse<String> dark = admin.get(NUMBERS + "?line=1");
        assertThat(dark.body())
                .contains("data-theme=\"dark\"", "href=\"/admin/phone-numbers?line=1&amp;lang=es\"")
                .containsPattern("<a href=\"/admin/phone-numbers\"\\s+aria-current=\"page\">");

        assertThat(get("//evil.example/?look=dark", "Accept", "text/html")
                        .headers()
                        .firstValue("Location"))
                .isEmpty();
    }

    @Test
    void anErrorSaysWhatToDoAndByWhichNameTheLogKnowsIt() {
        HttpResponse<String> page = stage.installed(stage.portal("ru")).get("/admin/nothing");

        assertThat(page.statusCode()).isEqualTo(404);
        String id = page.headers().firstValue("X-Correlation-Id").orElseThrow();
        assertThat(text(page)).contains("<code>" + id + "</code>", "href=\"/admin\"", "lang=\"ru\"");
        assertThat(logged(page)).contains("answered 404", "NoResourceFoundException");

        // What strangers try is not written down.
        HttpResponse<String> tried = get("/css/nothing", "Accept", "text/html");
        assertThat(tried.statusCode()).isEqualTo(404);
        String unknown = tried.headers().firstValue("X-Correlation-Id").orElseThrow();
        assertThat(text(tried)).contains("<code>" + unknown + "</code>");
        assertThat(stage.app.output()).doesNotContain(unknown);
    }

    /** The page that somebody sees at last who opens one of the app's. */
    private static HttpResponse<String> opened(String path, Page page) {
        Browser browser = stage.browser();
        HttpResponse<String> answer = browser.open(path, page);
        for (int i = 0; i < 3 && answer.statusCode() / 100 == 3; i++) {
            answer = browser.get(path(answer));
        }
        return answer;
    }

    @Test
    void openingAgainBeginsANewSession() {
        StandInPortal portal = stage.portal("en");
        Browser admin = stage.installed(portal);
        String before =
                admin.get(NUMBERS).request().headers().firstValue("Cookie").orElseThrow();

        admin.open("/bitrix24/app", portal.installPage(StandInPortal.ADMIN));

        HttpResponse<String> page = admin.get(NUMBERS);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.request().headers().firstValue("Cookie").orElseThrow()).isNotEqualTo(before);
        assertThat(get(NUMBERS, "Cookie", before, "Accept", "text/html").statusCode())
                .isEqualTo(401);
    }

    @Test
    void whoOpensTheAppAgainKeepsTheLanguageAndNobodyElseGetsIt() {
        StandInPortal portal = stage.portal("en").addUser("7", "Eva", "Lima", true);
        Browser browser = stage.installed(portal);
        says(browser.get(NUMBERS + "?lang=ru"), 200, "ru", "numbers.title");
        String csrf = browser.csrf(NUMBERS);

        browser.open("/bitrix24/app", portal.installPage(StandInPortal.ADMIN));
        says(browser.get(NUMBERS), 200, "ru", "numbers.title");
        assertThat(browser.csrf(NUMBERS)).isNotEqualTo(csrf);

        browser.open("/bitrix24/app", portal.installPage("7"));
        says(browser.get(NUMBERS), 200, "en", "numbers.title");

        // The same id in another portal is another user.
        browser.open("/bitrix24/app", portal.installPage(StandInPortal.ADMIN));
        says(browser.get(NUMBERS + "?lang=ru"), 200, "ru", "numbers.title");
        StandInPortal other = stage.portal("br");
        stage.installed(other);
        browser.open("/bitrix24/app", other.installPage(StandInPortal.ADMIN));
        says(browser.get(NUMBERS), 200, "br", "numbers.title");
    }

    // ---------------------------------------------------------------- linking

    @Test
    void aNumberIsLinkedAndTakenOff() {
        StandInPortal portal = stage.portal("br");
        Browser admin = stage.installed(portal);
        Stage.Number number = stage.number();

        HttpResponse<String> linked = admin.submit(NUMBERS, number.form());

        assertThat(linked.statusCode()).isEqualTo(303);
        HttpResponse<String> page = admin.get(path(linked));
        assertThat(text(page)).contains(Words.say("br", "numbers.linked", number.display()));
        says(page, 200, "br", "numbers.state.active");
        guided(admin, page, "br", number, number.display());
        assertThat(framedBy(page)).isEqualTo(portal.url().toString().replaceAll("/portals/.*", ""));

        String unlink = NUMBERS + "/" + number.id() + "/unlink";
        says(admin.get(unlink), 200, "br", "unlink.title", "unlink.text");
        HttpResponse<String> unlinked = admin.submit(unlink, Map.of());
        assertThat(unlinked.statusCode()).isEqualTo(303);
        says(admin.get(path(unlinked)), 200, "br", "numbers.unlinked", "numbers.empty");
        assertThat(portal.activeLines(Stage.CONNECTOR)).isEmpty();
    }

    @Test
    void whoeverHasLinkedSeveralNumbersIsLedOnWithEach() {
        Browser admin = stage.installed(stage.portal("la"));
        Stage.Number first = stage.number();
        Stage.Number second = stage.numberOf(first);
        admin.submit(NUMBERS + "/account", Map.of("wabaId", first.wabaId(), "accessToken", first.token()));

        HttpResponse<String> linked = admin.submit(
                NUMBERS + "/choose",
                Map.of("wabaId", first.wabaId(), "number", first.id() + "," + second.id(), "lineId", "each"));

        HttpResponse<String> page = admin.get(path(linked));
        guided(admin, page, "la", first, "Acme " + first.display());
        guided(admin, page, "la", second, "Acme " + second.display());
        String move = NUMBERS + "/" + second.id() + "/move";
        HttpResponse<String> moved = admin.get(path(admin.submit(move, Map.of("lineId", "1"))));
        guided(admin, moved, "la", second, second.display());
    }

    /** The page leads on to the step of the guide that tries this number. */
    private static void guided(
            Browser admin, HttpResponse<String> page, String language, Stage.Number number, String name) {
        String guide = "/admin/start?number=" + number.id();
        assertThat(text(page)).contains("href=\"" + guide + "#message\"", Words.say(language, "guide.on", name));
        HttpResponse<String> step = admin.get(guide);
        says(step, 200, language, "guide.message.waiting");
        assertThat(text(step)).contains("id=\"message\"", Words.say(language, "guide.message.todo", number.display()));
    }

    @Test
    void withoutTheTokenOfThePageNothingIsLinked() {
        StandInPortal portal = stage.portal("br");
        Browser admin = stage.installed(portal);
        Stage.Number number = stage.number();

        HttpResponse<String> refused = admin.post(NUMBERS, number.form());

        says(refused, 403, "br", "denied.title");
        assertThat(admin.post(NUMBERS, number.form("_csrf", "wrong")).statusCode())
                .isEqualTo(403);
        assertThat(admin.get(NUMBERS).body()).doesNotContain(number.display());
        assertThat(stage.meta.isSubscribed(number.wabaId())).isFalse();
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of("br", "phoneNumberId", "+55 11 5555", "INVALID", 422),
                Arguments.of("la", "wabaId", "", "INVALID", 422),
                Arguments.of("en", "accessToken", "", "INVALID", 422),
                Arguments.of("ru", "displayName", "x".repeat(101), "INVALID", 422),
                Arguments.of("br", "lineId", "the first", "INVALID", 422),
                Arguments.of("la", "phoneNumberId", "999999999999999", "NUMBER_UNKNOWN", 422),
                Arguments.of("en", "wabaId", "999999999999999", "SUBSCRIPTION_REFUSED", 422),
                Arguments.of("ru", "accessToken", "EAAwrong", "TOKEN_REFUSED", 422),
                Arguments.of("en", "lineId", "98765", "LINE_UNKNOWN", 422));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsNamedWhereItWasMade(String language, String field, String typed, String reason, int status) {
        StandInPortal portal = stage.portal(language);
        Browser admin = stage.installed(portal);
        Stage.Number number = stage.number();
        Map<String, String> form = number.form(field, typed);

        HttpResponse<String> refused = admin.submit(NUMBERS, form);

        says(refused, status, language, "link." + reason, "link." + reason + ".next");
        assertThat(refused.body()).containsPattern("<(input|select) id=\"" + field + "\"[^>]*aria-invalid=\"true\"");
        keepsWhatWasTyped(refused, form);
        saysReference(refused, language);
        assertThat(logged(refused))
                .contains("not linked: " + reason)
                .doesNotContain(number.token(), number.id(), number.display())
                .satisfies(line -> assertThat(typed.isEmpty() || !line.contains(typed))
                        .as(line)
                        .isTrue());
        assertThat(portal.activeLines(Stage.CONNECTOR)).isEmpty();
        says(admin.get(NUMBERS), 200, language, "numbers.empty");
    }

    private static void keepsWhatWasTyped(HttpResponse<String> page, Map<String, String> form) {
        for (String kept : new String[] {"phoneNumberId", "wabaId", "displayName"}) {
            assertThat(text(page)).contains("value=\"" + form.get(kept) + "\"");
        }
        String token = String.valueOf(form.get("accessToken"));
        if (!token.isEmpty()) {
            assertThat(page.body()).doesNotContain(token);
        }
    }

    @Test
    void whatBitrix24SaysOfALineIsShown() {
        StandInPortal portal = stage.portal("br");
        Browser admin = stage.installed(portal);
        portal.faults().failNext(1, "imopenlines.config.add", 400, "ERROR_CORE", "Your plan has no more lines");

        HttpResponse<String> refused = admin.submit(NUMBERS, stage.number().form());

        says(refused, 422, "br", "link.LINE_REFUSED", "link.LINE_REFUSED.next");
        assertThat(refused.body()).contains("Your plan has no more lines");
    }

    @Test
    void whoDoesNotAnswerIsNamed() {
        StandInPortal portal = stage.portal("ru");
        Browser admin = stage.installed(portal);
        Stage.Number number = stage.number();

        portal.faults().failNext(1, "imconnector.activate", 500, "INTERNAL_SERVER_ERROR", "Internal server error");
        says(admin.submit(NUMBERS, number.form()), 502, "ru", "link.BITRIX24_FAILED");

        // So many, as the first may be tried again.
        stage.meta.faults().brokenNext(20);
        try {
            says(admin.submit(NUMBERS, number.form()), 502, "ru", "link.META_FAILED");
        } finally {
            stage.meta.faults().clear();
        }
    }

    @Test
    void linesThatAreNotListedDoNotTakeThePageAway() {
        StandInPortal portal = stage.portal("en");
        Browser admin = stage.installed(portal);
        portal.faults().htmlNext(5, "imopenlines.config.list.get", 502);

        says(admin.get(NUMBERS + "?line=1"), 200, "en", "numbers.lines.unknown", "link.lineId.new");
        portal.faults().clear();
    }

    @Test
    void aPortalThatTakesItsTimeDoesNotTakeThePages() {
        StandInPortal portal = stage.portal("br");
        Browser admin = stage.installed(portal);
        portal.faults().hangNext(1, "imopenlines.config.list.get", Duration.ofSeconds(6));

        Instant asked = Instant.now();
        says(admin.get(NUMBERS), 200, "br", "numbers.lines.unknown", "link.lineId.new");
        assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(5));

        // What was asked once comes, to the page that is open already.
        HttpResponse<String> lines = admin.get(NUMBERS + "/lines?lineId=1");
        assertThat(lines.statusCode()).isEqualTo(200);
        assertThat(lines.body()).contains("<option value=\"1\" selected=\"selected\">Open Channel</option>");
        assertThat(admin.get(NUMBERS).body()).doesNotContain("id=\"lines-unknown\"");
    }

    @Test
    void linesOfOnePortalAreNotShownToAnother() {
        StandInPortal slow = stage.portal("en");
        StandInPortal other = stage.portal("en");
        Browser ana = stage.installed(slow);
        Browser eva = stage.installed(other);
        Stage.Number number = stage.number();
        ana.submit(NUMBERS, number.form("displayName", "Ana's line"));
        slow.faults().hangNext(1, "imopenlines.config.list.get", Duration.ofSeconds(4));

        ana.get(NUMBERS);

        assertThat(text(eva.get(NUMBERS + "/lines"))).doesNotContain("Ana's line");
        assertThat(text(ana.get(NUMBERS + "/lines"))).contains("Ana's line");
    }

    @Test
    void aProgramGetsRefusalsAsProblems() throws Exception {
        StandInPortal portal = stage.portal("br");
        Browser admin = stage.installed(portal);
        String csrf = csrf(admin.get(NUMBERS));
        String cookie =
                admin.get(NUMBERS).request().headers().firstValue("Cookie").orElseThrow();

        HttpResponse<String> problem = send(HttpRequest.newBuilder(URI.create(stage.app.url() + NUMBERS))
                .header("Cookie", cookie)
                .header("Accept", "application/json")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "_csrf=" + csrf + "&phoneNumberId=1&wabaId=2&accessToken=&lineId=new")));

        assertThat(problem.statusCode()).as(problem.body()).isEqualTo(422);
        assertThat(problem.headers().firstValue("Content-Type").orElseThrow()).startsWith("application/problem+json");
        assertThat(problem.body())
                .contains("\"reason\":\"INVALID\"", "\"field\":\"accessToken\"")
                .contains(Words.say("br", "link.INVALID"), Words.say("br", "link.INVALID.next"));
    }

    @Test
    void aLinkedNumberIsGivenAnotherLineWithoutTypingItsIds() {
        StandInPortal portal = stage.portal("br");
        Browser admin = stage.installed(portal);
        Stage.Number number = stage.number();
        admin.submit(NUMBERS, number.form());

        HttpResponse<String> page = admin.get(NUMBERS + "?again=" + number.id());

        says(page, 200, "br", "numbers.newToken");
        assertThat(page.body())
                .contains("value=\"" + number.id() + "\"", "value=\"" + number.wabaId() + "\"")
                .doesNotContain(number.token());
        assertThat(admin.submit(NUMBERS, number.form("lineId", "1")).statusCode())
                .isEqualTo(303);
        assertThat(portal.activeLines(Stage.CONNECTOR)).containsExactly("1");
    }

    @Test
    void oneNumberBelongsToOnePortal() {
        StandInPortal first = stage.portal("br");
        StandInPortal second = stage.portal("la");
        Browser ana = stage.installed(first);
        Browser eva = stage.installed(second);
        Stage.Number number = stage.number();
        assertThat(ana.submit(NUMBERS, number.form()).statusCode()).isEqualTo(303);

        HttpResponse<String> refused = eva.submit(NUMBERS, number.form());

        says(refused, 409, "la", "link.TAKEN", "link.TAKEN.next");
        keepsWhatWasTyped(refused, number.form());
        assertThat(second.activeLines(Stage.CONNECTOR)).isEmpty();

        // She neither sees it nor can take it off.
        assertThat(eva.get(NUMBERS).body()).doesNotContain(number.id(), number.display());
        String unlink = NUMBERS + "/" + number.id() + "/unlink";
        assertThat(eva.get(unlink).statusCode()).isEqualTo(404);
        assertThat(eva.post(unlink, Map.of("_csrf", csrf(eva.get(NUMBERS)))).statusCode())
                .isEqualTo(404);
        assertThat(eva.get(NUMBERS + "?linked=" + number.id()).body()).doesNotContain(number.display());
        assertThat(ana.get(NUMBERS).body()).contains(number.display());
    }

    // ---------------------------------------------------------------- without a session

    @Test
    void withoutASessionAPersonGetsAPageAndAProgramAProblem() throws Exception {
        HttpResponse<String> page = get(NUMBERS, "Accept", "text/html", "Accept-Language", "pt-BR");
        says(page, 401, "br", "signin.title", "signin.text", "signin.submit");
        saysReference(page, "br");
        assertThat(logged(page)).contains("not signed in");
        assertThat(framedBy(page)).isEqualTo("'none'");

        HttpResponse<String> problem = get(NUMBERS, "Accept", "application/json");
        assertThat(problem.statusCode()).isEqualTo(401);
        assertThat(problem.headers().firstValue("Content-Type").orElseThrow()).startsWith("application/problem+json");
    }

    @Test
    void inTheFrameAnEndedSessionIsExplainedAndNothingIsOffered() {
        HttpResponse<String> page = get(NUMBERS, "Accept", "text/html", "Sec-Fetch-Dest", "iframe");

        says(page, 401, "en", "signin.framed");
        assertThat(page.body()).doesNotContain("<form");
        assertThat(framedBy(page)).isEqualTo("https: http:");
    }

    @Test
    void afterTheUninstallationTheSessionIsDead() throws Exception {
        StandInPortal portal = stage.portal("en");
        Browser admin = stage.installed(portal);
        assertThat(admin.get(NUMBERS).statusCode()).isEqualTo(200);

        portal.uninstall(true);
        assertThat(stage.bitrix24.awaitIdle(Duration.ofSeconds(20))).isTrue();

        Instant end = Instant.now().plusSeconds(20);
        while (admin.get(NUMBERS).statusCode() == 200 && Instant.now().isBefore(end)) {
            Thread.sleep(50);
        }
        assertThat(admin.get(NUMBERS).statusCode()).isEqualTo(401);
        says(stage.browser().open("/bitrix24/app", reinstalledPage(portal)), 403, "en", "refused.NOT_INSTALLED");
    }

    private static Page reinstalledPage(StandInPortal portal) {
        return portal.installPage(StandInPortal.ADMIN);
    }

    @Test
    void theLanguageCanBeSwitchedAndStays() {
        Browser admin = stage.installed(stage.portal("br"));
        says(admin.get(NUMBERS), 200, "br", "numbers.title");
        says(admin.get(NUMBERS + "?lang=ru"), 200, "ru", "numbers.title");
        says(admin.get(NUMBERS), 200, "ru", "numbers.title");
        says(admin.get(NUMBERS + "?lang=xx"), 200, "ru", "numbers.title");
    }

    @ParameterizedTest
    @CsvSource({"/nothing", "/bitrix24/nothing", "/login.html", "/admin.php"})
    void whatIsNotThereIsNotThere(String path) {
        assertThat(get(path, "Accept", "text/html").statusCode()).isEqualTo(404);
        assertThat(get(path, "Accept", "application/json").statusCode()).isEqualTo(404);
    }

    @Test
    void whatIsNotThereIsNotThereForAnAdminEither() {
        HttpResponse<String> page = stage.installed(stage.portal("en")).get("/admin/nothing");
        assertThat(page.statusCode()).isEqualTo(404);
        assertThat(page.body()).doesNotContain("Exception");
    }

    // ---------------------------------------------------------------- outside the frame

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void anAdminSignsInFromOutside(boolean backToTheMainPage) {
        StandInPortal portal = stage.portal("br");
        stage.installed(portal);
        Browser outside = stage.browser();

        String back = authorized(portal, outside, StandInPortal.ADMIN);
        if (backToTheMainPage) {
            // Where the app's settings name the main page, Bitrix24 comes back there.
            HttpResponse<String> passedOn = outside.get(back.replace("/login/oauth2/code/bitrix24", "/bitrix24/app"));
            assertThat(passedOn.statusCode()).isEqualTo(302);
            back = path(passedOn);
        }
        HttpResponse<String> signedIn = outside.get(back);

        assertThat(signedIn.statusCode()).as(signedIn.body()).isEqualTo(302);
        assertThat(path(signedIn)).isEqualTo("/admin");
        says(outside.get(NUMBERS), 200, "br", "numbers.title", "link.submit");
        assertThat(outside.submit(NUMBERS, stage.number().form()).statusCode()).isEqualTo(303);
    }

    @Test
    void whoIsNoAdminCannotComeInFromOutsideEither() {
        StandInPortal portal = stage.portal("en");
        stage.installed(portal);
        Browser outside = stage.browser();

        HttpResponse<String> answer = outside.get(authorized(portal, outside, StandInPortal.AGENT));

        assertThat(answer.statusCode()).isIn(302, 403);
        assertThat(outside.get(NUMBERS).statusCode()).isIn(401, 403);
    }

    @Test
    void aCodeThatWasNotAskedForOpensNothing() {
        StandInPortal portal = stage.portal("en");
        stage.installed(portal);
        Browser ana = stage.browser();
        String back = authorized(portal, ana, StandInPortal.ADMIN);

        Browser somebodyElse = stage.browser();
        says(somebodyElse.get(back), 401, "en", "refused.NOT_PROVED");
        assertThat(somebodyElse.get(NUMBERS).statusCode()).isEqualTo(401);
        says(ana.get(back.replaceAll("code=[^&]*", "code=made-up")), 401, "en", "refused.NOT_PROVED");
    }

    @Test
    void anAddressThatIsNoBitrix24IsNotRedirectedTo() {
        String path = "/oauth2/authorization/bitrix24?domain=evil.example";
        HttpResponse<String> page = get(path, "Accept", "text/html", "Accept-Language", "ru");
        says(page, 400, "ru", "signin.unknown", "signin.submit");
        saysReference(page, "ru");
        assertThat(logged(page)).doesNotContain("evil.example");

        for (String accept : new String[] {"application/json", "*/*"}) {
            HttpResponse<String> problem = get(path, "Accept", accept);
            assertThat(problem.statusCode()).as(accept).isEqualTo(400);
        }
    }

    /** Where Bitrix24 sends the browser back to, with a code. */
    private static String authorized(StandInPortal portal, Browser outside, String user) {
        String domain = portal.url().getAuthority();
        HttpResponse<String> start = outside.get("/oauth2/authorization/bitrix24?domain=" + domain);
        assertThat(start.statusCode()).as(start.body()).isEqualTo(302);
        String authorize = start.headers().firstValue("Location").orElseThrow();
        // All stand-in portals share a host, so the address says which one's page it is.
        URI asked = URI.create(
                portal.url() + "oauth/authorize/?" + URI.create(authorize).getRawQuery() + "&user=" + user);
        return path(send(HttpRequest.newBuilder(asked)));
    }

    // ---------------------------------------------------------------- settings of a number

    @Test
    void anAdminChoosesWhatANumberDoes() {
        StandInPortal portal = stage.portal("ru");
        Stage.Number number = stage.number();
        Browser admin = stage.installed(portal);
        admin.submit(NUMBERS, number.form());
        String settings = NUMBERS + "/" + number.id() + "/settings";

        assertThat(admin.get(NUMBERS).body()).contains("href=\"" + settings + "\"");
        HttpResponse<String> first = admin.get(settings);
        says(first, 200, "ru", "settings.title", "settings.readReceipts", "settings.autoTemplate.hint");
        assertThat(ticked(first)).containsExactly("readReceipts", "agentSignature");

        HttpResponse<String> saved = admin.submit(
                settings,
                Map.of(
                        "typingIndicator", "on",
                        "autoTemplate", "on",
                        "templateName", " welcome_back ",
                        "templateLanguage", "pt_BR"));
        assertThat(saved.statusCode()).as(saved.body()).isEqualTo(303);
        HttpResponse<String> shown = admin.get(path(saved));
        says(shown, 200, "ru", "settings.saved");
        assertThat(ticked(shown)).containsExactly("typingIndicator", "autoTemplate");
        assertThat(shown.body()).contains("value=\"welcome_back\"", "value=\"pt_BR\"");
    }

    @Test
    void aTemplateThatCannotBeOneIsNotSaved() {
        Stage.Number number = stage.number();
        Browser admin = stage.installed(stage.portal("en"));
        admin.submit(NUMBERS, number.form());
        String settings = NUMBERS + "/" + number.id() + "/settings";

        HttpResponse<String> refused = admin.submit(settings, Map.of("templateName", "Willkommen zurück!"));
        says(refused, 422, "en", "settings.wrong");
        assertThat(text(refused)).contains("Willkommen zurück!");
        says(admin.submit(settings, Map.of("autoTemplate", "on")), 422, "en", "settings.wrong");
        assertThat(ticked(admin.get(settings))).containsExactly("readReceipts", "agentSignature");
    }

    /** Forms that other stories do not fill in wrongly: whatever was wrong, what was typed is there to be mended. */
    @Test
    void whatWasTypedStaysWhereSomethingIsWrong() {
        Browser admin = stage.installed(stage.portal("en"));
        Map<String, Map<String, String>> wrong = Map.of(
                NUMBERS + "/account",
                Map.of("wabaId", "419561257919999", "accessToken", "EAAwrong"),
                "/admin/privacy/retention",
                Map.of("days", "4000"),
                "/admin/privacy/person",
                Map.of("phone", "12"),
                "/admin/overview/prices",
                Map.of("currency", "EURO", "price.utility", "0.25"),
                "/admin/people",
                Map.of("userId", "4711", "reveal", "true"),
                "/admin/api-keys",
                Map.of("name", "Loja"));
        wrong.forEach((form, typed) -> {
            String page = form.replaceFirst("/(retention|person)$", "");
            Map<String, String> sent = new TreeMap<>(typed);
            sent.put("_csrf", admin.csrf(page));
            HttpResponse<String> again = admin.post(form, sent);
            assertThat(again.statusCode()).as(form).isIn(422, 502);
            typed.forEach((field, value) -> {
                if (field.equals("accessToken")) {
                    assertThat(again.body()).as(form).doesNotContain(value);
                } else if (field.equals("reveal")) {
                    assertThat(again.body()).as(form).containsPattern("name=\"reveal\"[^>]*checked");
                } else {
                    assertThat(again.body())
                            .as("%s of %s", field, form)
                            .containsPattern("value=\"" + Pattern.quote(value) + "\"");
                }
            });
        });
        assertThat(stage.browser()
                        .get("/oauth2/authorization/bitrix24?domain=bitrix24.example")
                        .body())
                .contains("value=\"bitrix24.example\"");
    }

    @Test
    void settingsAreThePortalsOwnAndNeedTheToken() {
        Stage.Number number = stage.number();
        Browser admin = stage.installed(stage.portal("en"));
        admin.submit(NUMBERS, number.form());
        String settings = NUMBERS + "/" + number.id() + "/settings";

        assertThat(admin.post(settings, Map.of("templateName", "x")).statusCode())
                .isEqualTo(403);
        Browser eva = stage.installed(stage.portal("en"));
        assertThat(eva.get(settings).statusCode()).isEqualTo(404);
        assertThat(eva.post(settings, Map.of("_csrf", csrf(eva.get(NUMBERS)), "templateName", "x"))
                        .statusCode())
                .isEqualTo(404);
    }

    private static java.util.List<String> ticked(HttpResponse<String> page) {
        return java.util.regex.Pattern.compile("name=\"(\\w+)\" value=\"on\"[^>]*checked=\"checked\"")
                .matcher(page.body())
                .results()
                .map(box -> box.group(1))
                .toList();
    }

    // ---------------------------------------------------------------- how it is looked at

    private static void saysReference(HttpResponse<String> page, String language) {
        String id = page.headers().firstValue("X-Correlation-Id").orElseThrow();
        assertThat(text(page)).contains(Words.say(language, "reference", id));
    }

    /** What the log has of a request, by the reference that its page shows. */
    private static String logged(HttpResponse<String> page) {
        String id = page.headers().firstValue("X-Correlation-Id").orElseThrow();
        String lines =
                stage.app.output().lines().filter(line -> line.contains(id)).collect(Collectors.joining("\n"));
        assertThat(lines).as("the log of %s", id).isNotEmpty();
        return lines;
    }

    private static String framedBy(HttpResponse<String> page) {
        return page.headers()
                .firstValue("Content-Security-Policy")
                .orElseThrow()
                .replaceAll(".*frame-ancestors ", "");
    }

    private static String csrf(HttpResponse<String> page) {
        return page.body().replaceAll("(?s).*name=\"_csrf\" value=\"([^\"]+)\".*", "$1");
    }

    /** Where a redirect leads, within the application. */
    private static String path(HttpResponse<String> redirect) {
        String location = redirect.headers().firstValue("Location").orElseThrow();
        return location.replaceFirst("^https?://[^/]+", "").replaceFirst("#.*", "");
    }

    private static Map<String, String> with(Map<String, String> form, String... more) {
        Map<String, String> changed = new TreeMap<>(form);
        for (int i = 0; i < more.length; i += 2) {
            changed.put(more[i], more[i + 1]);
        }
        return changed;
    }

    private static Map<String, String> without(Map<String, String> form) {
        Map<String, String> changed = new TreeMap<>(form);
        changed.remove("AUTH_ID");
        return changed;
    }

    private static HttpResponse<String> get(String path, String... headers) {
        return send(HttpRequest.newBuilder(URI.create(stage.app.url() + path)).headers(headers));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }
}
