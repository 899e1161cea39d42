package io.zaptrix.admin;

import static io.zaptrix.admin.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.TenantId;
import io.zaptrix.sandbox.StandInMeta;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.story.Browser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.JsonNodeFactory;

/** Numbers by the ways that there are, what is said of them, and a connection that is looked at and mended. */
class NumbersStory {

    private static final String NUMBERS = Stage.NUMBERS;
    private static final String CUSTOMER = "5511987650001";

    private static Stage stage;

    @BeforeAll
    static void start() throws IOException {
        stage = new Stage();
    }

    @AfterAll
    static void stop() {
        stage.close();
    }

    // ---------------------------------------------------------------- Embedded Signup

    @Test
    void whoSignsUpWithFacebookChoosesTheLineAndCanWriteAtOnce() {
        StandInPortal portal = stage.portal("br");
        Browser admin = stage.installed(portal);
        Stage.Number number = stage.number();
        stage.meta.describe(number.id(), "platform_type", "NOT_APPLICABLE").describe(number.id(), "status", "PENDING");

        HttpResponse<String> page = admin.get(NUMBERS + "/sign-up");
        says(page, "br", "signup.title", "signup.go");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("script-src 'self' https://connect.facebook.net", "frame-src https://www.facebook.com");
        assertThat(admin.get(NUMBERS)
                        .headers()
                        .firstValue("Content-Security-Policy")
                        .orElseThrow())
                .doesNotContain("facebook");

        HttpResponse<String> chosen = admin.submit(NUMBERS + "/sign-up", signedUp(number, "FINISH", true));
        assertThat(path(chosen)).isEqualTo(NUMBERS + "/choose");
        HttpResponse<String> list = admin.get(path(chosen));
        says(list, "br", "choose.FREE", "choose.registers");
        assertThat(list.body()).containsPattern("value=\"" + number.id() + "\"[^>]*checked");
        // Neither the token nor anything that opens with it is in the page or, readably, in the session.
        assertThat(list.body()).doesNotContain(number.token());
        assertThat(everything("select encode(attribute_bytes, 'escape') from spring_session_attributes"))
                .noneMatch(bytes -> bytes.contains(number.token()));

        HttpResponse<String> linked = admin.submit(
                NUMBERS + "/choose", Map.of("wabaId", number.wabaId(), "number", number.id(), "lineId", "each"));
        says(admin.get(path(linked)), "br", "chosen.linked");

        assertThat(stage.meta.isSubscribed(number.wabaId())).isTrue();
        StandInMeta.Registered registered = stage.meta.registrations().stream()
                .filter(one -> one.phoneNumberId().equals(number.id()))
                .findFirst()
                .orElseThrow();
        assertThat(registered.pin()).matches("\\d{6}");
        // The PIN is shown to who asks, and that is written down.
        String settings = NUMBERS + "/" + number.id() + "/settings";
        assertThat(admin.get(settings).body()).doesNotContain(registered.pin());
        assertThat(admin.post(NUMBERS + "/" + number.id() + "/pin", Map.of("_csrf", csrf(admin, settings)))
                        .body())
                .contains(registered.pin());
        assertThat(audited(portal)).containsSubsequence("number.linked", "number.pin.shown");

        // And the number works.
        stage.meta.customerWrites(number.id(), CUSTOMER, "Maria", "Olá");
        await(() -> portal.activeLines(Stage.CONNECTOR).size() == 1
                && written(portal, line(portal)).stream().anyMatch(text -> text.contains("Olá")));
    }

