package io.zaptrix.attack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.attack.Target.Attacker;
import io.zaptrix.attack.Target.Victim;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.testing.TestSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Somebody wants the service to be busy with them alone. */
class AbuseAttackStory {

    private static final Map<String, String> FORM = Map.of("Content-Type", "application/x-www-form-urlencoded");
    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

    private static final AtomicInteger ADDRESS = new AtomicInteger();

    private static Target target;
    private static Victim acme;

    @BeforeAll
    static void company() {
        target = Target.shared();
        acme = target.victim();
    }

    /** The proxy inside names its client; each test has a client of its own. */
    private static String address() {
        return "198.51.100." + ADDRESS.incrementAndGet();
    }

    private static HttpResponse<String> opens(String from, @Nullable String token) {
        StandInPortal.Page page = acme.portal().installPage(StandInPortal.ADMIN);
        String form = page.form().entrySet().stream()
                .map(field -> field.getKey() + "="
                        + (field.getKey().equals("AUTH_ID") && token != null
                                ? token
                                : java.net.URLEncoder.encode(field.getValue(), UTF_8)))
                .collect(Collectors.joining("&"));
        return target.somebody()
                .send(
                        "POST",
                        "/bitrix24/app?" + page.queryString(),
                        form.getBytes(UTF_8),
                        Map.of(
                                "Content-Type",
                                "application/x-www-form-urlencoded",
                                "Accept",
                                "text/html",
                                "X-Forwarded-For",
                                from));
    }

    // ---- memory

