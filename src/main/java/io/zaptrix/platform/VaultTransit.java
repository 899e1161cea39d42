package io.zaptrix.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Opens what HashiCorp Vault's transit engine has sealed ({@code POST /v1/:mount/decrypt/:name}, in Vault's API
 * documentation "Transit secrets engine"). Vault keeps the key; here is the token that may use it, which is in no
 * message and no log. Redirects are not followed, as the token would go along.
 */
final class VaultTransit {

    /** What a ciphertext of Vault's begins with; the key's version follows. */
    private static final String CIPHERTEXT = "vault:v";

    private static final String FILE_SCHEME = "file:";
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long LONGEST_ANSWER = 1 << 20;
    private static final Pattern KEY = Pattern.compile("([A-Za-z0-9_.-]+/)+[A-Za-z0-9_.-]+");
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]+");

    private final VaultProperties settings;

    VaultTransit(VaultProperties settings) {
        this.settings = settings;
    }

    /** Whether a text is one that Vault must open. */
    static boolean isSealed(String text) {
        return text.strip().startsWith(CIPHERTEXT);
    }

    /**
     * What a ciphertext holds, as text; anything else as it is.
     *
     * @throws IllegalArgumentException when Vault does not open it; the message is one line, begins with the variable
     *     that is to be looked at, and holds no secret
     */
    String open(String text) {
        return isSealed(text) ? decrypt(text.strip()) : text;
    }

    private String decrypt(String ciphertext) {
        URI address = address();
        String token = token();
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .timeout(PATIENCE)
                .header("X-Vault-Token", token)
                // Vault refuses what was not meant for it, where it is told to look for this.
                .header("X-Vault-Request", "true")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        JsonMapper.shared().writeValueAsString(Map.of("ciphertext", ciphertext))));
        if (settings.namespace() != null && !settings.namespace().isBlank()) {
            request.header("X-Vault-Namespace", settings.namespace().strip());
        }
        HttpResponse<String> answer = send(request.build());
        if (answer.statusCode() != 200) {
            throw refused(answer);
        }
        return plaintext(answer.body());
    }

    private URI address() {
        String addr = settings.addr() == null ? "" : settings.addr().strip();
        if (addr.isEmpty()) {
            throw new IllegalArgumentException("ZAPTRIX_VAULT_ADDR is missing (Vault has wrapped the keyset)");
        }
        if (!KEY.matcher(settings.key()).matches()) {
            throw new IllegalArgumentException("ZAPTRIX_VAULT_KEY must be like " + VaultProperties.USUAL_KEY
                    + ": the engine's path and the key's name");
        }
        int name = settings.key().lastIndexOf('/');
        try {
            URI base = new URI(addr);
            boolean here = "localhost".equals(base.getHost()) || "127.0.0.1".equals(base.getHost());
            if (base.getHost() != null
                    && base.getUserInfo() == null
                    && base.getQuery() == null
                    && ("https".equals(base.getScheme()) || "http".equals(base.getScheme()) && here)) {
                return new URI(
                        addr.replaceFirst("/+$", "") + "/v1/" + settings.key().substring(0, name) + "/decrypt/"
                                + settings.key().substring(name + 1));
            }
        } catch (URISyntaxException malformed) {
            // said below
        }
        // Not repeated: it may hold a password.
        throw new IllegalArgumentException("ZAPTRIX_VAULT_ADDR must be like https://vault.example.com:8200");
    }

    private String token() {
        String token = settings.token() == null ? "" : settings.token().strip();
        if (token.startsWith(FILE_SCHEME)) {
            try {
                token = Files.readString(Path.of(token.substring(FILE_SCHEME.length())))
                        .strip();
            } catch (IOException | RuntimeException unreadable) {
                throw new IllegalArgumentException("ZAPTRIX_VAULT_TOKEN names a file that cannot be read");
            }
        }
        if (token.isEmpty()) {
            throw new IllegalArgumentException("ZAPTRIX_VAULT_TOKEN is missing (Vault has wrapped the keyset)");
        }
        if (!TOKEN.matcher(token).matches()) {
            throw new IllegalArgumentException("ZAPTRIX_VAULT_TOKEN is no token");
        }
        return token;
    }

    private static HttpResponse<String> send(HttpRequest request) {
        try (HttpClient client = HttpClient.newBuilder()
                .connectTimeout(CONNECT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build()) {
            return client.send(
                    request,
                    HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(UTF_8), LONGEST_ANSWER));
        } catch (IOException silent) {
            throw new IllegalArgumentException("ZAPTRIX_VAULT_ADDR: Vault does not answer");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalArgumentException("ZAPTRIX_VAULT_ADDR: interrupted while Vault was asked");
        }
    }

    /** What Vault says besides its status is not repeated: it may quote what it was sent. */
    private IllegalArgumentException refused(HttpResponse<String> answer) {
        return new IllegalArgumentException(
                switch (answer.statusCode()) {
                    case 400 ->
                        "ZAPTRIX_ENCRYPTION_KEYSET was not wrapped by Vault's key " + settings.key()
                                + ", or that key is not there";
                    case 403 -> "ZAPTRIX_VAULT_TOKEN may not decrypt with Vault's key " + settings.key();
                    case 404 -> "ZAPTRIX_VAULT_KEY: Vault has no transit engine at " + settings.key();
                    case 503 -> "ZAPTRIX_VAULT_ADDR: Vault is sealed or in maintenance";
                    default -> "ZAPTRIX_VAULT_ADDR: Vault answers with the status " + answer.statusCode();
                });
    }

    private static String plaintext(String answer) {
        try {
            JsonNode plaintext =
                    JsonMapper.shared().readTree(answer).path("data").path("plaintext");
            return new String(Base64.getDecoder().decode(plaintext.asString("")), UTF_8);
        } catch (JacksonException | IllegalArgumentException strange) {
            // The cause may quote the keyset.
            throw new IllegalArgumentException("ZAPTRIX_VAULT_ADDR: the answer is none of Vault's");
        }
    }
}