    @Test
    void aNumberThatStaysInTheBusinessAppIsNotRegistered() {
        StandInPortal portal = stage.portal("en");
        Browser admin = stage.installed(portal);
        Stage.Number number = stage.number();
        stage.meta.describe(number.id(), "is_on_biz_app", "true");

        // The window told of the account only, as it does for those.
        admin.submit(NUMBERS + "/sign-up", signedUp(number, "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING", false));
        says(admin.get(NUMBERS + "/choose"), "en", "choose.businessApp");
        admin.submit(NUMBERS + "/choose", Map.of("wabaId", number.wabaId(), "number", number.id(), "lineId", "1"));

        assertThat(portal.activeLines(Stage.CONNECTOR)).containsExactly("1");
        assertThat(stage.meta.registrations())
                .noneMatch(one -> one.phoneNumberId().equals(number.id()));
        await(() -> text(admin.get(NUMBERS)).contains(Words.say("en", "number.app.too")));

        // What Meta demands within a day; done again it is refused, which nobody need be told.
        assertThat(stage.meta.isSynchronised(number.id(), "smb_app_state_sync")).isTrue();
        assertThat(stage.meta.isSynchronised(number.id(), "history")).isTrue();
        admin.submit(NUMBERS + "/choose", Map.of("wabaId", number.wabaId(), "number", number.id(), "lineId", "1"));
        assertThat(text(admin.get(NUMBERS + "/chosen")))
                .contains(Words.say("en", "chosen.linked"))
                .doesNotContain(Words.say("en", "chosen.behind"));
    }

    @Test
    void whoseAppCouldNotBeSynchronisedIsToldToConnectAgain() {
        StandInPortal portal = stage.portal("ru");
        Browser admin = stage.installed(portal);
        Stage.Number number = stage.number();
        stage.meta.describe(number.id(), "is_on_biz_app", "true");
        admin.submit(NUMBERS + "/sign-up", signedUp(number, "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING", false));

        stage.meta.faults().refuseNext(1, 131016);
        admin.submit(NUMBERS + "/choose", Map.of("wabaId", number.wabaId(), "number", number.id(), "lineId", "1"));
        says(admin.get(NUMBERS + "/chosen"), "ru", "chosen.linked", "chosen.behind");
        assertThat(stage.meta.isSynchronised(number.id(), "history")).isTrue();

        admin.submit(NUMBERS + "/choose", Map.of("wabaId", number.wabaId(), "number", number.id(), "lineId", "1"));
        assertThat(text(admin.get(NUMBERS + "/chosen"))).doesNotContain(Words.say("ru", "chosen.behind"));
        assertThat(stage.meta.isSynchronised(number.id(), "smb_app_state_sync")).isTrue();
    }

    @Test
    void aCodeThatIsUsedOrForgedLeadsNowhere() {
        Browser admin = stage.installed(stage.portal("ru"));
        Stage.Number number = stage.number();
        Map<String, String> form = signedUp(number, "FINISH", true);
        admin.submit(NUMBERS + "/sign-up", form);

        says(admin.submit(NUMBERS + "/sign-up", form), "ru", "link.SIGN_UP_REFUSED", "link.SIGN_UP_REFUSED.next");
        form.put("code", "AQforged");
        HttpResponse<String> forged = admin.submit(NUMBERS + "/sign-up", form);
        assertThat(forged.statusCode()).isEqualTo(422);
        logKnows(forged, "ru", "SIGN_UP_REFUSED");
        assertThat(chosen(forged, "how")).isEqualTo("cloud");
        // Whoever wants the number in the app as well need not say so again for the next try.
        form.put("how", "app");
        assertThat(chosen(admin.submit(NUMBERS + "/sign-up", form), "how")).isEqualTo("app");
        assertThat(chosen(admin.get(NUMBERS + "/sign-up"), "how")).isEqualTo("cloud");
        assertThat(stage.meta.isSubscribed(number.wabaId())).isFalse();
        assertThat(stage.app.output()).doesNotContain(number.token()).doesNotContain("AQforged");
    }

    @Test
    void whereTheWindowToldOfNoAccountTheTokenDoes() {
        Browser admin = stage.installed(stage.portal("la"));
        Stage.Number number = stage.number();
        Map<String, String> form = new TreeMap<>(Map.of("code", stage.meta.signUp(number.token()), "wabaId", ""));

        assertThat(path(admin.submit(NUMBERS + "/sign-up", form))).isEqualTo(NUMBERS + "/choose");
        assertThat(text(admin.get(NUMBERS + "/choose"))).contains(number.display());
    }

    // ---------------------------------------------------------------- several numbers of an account

