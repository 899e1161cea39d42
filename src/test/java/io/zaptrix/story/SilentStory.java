package io.zaptrix.story;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.sandbox.CustomerPhone;
import io.zaptrix.sandbox.FileContent;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.sandbox.StandInPortal.AgentFile;
import io.zaptrix.testing.AppProcess;
import io.zaptrix.testing.TestSettings;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/**
 * Everything that happens between customers and agents happens once, troubles included, with the application's logs at
 * their most talkative. Then all that it has written, measured and asked others is searched for whatever was secret or
 * somebody's in it.
 */
class SilentStory {

    private static final JsonMapper JSON = JsonMapper.shared();

    /** Every customer's number begins so, and nothing else does. */
    private static final String FAMILY = "5521976";

    private static final List<String> WRITTEN = new ArrayList<>();

    private static World world;
    private static AppProcess app;
    private static String output;
    private static String metrics;
    private static final List<String> CUSTOMERS = new ArrayList<>();

    @BeforeAll
    static void aWholeDay() throws Exception {
        world = new World();
        app = world.startReplica("--logging.level.io.zaptrix=debug");
        Browser admin = world.installAndLink();

        String ana = customer();
        CustomerPhone phone = world.meta.phoneOf(World.NUMBER, ana, "Zuleica Quintanilha");
        phone.writes(said("a pergunta"));
        seen(ana, 1);
        phone.replies(said("a resposta do cliente"), "wamid.unknown");
        for (String kind :
                List.of("image", "audio", "video", "document", "sticker", "location", "contacts", "reaction")) {
            world.meta.customerSends(World.NUMBER, ana, "Zuleica Quintanilha", kind);
        }
        world.meta.customerSends(
                World.NUMBER,
                ana,
                "Zuleica Quintanilha",
                "interactive",
                JSON.readTree(
                        "{\"interactive\":{\"type\":\"nfm_reply\",\"nfm_reply\":{\"name\":\"flow\",\"body\":\"Sent\","
                                + "\"response_json\":\"{\\\"cpf\\\":\\\"" + said("o documento") + "\\\"}\"}}}"));
        world.meta.customerSends(
                World.NUMBER,
                ana,
                "Zuleica Quintanilha",
                "hologram",
                JSON.readTree("{\"hologram\":{\"text\":\"" + said("um tipo novo") + "\"}}"));
        world.meta.customerSends(
                World.NUMBER,
                ana,
                "Zuleica Quintanilha",
                "edit",
                JSON.readTree(
                        "{\"edit\":{\"original_message_id\":\"wamid.gone\",\"message\":{\"type\":\"text\",\"text\":{"
                                + "\"body\":\"" + said("corrigido") + "\"}}}}"));
        seen(ana, 10);
        // A number that nobody has linked, a body that is none, an event of nobody.
        world.meta.addNumber("106540352249999", "419561257919999", "+55 11 5557-9999", "Nobody", "EAAnobodystoken");
        world.meta.customerWrites("106540352249999", customer(), "Ninguém", said("para ninguém"));

        String chat = world.chatOf(ana).id();
        world.portal.agentWrites(chat, said("do agente"));
        world.portal.agentSends(
                chat,
                said("com arquivo"),
                List.of(new AgentFile(
                        "contrato-sigiloso.pdf", "application/pdf", FileContent.of("%PDF-1.4 x".getBytes(UTF_8)))));
        answered(ana, 2);
        // What goes wrong: refused by Meta, failed afterwards, a token that has died, a server that stumbles.
        world.meta.faults().refuseNext(1, 131047);
        world.portal.agentWrites(chat, said("recusada"));
        World.await(
                "the refusal is told",
                Talk.PATIENCE,
                () -> !world.portal.systemLines(chat).isEmpty());
        world.meta.faults().failNext(1, 131026);
        world.portal.agentWrites(chat, said("perdida"));
        World.await(
                "the failure is told",
                Talk.PATIENCE,
                () -> world.portal.systemLines(chat).size() > 1);
        world.meta.faults().refuseNext(2, 131016);
        world.portal.agentWrites(chat, said("repetida"));
        world.portal.expireAccessTokens();
        world.portal
                .faults()
                .failNext(1, "imconnector.send.messages", 500, "INTERNAL_SERVER_ERROR", said("do servidor"));
        phone.writes(said("depois da falha"));
        seen(ana, 11);
        world.portal.faults().htmlNext(1, "imconnector.send.messages", 502);
        phone.writes(said("depois da segunda"));
        seen(ana, 12);
        world.portal.faults().askForLogin(1);
        world.portal.agentSends(
                chat,
                said("arquivo perdido"),
                List.of(new AgentFile("perdido.pdf", "application/pdf", FileContent.of(new byte[9]))));
        answered(ana, 4);
        world.portal.killTokens();
        phone.writes(said("sem chave"));
        // The portal is suspended, and an admin's visit mends it.
        World.await(
                "the portal waits for its admin",
                Talk.PATIENCE,
                () -> JdbcClient.create(world.database.superuser())
                        .sql("select status from portal_config")
                        .query(String.class)
                        .list()
                        .contains("SUSPENDED"));
        admin.open("/bitrix24/app", world.portal.installPage(StandInPortal.ADMIN));
        seen(ana, 13);

        // The pages, and strangers at every door.
        for (String page : List.of(
                "/admin/phone-numbers",
                "/admin/messages/undelivered",
                "/admin/phone-numbers/" + World.NUMBER + "/settings")) {
            assertThat(admin.get(page).statusCode()).isEqualTo(200);
        }
        strangers();
        assertThat(world.meta.awaitIdle(Talk.PATIENCE)).isTrue();
        metrics = get("/actuator/prometheus");
        app.stop();
        output = app.output();
    }

