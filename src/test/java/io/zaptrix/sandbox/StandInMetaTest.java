package io.zaptrix.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.sandbox.LoopbackServer.Request;
import io.zaptrix.sandbox.StandInMeta.CustomerText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The stand-in keeps to what Meta documents, so that an application that works with it works with Meta. */
class StandInMetaTest {

    private static final String NUMBER = "106540352242922";
    private static final String WABA = "419561257915477";
    private static final String TOKEN = "EAAtoken";
    private static final String CUSTOMER = "5511987654321";

    private final TestApp app = new TestApp();
    private final HttpClient http = HttpClient.newHttpClient();
    private final StandInMeta meta = new StandInMeta(0);

    @BeforeEach
    void aSubscribedNumber() {
        meta.app("42", "s3cret", "verify-me")
                .webhookUrl(app.url("/webhooks/meta"))
                .addNumber(NUMBER, WABA, "+55 11 5555-0100", "Padaria Sol", TOKEN)
                .redelivery(Duration.ofMillis(5), Duration.ofMillis(20))
                .statusDelays(Duration.ZERO, Duration.ofMillis(20), Duration.ofMillis(40))
                .subscribe(WABA);
    }

    @AfterEach
    void close() {
        meta.close();
        app.close();
        http.close();
    }

    @Test
    void theHandshakeWantsTheBareChallenge() {
        assertThat(meta.verifyWebhook()).isTrue();
    }

    @Test
    void aCustomersTextComesAsAWebhookSignedOverItsVeryBytes() throws Exception {
        String wamid = meta.customerWrites(NUMBER, CUSTOMER, "João", "Olá / ação");

        assertThat(meta.awaitIdle(Duration.ofSeconds(5))).isTrue();
        Request webhook = app.taken().getFirst();
        assertThat(webhook.header("X-Hub-Signature-256")).isEqualTo("sha256=" + hmac("s3cret", webhook.body()));
        // Escaped as PHP does it: an application that signs its own rewriting of the body gets another signature.
        assertThat(new String(webhook.body(), UTF_8)).contains("Ol\\u00E1 \\/ a\\u00E7\\u00E3o");
        JsonNode value = json(webhook.body()).at("/entry/0/changes/0/value");
        assertThat(value.at("/metadata/phone_number_id").stringValue()).isEqualTo(NUMBER);
        assertThat(value.at("/metadata/display_phone_number").stringValue()).isEqualTo("551155550100");
        assertThat(value.at("/contacts/0/profile/name").stringValue()).isEqualTo("João");
        assertThat(value.at("/messages/0/id").stringValue()).isEqualTo(wamid).startsWith("wamid.");
        assertThat(value.at("/messages/0/text/body").stringValue()).isEqualTo("Olá / ação");
        assertThat(Instant.ofEpochSecond(
                        Long.parseLong(value.at("/messages/0/timestamp").stringValue())))
                .isBetween(Instant.now().minusSeconds(5), Instant.now().plusSeconds(1));
        assertThat(meta.phone(NUMBER, CUSTOMER))
                .extracting(PhoneMessage::tick)
                .containsExactly(PhoneMessage.Tick.DELIVERED);
    }

    @Test
    void anAccountWithoutSubscriptionBringsNoWebhooks() throws Exception {
        delete("/v23.0/" + WABA + "/subscribed_apps");

        meta.customerWrites(NUMBER, CUSTOMER, "Ana", "Hello?");

        assertThat(meta.awaitIdle(Duration.ofSeconds(5))).isTrue();
        assertThat(app.taken()).isEmpty();
        assertThat(post("/v23.0/" + WABA + "/subscribed_apps", "{}").body()).isEqualTo("{\"success\":true}");
        assertThat(json(get("/v23.0/" + WABA + "/subscribed_apps", TOKEN).body())
                        .at("/data/0/whatsapp_business_api_data/id")
                        .stringValue())
                .isEqualTo("42");
    }

    @Test
    void aWebhookIsSentAgainUntilItIsAnswered200AndKeepsItsPlaceInTheConversation() throws Exception {
        app.refuseNext(5);

        List<String> wamids = IntStream.range(0, 20)
                .mapToObj(i -> meta.customerWrites(NUMBER, CUSTOMER, "Ana", "text " + i))
                .toList();

        assertThat(meta.awaitIdle(Duration.ofSeconds(5))).isTrue();
        assertThat(messageIds()).isEqualTo(wamids);
        assertThat(meta.webhooks())
                .filteredOn(webhook -> webhook.status() == 500)
                .hasSize(5);
    }