    @Test
    void severalNumbersOfAnAccountAreLinkedToSeveralLinesOrToOne() {
        StandInPortal portal = stage.portal("br");
        Browser admin = stage.installed(portal);
        Stage.Number first = stage.number();
        Stage.Number second = stage.numberOf(first);
        Stage.Number third = stage.numberOf(first);
        Stage.Number fourth = stage.numberOf(first);
        stage.meta
                .describe(fourth.id(), "platform_type", "NOT_APPLICABLE")
                .describe(fourth.id(), "code_verification_status", "NOT_VERIFIED");
        Browser elsewhere = stage.installed(stage.portal("br"));
        elsewhere.submit(NUMBERS, third.form());

        says(
                admin.submit(NUMBERS + "/account", Map.of("wabaId", first.wabaId(), "accessToken", "EAAwrong")),
                "br",
                "link.TOKEN_REFUSED");
        HttpResponse<String> unknown =
                admin.submit(NUMBERS + "/account", Map.of("wabaId", "4711", "accessToken", first.token()));
        says(unknown, "br", "link.ACCOUNT_UNKNOWN");
        logKnows(unknown, "br", "ACCOUNT_UNKNOWN");
        HttpResponse<String> listed =
                admin.submit(NUMBERS + "/account", Map.of("wabaId", first.wabaId(), "accessToken", first.token()));
        assertThat(path(listed)).isEqualTo(NUMBERS + "/choose");
        HttpResponse<String> list = admin.get(path(listed));
        says(list, "br", "choose.FREE", "choose.TAKEN", "choose.NOT_VERIFIED");
        assertThat(list.body()).containsPattern("value=\"" + third.id() + "\"[^>]*disabled");

        // Nothing ticked: said, and nothing done; the line stays as it was chosen.
        for (String chosen : List.of("each", "one", "1")) {
            HttpResponse<String> nothing =
                    admin.submit(NUMBERS + "/choose", Map.of("wabaId", first.wabaId(), "lineId", chosen));
            says(nothing, "br", "choose.nothing");
            assertThat(selected(nothing)).isEqualTo(chosen.equals("each") ? List.of() : List.of(chosen));
        }
        // Two to a new line each; the third is another portal's, whatever a form says.
        HttpResponse<String> linked = admin.submit(
                NUMBERS + "/choose",
                Map.of(
                        "wabaId",
                        first.wabaId(),
                        "number",
                        first.id() + "," + second.id() + "," + third.id(),
                        "lineId",
                        "each"));
        HttpResponse<String> results = admin.get(path(linked));
        says(results, "br", "chosen.linked", "chosen.refused", "link.TAKEN");
        // The log has it from the request that linked them.
        assertThat(text(results)).contains(Words.say("br", "reference", reference(linked)));
        assertThat(logged(linked)).contains("not linked: TAKEN").doesNotContain(third.id(), third.display());
        assertThat(portal.activeLines(Stage.CONNECTOR)).hasSize(2);
        assertThat(stage.meta.isSubscribed(first.wabaId())).isTrue();
        says(admin.get(NUMBERS + "/choose"), "br", "choose.LINKED");

        // Then both to one line.
        admin.submit(
                NUMBERS + "/choose",
                Map.of("wabaId", first.wabaId(), "number", first.id() + "," + second.id(), "lineId", "one"));
        assertThat(portal.activeLines(Stage.CONNECTOR)).hasSize(1);
        HttpResponse<String> page = admin.get(NUMBERS);
        assertThat(text(page)).contains(first.display(), second.display()).doesNotContain(third.display());

        // What customers write to either comes in that line, and each answer leaves by the number that was written to.
        String line = line(portal);
        stage.meta.customerWrites(first.id(), CUSTOMER, "Maria", "to the first");
        stage.meta.customerWrites(second.id(), CUSTOMER, "Maria", "to the second");
        await(() -> written(portal, line).stream()
                        .filter(text -> text.contains("to the "))
                        .count()
                == 2);
    }

    // ---------------------------------------------------------------- what is said of a number

