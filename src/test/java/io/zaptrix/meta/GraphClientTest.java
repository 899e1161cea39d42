package io.zaptrix.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.zaptrix.meta.GraphException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the client sends, checked against Meta's OpenAPI description, and what it makes of every kind of answer. */
@Timeout(30)
class GraphClientTest {

    private static final String TOKEN = "EAAJbZCZAexampleZBtokenZD";
    private static final String NUMBER = "106540352242922";
    private static final String ACCOUNT = "419561257915477";
    private static final TextMessage HELLO = new TextMessage("16505551234", "Hello", false, null, null);
    private static final String ACCEPTED = """
            {"messaging_product":"whatsapp","contacts":[{"input":"16505551234","wa_id":"16505551234"}],\
            "messages":[{"id":"wamid.SENT","message_status":"accepted"}]}""";

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private GraphStub meta;
    private RestGraphClient client;

    @BeforeEach
    void start() throws IOException {
        meta = new GraphStub();
        client = client(meta.url());
    }

    @AfterEach
    void stop() throws IOException {
        client.destroy();
        meta.close();
    }

    private RestGraphClient client(URI graphUrl) {
        return new RestGraphClient(
                WebhookSignatureTest.properties("secret", graphUrl),
                meters,
                new RestGraphClient.Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(3)));
    }

    private GraphException sendFails() {
        return failsWith(client);
    }

    private static GraphException failsWith(GraphClient client) {
        GraphException failure =
                catchThrowableOfType(GraphException.class, () -> client.sendText(TOKEN, NUMBER, HELLO));
        assertThat(failure).isNotNull();
        return failure;
    }

    private GraphStub.Request onlyRequest() {
        assertThat(meta.requests()).hasSize(1);
        GraphStub.Request request = meta.requests().getFirst();
        assertThat(request.headers()).containsEntry("authorization", "Bearer " + TOKEN);
        assertThat(request.address().toString()).doesNotContain(TOKEN);
        MetaContract.v23().assertRequest(request.method(), request.address(), request.headers(), request.body());
        return request;
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private static String error(int code, String more) {
        return "{\"error\":{\"message\":\"(#" + code + ") Something\",\"type\":\"OAuthException\",\"code\":" + code
                + more + ",\"fbtrace_id\":\"Az8or2yhqkZfEZ\"}}";
    }

    @Nested
    class Templates {

        private static final String LISTED = """
                {"data":[
                  {"name":"hello_world","language":"en_US","status":"APPROVED","category":"UTILITY","id":"1",
                   "components":[{"type":"HEADER","format":"TEXT","text":"Hello World"},
                                 {"type":"BODY","text":"Welcome"},{"type":"FOOTER","text":"Team"}]},
                  {"name":"order","language":"pt_BR","status":"PAUSED","category":"MARKETING","id":"2",
                   "components":[{"type":"BODY","text":"{{2}} and {{1}}, {{2}}"},
                                 {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Stop"}]}]},
                  {"name":"picture","language":"es","status":"APPROVED","category":"MARKETING","id":"3",
                   "components":[{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"Look"}]},
                  {"name":"link","language":"es","status":"APPROVED","category":"MARKETING","id":"4",
                   "components":[{"type":"BODY","text":"Look"},
                                 {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Stop"},
                                    {"type":"URL","text":"Go","url":"https://x.y/{{1}}"}]}]},
                  {"name":"place","language":"es","status":"APPROVED","category":"UTILITY","id":"5",
                   "components":[{"type":"HEADER","format":"LOCATION"},{"type":"BODY","text":"Here"}]},
                  {"name":"code","language":"es","status":"APPROVED","category":"AUTHENTICATION","id":"6",
                   "components":[{"type":"BODY","text":"{{1}} is your code"},
                                 {"type":"BUTTONS","buttons":[{"type":"URL","text":"Copy","url":"https://w.me/{{1}}"}]}]},
                  {"name":"coupon","language":"es","status":"APPROVED","category":"MARKETING","id":"7",
                   "components":[{"type":"BODY","text":"Buy"},
                                 {"type":"BUTTONS","buttons":[{"type":"COPY_CODE","text":"Copy"}]}]}]}""";

        @Test
        void aTemplateGoesOutAsTheContractSays() {
            meta.answers(200, ACCEPTED);

            String wamid = client.sendTemplate(
                    TOKEN,
                    NUMBER,
                    new TemplateMessage(
                            "16505551234",
                            "order_update",
                            "pt_BR",
                            List.of(),
                            null,
                            List.of(
                                    new TemplateMessage.Parameter(null, "Ana"),
                                    new TemplateMessage.Parameter("order_id", "42")),
                            List.of(),
                            "zaptrix.0.7"));

            assertThat(wamid).isEqualTo("wamid.SENT");
            GraphStub.Request request = onlyRequest();
            assertThat(request.method() + " " + request.address()).isEqualTo("POST /v23.0/" + NUMBER + "/messages");
            assertThat(json(request.body())).isEqualTo(json("""
                                    {"messaging_product":"whatsapp","recipient_type":"individual","to":"16505551234",
                                     "type":"template","template":{"name":"order_update","language":{"policy":"deterministic","code":"pt_BR"},
                                     "components":[{"type":"body","parameters":[{"type":"text","text":"Ana"},
                                     {"type":"text","parameter_name":"order_id","text":"42"}]}]},
                                     "biz_opaque_callback_data":"zaptrix.0.7"}"""));
        }

        @Test
        void aTemplateWithoutVariablesHasNoComponents() {
            meta.answers(200, ACCEPTED);

            client.sendTemplate(
                    TOKEN,
                    NUMBER,
                    new TemplateMessage(
                            "US.13491208655302741918",
                            "hello_world",
                            "en_US",
                            List.of(),
                            null,
                            List.of(),
                            List.of(),
                            null));

            JsonNode body = json(meta.requests().getFirst().body());
            assertThat(body.path("recipient").asString()).isEqualTo("US.13491208655302741918");
            assertThat(body.path("template").has("components")).isFalse();
        }

        @Test
        void aFileStandsInTheHeaderAndButtonsGetTheEndsOfTheirAddresses() {
            meta.answers(200, ACCEPTED);
            meta.answers(200, ACCEPTED);

            client.sendTemplate(
                    TOKEN,
                    NUMBER,
                    new TemplateMessage(
                            "16505551234",
                            "invoice",
                            "en",
                            List.of(),
                            new TemplateMessage.HeaderFile(MediaKind.DOCUMENT, "4711", null, "invoice.pdf"),
                            List.of(new TemplateMessage.Parameter(null, "Ana")),
                            List.of(
                                    new TemplateMessage.ButtonValue(0, "42"),
                                    new TemplateMessage.ButtonValue(9, "a/b")),
                            null));
            client.sendTemplate(
                    TOKEN,
                    NUMBER,
                    new TemplateMessage(
                            "16505551234",
                            "sale",
                            "en",
                            List.of(),
                            new TemplateMessage.HeaderFile(
                                    MediaKind.IMAGE, null, URI.create("https://x.y/sale.png"), null),
                            List.of(),
                            List.of(),
                            null));

            assertThat(json(meta.requests().getFirst().body()).at("/template/components"))
                    .isEqualTo(json("""
                                    [{"type":"header","parameters":[
                                       {"type":"document","document":{"id":"4711","filename":"invoice.pdf"}}]},
                                     {"type":"body","parameters":[{"type":"text","text":"Ana"}]},
                                     {"type":"button","sub_type":"url","index":"0",
                                       "parameters":[{"type":"text","text":"42"}]},
                                     {"type":"button","sub_type":"url","index":"9",
                                       "parameters":[{"type":"text","text":"a/b"}]}]"""));
            assertThat(json(meta.requests().getLast().body()).at("/template/components"))
                    .isEqualTo(json("""
                                    [{"type":"header","parameters":[
                                       {"type":"image","image":{"link":"https://x.y/sale.png"}}]}]"""));
            for (GraphStub.Request request : meta.requests()) {
                MetaContract.v23()
                        .assertRequest(request.method(), request.address(), request.headers(), request.body());
            }
        }

        @Test
        void theListTellsWhatEachTemplateNeeds() {
            meta.answers(200, LISTED);

            List<MessageTemplate> templates = client.templates(TOKEN, ACCOUNT);

            GraphStub.Request request = onlyRequest();
            assertThat(request.method() + " " + request.address())
                    .isEqualTo("GET /v23.0/" + ACCOUNT + "/message_templates");
            MetaContract.v23().assertResponse("GET", request.address(), 200, LISTED);
            assertThat(templates)
                    .extracting(MessageTemplate::name, MessageTemplate::isApproved, MessageTemplate::needsMore)
                    .containsExactly(
                            tuple("hello_world", true, false),
                            tuple("order", false, false),
                            tuple("picture", true, false),
                            tuple("link", true, false),
                            tuple("place", true, true),
                            tuple("code", true, true),
                            tuple("coupon", true, true));
            assertThat(templates.get(2).headerFile()).isEqualTo(MediaKind.IMAGE);
            MessageTemplate link = templates.get(3);
            assertThat(link.values()).isEqualTo(1);
            assertThat(link.filled(List.of("4$2"))).isEqualTo("Look");
            assertThat(link.filledButtons(List.of("4$2"))).containsExactly("Go: https://x.y/4$2");
            assertThat(link.message("1", List.of("42"), null, null).buttons())
                    .containsExactly(new TemplateMessage.ButtonValue(1, "42"));
            assertThat(templates.get(1).bodyVariables()).containsExactly("1", "2");
            assertThat(templates.get(1).filled(List.of("$1", "\\b"))).isEqualTo("\\b and $1, \\b");
            assertThat(templates.getFirst().filled(List.of())).isEqualTo("Hello World\nWelcome");
        }

        @Test
        void theListIsReadToItsEnd() {
            meta.answers(200, """
                            {"data":[{"name":"a","language":"en","status":"APPROVED","components":[]}],
                             "paging":{"cursors":{"before":"B","after":"MAZ+D/="},"next":"https://graph/next"}}""");
            meta.answers(200, """
                            {"data":[{"name":"b","language":"en","status":"APPROVED","components":[]}],
                             "paging":{"cursors":{"before":"B","after":"END"}}}""");

            assertThat(client.templates(TOKEN, ACCOUNT))
                    .extracting(MessageTemplate::name)
                    .containsExactly("a", "b");

            assertThat(meta.requests()).hasSize(2);
            assertThat(meta.requests().getLast().address().toString()).contains("limit=100", "after=MAZ%2BD%2F%3D");
        }

        @Test
        void aMessageIsMarkedAsReadAsTheContractSays() {
            meta.answers(200, "{\"success\":true}");
            meta.answers(200, "{\"success\":true}");

            client.markRead(TOKEN, NUMBER, "wamid.ASKED", false);
            client.markRead(TOKEN, NUMBER, "wamid.ASKED", true);

            assertThat(meta.requests())
                    .extracting(request -> json(request.body()))
                    .containsExactly(json("""
                                    {"messaging_product":"whatsapp","status":"read","message_id":"wamid.ASKED"}"""), json("""
                                    {"messaging_product":"whatsapp","status":"read","message_id":"wamid.ASKED",
                                     "typing_indicator":{"type":"text"}}"""));
            for (GraphStub.Request request : meta.requests()) {
                MetaContract.v23()
                        .assertRequest(request.method(), request.address(), request.headers(), request.body());
            }
        }

        @Test
        void silenceMeansOfATemplateWhatItMeansOfAText() {
            meta.answers(502, "bad gateway");

            assertThat(catchThrowableOfType(
                                    GraphException.class,
                                    () -> client.sendTemplate(
                                            TOKEN,
                                            NUMBER,
                                            new TemplateMessage(
                                                    "16505551234",
                                                    "a",
                                                    "en",
                                                    List.of(),
                                                    null,
                                                    List.of(),
                                                    List.of(),
                                                    null)))
                            .kind())
                    .isEqualTo(Kind.UNCERTAIN);
        }
    }

    @Nested
    class Accounts {

        @Test
        void numbersAreListedAndRegisteredAndSubscriptionsReadAsTheContractSays() {
            meta.answers(200, """
                            {"data":[{"id":"1","display_phone_number":"+1 631-555-5555","verified_name":"Jasper's",
                              "status":"CONNECTED","quality_rating":"GREEN","messaging_limit_tier":"TIER_1K",
                              "throughput":{"level":"HIGH"},"platform_type":"CLOUD_API"}],
                             "paging":{"cursors":{"after":"MTAx"},"next":"https://graph/next"}}""");
            meta.answers(200, """
                            {"data":[{"id":"2","display_phone_number":"+1 631-555-5556","status":"PENDING",
                              "platform_type":"NOT_APPLICABLE"},
                              {"id":"3","display_phone_number":"+1 631-555-5557","status":"PENDING","is_on_biz_app":true}]}""");
            meta.answers(200, "{\"success\":true}");
            meta.answers(200, """
                            {"data":[{"whatsapp_business_api_data":{"id":"4711","name":"Other","link":"https://x"}}]}""");

            List<NumberState> numbers = client.numbers(TOKEN, ACCOUNT);
            client.register(TOKEN, NUMBER, "012345");

            assertThat(numbers)
                    .extracting(NumberState::id, NumberState::messagingLimit, NumberState::needsRegistration)
                    .containsExactly(tuple("1", "TIER_1K", false), tuple("2", null, true), tuple("3", null, false));
            assertThat(client.isSubscribed(TOKEN, ACCOUNT)).isFalse();
            for (GraphStub.Request request : meta.requests()) {
                MetaContract.v23()
                        .assertRequest(request.method(), request.address(), request.headers(), request.body());
            }
            assertThat(meta.requests().get(1).address().toString()).contains("after=MTAx", "limit=100");
        }

        /** As "Onboard WhatsApp Business app users" has it; the OpenAPI document of v23.0 does not know it. */
        @Test
        void whatTheBusinessAppHoldsIsAskedForByItsKind() {
            meta.answers(200, "{\"messaging_product\":\"whatsapp\",\"request_id\":\"R1\"}");
            meta.answers(200, "{\"messaging_product\":\"whatsapp\",\"request_id\":\"R2\"}");

            client.synchronise(TOKEN, NUMBER, GraphClient.AppData.CONTACTS);
            client.synchronise(TOKEN, NUMBER, GraphClient.AppData.CHATS);

            assertThat(meta.requests())
                    .allMatch(request -> request.method().equals("POST")
                            && request.address().getPath().endsWith("/" + NUMBER + "/smb_app_data"));
            assertThat(meta.requests())
                    .extracting(request -> json(request.body()))
                    .extracting(body -> body.path("messaging_product").asString() + " "
                            + body.path("sync_type").asString())
                    .containsExactly("whatsapp smb_app_state_sync", "whatsapp history");
        }

        @Test
        void aCodeIsExchangedInTheBodyAndInTheQueryOnlyWhereTheBodyIsNotTaken() {
            meta.answers(404, """
                            {"error":{"message":"Unsupported post request","type":"GraphMethodException","code":100,
                              "error_subcode":33}}""");
            meta.answers(200, "{\"access_token\":\"EAAbusiness\",\"token_type\":\"bearer\"}");

            assertThat(client.exchangeCode("AQcode")).isEqualTo("EAAbusiness");

            assertThat(meta.requests()).extracting(GraphStub.Request::method).containsExactly("POST", "GET");
            assertThat(meta.requests()).noneMatch(request -> request.headers().containsKey("authorization"));
            assertThat(json(meta.requests().getFirst().body()).path("code").asString())
                    .isEqualTo("AQcode");
            assertThat(meta.requests().getFirst().address().getQuery()).isNull();
        }

        @Test
        void aTokenOfAnotherAppIsToldApartFromOneThatIsDead() {
            meta.answers(400, """
                            {"error":{"message":"(#100) The App_id in the input_token did not match the Viewing App",
                              "type":"OAuthException","code":100}}""");
            meta.answers(200, """
                            {"data":{"app_id":"1","is_valid":false,"expires_at":1700000000,
                              "granular_scopes":[{"scope":"whatsapp_business_management","target_ids":["4195"]}]}}""");

            assertThat(client.inspectToken(TOKEN).isOwn()).isFalse();
            TokenInfo dead = client.inspectToken(TOKEN);
            assertThat(dead.isValid()).isFalse();
            assertThat(dead.wabaIds()).containsExactly("4195");
            assertThat(dead.expiresAt()).isEqualTo(java.time.Instant.ofEpochSecond(1_700_000_000));
        }
    }

    @Nested
    class Asked {

        @Test
        void aTextGoesOutAsTheContractSaysAndItsWamidComesBack() {
            meta.answers(200, ACCEPTED);

            assertThat(client.sendText(TOKEN, NUMBER, HELLO)).isEqualTo("wamid.SENT");

            GraphStub.Request request = onlyRequest();
            assertThat(request.method() + " " + request.address()).isEqualTo("POST /v23.0/" + NUMBER + "/messages");
            assertThat(json(request.body())).isEqualTo(json("""
                                    {"messaging_product":"whatsapp","recipient_type":"individual","to":"16505551234",
                                     "type":"text","text":{"preview_url":false,"body":"Hello"}}"""));
            MetaContract.v23().assertResponse("POST", request.address(), 200, ACCEPTED);
        }

        @Test
        void anAnswerToAMessageNamesItAndCarriesOurOwnReference() {
            meta.answers(200, ACCEPTED);

            client.sendText(
                    TOKEN, NUMBER, new TextMessage("16505551234", "Привет 👋", true, "wamid.ASKED", "portal/42"));

            JsonNode body = json(onlyRequest().body());
            assertThat(body.at("/text/body").asString()).isEqualTo("Привет 👋");
            assertThat(body.at("/text/preview_url").asBoolean()).isTrue();
            assertThat(body.at("/context/message_id").asString()).isEqualTo("wamid.ASKED");
            assertThat(body.at("/biz_opaque_callback_data").asString()).isEqualTo("portal/42");
        }

        @Test
        void aGroupIsAddressedByItsId() {
            String group = "Y2FwaV9ncm91cDoxODA1NTU1MDE3MjoxMjAzNjMyMjI3NzE5NjMwNjcZD";
            meta.answers(200, ACCEPTED);

            client.sendText(TOKEN, NUMBER, new TextMessage(group, "Hello", false, null, null));

            JsonNode body = json(onlyRequest().body());
            assertThat(body.path("recipient_type").asString()).isEqualTo("group");
            assertThat(body.path("to").asString()).isEqualTo(group);
        }

        @ParameterizedTest
        @ValueSource(strings = {"US.13491208655302741918", "US.ENT.11815799212886844830"})
        void aUserWithoutAVisibleNumberIsWrittenToByTheirUserId(String userId) {
            meta.answers(200, ACCEPTED);

            client.sendText(TOKEN, NUMBER, new TextMessage(userId, "Hello", false, null, null));

            JsonNode body = json(meta.requests().getFirst().body());
            assertThat(body.path("recipient").asString()).isEqualTo(userId);
            assertThat(body.has("to")).isFalse();
        }

        @Test
        void aNumberIsLookedUp() {
            String answer = """
                    {"id":"106540352242922","display_phone_number":"+1 555-078-3881","verified_name":"Jaspers Market",
                     "quality_rating":"GREEN","code_verification_status":"VERIFIED","throughput":{"level":"STANDARD"}}""";
            meta.answers(200, answer);

            assertThat(client.phoneNumber(TOKEN, NUMBER))
                    .isEqualTo(new PhoneNumberInfo(
                            NUMBER, "+1 555-078-3881", "Jaspers Market", "GREEN", "VERIFIED", "STANDARD"));

            GraphStub.Request request = onlyRequest();
            assertThat(request.method() + " " + request.address()).isEqualTo("GET /v23.0/" + NUMBER);
            MetaContract.v23().assertResponse("GET", request.address(), 200, answer);
        }

        @Test
        void theAppSubscribesToAnAccount() {
            meta.answers(200, "{\"success\":true}");

            client.subscribeApp(TOKEN, ACCOUNT);

            GraphStub.Request request = onlyRequest();
            assertThat(request.method() + " " + request.address())
                    .isEqualTo("POST /v23.0/" + ACCOUNT + "/subscribed_apps");
            assertThat(request.body()).isEqualTo("{}");
        }

        @Test
        void theAppLeavesAnAccount() throws IOException {
            meta.answers(200, "{\"success\":true}");

            client.unsubscribeApp(TOKEN, ACCOUNT);

            GraphStub.Request request = onlyRequest();
            assertThat(request.method() + " " + request.address())
                    .isEqualTo("DELETE /v23.0/" + ACCOUNT + "/subscribed_apps");
            MetaContract.v23().assertResponse("DELETE", request.address(), 200, "{\"success\":true}");
        }

        @Test
        void theGraphUrlMayHaveAPath() throws IOException {
            meta.answers(200, ACCEPTED);
            RestGraphClient behindAPath = client(URI.create(meta.url() + "/sandbox/graph/"));
            try {
                behindAPath.sendText(TOKEN, NUMBER, HELLO);
            } finally {
                behindAPath.destroy();
            }
            assertThat(meta.requests().getFirst().address()).hasPath("/sandbox/graph/v23.0/" + NUMBER + "/messages");
        }

        @Test
        void theContractWouldRefuseAnythingElse() {
            GraphStub.Request good = sent(HELLO);

            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> MetaContract.v23()
                            .assertRequest(
                                    "POST",
                                    good.address(),
                                    good.headers(),
                                    good.body().replace("preview_url", "x")));
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> MetaContract.v23()
                            .assertRequest(
                                    "POST",
                                    good.address(),
                                    good.headers(),
                                    good.body().replace("\"to\"", "\"who\"")));
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> MetaContract.v23()
                            .assertRequest("POST", good.address(), Map.of("authorization", "x"), good.body()));
        }

        private GraphStub.Request sent(TextMessage message) {
            meta.answers(200, ACCEPTED);
            client.sendText(TOKEN, NUMBER, message);
            return onlyRequest();
        }

        @Test
        void aConnectionServesManyRequests() {
            meta.answers(200, ACCEPTED);
            for (int i = 0; i < 5; i++) {
                client.sendText(TOKEN, NUMBER, HELLO);
            }
            assertThat(meta.connections()).isEqualTo(1);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "me", "../v1.0/me", "1065 4035", "123?fields=x"})
        void anIdThatIsNoNumberIsNotAskedFor(String id) {
            assertThatThrownBy(() -> client.phoneNumber(TOKEN, id))
                    .isInstanceOfSatisfying(
                            GraphException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSE));
            assertThat(meta.connections()).isZero();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "two words", "line\r\nX-Injected: yes", "tökén"})
        void aTokenThatCannotBeOneIsNotSent(String token) {
            assertThatThrownBy(() -> client.sendText(token, NUMBER, HELLO))
                    .isInstanceOfSatisfying(
                            GraphException.class, e -> assertThat(e.kind()).isEqualTo(Kind.SUSPEND));
            assertThat(meta.connections()).isZero();
        }
    }

    @Nested
    class Answered {

        @ParameterizedTest
        @CsvSource({
            "401,      0, SUSPEND",
            "401,    190, SUSPEND",
            "403,     10, SUSPEND",
            "403,    200, SUSPEND",
            "403,    299, SUSPEND",
            "500,      3, SUSPEND",
            "403,    368, SUSPEND",
            "403, 131031, SUSPEND",
            "403, 131005, SUSPEND",
            "400, 131042, SUSPEND",
            "500, 131045, SUSPEND",
            "400, 133010, SUSPEND",
            "404,    803, SUSPEND",
            "500,      1, RETRY",
            "503,      2, RETRY",
            "500, 131000, RETRY",
            "500, 131016, RETRY",
            "500, 131057, RETRY",
            "503, 133004, RETRY",
            "429,      4, LIMIT",
            "400,  80007, LIMIT",
            "429, 130429, LIMIT",
            "400, 131056, LIMIT",
            "429, 131048, LIMIT",
            "400,    100, REFUSE",
            "400, 131008, REFUSE",
            "400, 131009, REFUSE",
            "400, 131021, REFUSE",
            "400, 131026, REFUSE",
            "400, 131030, REFUSE",
            "400, 131047, REFUSE",
            "400, 130472, REFUSE",
            "400, 131051, REFUSE",
            "400, 131053, REFUSE",
            "404, 132001, REFUSE",
            "400, 135000, REFUSE",
        })
        void aKnownCodeDecidesWhateverTheStatus(int status, int code, Kind kind) {
            meta.answers(status, error(code, ""));

            GraphException failure = sendFails();

            assertThat(failure.kind()).isEqualTo(kind);
            assertThat(failure.code()).isEqualTo(code);
            assertThat(failure.httpStatus()).isEqualTo(status);
            assertThat(failure.retryAfter().isPresent()).isEqualTo(kind == Kind.LIMIT);
            assertThat(meta.requests()).as("never repeated by the client").hasSize(1);
            assertThat(meters.get("zaptrix.meta.unknown.error").counter().count())
                    .isZero();
        }

        @ParameterizedTest
        @CsvSource({"400, REFUSE", "403, REFUSE", "429, LIMIT", "500, RETRY", "503, RETRY"})
        void anUnknownCodeIsJudgedByTheStatusAndCounted(int status, Kind kind) {
            meta.answers(status, error(987654, ""));

            assertThat(sendFails().kind()).isEqualTo(kind);
            assertThat(meters.get("zaptrix.meta.unknown.error").counter().count())
                    .isEqualTo(1);
        }

        @Test
        void aRefusalThatMetaCallsTransientIsWorthRepeating() {
            meta.answers(422, error(100, ",\"is_transient\":true"));
            assertThat(sendFails().kind()).isEqualTo(Kind.RETRY);
        }

        @Test
        void aNumberThatTheTokenCannotSeeIsSuspendedThoughTheCodeSaysParameter() {
            meta.answers(400, error(100, ",\"error_subcode\":33"));

            GraphException failure = sendFails();

            assertThat(failure.kind()).isEqualTo(Kind.SUSPEND);
            assertThat(failure.subcode()).isEqualTo(33);
        }

        @Test
        void theErrorSpeaksForTheAgentAndForSupport() {
            meta.answers(400, """
                    {"error":{"message":"(#131047) Re-engagement message","type":"OAuthException","code":131047,
                     "error_data":{"messaging_product":"whatsapp","details":"More than 24 hours have passed"},
                     "fbtrace_id":"AXsgnV2Cm3Z"}}""");

            GraphException failure = sendFails();

            assertThat(failure.title()).isEqualTo("Re-engagement message");
            assertThat(failure.details()).isEqualTo("More than 24 hours have passed");
            assertThat(failure.fbtraceId()).isEqualTo("AXsgnV2Cm3Z");
            assertThat(failure).hasMessageContaining("131047").hasMessageContaining("AXsgnV2Cm3Z");
        }

        @Test
        void tokensAndNumbersThatMetaQuotesAreMasked() {
            meta.answers(401, """
                    {"error":{"message":"Malformed access token %s","type":"OAuthException","code":190,
                     "error_data":"Cannot write to 16505551234 with EAAotherTokenOfSomebody\\r\\nX"}}""".formatted(TOKEN));

            GraphException failure = sendFails();

            assertThat(failure.title()).isEqualTo("Malformed access token ***");
            assertThat(failure.details()).isEqualTo("Cannot write to 16***34 with *** X");
            assertThat(failure.toString()).doesNotContain(TOKEN).doesNotContain("16505551234");
        }

        @Test
        void thePairLimitLastsSixSecondsUnlessMetaSaysOtherwise() {
            meta.answers(400, error(131056, "")).answers(400, error(131056, ""), "Retry-After: 17");

            assertThat(sendFails().retryAfter()).contains(Duration.ofSeconds(6));
            assertThat(sendFails().retryAfter()).contains(Duration.ofSeconds(17));
        }

        @Test
        void aLimitMayBeGivenAsADateOrInMinutesOfAnAccount() {
            String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                    Instant.now().plusSeconds(90).atOffset(ZoneOffset.UTC));
            meta.answers(429, error(4, ""), "Retry-After: " + date)
                    .answers(
                            400,
                            error(80007, ""),
                            "X-Business-Use-Case-Usage: {\"419561257915477\":[{\"type\":\"whatsapp\","
                                    + "\"call_count\":100,\"estimated_time_to_regain_access\":19}]}")
                    .answers(429, error(4, ""), "Retry-After: 999999999")
                    .answers(429, error(4, ""), "Retry-After: soon", "X-Business-Use-Case-Usage: {");

            assertThat(sendFails().retryAfter().orElseThrow())
                    .isBetween(Duration.ofSeconds(80), Duration.ofSeconds(90));
            assertThat(sendFails().retryAfter()).contains(Duration.ofMinutes(19));
            assertThat(sendFails().retryAfter()).contains(Duration.ofDays(1));
            assertThat(sendFails().retryAfter()).contains(Duration.ofMinutes(1));
        }

        @ParameterizedTest
        @CsvSource({
            "200, UNCERTAIN, RETRY",
            "202, UNCERTAIN, RETRY",
            "302, RETRY,     RETRY",
            "400, REFUSE,    REFUSE",
            "403, RETRY,     RETRY",
            "404, RETRY,     RETRY",
            "429, LIMIT,     LIMIT",
            "500, UNCERTAIN, RETRY",
            "502, UNCERTAIN, RETRY",
            "504, UNCERTAIN, RETRY",
        })
        void anAnswerThatIsNotGraphsIsReadByItsStatus(int status, Kind ofSend, Kind ofLookUp) {
            meta.answers(status, "<html>No</html>", "Location: " + meta.url() + "/elsewhere");

            assertThat(sendFails().kind()).isEqualTo(ofSend);
            assertThatThrownBy(() -> client.phoneNumber(TOKEN, NUMBER))
                    .isInstanceOfSatisfying(
                            GraphException.class, e -> assertThat(e.kind()).isEqualTo(ofLookUp));
            assertThat(meta.requests()).as("neither repeated nor redirected").hasSize(2);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "{}",
                    "[]",
                    "null",
                    "{\"messages\":[]}",
                    "{\"messages\":[{\"id\":\"\"}]}",
                    "{\"messages\":[{\"id\":\"wamid.CUT",
                })
        void anAcceptanceWithoutAWamidIsUncertain(String body) {
            meta.answers(200, body);
            assertThat(sendFails().kind()).isEqualTo(Kind.UNCERTAIN);
        }

        @Test
        void aSubscriptionThatMetaDoesNotConfirmIsTriedAgain() {
            meta.answers(200, "{\"success\":false}");
            assertThatThrownBy(() -> client.subscribeApp(TOKEN, ACCOUNT))
                    .isInstanceOfSatisfying(
                            GraphException.class, e -> assertThat(e.kind()).isEqualTo(Kind.RETRY));
        }

        @Test
        void requestsAreTimedByOutcome() {
            meta.answers(200, ACCEPTED).answers(400, error(131047, ""));
            client.sendText(TOKEN, NUMBER, HELLO);
            sendFails();

            assertThat(timed("ok")).isEqualTo(1);
            assertThat(timed("refuse")).isEqualTo(1);
        }

        private long timed(String outcome) {
            return meters.get("zaptrix.meta.request")
                    .tags("operation", "send_text", "outcome", outcome)
                    .timer()
                    .count();
        }
    }

    @Nested
    class CutOff {

        @Test
        void nobodyListensSoNothingWasSent() throws IOException {
            int freePort;
            try (ServerSocket closedAgain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                freePort = closedAgain.getLocalPort();
            }
            assertElsewhere("http://localhost:" + freePort, Kind.RETRY);
        }

        @Test
        void theNameDoesNotResolveSoNothingWasSent() {
            assertElsewhere("http://graph.facebook.invalid", Kind.RETRY);
        }

        @Test
        void theServerSpeaksNoTlsSoNothingWasSent() {
            assertElsewhere("https://localhost:" + meta.url().getPort(), Kind.RETRY);
            assertThat(meta.requests()).isEmpty();
        }

        private void assertElsewhere(String url, Kind kind) {
            RestGraphClient elsewhere = client(URI.create(url));
            try {
                GraphException failure = failsWith(elsewhere);
                assertThat(failure.kind()).isEqualTo(kind);
                assertThat(failure.httpStatus()).isZero();
            } finally {
                elsewhere.destroy();
            }
        }

        @Test
        void theConnectionEndsAfterTheRequest() {
            meta.then((connection, out) -> false);
            assertUncertain();
        }

        @Test
        void theConnectionIsResetAfterTheRequest() {
            meta.then((connection, out) -> {
                connection.setSoLinger(true, 0);
                return false;
            });
            assertUncertain();
        }

        @Test
        void theConnectionIsResetInTheMiddleOfTheAnswer() {
            meta.then((connection, out) -> {
                byte[] answer = GraphStub.response(200, ACCEPTED);
                out.write(answer, 0, answer.length - 20);
                out.flush();
                Thread.sleep(50);
                connection.setSoLinger(true, 0);
                return false;
            });
            assertUncertain();
        }

        @Test
        void theAnswerIsNoHttp() {
            meta.then((connection, out) -> {
                out.write("SSH-2.0-OpenSSH_9.6\r\n\r\n\r\n".getBytes());
                return false;
            });
            assertUncertain();
        }

        @Test
        void noAnswerComes() {
            meta.then((connection, out) -> {
                Thread.sleep(10_000);
                return false;
            });
            assertUncertain();
        }

        @Test
        void theAnswerTricklesForever() {
            meta.then((connection, out) -> {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".getBytes());
                while (true) {
                    out.write('{');
                    out.flush();
                    Thread.sleep(20);
                }
            });
            assertUncertain();
        }

        @Test
        void theAnswerNeverEnds() {
            meta.then((connection, out) -> {
                out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes());
                while (true) {
                    out.write(new byte[65536]);
                }
            });
            assertUncertain();
        }

        private void assertUncertain() {
            long start = System.nanoTime();
            GraphException failure = sendFails();
            assertThat(failure.kind()).isEqualTo(Kind.UNCERTAIN);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));

            assertThatThrownBy(() -> client.phoneNumber(TOKEN, NUMBER))
                    .as("a look-up changes nothing and may be repeated")
                    .isInstanceOfSatisfying(
                            GraphException.class, e -> assertThat(e.kind()).isEqualTo(Kind.RETRY));
            assertThat(meta.requests()).as("one request a call").hasSize(2);
        }

        @Test
        void aConnectionThatMetaClosedWhileIdleCostsNothing() throws Exception {
            meta.then((connection, out) -> {
                        out.write(GraphStub.response(200, ACCEPTED));
                        return false;
                    })
                    .answers(200, ACCEPTED);
            client.sendText(TOKEN, NUMBER, HELLO);
            Thread.sleep(100);

            assertThat(client.sendText(TOKEN, NUMBER, HELLO)).isEqualTo("wamid.SENT");
            assertThat(meta.requests()).hasSize(2);
        }
    }

    @Test
    void aTextKeepsToMetasSizes() {
        assertThatThrownBy(() -> text("", null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> text("x".repeat(4097), null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> text("x", "y".repeat(513))).isInstanceOf(IllegalArgumentException.class);
        assertThat(text("x".repeat(4096), "y".repeat(512)).toString())
                .doesNotContain("xx")
                .doesNotContain("16505551234");
    }

    private static TextMessage text(String body, @Nullable String callbackData) {
        return new TextMessage("16505551234", body, false, null, callbackData);
    }
}
