package io.zaptrix.meta;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.ZaptrixProperties;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Who may speak in Meta's name. */
class WebhookSignatureTest {

    private static final byte[] BODY = "{\"object\":\"whatsapp_business_account\",\"entry\":[]}".getBytes(UTF_8);

    static ZaptrixProperties properties(String secrets, URI graphUrl) {
        return new Binder(new MapConfigurationPropertySource(Map.of(
                        "zaptrix.public-url", "https://zaptrix.example",
                        "zaptrix.meta.app-id", "1",
                        "zaptrix.meta.app-secret", secrets,
                        "zaptrix.meta.verify-token", "verify",
                        "zaptrix.meta.graph-url", graphUrl.toString(),
                        "zaptrix.bitrix24.client-id", "app.1")))
                .bind("zaptrix", ZaptrixProperties.class)
                .get();
    }

    static WebhookSignature of(String secrets) {
        return new WebhookSignature(properties(secrets, URI.create("http://localhost")));
    }

    private static String sign(byte[] body, String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
            return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** RFC 4231, test case 2: not our own arithmetic. */
    @Test
    void aPublishedSignatureIsProven() {
        assertThat(of("Jefe")
                        .proves(
                                "what do ya want for nothing?".getBytes(UTF_8),
                                "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"))
                .isTrue();
    }

    @Test
    void whileSecretsAreRotatedEitherCounts() {
        WebhookSignature rotating = of("new-secret, old-secret");

        assertThat(rotating.proves(BODY, sign(BODY, "new-secret"))).isTrue();
        assertThat(rotating.proves(BODY, sign(BODY, "old-secret"))).isTrue();
        assertThat(rotating.proves(BODY, sign(BODY, "new-secret, old-secret"))).isFalse();
        assertThat(of("new-secret").proves(BODY, sign(BODY, "old-secret"))).isFalse();
    }

    @Test
    void anEmptySecretProvesNothing() {
        // A stray comma must not let in whoever signs with nothing; Java cannot even make such a key.
        assertThat(of("secret,").proves(BODY, sign(BODY, "secret"))).isTrue();
        assertThat(of(",").proves(BODY, "sha256=" + "0".repeat(64))).isFalse();
    }

    @Test
    void theHeaderMayBeWrittenInCapitals() {
        String header = sign(BODY, "secret");
        assertThat(of("secret").proves(BODY, "sha256=" + header.substring(7).toUpperCase(Locale.ROOT)))
                .isTrue();
    }

    @Test
    void anythingElseInTheHeaderIsRefused() {
        WebhookSignature signature = of("secret");
        String good = sign(BODY, "secret");

        assertThat(signature.proves(BODY, good)).isTrue();
        assertThat(signature.proves(BODY, null)).isFalse();
        assertThat(signature.proves(BODY, "")).isFalse();
        assertThat(signature.proves(BODY, good.substring(7))).isFalse();
        assertThat(signature.proves(BODY, "sha1=" + good.substring(7))).isFalse();
        assertThat(signature.proves(BODY, good + "0")).isFalse();
        assertThat(signature.proves(BODY, good.substring(0, good.length() - 1))).isFalse();
        assertThat(signature.proves(BODY, good.substring(0, good.length() - 1) + "g"))
                .isFalse();
        assertThat(signature.proves(BODY, good + "," + good)).isFalse();
    }

    @Property(tries = 200)
    void whatTheSecretSignedIsProven(@ForAll byte[] body, @ForAll @NotEmpty String secret) {
        String plain = secret.replaceAll("[,\\s\\p{Cntrl}]", "x").replaceAll("[^\\x21-\\x7e]", "y");
        assertThat(of(plain).proves(body, sign(body, plain))).isTrue();
    }

    @Property(tries = 200)
    void oneChangedBitOfTheBodyIsNoticed(
            @ForAll @Size(min = 1, max = 200) byte[] body, @ForAll @IntRange(min = 0, max = 1600) int bit) {
        String header = sign(body, "secret");
        int at = bit % (body.length * 8);
        byte[] changed = body.clone();
        changed[at / 8] ^= (byte) (1 << (at % 8));
        assertThat(of("secret").proves(changed, header)).isFalse();
    }

    @Property(tries = 500)
    void noHeaderMakesItThrow(@ForAll String header, @ForAll @StringLength(64) String tail) {
        assertThat(of("secret").proves(BODY, header)).isFalse();
        assertThat(of("secret").proves(BODY, "sha256=" + tail)).isFalse();
    }
}
