package io.zaptrix.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.bitrix24.PhpForm;
import io.zaptrix.sandbox.StandInPortal.Author;
import io.zaptrix.sandbox.StandInPortal.ChatMessage;
import io.zaptrix.sandbox.StandInPortal.Mark;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The stand-in keeps to what Bitrix24 documents, oddities included. */
class StandInBitrix24Test {

    private static final String CONNECTOR = "zaptrix_whatsapp";

    private final TestApp app = new TestApp();
    private final HttpClient http = HttpClient.newHttpClient();
    private final StandInBitrix24 bitrix24 = new StandInBitrix24(0);
    private StandInPortal portal;
    private Map<String, String> opened;

    @BeforeEach
    void aPortalThatHasInstalledTheApp() {
        bitrix24.app("app.1", "s3cret", app.url("")).redelivery(Duration.ofMillis(5), Duration.ofMillis(20));
        portal = bitrix24.addPortal("alpha");
        opened = portal.installPage(StandInPortal.ADMIN).form();
    }

    @AfterEach
    void close() {
        bitrix24.close();
        app.close();
        http.close();
    }

    @Test
    void thePageBringsTokensThatTheAuthorizationServerVouchesFor() throws Exception {
        JsonNode info = json(post(bitrix24.oauthUrl() + "/rest/app.info", Map.of("auth", token())))
                .path("result");

        assertThat(info.path("client_id").stringValue()).isEqualTo("app.1");
        assertThat(info.at("/install/member_id").stringValue())
                .isEqualTo(portal.memberId())
                .isEqualTo(opened.get("member_id"));
        assertThat(info.at("/install/client_endpoint").stringValue())
                .isEqualTo(portal.clientEndpoint().toString());
        assertThat(call("profile", Map.of()).at("/result/ADMIN").booleanValue()).isTrue();
    }

    @Test
    void anExpiredTokenIsRefreshedOnceAndTheOldRefreshTokenDies() throws Exception {
        portal.expireAccessTokens();
        assertThat(error(call("profile", Map.of()))).isEqualTo("expired_token");

        String refresh = opened.getOrDefault("REFRESH_ID", "");
        JsonNode tokens = json(form(
                bitrix24.oauthUrl() + "/oauth/token/",
                Map.of(
                        "grant_type",
                        "refresh_token",
                        "client_id",
                        "app.1",
                        "client_secret",
                        "s3cret",
                        "refresh_token",
                        refresh)));

        assertThat(tokens.path("member_id").stringValue()).isEqualTo(portal.memberId());
        opened.put("AUTH_ID", tokens.path("access_token").stringValue());
        assertThat(call("profile", Map.of()).at("/result/ID").stringValue()).isEqualTo("1");
        HttpResponse<String> again = form(
                bitrix24.oauthUrl() + "/oauth/token/",
                Map.of(
                        "grant_type",
                        "refresh_token",
                        "client_id",
                        "app.1",
                        "client_secret",
                        "s3cret",
                        "refresh_token",
                        refresh));
        assertThat(again.statusCode()).isEqualTo(400);
        assertThat(error(json(again))).isEqualTo("invalid_grant");
    }

    @Test
    void theAuthorizationServerKnowsItsAppsAndTakesTheQueryToo() throws Exception {
        String token = bitrix24.oauthUrl() + "/oauth/token/?grant_type=refresh_token&refresh_token=x&client_id=";
        HttpResponse<String> unknown = get(token + "nobody&client_secret=s3cret");
        assertThat(unknown.statusCode()).isEqualTo(200);
        assertThat(error(json(unknown))).isEqualTo("wrong_client");
        assertThat(get(token + "app.1&client_secret=wrong").statusCode()).isEqualTo(401);
    }

