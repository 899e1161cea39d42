package io.zaptrix.story;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.testing.AppProcess;
import io.zaptrix.testing.TestSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.JsonNodeFactory;

/** What becomes of webhooks that are wrong, foreign, or nobody's; and what the operator sees of them. */
class WebhookStory {

    private static World world;
    private static AppProcess app;

    @BeforeAll
    static void begin() {
        world = new World();
        app = world.startReplica();
        world.installAndLink();
    }

    @AfterAll
    static void end() throws IOException {
        world.close();
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException failed) {
            throw new AssertionError(failed);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    private static HttpResponse<String> webhook(String body, String signature) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(app.url() + "/webhooks/meta"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        return send(signature.isEmpty() ? request : request.header("X-Hub-Signature-256", signature));
    }

    private static HttpResponse<String> signed(String body) {
        return webhook(body, signature(body));
    }

    private static String signature(String body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(TestSettings.META_APP_SECRET.getBytes(UTF_8), "HmacSHA256"));
            return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body.getBytes(UTF_8)));
        } catch (GeneralSecurityException failed) {
            throw new AssertionError(failed);
        }
    }

    private static String message(String phoneNumberId, String wamid) {
        return """
                {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"messaging_product":"whatsapp",
                "metadata":{"display_phone_number":"15550783881","phone_number_id":"%s"},
                "contacts":[{"profile":{"name":"Ana"},"wa_id":"5511912345678"}],
                "messages":[{"from":"5511912345678","id":"%s","timestamp":"1780000000","type":"text",
                "text":{"body":"segredo"}}]},"field":"messages"}]}]}""".formatted(phoneNumberId, wamid);
    }

    private static List<Map<String, Object>> unrouted() {
        return JdbcClient.create(world.database.superuser())
                .sql("select source, reason, reference from unrouted_event order by id")
                .query()
                .listOfRows();
    }

    private static double metric(String line) {
        return send(HttpRequest.newBuilder(URI.create(app.url() + "/actuator/prometheus")))
                .body()
                .lines()
                .filter(sample -> sample.startsWith(line))
                .mapToDouble(sample -> Double.parseDouble(sample.substring(sample.lastIndexOf(' '))))
                .sum();
    }

    @Test
    void theHandshakeEchoesTheChallengeOnlyToWhomKnowsTheToken() {
        String right = "/webhooks/meta?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";
        HttpResponse<String> answer =
                send(HttpRequest.newBuilder(URI.create(app.url() + right + TestSettings.META_VERIFY_TOKEN)));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("1158201444");
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain");
        assertThat(send(HttpRequest.newBuilder(URI.create(app.url() + right + "wrong")))
                        .statusCode())
                .isEqualTo(403);
        assertThat(send(HttpRequest.newBuilder(URI.create(app.url() + "/webhooks/meta")))
                        .statusCode())
                .isEqualTo(403);
        assertThat(world.meta.verifyWebhook()).isTrue();
    }

    @Test
    void whatIsNotSignedLeavesNoTraceButAMetric() {
        double before = metric("zaptrix_meta_webhooks_total{outcome=\"unsigned\"}");
        String body = message(World.NUMBER, "wamid.forged");
        for (String wrong : List.of("", "sha256=00", "sha1=" + signature(body).substring(7), signature(body + " "))) {
            HttpResponse<String> answer = webhook(body, wrong);
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("application/problem+json");
        }
        assertThat(metric("zaptrix_meta_webhooks_total{outcome=\"unsigned\"}")).isEqualTo(before + 4);
        assertThat(world.portal.chats()).noneMatch(chat -> chat.externalChatId().endsWith("5511912345678"));
    }

    @Test
    void whatIsNoJsonIsSaidToBeNone() {
        for (String body : List.of("", "{", "[]", "nonsense")) {
            HttpResponse<String> answer = signed(body);
            assertThat(answer.statusCode()).as(body).isEqualTo(400);
            assertThat(answer.body()).doesNotContain("Exception").doesNotContain("at io.zaptrix");
        }
    }

    @Test
    void aMessageForNobodysNumberIsKeptForTheOperator() {
        assertThat(signed(message("999999", "wamid.nobody")).statusCode()).isEqualTo(200);
        assertThat(unrouted())
                .anySatisfy(row -> assertThat(row)
                        .containsEntry("source", "meta")
                        .containsEntry("reason", "unknown_number")
                        .containsEntry("reference", "999999"));
        assertThat(metric("zaptrix_unrouted_total{reason=\"unknown_number\"")).isPositive();
    }

    @Test
    void aMessageOfAnUnknownKindIsNamedNotDropped() {
        world.meta.customerSends(
                World.NUMBER, "5511900000001", "Rui", "hologram", JsonNodeFactory.instance.objectNode());
        World.await(
                "its kind is named",
                Duration.ofSeconds(20),
                () -> world.seenByAgent("5511900000001").stream().anyMatch(text -> text.contains("hologram")));
    }

    @Test
    void eventsOfStrangersAreRefusedOrKept() {
        HttpRequest.Builder unknown = HttpRequest.newBuilder(URI.create(app.url() + "/webhooks/bitrix24/outbound"))
                .header("Content-Type", "application/x-www-form-urlencoded");
        assertThat(send(unknown.POST(HttpRequest.BodyPublishers.ofString(
                                "event=ONIMCONNECTORMESSAGEADD&auth[member_id]=nobody&auth[application_token]=x")))
                        .statusCode())
                .isEqualTo(200);
        assertThat(unrouted()).anySatisfy(row -> assertThat(row).containsEntry("reference", "nobody"));
        assertThat(send(unknown.POST(HttpRequest.BodyPublishers.ofString(
                                "event=ONIMCONNECTORMESSAGEADD&auth[application_token]=wrong&auth[member_id]="
                                        + world.portal.memberId())))
                        .statusCode())
                .isEqualTo(403);
        assertThat(send(unknown.POST(HttpRequest.BodyPublishers.ofString("event=ONSOMETHINGNEW&auth[application_token]="
                                + world.portal.applicationToken() + "&auth[member_id]=" + world.portal.memberId())))
                        .statusCode())
                .isEqualTo(200);
        assertThat(metric("zaptrix_bitrix24_events_total{outcome=\"ignored\"}")).isPositive();
    }

    @Test
    void theLogFollowsAMessageAndTellsNoSecret() {
        String waId = "5511900000002";
        String text = "isto e confidencial";
        world.meta.customerWrites(World.NUMBER, waId, "Bia", text);
        World.await(
                "it arrives",
                Duration.ofSeconds(20),
                () -> world.seenByAgent(waId).contains(text));
        StandInPortal.Chat chat = world.chatOf(waId);
        world.portal.agentWrites(chat.id(), "resposta confidencial");
        World.await(
                "it is answered",
                Duration.ofSeconds(20),
                () -> !world.seenByCustomer(waId).isEmpty());

        String correlationId = signed(message(World.NUMBER, "wamid.followed"))
                .headers()
                .firstValue("X-Correlation-Id")
                .orElseThrow();
        World.await(
                "the log names the delivery as the answer did",
                Duration.ofSeconds(20),
                () -> app.output()
                        .lines()
                        .filter(line -> line.contains(correlationId))
                        .anyMatch(line -> line.contains("inbound done")));

        String log = app.output();
        assertThat(log)
                .doesNotContain(text)
                .doesNotContain("resposta confidencial")
                .doesNotContain(waId)
                .doesNotContain(World.TOKEN)
                .doesNotContain(TestSettings.META_APP_SECRET)
                .doesNotContain(TestSettings.BITRIX24_CLIENT_SECRET)
                .doesNotContain(world.portal.applicationToken());
    }
}
