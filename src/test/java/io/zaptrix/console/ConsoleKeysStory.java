package io.zaptrix.console;

import static io.zaptrix.console.Steps.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.sandbox.StandInBitrix24;
import io.zaptrix.sandbox.StandInMeta;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.testing.AppProcess;
import io.zaptrix.testing.TestSettings;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * The keyset lies in the data directory, as with most who run one machine: its key is changed by a button, and the old
 * one can be taken away when nothing needs it any more. The company's identity provider is away meanwhile.
 */
class ConsoleKeysStory {

    private static final String NUMBER = "106540352242922";
    private static final String WABA = "419561257915477";
    private static final String CUSTOMER = "5511987654321";
    private static final String KEYS = "/operator/keys";
    private static final Pattern KEY = Pattern.compile("<td data-label=\"Key\"><code>(\\d+)</code></td>");

    @TempDir
    private Path data;

    private AppProcess process(URI url, StandInMeta meta, StandInBitrix24 bitrix24) throws IOException {
        return AppProcess.builder()
                .port(url.getPort())
                .without("ZAPTRIX_ENCRYPTION_KEYSET")
                .env("ZAPTRIX_DATA_DIR", data.toString())
                .env("ZAPTRIX_PUBLIC_URL", url.toString())
                .env("ZAPTRIX_META_GRAPH_URL", meta.graphUrl().toString())
                .env("ZAPTRIX_BITRIX24_OAUTH_URL", bitrix24.oauthUrl().toString())
                .env("ZAPTRIX_OPERATOR_OIDC_ISSUER", "http://localhost:" + AppProcess.freePort())
                .env("ZAPTRIX_OPERATOR_OIDC_CLIENT_ID", "console")
                .env("ZAPTRIX_OPERATOR_OIDC_CLIENT_SECRET", "provider-secret")
                .env("ZAPTRIX_OPERATOR_OIDC_ALLOWED", "ana@example.com")
                .argument("--zaptrix.bitrix24.rate-per-second=50")
                .argument("--zaptrix.bitrix24.burst=500")
                .argument("--zaptrix.key-rotation.grace=100ms")
                .start();
    }

    @Test
    void theButtonBringsAKeyAndTheOldOneGoesWhenNothingNeedsIt() throws Exception {
        URI url = URI.create("http://localhost:" + AppProcess.freePort());
        try (StandInMeta meta = new StandInMeta(0);
                StandInBitrix24 bitrix24 = new StandInBitrix24(0)) {
            meta.app(TestSettings.META_APP_ID, TestSettings.META_APP_SECRET, TestSettings.META_VERIFY_TOKEN)
                    .webhookUrl(url.resolve("/webhooks/meta"))
                    .addNumber(NUMBER, WABA, "+55 11 5555-0100", "Acme", "EAAconsole");
            StandInPortal portal = bitrix24.app(
                            TestSettings.BITRIX24_CLIENT_ID, TestSettings.BITRIX24_CLIENT_SECRET, url)
                    .addPortal("acme")
                    .language("en");
            AppProcess app = process(url, meta, bitrix24);
            try {
                Steps.link(app.url(), portal, NUMBER, WABA, "EAAconsole");
                OperatorBrowser operator = signedIn(app);

                // Who clicks twice gets one key.
                String before = operator.get(KEYS).body();
                assertThat(keys(before)).hasSize(1);
                assertThat(before).contains("The keyset lies in the data directory");
                String old = keys(before).getFirst();
                byte[] sealedBefore = token();
                for (int click = 0; click < 2; click++) {
                    assertThat(operator.submit(KEYS, KEYS + "/rotate", Map.of())
                                    .headers()
                                    .firstValue("Location"))
                            .contains(KEYS + "?done=rotated");
                }
                meta.customerWrites(NUMBER, CUSTOMER, "Maria", "meanwhile");
                await(
                        "all is sealed with the new key",
                        () -> operator.get(KEYS).body().contains(KEYS + "/remove"));
                assertThat(keys(operator.get(KEYS).body())).hasSize(2).contains(old);
                assertThat(token()).isNotEqualTo(sealedBefore);

                // A value that came back from before still needs the old key, which stays.
                byte[] sealedNow = token();
                token(sealedBefore);
                HttpResponse<String> refused = operator.submit(KEYS, KEYS + "/remove", Map.of("key", old));
                assertThat(refused.statusCode()).isEqualTo(409);
                assertThat(refused.body()).contains("Something is still sealed with this key");
                assertThat(keys(operator.get(KEYS).body())).hasSize(2);
                token(sealedNow);

                // The key that seals stays, whatever is asked; the other one goes.
                String fresh = keys(operator.get(KEYS).body()).stream()
                        .filter(key -> !key.equals(old))
                        .findFirst()
                        .orElseThrow();
                operator.submit(KEYS, KEYS + "/remove", Map.of("key", fresh));
                assertThat(keys(operator.get(KEYS).body())).hasSize(2);
                assertThat(operator.submit(KEYS, KEYS + "/remove", Map.of("key", old))
                                .headers()
                                .firstValue("Location"))
                        .contains(KEYS + "?done=removed");
                assertThat(keys(operator.get(KEYS + "?done=removed").body())).containsExactly(fresh);
                assertThat(operator.get("/operator/audit").body())
                        .contains("rotated the key", "removed the old key", fresh, old);

                app.stop();
                app = process(url, meta, bitrix24);
                meta.customerWrites(NUMBER, CUSTOMER, "Maria", "after the restart");
                await("both messages", () -> texts(portal).containsAll(List.of("meanwhile", "after the restart")));
                assertThat(app.output()).doesNotContain("does not open", "cannot open");
            } finally {
                app.close();
            }
        }
    }