    @Test
    void aSignInOutsideTheFrameComesBackWithACodeThatWorksOnce() throws Exception {
        HttpResponse<String> back = get(portal.url() + "oauth/authorize/?client_id=app.1&state=xyz");
        assertThat(back.statusCode()).isEqualTo(302);
        JsonNode query = PhpForm.decode(back.headers()
                .firstValue("Location")
                .orElseThrow()
                .replaceFirst(".*\\?", "")
                .getBytes(UTF_8));
        assertThat(query.path("state").stringValue()).isEqualTo("xyz");
        Map<String, String> exchange = Map.of(
                "grant_type",
                "authorization_code",
                "client_id",
                "app.1",
                "client_secret",
                "s3cret",
                "code",
                query.path("code").stringValue());

        assertThat(json(form(bitrix24.oauthUrl() + "/oauth/token/", exchange))
                        .path("access_token")
                        .isString())
                .isTrue();
        assertThat(error(json(form(bitrix24.oauthUrl() + "/oauth/token/", exchange))))
                .isEqualTo("invalid_grant");
    }

    @Test
    void methodsTakeJsonFormsAndQueriesWithPhpBrackets() throws Exception {
        String endpoint = portal.clientEndpoint() + "imopenlines.config.add";
        String id = json(form(endpoint + ".json", Map.of("auth", token(), "PARAMS[LINE_NAME]", "WhatsApp")))
                .path("result")
                .asString("");

        JsonNode line = json(get(
                        portal.clientEndpoint() + "imopenlines.config.get/?CONFIG_ID=" + id + "&auth=" + token()))
                .path("result");

        assertThat(line.path("ID").stringValue()).isEqualTo(id);
        assertThat(line.path("LINE_NAME").stringValue()).isEqualTo("WhatsApp");
    }