    @Test
    void theStateOfANumberIsShownWithoutWaitingForMeta() {
        StandInPortal portal = stage.portal("en");
        Browser admin = stage.installed(portal);
        Stage.Number number = stage.number();
        // An open line that is called otherwise than the number.
        admin.submit(NUMBERS, number.form("lineId", "1"));
        stage.meta
                .describe(number.id(), "quality_rating", "RED")
                .describe(number.id(), "messaging_limit", "TIER_10K")
                .describe(number.id(), "throughput", "HIGH")
                .describe(number.id(), "name_status", "PENDING_REVIEW")
                .tokenExpires(number.token(), Instant.now().plus(Duration.ofDays(3)));
        // The overview has Meta asked as well, as many an admin sees no other page.
        await(() -> text(admin.get("/admin/overview")).contains(Words.say("en", "number.quality.RED.next")));

        HttpResponse<String> page = admin.get(NUMBERS);
        says(
                page,
                "en",
                "number.quality.RED.next",
                "number.name.PENDING_REVIEW",
                "number.token.soon.next",
                "number.webhooks.none",
                "numbers.state.suspended");
        assertThat(text(page))
                .contains("10,000", "1,000", "Vendas " + number.id())
                .containsPattern(lineFact());

        // No page says that all is well where another one knows better.
        HttpResponse<String> overview = admin.get("/admin/overview");
        says(overview, "en", "number.quality.RED.next", "number.token.soon.next", "numbers.state.suspended");
        assertThat(text(overview))
                .doesNotContain(Words.say("en", "overview.fine"), Words.say("en", "numbers.state.active"));
        HttpResponse<String> ofLine = admin.get("/admin/connector/1");
        says(
                ofLine,
                "en",
                "number.quality.RED.next",
                "number.name.PENDING_REVIEW",
                "number.token.soon.next",
                "numbers.state.suspended");
        assertThat(text(ofLine))
                .contains("10,000", "1,000")
                .containsPattern(lineFact())
                .doesNotContain(Words.say("en", "numbers.state.active"));

        // Meta is asked no more for a while, and where it hangs, nobody waits for it.
        int asked = stage.meta.requests().size();
        stage.meta.faults().slow(Duration.ofSeconds(20));
        try {
            Instant began = Instant.now();
            for (String shown : List.of(NUMBERS, "/admin/overview", "/admin/connector/1")) {
                says(admin.get(shown), "en", "number.quality.RED.next");
            }
            assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(2));
            assertThat(stage.meta.requests()).hasSize(asked);
        } finally {
            stage.meta.faults().clear();
        }