    @Test
    void whenToldToItDeliversTwiceAndInDisorderButLosesNothing() throws Exception {
        meta.faults().deliverTwice(true).reorder(true);

        List<String> wamids = IntStream.range(0, 30)
                .mapToObj(i -> meta.customerWrites(NUMBER, CUSTOMER, "Ana", "text " + i))
                .toList();

        assertThat(meta.awaitIdle(Duration.ofSeconds(5))).isTrue();
        assertThat(messageIds()).hasSize(60).containsAll(wamids).isNotEqualTo(wamids);
    }

    @Test
    void oneWebhookMayCarrySeveralMessages() throws Exception {
        List<String> wamids = meta.customersWrite(
                NUMBER,
                List.of(new CustomerText(CUSTOMER, "Ana", "one"), new CustomerText("5511900000000", "Bo", "two")));

        assertThat(meta.awaitIdle(Duration.ofSeconds(5))).isTrue();
        assertThat(app.taken()).hasSize(1);
        assertThat(messageIds()).isEqualTo(wamids);
    }

    @Test
    void aSendIsAcceptedAndItsStatusesFollowWithWhatTheAppGaveAlong() throws Exception {
        meta.customerWrites(NUMBER, CUSTOMER, "Ana", "Are you open?");

        HttpResponse<String> answer = send("\"biz_opaque_callback_data\":\"item 7\",", "Yes!");

        assertThat(answer.statusCode()).isEqualTo(200);
        JsonNode body = json(answer.body());
        assertThat(body.at("/contacts/0/wa_id").stringValue()).isEqualTo(CUSTOMER);
        String wamid = body.at("/messages/0/id").stringValue();
        assertThat(statuses(3)).containsExactly(wamid + " sent", wamid + " delivered", wamid + " read");
        assertThat(statusNodes()).allSatisfy(status -> {
            assertThat(status.path("biz_opaque_callback_data").stringValue()).isEqualTo("item 7");
            assertThat(status.path("recipient_id").stringValue()).isEqualTo(CUSTOMER);
        });
        assertThat(meta.sends()).singleElement().satisfies(send -> {
            assertThat(send.text()).isEqualTo("Yes!");
            assertThat(send.callbackData()).isEqualTo("item 7");
        });
    }

    @Test
    void whoHasNotWrittenFor24HoursGetsNothingAndTheStatusSaysSo() throws Exception {
        meta.customerWrites(NUMBER, CUSTOMER, "Ana", "Bye");
        meta.closeWindow(NUMBER, CUSTOMER);

        assertThat(send("", "Still there?").statusCode()).isEqualTo(200);

        assertThat(statuses(1)).singleElement().asString().endsWith(" failed");
        assertThat(statusNodes().getFirst().at("/errors/0/code").intValue()).isEqualTo(131047);
    }

    @Test
    void badRequestsAreRefusedAsMetaRefusesThem() throws Exception {
        assertThat(error(get("/v23.0/" + NUMBER, "EAAother"))).isEqualTo("401 190");
        assertThat(error(get("/v23.0/999", TOKEN))).isEqualTo("400 100/33");
        assertThat(error(get("/v23.0/" + NUMBER + "?fields=id,shoe_size", TOKEN)))
                .isEqualTo("400 100");
        assertThat(error(post("/v23.0/" + NUMBER + "/messages", "{\"to\":"))).isEqualTo("400 100");
        assertThat(error(send("", ""))).isEqualTo("400 131008");
        assertThat(error(send("", "x".repeat(4097)))).isEqualTo("400 100");
        assertThat(error(send("\"biz_opaque_callback_data\":\"" + "x".repeat(513) + "\",", "x")))
                .isEqualTo("400 100");
        assertThat(meta.sends()).isEmpty();
    }

    @Test
    void theNumberShowsTheFieldsThatAreAskedFor() throws Exception {
        assertThat(get("/v23.0/" + NUMBER + "?fields=display_phone_number,name_status", TOKEN)
                        .body())
                .isEqualTo("{\"display_phone_number\":\"+55 11 5555-0100\",\"name_status\":\"APPROVED\",\"id\":\""
                        + NUMBER + "\"}");
    }