    @Test
    void aMessageOpensAChatAndTheSameMessageAgainIsThereTwice() throws Exception {
        connect();

        JsonNode first = send("wamid.1", "Hello").at("/result/DATA/RESULT/0");
        send("wamid.1", "Hello");

        assertThat(first.path("SUCCESS").booleanValue()).isTrue();
        assertThat(first.at("/message/date").isEmpty()).isTrue();
        String chatId = first.at("/session/CHAT_ID").stringValue();
        assertThat(portal.inbound("5511987654321"))
                .extracting(ChatMessage::text, message -> message.externalIds().getFirst())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("Hello", "wamid.1"),
                        org.assertj.core.groups.Tuple.tuple("Hello", "wamid.1"));
        JsonNode history = call("imopenlines.session.history.get", Map.of("CHAT_ID", chatId))
                .at("/result/message");
        assertThat(history)
                .hasSize(2)
                .allSatisfy(message -> assertThat(
                                message.at("/params/connectorMid/0").stringValue())
                        .isEqualTo("wamid.1"));
    }

    @Test
    void badMessagesAreRefusedOneByOneAndBadCallsAsAWhole() throws Exception {
        assertThat(error(send("wamid.1", "Hello"))).isEqualTo("IMCONNECTOR_NO_CORRECT_PROVIDER");
        register();
        assertThat(error(send("wamid.1", "Hello"))).isEqualTo("NOT_ACTIVE_LINE");
        connect();
        assertThat(error(call("imconnector.send.messages", Map.of("CONNECTOR", CONNECTOR, "LINE", "1"))))
                .isEqualTo("ERROR_ARGUMENT");

        JsonNode empty = send("wamid.2", "").path("result");

        assertThat(empty.path("SUCCESS").booleanValue()).isTrue();
        assertThat(empty.at("/DATA/RESULT/0/SUCCESS").booleanValue()).isFalse();
        assertThat(empty.at("/DATA/RESULT/0/ERRORS/0").isString()).isTrue();
    }

    @Test
    void anAgentsMessageComesAsAFormOnlyWhenBoundAndIsMarkedOnceConfirmed() throws Exception {
        connect();
        send("wamid.1", "Hello");
        portal.agentWrites("5511987654321", "unheard");
        bind("ONIMCONNECTORMESSAGEADD");
        app.refuseNext(2);

        String id = portal.agentWrites("5511987654321", "Good [b]morning[/b]\nHow are you?");

        assertThat(bitrix24.awaitIdle(Duration.ofSeconds(5))).isTrue();
        assertThat(app.taken()).hasSize(1);
        ObjectNode event = PhpForm.decode(app.taken().getFirst().body());
        assertThat(event.path("event").stringValue()).isEqualTo("ONIMCONNECTORMESSAGEADD");
        assertThat(event.at("/auth/application_token").stringValue()).isEqualTo(portal.applicationToken());
        assertThat(event.at("/auth/member_id").stringValue()).isEqualTo(portal.memberId());
        assertThat(event.at("/data/MESSAGES/0/message/text").stringValue())
                .isEqualTo("[b]Bruno Costa:[/b] [br]Good [b]morning[/b][br]How are you?");
        assertThat(event.at("/data/MESSAGES/0/chat/id").stringValue()).isEqualTo("5511987654321");
        assertThat(event.at("/data/MESSAGES/0/im/message_id").stringValue()).isEqualTo(id);

        call(
                "imconnector.send.status.delivery",
                Map.of(
                        "CONNECTOR",
                        CONNECTOR,
                        "LINE",
                        "1",
                        "MESSAGES",
                        List.of(Map.of(
                                "im",
                                event.at("/data/MESSAGES/0/im"),
                                "message",
                                Map.of("id", List.of("wamid.out")),
                                "chat",
                                Map.of("id", "5511987654321")))));

        assertThat(portal.chats().getFirst().messages().getLast())
                .satisfies(message -> assertThat(message.mark()).isEqualTo(Mark.DELIVERED))
                .satisfies(message -> assertThat(message.externalIds()).containsExactly("wamid.out"));
        assertThat(portal.statuses()).singleElement().satisfies(status -> {
            assertThat(status.kind()).isEqualTo("delivery");
            assertThat(status.imMessageId()).isEqualTo(id);
        });
    }

    @Test
    void theRealBitrix24RepeatsNoEvent() throws Exception {
        connect();
        bind("ONIMCONNECTORMESSAGEADD");
        send("wamid.1", "Hello");
        bitrix24.redeliver(false);
        app.refuseNext(1);

        portal.agentWrites("5511987654321", "lost");

        assertThat(bitrix24.awaitIdle(Duration.ofSeconds(5))).isTrue();
        assertThat(app.taken()).isEmpty();
        assertThat(portal.events())
                .singleElement()
                .satisfies(event -> assertThat(event.status()).isEqualTo(500));
    }

    @Test
    void theConnectorIsToldOfSessionsThatBeginAndEndByItsOwnNameOfTheChat() throws Exception {
        connect();
        bind("ONIMCONNECTORDIALOGSTART");
        bind("ONIMCONNECTORDIALOGFINISH");
        send("wamid.1", "Hello");
        send("wamid.2", "Still there?");
        portal.agentCloses("5511987654321");
        portal.agentCloses("5511987654321");
        String first = portal.chats().getFirst().sessionId();
        portal.agentWrites("5511987654321", "One more thing");

        assertThat(bitrix24.awaitIdle(Duration.ofSeconds(5))).isTrue();
        List<JsonNode> told = app.taken().stream()
                .map(each -> (JsonNode) PhpForm.decode(each.body()))
                .toList();
        assertThat(told)
                .extracting(event -> event.path("event").stringValue())
                .containsExactly("ONIMCONNECTORDIALOGSTART", "ONIMCONNECTORDIALOGFINISH", "ONIMCONNECTORDIALOGSTART");
        assertThat(told)
                .extracting(event -> event.at("/data/DATA/0/connector/chat_id").stringValue())
                .containsOnly("5511987654321");
        assertThat(told)
                .extracting(event -> event.at("/data/DATA/0/session/closed").stringValue())
                .containsExactly("N", "Y", "N");
        assertThat(told.getLast().at("/data/DATA/0/session/parent_id").stringValue())
                .isEqualTo(first);
        assertThat(told.getLast().at("/data/DATA/0/session/id").stringValue())
                .isEqualTo(portal.chats().getFirst().sessionId())
                .isNotEqualTo(first);
    }

    @Test
    void bindingTwiceIsAnErrorAndAnUnknownEventToo() throws Exception {
        bind("ONAPPUNINSTALL");

        JsonNode again = call(
                "event.bind",
                Map.of("event", "OnAppUninstall", "handler", app.url("/events").toString()));

        assertThat(again.path("error_description").stringValue()).contains("already binded");
        assertThat(error(call("event.bind", Map.of("event", "ONTEA", "handler", "https://a.example/"))))
                .isEqualTo("ERROR_EVENT_NOT_FOUND");
    }

    @Test
    void uninstallingTellsTheAppAndEndsEveryToken() throws Exception {
        bind("ONAPPUNINSTALL");

        portal.uninstall(true);

        assertThat(bitrix24.awaitIdle(Duration.ofSeconds(5))).isTrue();
        ObjectNode event = PhpForm.decode(app.taken().getFirst().body());
        assertThat(event.at("/data/CLEAN").stringValue()).isEqualTo("1");
        assertThat(event.at("/auth/access_token").isMissingNode()).isTrue();
        assertThat(error(call("profile", Map.of()))).isEqualTo("invalid_token");
    }

    @Test
    void aBatchAnswersEachCallAndCostsOneRequest() throws Exception {
        portal.limit(1, 0.001);
        Map<String, String> commands = new LinkedHashMap<>();
        commands.put("me", "profile");
        commands.put("bad", "no.such.method");
        commands.put("line", "imopenlines.config.get?CONFIG_ID=1");

        JsonNode result = call("batch", Map.of("halt", 0, "cmd", commands)).path("result");

        assertThat(result.at("/result/me/ID").stringValue()).isEqualTo("1");
        assertThat(result.at("/result/line/ID").stringValue()).isEqualTo("1");
        assertThat(result.at("/result_error/bad/error").stringValue()).isEqualTo("ERROR_METHOD_NOT_FOUND");
        assertThat(result.path("result_total").isArray()).isTrue();
        HttpResponse<String> tooMany = post(portal.clientEndpoint() + "profile", Map.of("auth", token()));
        assertThat(tooMany.statusCode()).isEqualTo(503);
        assertThat(error(json(tooMany))).isEqualTo("QUERY_LIMIT_EXCEEDED");
    }

    @Test
    void aBatchThatHaltsLeavesLaterCallsOutAndOneOfMoreThan50Errs() throws Exception {
        JsonNode halted = call("batch", Map.of("halt", 1, "cmd", List.of("no.such.method", "profile")))
                .path("result");
        assertThat(halted.path("result").isEmpty()).isTrue();
        assertThat(halted.path("result").isArray()).isTrue();
        assertThat(halted.path("result_error")).hasSize(1);

        Map<String, String> many = new LinkedHashMap<>();
        for (int i = 0; i < 52; i++) {
            many.put("k" + i, "server.time");
        }
        JsonNode result = call("batch", Map.of("halt", 0, "cmd", many)).path("result");
        assertThat(result.path("result")).hasSize(50);
        assertThat(result.at("/result_error/k51/error").stringValue()).isEqualTo("ERROR_BATCH_LENGTH_EXCEEDED");
    }

    @Test
    void aSystemLineIsForTheAgentAlone() throws Exception {
        connect();
        bind("ONIMCONNECTORMESSAGEADD");
        String chatId = send("wamid.1", "Hello")
                .at("/result/DATA/RESULT/0/session/CHAT_ID")
                .stringValue();

        call("im.message.add", Map.of("DIALOG_ID", "chat" + chatId, "MESSAGE", "refused", "SYSTEM", "Y"));

        assertThat(portal.systemLines(chatId)).extracting(ChatMessage::text).containsExactly("refused");
        portal.faults().systemNeedsMembership(true);
        call("im.message.add", Map.of("DIALOG_ID", "chat" + chatId, "MESSAGE", "oops", "SYSTEM", "Y"));
        assertThat(bitrix24.awaitIdle(Duration.ofSeconds(5))).isTrue();
        assertThat(app.taken())
                .as("whoever is no member loses SYSTEM, and the customer gets it")
                .hasSize(1);
        assertThat(portal.chat(chatId).messages().getLast().author()).isEqualTo(Author.AGENT);
    }

    @Test
    void faultsComeWhenToldAndWearOff() throws Exception {
        portal.faults()
                .htmlNext(1, "", 502)
                .failNext(1, "profile", 200, "INTERNAL_SERVER_ERROR", "sorry")
                .dropAnswerNext(1, "imopenlines.config.add");

        assertThat(post(portal.clientEndpoint() + "profile", Map.of("auth", token()))
                        .statusCode())
                .isEqualTo(502);
        assertThat(error(call("profile", Map.of()))).isEqualTo("INTERNAL_SERVER_ERROR");
        assertThatThrownBy(() -> call("imopenlines.config.add", Map.of())).isInstanceOf(IOException.class);
        assertThat(portal.lineIds()).as("it was done all the same").containsExactly("1", "2");
        portal.faults().block("profile", Duration.ofMinutes(1));
        assertThat(error(call("profile", Map.of()))).isEqualTo("OPERATION_TIME_LIMIT");
        portal.faults().clear();
        assertThat(call("profile", Map.of()).at("/result/ID").stringValue()).isEqualTo("1");
    }

    @Test
    void aPortalThatHasMovedSendsItsOldVisitorsOn() throws Exception {
        URI old = portal.clientEndpoint();
        portal.moveTo("beta");

        HttpResponse<String> answer = post(old + "profile", Map.of("auth", token()));

        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(answer.headers().firstValue("Location")).hasValue(portal.clientEndpoint() + "profile");
    }

    private void register() throws Exception {
        call(
                "imconnector.register",
                Map.of(
                        "ID",
                        CONNECTOR,
                        "NAME",
                        "WhatsApp",
                        "ICON",
                        Map.of("DATA_IMAGE", "data:image/svg+xml,x"),
                        "PLACEMENT_HANDLER",
                        "https://app.example/"));
    }

    private void connect() throws Exception {
        register();
        call("imconnector.activate", Map.of("CONNECTOR", CONNECTOR, "LINE", "1", "ACTIVE", "1"));
        assertThat(portal.activeLines(CONNECTOR)).containsExactly("1");
    }

    private void bind(String event) throws Exception {
        assertThat(call(
                                "event.bind",
                                Map.of(
                                        "event",
                                        event,
                                        "handler",
                                        app.url("/events").toString()))
                        .path("result")
                        .booleanValue())
                .isTrue();
    }

    private JsonNode send(String id, String text) throws Exception {
        return call(
                "imconnector.send.messages",
                Map.of(
                        "CONNECTOR",
                        CONNECTOR,
                        "LINE",
                        "1",
                        "MESSAGES",
                        List.of(Map.of(
                                "user",
                                Map.of("id", "5511987654321", "name", "Ana"),
                                "message",
                                Map.of("id", id, "date", 1749416383, "text", text),
                                "chat",
                                Map.of("id", "5511987654321")))));
    }

    private String token() {
        return opened.getOrDefault("AUTH_ID", "");
    }

    private JsonNode call(String method, Map<String, ?> params) throws Exception {
        Map<String, Object> body = new LinkedHashMap<>(params);
        body.put("auth", token());
        return json(post(portal.clientEndpoint() + method, body));
    }

    private HttpResponse<String> get(String url) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String url, Map<String, ?> body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(url))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(SandboxJson.MAPPER.writeValueAsBytes(body)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> form(String url, Map<String, String> fields) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(url))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(PhpForm.encode(fields)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return SandboxJson.MAPPER.readTree(answer.body());
    }

    private static String error(JsonNode answer) {
        return answer.path("error").asString("");
    }
}