        // A webhook is a sign of life; news of the account are told of, and make that Meta is asked anew.
        stage.meta.describe(number.id(), "quality_rating", "GREEN");
        stage.meta.customerWrites(number.id(), CUSTOMER, "Maria", "Hello");
        stage.meta.webhook(
                number.wabaId(),
                "phone_number_quality_update",
                JsonNodeFactory.instance
                        .objectNode()
                        .put("display_phone_number", number.display().replaceAll("\\D", ""))
                        .put("event", "FLAGGED")
                        .put("current_limit", "TIER_1K"));
        await(() -> {
            String shown = text(admin.get(NUMBERS));
            return shown.contains(Words.say("en", "number.quality.GREEN"))
                    && !shown.contains(Words.say("en", "number.webhooks.none"));
        });
        assertThat(text(admin.get(NUMBERS + "/news")))
                .contains(number.display())
                .contains(Words.say("en", "news.action"));
        says(admin.get(NUMBERS + "/" + number.id() + "/settings"), "en", "news.title", "settings.agentSignature");
    }

    /** The open line's name on a number's card, as the lines to choose from stand on the page as well. */
    private static Pattern lineFact() {
        return Pattern.compile(
                "<dt>" + Pattern.quote(Words.say("en", "numbers.line")) + "</dt>\\s*<dd>Open Channel</dd>");
    }

    @Test
    void aNumberMovesToAnotherLineAndIsReconnectedWithoutItsToken() {
        StandInPortal portal = stage.portal("br");
        Browser admin = stage.installed(portal);
        Stage.Number number = stage.number();
        admin.submit(NUMBERS, number.form());
        String before = line(portal);
        String path = NUMBERS + "/" + number.id();

        HttpResponse<String> stays = admin.submit(path + "/move", Map.of("lineId", "98765"));
        says(stays, "br", "link.LINE_UNKNOWN");
        logKnows(stays, "br", "LINE_UNKNOWN");
        assertThat(logged(stays)).doesNotContain("98765");
        assertThat(portal.activeLines(Stage.CONNECTOR)).containsExactly(before);
        HttpResponse<String> moved = admin.submit(path + "/move", Map.of("lineId", "1"));
        assertThat(text(admin.get(path(moved)))).contains(Words.say("br", "numbers.moved", number.display()));
        assertThat(portal.activeLines(Stage.CONNECTOR)).containsExactly("1");
        stage.meta.customerWrites(number.id(), CUSTOMER, "Maria", "Bom dia");
        await(() -> written(portal, "1").stream().anyMatch(text -> text.contains("Bom dia")));

        // Somebody takes the subscription away; reconnecting gives it back.
        stage.meta.unsubscribe(number.wabaId());
        admin.post(path + "/reconnect", Map.of("_csrf", csrf(admin, NUMBERS)));
        assertThat(stage.meta.isSubscribed(number.wabaId())).isTrue();

        // Pressed in the settings of the line, it comes back there.
        HttpResponse<String> again = admin.post(
                path + "/reconnect",
                Map.of("_csrf", csrf(admin, "/admin/connector/1"), "line", value(admin, "/admin/connector/1", "line")));
        assertThat(path(again)).isEqualTo("/admin/connector/1?linked=" + number.id());
        says(admin.get(path(again)), "br", "numbers.linked", "connector.saved");

        // With a token that is dead it says so, and asks for another one.
        stage.meta.faults().revokeToken(number.id());
        try {
            says(
                    admin.post(path + "/reconnect", Map.of("_csrf", csrf(admin, NUMBERS))),
                    "br",
                    "link.TOKEN_REFUSED",
                    "ways.token");
        } finally {
            stage.meta.faults().clear();
        }
        assertThat(audited(portal)).containsSubsequence("number.linked", "number.moved", "number.reconnected");
    }

    @Test
    void theAgentsNameIsSentOrNot() {
        StandInPortal portal = stage.portal("br");
        Browser admin = stage.installed(portal);
        Stage.Number number = talking(portal, admin);

        portal.agentWrites(portal.chats().getFirst().id(), "with my name");
        await(() -> sent(number, "with my name").startsWith("*"));
        String settings = NUMBERS + "/" + number.id() + "/settings";
        admin.submit(settings, Map.of("readReceipts", "on"));
        portal.agentWrites(portal.chats().getFirst().id(), "without it");
        await(() -> sent(number, "without it").equals("without it"));
        assertThat(audited(portal)).contains("number.settings");
    }

    /** A number of line 1, to which a customer has written. */
    private static Stage.Number talking(StandInPortal portal, Browser admin) {
        Stage.Number number = stage.number();
        admin.submit(NUMBERS, number.form("lineId", "1"));
        stage.meta.customerWrites(number.id(), CUSTOMER, "Maria", "Olá");
        await(() -> !written(portal, "1").isEmpty());
        return number;
    }

    private static String sent(Stage.Number number, String words) {
        return stage.meta.sends().stream()
                .filter(send -> send.phoneNumberId().equals(number.id()))
                .map(send -> String.valueOf(send.text()))
                .filter(text -> text.contains(words))
                .findFirst()
                .orElse("");
    }

    // ---------------------------------------------------------------- the check

    @Test
    void whatIsBrokenIsFoundAndMended() {
        StandInPortal portal = stage.portal("br");
        Browser admin = stage.installed(portal);
        Stage.Number number = stage.number();
        admin.submit(NUMBERS, number.form());
        String line = line(portal);

        // The page comes at once, and each row fetches its own finding.
        HttpResponse<String> page = admin.get("/admin/check");
        says(page, "br", "check.title", "check.PORTAL", "check.WEBHOOK", "check.LINE", "check.state.wait");
        assertThat(page.body()).contains("hx-get=\"/admin/check/line/" + number.id() + "\"");
        for (String row : List.of("portal/-", "connector/-", "events/-", "webhook/-")) {
            says(admin.get("/admin/check/" + row), "br", "check.state.ok");
        }
        for (String row : List.of("line/", "number/", "subscription/")) {
            says(admin.get("/admin/check/" + row + number.id()), "br", "check.state.ok");
        }
        says(admin.get("/admin/check/traffic/" + number.id()), "br", "check.TRAFFIC.none");
        assertThat(admin.get("/admin/check/line/4711").statusCode()).isEqualTo(404);
        assertThat(admin.get("/admin/check/nothing/-").statusCode()).isEqualTo(404);

        // Somebody breaks what can be broken from outside.
        portal.forgetConnector(Stage.CONNECTOR);
        stage.meta.unsubscribe(number.wabaId());
        HttpResponse<String> broken = admin.get("/admin/check?now");
        says(
                broken,
                "br",
                "check.CONNECTOR.missing",
                "check.EVENTS.missing",
                "check.LINE.off",
                "check.SUBSCRIPTION.missing",
                "check.repair");
        String csrf = csrf(admin, "/admin/check?now");
        for (String row : List.of("connector/-", "line/" + number.id(), "subscription/" + number.id())) {
            HttpResponse<String> mended = admin.post("/admin/check/" + row, Map.of("_csrf", csrf));
            assertThat(mended.statusCode()).as(row).isEqualTo(303);
        }
        HttpResponse<String> whole = admin.get("/admin/check?now");
        assertThat(text(whole)).doesNotContain(Words.say("br", "check.state.bad"));
        assertThat(portal.activeLines(Stage.CONNECTOR)).containsExactly(line);
        stage.meta.customerWrites(number.id(), CUSTOMER, "Maria", "De volta");
        await(() -> written(portal, line).stream().anyMatch(text -> text.contains("De volta")));
        assertThat(audited(portal).stream().filter("connection.repaired"::equals))
                .hasSize(3);

        // What cannot be mended from here is said with what to do.
        stage.meta.tokenOfAnotherApp(number.token()).callbackUrl("https://elsewhere.example/webhooks");
        says(admin.get("/admin/check?now"), "br", "check.NUMBER.other_app.next", "check.WEBHOOK.elsewhere");
        stage.meta.callbackUrl(stage.app.url() + "/webhooks/meta").faults().revokeToken(number.id());
        try {
            says(
                    admin.get("/admin/check/number/" + number.id()),
                    "br",
                    "check.NUMBER.token",
                    "check.NUMBER.token.next");
        } finally {
            stage.meta.faults().clear();
        }
        portal.faults().htmlNext(3, "profile", 502);
        says(admin.get("/admin/check/portal/-"), "br", "check.silent.BITRIX24");
        portal.faults().clear();
    }

    /** Meta had refused its token for a while; what the agent wrote meanwhile waits, and arrives when it is mended. */
    @Test
    void aSuspendedNumberIsTakenUpAgainByTheCheck() {
        StandInPortal portal = stage.portal("br");
        Browser admin = stage.installed(portal);
        Stage.Number number = talking(portal, admin);
        String row = "/admin/check/number/" + number.id();

        stage.meta.faults().revokeToken(number.id());
        try {
            portal.agentWrites(portal.chats().getFirst().id(), "written meanwhile");
            await(() -> text(admin.get(NUMBERS)).contains(Words.say("br", "numbers.state.suspended")));
        } finally {
            stage.meta.faults().clear();
        }
        says(admin.get(row), "br", "check.NUMBER.suspended", "check.repair");
        assertThat(sent(number, "written meanwhile")).isEmpty();

        HttpResponse<String> mended = admin.post(row, Map.of("_csrf", csrf(admin, "/admin/check?now")));
        assertThat(mended.statusCode()).isEqualTo(303);
        says(admin.get(row), "br", "check.NUMBER.ok");
        await(() -> !sent(number, "written meanwhile").isEmpty());
        assertThat(audited(portal)).containsSubsequence("number.reconnected", "connection.repaired");
    }

    @Test
    void nobodyChecksOrChangesAnothersNumber() {
        Browser admin = stage.installed(stage.portal("en"));
        Stage.Number number = stage.number();
        admin.submit(NUMBERS, number.form());
        Browser other = stage.installed(stage.portal("en"));
        String csrf = csrf(other, NUMBERS);

        for (String path : List.of("/move", "/reconnect", "/pin", "/settings", "/unlink")) {
            assertThat(other.post(NUMBERS + "/" + number.id() + path, Map.of("_csrf", csrf, "lineId", "1"))
                            .statusCode())
                    .as(path)
                    .isEqualTo(404);
        }
        assertThat(other.post("/admin/check/line/" + number.id(), Map.of("_csrf", csrf))
                        .statusCode())
                .isEqualTo(404);
    }

    // ---------------------------------------------------------------- small things

    private static Map<String, String> signedUp(Stage.Number number, String event, boolean withNumber) {
        Map<String, String> form = new TreeMap<>(
                Map.of("code", stage.meta.signUp(number.token()), "wabaId", number.wabaId(), "event", event));
        form.put("phoneNumberId", withNumber ? number.id() : "");
        return form;
    }

    /** The page says by which reference the log has the reason. */
    private static void logKnows(HttpResponse<String> refused, String language, String reason) {
        assertThat(text(refused)).contains(Words.say(language, "reference", reference(refused)));
        assertThat(logged(refused)).contains("not linked: " + reason);
    }

    private static String reference(HttpResponse<String> answer) {
        return answer.headers().firstValue("X-Correlation-Id").orElseThrow();
    }

    private static String logged(HttpResponse<String> answer) {
        return stage.app
                .output()
                .lines()
                .filter(line -> line.contains(reference(answer)))
                .collect(Collectors.joining("\n"));
    }

    /** Which of the radio buttons of that name is on. */
    private static String chosen(HttpResponse<String> page, String name) {
        Matcher on = Pattern.compile("<input type=\"radio\" name=\"" + name + "\" value=\"(\\w+)\"[^>]*checked")
                .matcher(page.body());
        assertThat(on.find()).as(page.body()).isTrue();
        String value = on.group(1);
        assertThat(on.find()).as("another one").isFalse();
        return value;
    }

    /** The options that a list does not begin with and that are chosen. */
    private static List<String> selected(HttpResponse<String> page) {
        return Pattern.compile("<option value=\"(\\w+)\"[^>]*selected")
                .matcher(page.body())
                .results()
                .map(option -> option.group(1))
                .toList();
    }

    private static String line(StandInPortal portal) {
        return portal.activeLines(Stage.CONNECTOR).iterator().next();
    }

    /** What customers wrote in the chats of a line. */
    private static List<String> written(StandInPortal portal, String line) {
        return portal.chats().stream()
                .filter(chat -> chat.lineId().equals(line))
                .flatMap(chat -> chat.messages().stream())
                .filter(message -> message.author() == StandInPortal.Author.CUSTOMER)
                .map(StandInPortal.ChatMessage::text)
                .toList();
    }

    private static List<String> audited(StandInPortal portal) {
        return JdbcClient.create(stage.database.superuser())
                .sql("select action from audit_entry where tenant_id = :tenant order by id")
                .param("tenant", TenantId.ofMember(portal.memberId()).value())
                .query(String.class)
                .list();
    }

    private static List<String> everything(String sql) {
        return JdbcClient.create(stage.database.superuser())
                .sql(sql)
                .query(String.class)
                .list();
    }

    private static void says(HttpResponse<String> page, String language, String... keys) {
        for (String key : keys) {
            String words = Words.say(language, key);
            // A text with a gap is known by its longest piece.
            String piece = java.util.Arrays.stream(words.split("\\{0}"))
                    .max(java.util.Comparator.comparing(String::length))
                    .orElse(words);
            assertThat(text(page)).as(key).contains(piece.strip());
        }
    }

    private static String path(HttpResponse<String> redirect) {
        assertThat(redirect.statusCode()).as(redirect.body()).isEqualTo(303);
        URI location = URI.create(redirect.headers().firstValue("Location").orElseThrow());
        return location.getRawPath() + (location.getRawQuery() == null ? "" : "?" + location.getRawQuery());
    }

    private static String csrf(Browser browser, String page) {
        return value(browser, page, "_csrf");
    }

    /** What a page's form has in a field that nobody types. */
    private static String value(Browser browser, String page, String field) {
        Matcher value = Pattern.compile("name=\"" + field + "\" value=\"([^\"]+)\"")
                .matcher(browser.get(page).body());
        assertThat(value.find()).as(field).isTrue();
        return value.group(1);
    }

    private static void await(BooleanSupplier condition) {
        Instant end = Instant.now().plus(Duration.ofSeconds(15));
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("in time").isBefore(end);
            try {
                Thread.sleep(50);
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        }
    }
}
