package io.zaptrix.platform;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Looks at everything an operator can set, in raw form and before anything is made of it, so that all that is wrong is
 * said at once and by the names that the operator typed. Secret values are never repeated.
 */
final class ConfigurationCheck {

    private static final String DATASOURCE_URL = "spring.datasource.url";

    private static final Duration SHORTEST_MEMORY = Duration.ofDays(8);

    private static final Pattern PASSWORD_HASH = Pattern.compile("\\{bcrypt}\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}"
            + "|\\{argon2}\\$argon2(id|i|d)\\$v=\\d+\\$m=\\d+,t=\\d+,p=\\d+\\$[^$]+\\$[^$]+");

    private final Environment environment;
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private ConfigurationCheck(Environment environment) {
        this.environment = environment;
    }

    /** Looks at everything; makes the data directory where one is needed, and changes nothing else. */
    static ConfigurationCheck of(Environment environment) {
        ConfigurationCheck check = new ConfigurationCheck(environment);
        check.checkAll();
        return check;
    }

    /** Whether no database is given, so that the embedded one is to be used. */
    static boolean wantsEmbeddedDatabase(Environment environment) {
        String url = environment.getProperty(DATASOURCE_URL);
        return url == null || url.isBlank();
    }

    /** What keeps the application from starting; each names its variable. */
    List<String> problems() {
        return problems;
    }

    /** What works, but an operator should know of. */
    List<String> warnings() {
        return warnings;
    }

    private void checkAll() {
        truth("ZAPTRIX_BITRIX24_ALLOW_PRIVATE_HOSTS", "zaptrix.bitrix24.allow-private-hosts");
        truth("ZAPTRIX_SANDBOX_ENABLED", "zaptrix.sandbox.enabled");
        publicUrl();
        required("ZAPTRIX_META_APP_ID", "zaptrix.meta.app-id");
        appSecret();
        required("ZAPTRIX_META_VERIFY_TOKEN", "zaptrix.meta.verify-token");
        vendorUrl("ZAPTRIX_META_GRAPH_URL", "zaptrix.meta.graph-url");
        vendorUrl("ZAPTRIX_META_SDK_URL", "zaptrix.meta.sdk-url");
        value("ZAPTRIX_META_GRAPH_VERSION", "zaptrix.meta.graph-version")
                .filter(version -> !version.matches("v\\d+\\.\\d+"))
                .ifPresent(version -> problem("ZAPTRIX_META_GRAPH_VERSION must be like v23.0, not " + quoted(version)));
        vendorUrl("ZAPTRIX_BITRIX24_OAUTH_URL", "zaptrix.bitrix24.oauth-url");
        clientPair();
        port();
        database();
        operator();
        everythingElse();
    }

    private void operator() {
        String name = "ZAPTRIX_OPERATOR_PASSWORD";
        value(name, "zaptrix.operator-password").ifPresent(password -> {
            if (password.startsWith("{argon2}") || password.startsWith("{bcrypt}")) {
                if (!PASSWORD_HASH.matcher(password).matches()) {
                    problem(name + " must be a password, or {argon2} or {bcrypt} and then a hash of that kind");
                }
            } else if (password.length() < 12) {
                warnings.add(name + " is short; it opens the operator's pages to whoever guesses it, so give it 12"
                        + " characters or more");
            }
        });
        Map<String, String> oidc = Map.of(
                "ZAPTRIX_OPERATOR_OIDC_ISSUER", "zaptrix.operator.oidc.issuer",
                "ZAPTRIX_OPERATOR_OIDC_CLIENT_ID", "zaptrix.operator.oidc.client-id",
                "ZAPTRIX_OPERATOR_OIDC_CLIENT_SECRET", "zaptrix.operator.oidc.client-secret",
                "ZAPTRIX_OPERATOR_OIDC_ALLOWED", "zaptrix.operator.oidc.allowed");
        List<String> missing = oidc.entrySet().stream()
                .filter(one -> value(one.getKey(), one.getValue()).isEmpty())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        if (!missing.isEmpty() && missing.size() < oidc.size()) {
            problem(String.join(" and ", missing) + (missing.size() == 1 ? " is" : " are")
                    + " missing while others of ZAPTRIX_OPERATOR_OIDC_ are set");
        }
        vendorUrl("ZAPTRIX_OPERATOR_OIDC_ISSUER", "zaptrix.operator.oidc.issuer");
    }