    @AfterAll
    static void end() throws IOException {
        world.close();
    }

    private static String customer() {
        String waId = FAMILY + "%06d".formatted(430_000 + CUSTOMERS.size());
        CUSTOMERS.add(waId);
        return waId;
    }

    /** A text that is nowhere else. */
    private static String said(String what) {
        String text = "Xangrilá " + WRITTEN.size() + " " + what;
        WRITTEN.add(text);
        return text;
    }

    private static void seen(String waId, int count) {
        World.await(
                count + " messages seen",
                Talk.PATIENCE,
                () -> world.seenByAgent(waId).size() >= count,
                () -> world.seenByAgent(waId).toString());
    }

    private static void answered(String waId, int count) {
        World.await(
                count + " answers",
                Talk.PATIENCE,
                () -> world.meta.sendsTo(waId).size() >= count,
                () -> world.meta.sendsTo(waId).toString());
    }

    private static String get(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(app.url() + path)).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static void strangers() throws Exception {
        String text = said("de um estranho");
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (String[] door : new String[][] {
                {
                    "/webhooks/meta",
                    "application/json",
                    "{\"text\":\"" + text + "\", \"from\":\"" + CUSTOMERS.getFirst() + "\"}"
                },
                {
                    "/webhooks/bitrix24/outbound",
                    "application/x-www-form-urlencoded",
                    "event=ONX&auth[member_id]="
                            + world.portal.memberId() + "&auth[application_token]=" + world.portal.applicationToken()
                            + "&data[MESSAGES][0][message][text]=" + text
                },
                {
                    "/webhooks/bitrix24/outbound",
                    "application/x-www-form-urlencoded",
                    "event=ONAPPINSTALL&auth[member_id]=x" + "&auth[access_token]=" + text + "&data[text]=" + text
                },
                {"/webhooks/bitrix24/outbound", "application/json", "{\"event\": \"" + text},
                {"/bitrix24/install", "application/x-www-form-urlencoded", "AUTH_ID=" + text + "&member_id=x"},
                {"/bitrix24/local-app", "application/x-www-form-urlencoded", "AUTH_ID=x&clientSecret=" + text},
                {"/admin/phone-numbers", "application/x-www-form-urlencoded", "accessToken=" + World.TOKEN},
                {"/error", "application/json", text}
            }) {
                client.send(
                        HttpRequest.newBuilder(URI.create(app.url() + door[0] + "?token=" + World.TOKEN))
                                .header("Content-Type", door[1])
                                .POST(HttpRequest.BodyPublishers.ofString(door[2]))
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
            }
            for (String path : List.of(
                    "/webhooks/meta?hub.mode=subscribe&hub.challenge=1&hub.verify_token="
                            + TestSettings.META_VERIFY_TOKEN,
                    "/media/" + World.TOKEN,
                    "/nothing/" + World.TOKEN,
                    "/admin/phone-numbers/" + World.TOKEN,
                    "/health?x=%zz" + World.TOKEN,
                    "/login/oauth2/code/bitrix24?code=" + World.TOKEN + "&state=x")) {
                get(path.replace("%zz", "%20"));
            }
        }
    }

