package io.zaptrix.meta;

import io.zaptrix.platform.ZaptrixProperties;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Tells Meta's webhooks from anybody else's by {@code X-Hub-Signature-256}: the HMAC-SHA256 of the body under the app's
 * secret ("Validating Payloads" in Meta's Graph API webhooks guide). While a secret is being rotated several count.
 */
@Component
public final class WebhookSignature {

    /** The header that carries the signature. */
    public static final String HEADER = "X-Hub-Signature-256";

    private static final String ALGORITHM = "HmacSHA256";
    private static final String PREFIX = "sha256=";
    private static final int HEX_LENGTH = 64;

    private final List<SecretKeySpec> secrets;

    WebhookSignature(ZaptrixProperties properties) {
        this.secrets = properties.meta().appSecrets().stream()
                .map(String::strip)
                .filter(secret -> !secret.isEmpty())
                .map(secret -> new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM))
                .toList();
    }

    /**
     * Whether one of the app's secrets signed exactly these bytes. Takes as long for a nearly right signature as for a
     * wrong one.
     *
     * @param rawBody the body as it came over the wire: Meta signs its own escaping of non-ASCII letters, which parsing
     *     and writing again would lose
     * @param header the value of {@value #HEADER}; its hex digits may be of either case
     */
    public boolean proves(byte[] rawBody, @Nullable String header) {
        if (header == null || !isOne(header)) {
            return false;
        }
        byte[] given;
        try {
            given = HexFormat.of().parseHex(header, PREFIX.length(), header.length());
        } catch (IllegalArgumentException notHex) {
            return false;
        }
        boolean proven = false;
        for (SecretKeySpec secret : secrets) {
            proven |= MessageDigest.isEqual(sign(secret, rawBody), given);
        }
        return proven;
    }

    /** Whether a header has the form of a signature at all. */
    public static boolean isOne(@Nullable String header) {
        return header != null && header.length() == PREFIX.length() + HEX_LENGTH && header.startsWith(PREFIX);
    }

    private static byte[] sign(SecretKeySpec secret, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            return mac.doFinal(body);
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