    private void publicUrl() {
        String name = "ZAPTRIX_PUBLIC_URL";
        required(name, "zaptrix.public-url").flatMap(url -> url(name, url)).ifPresent(url -> {
            if (isHttps(url) || isLoopback(url)) {
                return;
            }
            String matter = name + " must be https, not " + quoted(url.toString())
                    + ": Meta and Bitrix24 call, and browsers keep the session, over TLS only";
            if (environment
                    .getProperty("zaptrix.bitrix24.allow-private-hosts", "")
                    .equalsIgnoreCase("true")) {
                warnings.add(matter);
            } else {
                problem(matter);
            }
        });
    }

    private void vendorUrl(String name, String property) {
        value(name, property).flatMap(url -> url(name, url)).ifPresent(url -> {
            if (!isHttps(url) && !isLoopback(url)) {
                warnings.add(name + " is not https: tokens travel to " + url.getHost() + " in the clear");
            }
        });
    }

    private Optional<URI> url(String name, String text) {
        try {
            URI url = new URI(text);
            String scheme = Optional.ofNullable(url.getScheme()).orElse("").toLowerCase(Locale.ROOT);
            if ((scheme.equals("http") || scheme.equals("https"))
                    && url.getHost() != null
                    && url.getRawUserInfo() == null
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null) {
                return Optional.of(url);
            }
        } catch (URISyntaxException malformed) {
            // said below
        }
        problem(name + " must be a URL such as https://zaptrix.example.com, not " + quoted(text));
        return Optional.empty();
    }

    private static boolean isHttps(URI url) {
        return "https".equalsIgnoreCase(url.getScheme());
    }

    private static boolean isLoopback(URI url) {
        String host = url.getHost().toLowerCase(Locale.ROOT);
        return host.equals("localhost")
                || host.endsWith(".localhost")
                || host.equals("[::1]")
                || host.matches("127(\\.\\d{1,3}){3}");
    }

    private void appSecret() {
        String name = "ZAPTRIX_META_APP_SECRET";
        required(name, "zaptrix.meta.app-secret").ifPresent(secrets -> {
            for (String secret : secrets.split(",", -1)) {
                if (secret.isBlank()) {
                    problem(name + " must be one secret, or several with a comma between them");
                    return;
                }
            }
        });
    }

    private void clientPair() {
        String id = "ZAPTRIX_BITRIX24_CLIENT_ID";
        String secret = "ZAPTRIX_BITRIX24_CLIENT_SECRET";
        boolean hasId = value(id, "zaptrix.bitrix24.client-id").isPresent();
        boolean hasSecret = value(secret, "zaptrix.bitrix24.client-secret").isPresent();
        if (hasId != hasSecret) {
            problem((hasId ? secret : id) + " is missing while " + (hasId ? id : secret) + " is set");
        }
    }

    private void port() {
        value("SERVER_PORT", "server.port").ifPresent(text -> {
            try {
                int port = Integer.parseInt(text);
                // -1 is what a test without a server asks for
                if (port >= -1 && port <= 65535) {
                    return;
                }
            } catch (NumberFormatException malformed) {
                // said below
            }
            problem("SERVER_PORT must be a port from 0 to 65535, not " + quoted(text));
        });
    }

    private void database() {
        Optional<String> url = value("SPRING_DATASOURCE_URL", DATASOURCE_URL);
        Optional<String> username = value("SPRING_DATASOURCE_USERNAME", "spring.datasource.username");
        Optional<String> keyset = value("ZAPTRIX_ENCRYPTION_KEYSET", "zaptrix.encryption-keyset");
        keyset.ifPresent(this::keyset);
        if (url.isEmpty()) {
            if (username.isPresent()) {
                problem("SPRING_DATASOURCE_URL is missing while SPRING_DATASOURCE_USERNAME is set");
            } else {
                dataDirectory();
            }
            return;
        }
        Properties parts = url.get().startsWith("jdbc:postgresql:")
                ? org.postgresql.Driver.parseURL(url.get(), new Properties())
                : null;
        if (parts == null) {
            // Not repeated: it may hold a password.
            problem("SPRING_DATASOURCE_URL must be like jdbc:postgresql://host:5432/database");
        } else if (username.isEmpty() && parts.getProperty("user") == null) {
            problem("SPRING_DATASOURCE_USERNAME is missing");
        }
        if (keyset.isEmpty()) {
            problem("ZAPTRIX_ENCRYPTION_KEYSET is missing (required with SPRING_DATASOURCE_URL)");
        }
    }