    /** Every secret and everything of somebody's that the story knew. */
    private static Map<String, String> secrets() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("Meta's app secret", TestSettings.META_APP_SECRET);
        all.put("the verify token", TestSettings.META_VERIFY_TOKEN);
        all.put("the client secret", TestSettings.BITRIX24_CLIENT_SECRET);
        all.put("the operator's password", TestSettings.OPERATOR_PASSWORD);
        all.put("the key", "GiAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw==");
        all.put("the number's token", World.TOKEN);
        all.put("another number's token", "EAAnobodystoken");
        all.put("the application token", world.portal.applicationToken());
        for (String token : world.bitrix24.issuedTokens()) {
            all.put("a token of Bitrix24's " + all.size(), token);
        }
        return all;
    }

    private static Map<String, String> personal() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("the customer's name", "Zuleica");
        all.put("the customer's surname", "Quintanilha");
        all.put("a file's name", "sigiloso");
        all.put("any text", "Xangrilá");
        all.put("any text, escaped", "Xangril\\u00e1");
        all.put("any text, encoded", "Xangril%C3%A1");
        all.put("a place", "Paulista");
        all.put("a contact's number", "98888");
        for (String waId : CUSTOMERS) {
            all.put("a customer's number " + waId, waId.substring(4));
        }
        return all;
    }

    private static void holdsNothingOf(String where, String text, Map<String, String> forbidden) {
        forbidden.forEach((what, secret) -> {
            if (secret.length() > 5) {
                int at = text.indexOf(secret);
                assertThat(at < 0 ? "" : text.substring(Math.max(0, at - 300), Math.min(text.length(), at + 100)))
                        .as(where + " holds " + what)
                        .isEmpty();
            }
        });
    }

    @Test
    void theStoryWasNotSilentForWantOfWords() {
        assertThat(output).contains("\"DEBUG\"", "inbound done", "outbound", "\"WARN\"");
        assertThat(world.bitrix24.issuedTokens()).hasSizeGreaterThanOrEqualTo(6);
        assertThat(WRITTEN).hasSizeGreaterThan(12);
    }

    @Test
    void noLogLineHoldsASecretAnybodysNumberNameOrWords() {
        holdsNothingOf("the log", output, secrets());
        holdsNothingOf("the log", output, personal());
    }

    @Test
    void noMetricHoldsAny() {
        assertThat(metrics).contains("zaptrix_meta_events");
        holdsNothingOf("a metric", metrics, secrets());
        holdsNothingOf("a metric", metrics, personal());
    }

    @Test
    void noAddressThatWasCalledHoldsASecret() {
        List<String> lines = new ArrayList<>(world.meta.requestLines());
        assertThat(lines).anyMatch(line -> line.contains("/messages"));
        lines.addAll(world.bitrix24.requestLines());
        assertThat(lines)
                .anyMatch(line -> line.contains("/oauth/token"))
                .anyMatch(line -> line.contains("imconnector"));
        // The one thing that Meta takes in no other way: the token that it is asked about.
        lines.removeIf(line -> line.contains("/debug_token?input_token="));
        String all = String.join("\n", lines);
        // But for the links of the portal's own files, which are the portal's to choose.
        holdsNothingOf("an address", URLDecoder.decode(all.replace("%", "%25"), UTF_8), secrets());
        holdsNothingOf("an address", all, personal());
        assertThat(lines)
                .noneMatch(line ->
                        line.contains("access_token=") || line.contains("client_secret=") || line.contains("auth="));
    }

    @Test
    void linksToFilesAreNotInTheLogEither() {
        Matcher link = Pattern.compile("/media/[A-Za-z0-9_-]{40,}").matcher(output);
        assertThat(link.find()).isFalse();
    }
}