    @Test
    void largeBodiesThatNeverEndFillNeitherTheMemoryNorTheWayOfOrdinaryOnes() throws IOException {
        byte[] head = ("POST /webhooks/meta HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "X-Hub-Signature-256: sha256=" + "0".repeat(64) + "\r\nContent-Length: 3000000\r\n\r\n{")
                .getBytes(UTF_8);
        byte[] message = "{\"object\":\"whatsapp_business_account\",\"entry\":[]}".getBytes(UTF_8);
        List<Socket> hogs = new ArrayList<>();
        try {
            for (int i = 0; i < 60; i++) {
                Socket hog = new Socket("localhost", target.app.port());
                hogs.add(hog);
                hog.setSoTimeout(15_000);
                hog.getOutputStream().write(head);
            }
            String answer = new String(hogs.getLast().getInputStream().readNBytes(12), UTF_8);
            assertThat(answer).isEqualTo("HTTP/1.1 503");
            assertThat(target.webhook(message, TestSettings.META_APP_SECRET).statusCode())
                    .isEqualTo(200);
        } finally {
            for (Socket hog : hogs) {
                hog.close();
            }
        }
        assertThat(target.metric("zaptrix_http_bodies_no_room_total")).isGreaterThanOrEqualTo(1);

        // Once they are gone there is room again.
        byte[] large = ("{\"object\":\"whatsapp_business_account\",\"entry\":[]" + " ".repeat(2_500_000) + "}")
                .getBytes(UTF_8);
        Target.await(
                "a large one passes",
                () -> target.webhook(large, TestSettings.META_APP_SECRET).statusCode() == 200);
    }

    // ---- tries

    @Test
    void whoGuessesAccessTokensIsStoppedBeforeBitrix24IsAskedAndNobodyElseIs() {
        String guesser = address();
        for (int i = 0; i < 20; i++) {
            assertThat(opens(guesser, "guess" + i).statusCode())
                    .as("guess " + i)
                    .isEqualTo(401);
        }
        int asked = target.bitrix24.tokenRequests().size();
        HttpResponse<String> stopped = opens(guesser, "guess20");

        assertThat(stopped.statusCode()).isEqualTo(429);
        assertThat(stopped.body()).contains("Too many tries");
        assertThat(opens(address(), null).statusCode()).isEqualTo(303);
        assertThat(target.metric("zaptrix_http_throttled_total")).isGreaterThanOrEqualTo(1);
        assertThat(target.bitrix24.tokenRequests()).hasSize(asked);
    }

    @Test
    void whoSucceedsIsNeverSlowedDown() {
        String office = address();
        for (int i = 0; i < 30; i++) {
            assertThat(opens(office, null).statusCode()).isEqualTo(303);
        }
    }

    @Test
    void aForgedForwardedForMovesNobodyToAnotherAddress() {
        // What the client itself put there stands left of what the proxy adds.
        String attacker = address();
        for (int i = 0; i < 20; i++) {
            opens("203.0.113." + i + ", " + attacker, "guess" + i);
        }
        assertThat(opens("203.0.113.77, " + attacker, "guess").statusCode()).isEqualTo(429);
    }

    @Test
    void unsignedWebhooksFromMetasAddressesNeverStopTheSignedOnes() {
        byte[] body = "{\"object\":\"whatsapp_business_account\",\"entry\":[]}".getBytes(UTF_8);
        for (int i = 0; i < 300; i++) {
            assertThat(target.webhook(body, "an-app-of-the-attackers").statusCode())
                    .isEqualTo(401);
        }
        assertThat(target.webhook(body, TestSettings.META_APP_SECRET).statusCode())
                .isEqualTo(200);
    }

    @Test
    void eventsWithWrongTokensFromBitrix24sAddressesNeverStopTheRightOnes() {
        for (int i = 0; i < 300; i++) {
            assertThat(target.event(acme.portal().memberId(), "ONIMCONNECTORDIALOGSTART", Map.of(), "wrong" + i)
                            .statusCode())
                    .isEqualTo(403);
        }
        assertThat(target.event(
                                acme.portal().memberId(),
                                "ONIMCONNECTORDIALOGSTART",
                                Map.of(),
                                acme.portal().applicationToken())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void installEventsThatNobodyVouchesForStopAskingForThatPortalAlone() {
        String from = address();
        Map<String, String> headers =
                Map.of("Content-Type", "application/x-www-form-urlencoded", "X-Forwarded-For", from);
        byte[] forged = "event=ONAPPINSTALL&auth[member_id]=forged&auth[access_token]=made-up".getBytes(UTF_8);
        for (int i = 0; i < 10; i++) {
            assertThat(target.somebody()
                            .send("POST", "/webhooks/bitrix24/outbound", forged, headers)
                            .statusCode())
                    .isEqualTo(403);
        }
        assertThat(target.somebody()
                        .send("POST", "/bitrix24/install", forged, headers)
                        .statusCode())
                .isEqualTo(429);
        byte[] other = "event=ONAPPINSTALL&auth[member_id]=other&auth[access_token]=made-up".getBytes(UTF_8);
        assertThat(target.somebody()
                        .send("POST", "/webhooks/bitrix24/outbound", other, headers)
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void eventsOfPortalsThatNobodyKnowsAreKeptSoOftenAndNoMoreWhileKnownOnesPass() {
        String from = address();
        for (int i = 0; i < 40; i++) {
            assertThat(event(from, "a-stranger-" + i, "made-up").statusCode()).isEqualTo(200);
        }
        assertThat(kept("a-stranger-%")).hasSize(30);

        assertThat(event(from, acme.portal().memberId(), acme.portal().applicationToken())
                        .statusCode())
                .isEqualTo(200);
        assertThat(event(from, acme.portal().memberId(), "made-up").statusCode())
                .isEqualTo(403);
        assertThat(target.metric("zaptrix_http_throttled_total{door=\"unknown_portal\"}"))
                .as("the strangers' last ten, and not the known portal's")
                .isEqualTo(10);
        assertThat(event(address(), "another-stranger", "made-up").statusCode()).isEqualTo(200);
        assertThat(kept("another-stranger")).hasSize(1);
    }

    @Test
    void anIdThatIsNoPortalsIsNeitherKeptNorLogged() {
        String from = address();
        for (String id :
                new String[] {"endless".repeat(10), "endless".repeat(300_000), "endless%0Aline", "endless<b>"}) {
            HttpResponse<String> answer = event(from, id, "made-up");
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        }
        assertThat(kept("%endless%")).isEmpty();
        assertThat(target.app.output()).doesNotContain("endless");
    }

    @Test
    void ofALongIdOnlyTheBeginningIsKeptAndLogged() {
        String id = "7070" + "0".repeat(5_000);
        byte[] body = """
                {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"messaging_product":"whatsapp",
                "metadata":{"display_phone_number":"15550783881","phone_number_id":"%s"},
                "contacts":[{"profile":{"name":"Ana"},"wa_id":"5511912345678"}],
                "messages":[{"from":"5511912345678","id":"wamid.long","timestamp":"1780000000","type":"text",
                "text":{"body":"hello"}}]},"field":"messages"}]}]}""".formatted(id).getBytes(UTF_8);
        assertThat(target.webhook(body, TestSettings.META_APP_SECRET).statusCode())
                .isEqualTo(200);

        assertThat(kept("7070%")).containsExactly(id.substring(0, 100));
        assertThat(target.app.output()).doesNotContain(id.substring(0, 101));
    }

    @Test
    void keysOfNobodyAreLookedForSoOftenFromOneAddressAndNoMore() {
        String from = address();
        String key = acmesKey();
        assertThat(api(from, key).statusCode()).isEqualTo(200);
        for (int i = 0; i < 60; i++) {
            assertThat(api(from, keyOfNobody(i)).statusCode()).as("guess " + i).isEqualTo(401);
        }
        HttpResponse<String> stopped = api(from, keyOfNobody(60));

        assertThat(stopped.statusCode()).isEqualTo(429);
        assertThat(stopped.headers().firstValue("Retry-After")).hasValue("60");
        assertThat(api(from, "zpx_mistyped").statusCode())
                .as("what can be no key costs nothing")
                .isEqualTo(401);
        assertThat(api(from, key).statusCode()).isEqualTo(200);
        assertThat(api(address(), keyOfNobody(61)).statusCode()).isEqualTo(401);
    }

    private static HttpResponse<String> api(String from, String key) {
        return target.somebody()
                .send(
                        "GET",
                        "/api/v1/numbers",
                        new byte[0],
                        Map.of("Authorization", "Bearer " + key, "X-Forwarded-For", from));
    }

    private static String acmesKey() {
        Matcher id = Pattern.compile("name=\"id\"[^>]*value=\"([^\"]+)\"")
                .matcher(acme.admin().get("/admin/api-keys").body());
        assertThat(id.find()).isTrue();
        String made = acme.admin()
                .submit(
                        "/admin/api-keys",
                        Map.of("id", id.group(1), "name", "Shop", "days", "30", "scope", "numbers:read"))
                .body();
        Matcher key = Pattern.compile("zpx_[0-9A-Za-z]{71}").matcher(made);
        assertThat(key.find()).as(made).isTrue();
        return key.group();
    }

    /** As one that was given out: whoever knows how they are made can make the checksum too. */
    private static String keyOfNobody(int i) {
        String digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        String start = "zpx_0" + "7".repeat(60) + "%04d".formatted(i);
        CRC32 crc = new CRC32();
        crc.update(start.getBytes(UTF_8));
        StringBuilder check = new StringBuilder();
        for (long rest = crc.getValue(), n = 0; n < 6; rest /= 62, n++) {
            check.insert(0, digits.charAt((int) (rest % 62)));
        }
        return start + check;
    }

    private static HttpResponse<String> event(String from, String memberId, String token) {
        return target.somebody()
                .send(
                        "POST",
                        "/webhooks/bitrix24/outbound",
                        ("event=ONIMCONNECTORDIALOGSTART&auth[member_id]=" + memberId + "&auth[application_token]="
                                        + token)
                                .getBytes(UTF_8),
                        Map.of("Content-Type", "application/x-www-form-urlencoded", "X-Forwarded-For", from));
    }

    private static List<String> kept(String reference) {
        return target.rows()
                .sql("select reference from unrouted_event where reference like :like")
                .param("like", reference)
                .query(String.class)
                .list();
    }

    @Test
    void signInsAreStartedSoOftenFromOneAddressAndNoMore() {
        Map<String, String> from = Map.of("X-Forwarded-For", address(), "Accept", "text/html");
        String path = "/oauth2/authorization/bitrix24?domain=whoever.bitrix24.com";
        for (int i = 0; i < 60; i++) {
            assertThat(target.somebody().send("GET", path, new byte[0], from).statusCode())
                    .isEqualTo(302);
        }
        assertThat(target.somebody().send("GET", path, new byte[0], from).statusCode())
                .isEqualTo(429);
    }

    // ---- bombs

    private static void isRefused(int status, String path, byte[] body, Map<String, String> headers) {
        long before = System.nanoTime();
        assertThat(target.somebody().send("POST", path, body, headers).statusCode())
                .as(path)
                .isEqualTo(status);
        assertThat((System.nanoTime() - before) / 1_000_000)
                .as("ms for " + path)
                .isLessThan(5_000);
    }

    private static byte[] repeated(String start, String part, String end, int size) {
        return (start + part.repeat((size - start.length() - end.length()) / part.length()) + end).getBytes(UTF_8);
    }

    @Test
    void jsonTooDeepOrOfTooManyPartsIsRefused() {
        byte[] deep = repeated("{\"event\":", "[", "", 100_000);
        byte[] wide = repeated("{\"event\":\"ONX\",\"data\":[", "{},", "{}]}", 3_000_000);
        isRefused(400, "/webhooks/bitrix24/outbound", deep, JSON);
        isRefused(400, "/webhooks/bitrix24/outbound", wide, JSON);
        isRefused(400, "/bitrix24/install", wide, JSON);
        byte[] signed = repeated("{\"object\":", "[", "", 100_000);
        assertThat(target.webhook(signed, TestSettings.META_APP_SECRET).statusCode())
                .isEqualTo(400);
    }

    @Test
    void aFormThatUnfoldsIntoManyArraysIsRefused() {
        String brackets = "[1]".repeat(30);
        byte[] bomb = IntStream.range(0, 19_000)
                .mapToObj(i -> "d" + i + brackets + "=")
                .collect(Collectors.joining("&"))
                .getBytes(UTF_8);
        byte[] fields = repeated("event=X", "&a=1", "", 2_000_000);
        for (String path : new String[] {"/webhooks/bitrix24/outbound", "/bitrix24/app", "/bitrix24/install"}) {
            isRefused(400, path, bomb, FORM);
            isRefused(400, path, fields, FORM);
        }
    }

    @Test
    void aPagesFormWithTooManyFieldsIsRefused() {
        Attacker admin = acme.admin();
        byte[] fields = repeated("_csrf=x", "&a=1", "", 1_000_000);
        assertThat(admin.send("POST", "/admin/phone-numbers", fields, FORM).statusCode())
                .isIn(400, 403, 413);
    }

    @Test
    void aCompressedBodyIsNotUnfolded() throws IOException {
        byte[] body = "{\"object\":\"whatsapp_business_account\",\"entry\":[]}".getBytes(UTF_8);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(body);
            gzip.write(" ".repeat(30_000_000).getBytes(UTF_8));
        }
        Map<String, String> headers = Map.of(
                "Content-Type",
                "application/json",
                "Content-Encoding",
                "gzip",
                "X-Hub-Signature-256",
                Target.signature(packed.toByteArray(), TestSettings.META_APP_SECRET));
        isRefused(400, "/webhooks/meta", packed.toByteArray(), headers);
        isRefused(
                400,
                "/webhooks/bitrix24/outbound",
                packed.toByteArray(),
                Map.of("Content-Type", "application/x-www-form-urlencoded", "Content-Encoding", "gzip"));
    }

    @Test
    void aBodyOverThreeMegabytesAndAHeadOverSixteenKilobytesAreRefused() throws IOException {
        isRefused(413, "/webhooks/meta", new byte[3 * 1024 * 1024 + 1], JSON);
        try (Socket socket = new Socket("localhost", target.app.port())) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            out.write(("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: " + "x".repeat(20_000) + "\r\n\r\n")
                    .getBytes(UTF_8));
            out.flush();
            assertThat(new String(socket.getInputStream().readNBytes(12), UTF_8))
                    .isEqualTo("HTTP/1.1 400");
        }
    }

    @Test
    void anUnsignedBodyIsNotEvenRead() throws IOException {
        try (Socket socket = new Socket("localhost", target.app.port())) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            out.write(("POST /webhooks/meta HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Content-Length: 3000000\r\n\r\n{")
                    .getBytes(UTF_8));
            out.flush();
            // The rest never comes, and the answer is there all the same.
            assertThat(new String(socket.getInputStream().readNBytes(12), UTF_8))
                    .isEqualTo("HTTP/1.1 401");
        }
    }
}