    @Test
    void faultsComeWhenToldAndWearOff() throws Exception {
        meta.customerWrites(NUMBER, CUSTOMER, "Ana", "Hi");
        meta.faults().refuseNext(1, 130429).brokenNext(1);

        assertThat(send("", "one").statusCode()).isEqualTo(500);
        assertThat(error(send("", "one"))).isEqualTo("429 130429");
        assertThat(send("", "one").statusCode()).isEqualTo(200);

        meta.faults().revokeToken(NUMBER);
        assertThat(error(send("", "two"))).isEqualTo("401 190/460");
        meta.faults().restoreToken(NUMBER);

        meta.faults().dropAnswerNext(1);
        assertThatThrownBy(() -> send("", "three")).isInstanceOf(IOException.class);
        assertThat(meta.sends()).extracting(StandInMeta.Send::text).containsExactly("one", "three");
    }

    @Test
    void thePairLimitAllows45AtOnce() throws Exception {
        meta.customerWrites(NUMBER, CUSTOMER, "Ana", "Hi");
        meta.enforcePairLimit(true);
        for (int i = 0; i < 45; i++) {
            assertThat(send("", "text " + i).statusCode()).isEqualTo(200);
        }

        assertThat(error(send("", "one too many"))).isEqualTo("429 131056");
    }

    @Test
    void aFileCanBeFetchedByItsId() throws Exception {
        meta.customerSends(NUMBER, CUSTOMER, "Ana", "image");
        assertThat(meta.awaitIdle(Duration.ofSeconds(5))).isTrue();
        String id = json(app.taken().getFirst().body())
                .at("/entry/0/changes/0/value/messages/0/image/id")
                .stringValue();

        String url = json(get("/v23.0/" + id, TOKEN).body()).path("url").stringValue();

        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + TOKEN)
                .build();
        assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).body())
                .isEqualTo("a picture");
    }

    private List<String> messageIds() {
        List<String> ids = new ArrayList<>();
        for (Request webhook : app.taken()) {
            json(webhook.body())
                    .at("/entry/0/changes/0/value/messages")
                    .forEach(message -> ids.add(message.path("id").stringValue()));
        }
        return ids;
    }

    private List<String> statuses(int count) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (statusNodes().size() < count && System.nanoTime() < end) {
            Thread.sleep(5);
        }
        return statusNodes().stream()
                .map(status -> status.path("id").stringValue() + " "
                        + status.path("status").stringValue())
                .toList();
    }

    private List<JsonNode> statusNodes() {
        return app.taken().stream()
                .map(webhook -> json(webhook.body()).at("/entry/0/changes/0/value/statuses/0"))
                .filter(node -> !node.isMissingNode())
                .toList();
    }

    private HttpResponse<String> send(String more, String text) throws Exception {
        return post(
                "/v23.0/" + NUMBER + "/messages",
                "{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"individual\"," + more + "\"to\":\"" + CUSTOMER
                        + "\",\"type\":\"text\",\"text\":{\"body\":\"" + text + "\"}}");
    }

    private HttpResponse<String> get(String path, String token) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(meta.graphUrl() + path))
                        .header("Authorization", "Bearer " + token)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private void delete(String path) throws Exception {
        http.send(
                HttpRequest.newBuilder(URI.create(meta.graphUrl() + path))
                        .header("Authorization", "Bearer " + TOKEN)
                        .DELETE()
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(meta.graphUrl() + path))
                        .header("Authorization", "Bearer " + TOKEN)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String error(HttpResponse<String> answer) {
        JsonNode error = json(answer.body()).path("error");
        assertThat(error.path("message").isString()).isTrue();
        assertThat(error.path("type").isString()).isTrue();
        return answer.statusCode() + " " + error.path("code").asInt()
                + (error.has("error_subcode")
                        ? "/" + error.path("error_subcode").asInt()
                        : "");
    }

    private static JsonNode json(String body) {
        return SandboxJson.MAPPER.readTree(body);
    }

    private static JsonNode json(byte[] body) {
        return SandboxJson.MAPPER.readTree(body);
    }

    private static String hmac(String secret, byte[] body) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(body));
    }
}