    /** By password and code, as the provider does not answer; that is said, in words. */
    private static OperatorBrowser signedIn(AppProcess app) {
        OperatorBrowser operator = new OperatorBrowser(app.url(), "192.0.2.1");
        HttpResponse<String> away = operator.get("/operator/oidc/start/operator");
        assertThat(away.statusCode()).isEqualTo(502);
        assertThat(away.body())
                .contains("The identity provider does not answer")
                .doesNotContain("Exception");

        assertThat(operator.submit(
                                "/operator/sign-in",
                                "/operator/sign-in",
                                Map.of("password", TestSettings.OPERATOR_PASSWORD))
                        .statusCode())
                .isEqualTo(303);
        Matcher secret = Pattern.compile("<code class=\"key\">([A-Z2-7 ]+)</code>")
                .matcher(operator.get("/operator/code").body());
        assertThat(secret.find()).isTrue();
        assertThat(operator.submit(
                                "/operator/code",
                                "/operator/code",
                                Map.of("code", new Authenticator(secret.group(1)).code()))
                        .statusCode())
                .isEqualTo(200);
        return operator;
    }

    private static List<String> keys(String page) {
        return KEY.matcher(page).results().map(found -> found.group(1)).toList();
    }

    private static List<String> texts(StandInPortal portal) {
        return portal.chats().stream()
                .flatMap(chat -> portal.inbound(chat.id()).stream())
                .map(StandInPortal.ChatMessage::text)
                .toList();
    }

    private byte[] token() throws IOException {
        return everything()
                .sql("select access_token from phone_number")
                .query(byte[].class)
                .single();
    }

    private void token(byte[] sealed) throws IOException {
        everything()
                .sql("update phone_number set access_token = :sealed")
                .param("sealed", sealed)
                .update();
    }

    /** The application's own database, as its superuser. */
    private JdbcClient everything() throws IOException {
        Properties passwords = new Properties();
        passwords.load(new StringReader(Files.readString(data.resolve("database.properties"))));
        String port =
                Files.readAllLines(data.resolve("postgres/postmaster.pid")).get(3);
        return JdbcClient.create(new DriverManagerDataSource(
                "jdbc:postgresql://127.0.0.1:" + port + "/zaptrix", "postgres", passwords.getProperty("postgres")));
    }
}