    private void keyset(String configured) {
        try {
            Path file = KeyRing.file(configured);
            keysetText(file == null ? configured : KeyRing.read(file));
        } catch (IllegalArgumentException unreadable) {
            problem("ZAPTRIX_ENCRYPTION_KEYSET names a file that cannot be read: " + quoted(configured));
        }
    }

    private void keysetText(String text) {
        String keyset = text;
        if (VaultTransit.isSealed(text)) {
            try {
                keyset = new VaultTransit(Binder.get(environment).bindOrCreate("zaptrix.vault", VaultProperties.class))
                        .open(text);
            } catch (BindException misfit) {
                // Said with everything else that does not fit.
                return;
            } catch (IllegalArgumentException refused) {
                problem(String.valueOf(refused.getMessage()));
                return;
            }
        }
        if (!TinkSecrets.isUsable(keyset)) {
            problem(
                    "ZAPTRIX_ENCRYPTION_KEYSET must be a Tink AEAD keyset in JSON, as it is or wrapped by Vault, or file:"
                            + " and the path of one");
        }
    }

    private void dataDirectory() {
        String text = value("ZAPTRIX_DATA_DIR", "zaptrix.data-dir").orElse("./data");
        try {
            Path directory = Files.createDirectories(Path.of(text).toAbsolutePath());
            if (Files.isWritable(directory)) {
                return;
            }
        } catch (IOException | InvalidPathException unusable) {
            // said below
        }
        problem("ZAPTRIX_DATA_DIR must be a directory that can be written, not " + quoted(text));
    }

    private void truth(String name, String property) {
        value(name, property)
                .filter(text -> !text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false"))
                .ifPresent(text -> problem(name + " must be true or false, not " + quoted(text)));
    }

    /** What has no rule of its own must at least fit its type. */
    private void everythingElse() {
        try {
            ZaptrixProperties properties = Binder.get(environment).bindOrCreate("zaptrix", ZaptrixProperties.class);
            if (properties.relay() != null && properties.relay().remember().compareTo(SHORTEST_MEMORY) < 0) {
                problem("ZAPTRIX_RELAY_REMEMBER must be 8d or more: Meta delivers again for seven days");
            }
        } catch (BindException misfit) {
            String name = misfit.getName().toString().toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
            boolean said = problems.stream().anyMatch(problem -> problem.startsWith(name));
            if (!said && (problems.isEmpty() || misfit.getProperty() != null)) {
                problem(name + " has a value that does not fit");
            }
        }
    }

    private Optional<String> required(String name, String property) {
        Optional<String> value = value(name, property);
        if (value.isEmpty() && !unreadable(name)) {
            problem(name + " is missing");
        }
        return value;
    }

    private Optional<String> value(String name, String property) {
        try {
            return Optional.ofNullable(environment.getProperty(property))
                    .map(String::strip)
                    .filter(value -> !value.isEmpty());
        } catch (IllegalArgumentException placeholder) {
            if (!unreadable(name)) {
                problem(name + " holds a ${placeholder} that nothing fills");
            }
            return Optional.empty();
        }
    }

    private boolean unreadable(String name) {
        return problems.stream().anyMatch(problem -> problem.startsWith(name + " holds"));
    }

    private void problem(String problem) {
        problems.add(problem);
    }

    private static String quoted(String value) {
        String shown = value.length() > 80 ? value.substring(0, 80) + "…" : value;
        return '"' + shown.replaceAll("\\p{Cntrl}", " ") + '"';
    }
}
