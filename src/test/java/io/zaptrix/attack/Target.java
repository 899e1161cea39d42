package io.zaptrix.attack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.bitrix24.PhpForm;
import io.zaptrix.platform.TenantId;
import io.zaptrix.sandbox.StandInBitrix24;
import io.zaptrix.sandbox.StandInMeta;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.testing.AppProcess;
import io.zaptrix.testing.TestDatabase;
import io.zaptrix.testing.TestSettings;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The application as a process, with its Meta and its Bitrix24: one for all attacks, each with portals of its own. */
final class Target {

    static final String CONNECTOR = "zaptrix_whatsapp";

    private static @Nullable Target shared;

    final StandInMeta meta;
    final StandInBitrix24 bitrix24;
    final TestDatabase.Database database = TestDatabase.createWithSchema();
    final AppProcess app;
    private final AtomicInteger count = new AtomicInteger();

    private Target() throws IOException {
        int port = AppProcess.freePort();
        URI url = URI.create("http://localhost:" + port);
        meta = new StandInMeta(0)
                .app(TestSettings.META_APP_ID, TestSettings.META_APP_SECRET, TestSettings.META_VERIFY_TOKEN)
                .webhookUrl(url.resolve("/webhooks/meta"));
        bitrix24 =
                new StandInBitrix24(0).app(TestSettings.BITRIX24_CLIENT_ID, TestSettings.BITRIX24_CLIENT_SECRET, url);
        app = AppProcess.builder()
                .port(port)
                .database(database)
                .env("ZAPTRIX_PUBLIC_URL", url.toString())
                .env("ZAPTRIX_META_GRAPH_URL", meta.graphUrl().toString())
                .env("ZAPTRIX_BITRIX24_OAUTH_URL", bitrix24.oauthUrl().toString())
                .argument("--zaptrix.bitrix24.rate-per-second=50")
                .argument("--zaptrix.bitrix24.burst=500")
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(app::close));
    }

    static synchronized Target shared() {
        try {
            Target target = shared;
            if (target == null) {
                target = new Target();
                shared = target;
            }
            return target;
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** A portal that has the app, its admin's session, and a number that is linked. */
    record Victim(StandInPortal portal, Attacker admin, String number, String waba, String token) {

        TenantId tenant() {
            return TenantId.ofMember(portal.memberId());
        }
    }

    Victim victim() {
        int n = count.incrementAndGet();
        StandInPortal portal = bitrix24.addPortal("company" + n).language("en");
        String number = "10654035225%04d".formatted(n);
        String waba = "41956125792%04d".formatted(n);
        String token = "EAAvictim%04dtoken".formatted(n);
        meta.addNumber(number, waba, "+55 11 5556-%04d".formatted(n), "Company " + n, token);
        Attacker admin = somebody();
        HttpResponse<String> installed =
                admin.open("/bitrix24/install", portal.installPage(StandInPortal.ADMIN), Map.of());
        assertThat(installed.statusCode()).as(installed.body()).isEqualTo(200);
        portal.finishInstall();
        HttpResponse<String> linked = admin.submit(
                "/admin/phone-numbers",
                Map.of(
                        "phoneNumberId", number,
                        "wabaId", waba,
                        "accessToken", token,
                        "displayName", "Sales " + n,
                        "lineId", "new"));
        assertThat(linked.statusCode()).as(linked.body()).isEqualTo(303);
        return new Victim(portal, admin, number, waba, token);
    }

    Attacker somebody() {
        return new Attacker(app.url());
    }

    /** Looks at all rows and changes any, as one who has the whole database could. */
    JdbcClient rows() {
        return JdbcClient.create(database.superuser());
    }

    /** An event with just what the attacker wants in it. */
    HttpResponse<String> event(String memberId, String event, Map<String, ?> data, @Nullable String token) {
        Map<String, Object> auth = new LinkedHashMap<>();
        auth.put("member_id", memberId);
        auth.put("domain", "evil.example");
        if (token != null) {
            auth.put("application_token", token);
        }
        Map<String, Object> form = new LinkedHashMap<>();
        form.put("event", event);
        form.put("data", data);
        form.put("ts", Instant.now().getEpochSecond());
        form.put("auth", auth);
        return somebody()
                .send(
                        "POST",
                        "/webhooks/bitrix24/outbound",
                        PhpForm.encode(form).getBytes(UTF_8),
                        Map.of("Content-Type", "application/x-www-form-urlencoded"));
    }

    /** A webhook with the signature that {@code secret} makes. */
    HttpResponse<String> webhook(byte[] body, String secret) {
        return somebody()
                .send(
                        "POST",
                        "/webhooks/meta",
                        body,
                        Map.of("Content-Type", "application/json", "X-Hub-Signature-256", signature(body, secret)));
    }

    static String signature(byte[] body, String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
            return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    double metric(String line) {
        return somebody()
                .send("GET", "/actuator/prometheus", new byte[0], Map.of())
                .body()
                .lines()
                .filter(each -> each.startsWith(line))
                .mapToDouble(each -> Double.parseDouble(each.substring(each.lastIndexOf(' ') + 1)))
                .sum();
    }

    static void await(String what, BooleanSupplier condition) {
        Instant end = Instant.now().plus(Duration.ofSeconds(20));
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(end)) {
                throw new AssertionError("not in time: " + what);
            }
            try {
                Thread.sleep(30);
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }

    /** A browser whose owner holds its cookies in their hands, and sends what they like. */
    static final class Attacker {

        private static final HttpClient HTTP = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        private static final Pattern CSRF = Pattern.compile("name=\"_csrf\"[^>]*?(?:value|content)=\"([^\"]+)\"");

        private final String app;

        @Nullable
        String session;

        Attacker(String app) {
            this.app = app;
        }

        Attacker with(@Nullable String stolen) {
            Attacker thief = new Attacker(app);
            thief.session = stolen;
            return thief;
        }

        HttpResponse<String> get(String path) {
            return send("GET", path, new byte[0], Map.of("Accept", "text/html"));
        }

        HttpResponse<String> open(String path, StandInPortal.Page page, Map<String, String> changed) {
            Map<String, String> form = new LinkedHashMap<>(page.form());
            form.putAll(changed);
            return send(
                    "POST",
                    path + "?" + page.queryString(),
                    PhpForm.encode(form).getBytes(UTF_8),
                    Map.of("Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html"));
        }

        String csrf(String path) {
            Matcher token = CSRF.matcher(get(path).body());
            if (!token.find()) {
                throw new AssertionError("no CSRF token at " + path);
            }
            return token.group(1);
        }

        HttpResponse<String> submit(String path, Map<String, String> fields) {
            Map<String, String> form = new LinkedHashMap<>(fields);
            form.put("_csrf", csrf("/admin/phone-numbers"));
            return post(path, form);
        }

        HttpResponse<String> post(String path, Map<String, String> form) {
            return send(
                    "POST",
                    path,
                    form.entrySet().stream()
                            .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
                            .collect(Collectors.joining("&"))
                            .getBytes(UTF_8),
                    Map.of("Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html"));
        }

        HttpResponse<String> send(String method, String path, byte[] body, Map<String, String> headers) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(app + path))
                    .timeout(Duration.ofSeconds(20))
                    .method(
                            method,
                            body.length == 0
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofByteArray(body));
            headers.forEach(request::header);
            if (session != null) {
                request.header("Cookie", "zaptrix_session=" + session);
            }
            try {
                HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
                for (String cookie : response.headers().allValues("Set-Cookie")) {
                    if (cookie.startsWith("zaptrix_session=")) {
                        session = cookie.substring("zaptrix_session=".length()).split(";", 2)[0];
                    }
                }
                return response;
            } catch (IOException failed) {
                throw new AssertionError(failed);
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }
}
