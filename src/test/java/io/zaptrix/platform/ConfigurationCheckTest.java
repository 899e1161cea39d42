package io.zaptrix.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.testing.AppProcess;
import io.zaptrix.testing.TestSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class ConfigurationCheckTest {

    @TempDir
    private Path directory;

    @Test
    void whatTheTestsUseIsFine() {
        ConfigurationCheck check = check(Map.of());
        assertThat(check.problems()).isEmpty();
        assertThat(check.warnings()).isEmpty();
    }

    @Test
    void everythingMissingIsNamedAtOnce() {
        assertThat(checkOnly(Map.of("ZAPTRIX_DATA_DIR", directory.toString())).problems())
                .containsExactly(
                        "ZAPTRIX_PUBLIC_URL is missing",
                        "ZAPTRIX_META_APP_ID is missing",
                        "ZAPTRIX_META_APP_SECRET is missing",
                        "ZAPTRIX_META_VERIFY_TOKEN is missing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ZAPTRIX_PUBLIC_URL                   | ftp://zaptrix.example",
                "ZAPTRIX_PUBLIC_URL                   | zaptrix.example.com",
                "ZAPTRIX_PUBLIC_URL                   | https://",
                "ZAPTRIX_PUBLIC_URL                   | https://a b",
                "ZAPTRIX_PUBLIC_URL                   | https://zaptrix.example?x=y",
                "ZAPTRIX_META_APP_SECRET              | one,,two",
                "ZAPTRIX_META_GRAPH_URL               | graph.facebook.com",
                "ZAPTRIX_META_GRAPH_VERSION           | 23",
                "ZAPTRIX_META_GRAPH_VERSION           | v23",
                "ZAPTRIX_BITRIX24_OAUTH_URL           | https//oauth.bitrix.info",
                "ZAPTRIX_BITRIX24_ALLOW_PRIVATE_HOSTS | perhaps",
                "ZAPTRIX_SANDBOX_ENABLED              | 2",
                "ZAPTRIX_RELAY_REMEMBER               | 7d",
                "SERVER_PORT                          | http",
                "SERVER_PORT                          | 65536",
                "SPRING_DATASOURCE_URL                | jdbc:mysql://localhost/zaptrix",
                "SPRING_DATASOURCE_URL                | jdbc:postgresql://host:port/zaptrix",
                "ZAPTRIX_ENCRYPTION_KEYSET            | {}",
                "ZAPTRIX_ENCRYPTION_KEYSET            | not json",
                "ZAPTRIX_RELAY_LEASE                  | soon",
                "ZAPTRIX_BITRIX24_RATE_PER_SECOND     | two",
                "ZAPTRIX_DATA_DIR                     | /dev/null/data",
            })
    void aWrongValueIsNamedByItsVariable(String name, String value) {
        Map<String, String> given = new HashMap<>(Map.of(name, value));
        if (name.startsWith("SPRING_DATASOURCE")) {
            given.put("SPRING_DATASOURCE_USERNAME", "zaptrix");
        }
        assertThat(check(given).problems()).singleElement().asString().startsWith(name + " ");
    }

    @Test
    void anEmptyVariableIsAMissingOne() {
        assertThat(check(Map.of(
                                "ZAPTRIX_META_APP_ID", "  ",
                                "ZAPTRIX_META_GRAPH_URL", "",
                                "SERVER_PORT", "",
                                "SPRING_DATASOURCE_URL", ""))
                        .problems())
                .containsExactly("ZAPTRIX_META_APP_ID is missing");
    }

    @Test
    void aPairIsGivenWholeOrNotAtAll() {
        assertThat(check(Map.of("ZAPTRIX_BITRIX24_CLIENT_SECRET", "")).problems())
                .containsExactly("ZAPTRIX_BITRIX24_CLIENT_SECRET is missing while ZAPTRIX_BITRIX24_CLIENT_ID is set");
        assertThat(check(Map.of("ZAPTRIX_BITRIX24_CLIENT_SECRET", "", "ZAPTRIX_BITRIX24_CLIENT_ID", ""))
                        .problems())
                .isEmpty();
    }

    @Test
    void aGivenDatabaseNeedsARoleAndAKeyset() {
        assertThat(check(Map.of(
                                "SPRING_DATASOURCE_URL", "jdbc:postgresql://localhost/zaptrix",
                                "ZAPTRIX_ENCRYPTION_KEYSET", ""))
                        .problems())
                .containsExactly(
                        "SPRING_DATASOURCE_USERNAME is missing",
                        "ZAPTRIX_ENCRYPTION_KEYSET is missing (required with SPRING_DATASOURCE_URL)");
        assertThat(check(Map.of("SPRING_DATASOURCE_USERNAME", "zaptrix")).problems())
                .containsExactly("SPRING_DATASOURCE_URL is missing while SPRING_DATASOURCE_USERNAME is set");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:8080", "http://127.0.0.1:1/", "http://[::1]", "https://zaptrix.example/"})
    void aPublicUrlIsHttpsOrThisMachine(String url) {
        ConfigurationCheck check =
                check(Map.of("ZAPTRIX_PUBLIC_URL", url, "ZAPTRIX_BITRIX24_ALLOW_PRIVATE_HOSTS", "false"));
        assertThat(check.problems()).isEmpty();
        assertThat(check.warnings()).isEmpty();
    }

    @Test
    void aPublicUrlInTheClearIsRefusedUnlessPrivateHostsAreAllowed() {
        assertThat(check(Map.of(
                                "ZAPTRIX_PUBLIC_URL", "http://zaptrix.example",
                                "ZAPTRIX_BITRIX24_ALLOW_PRIVATE_HOSTS", "false"))
                        .problems())
                .singleElement()
                .asString()
                .startsWith("ZAPTRIX_PUBLIC_URL must be https");
        ConfigurationCheck allowed = check(
                Map.of("ZAPTRIX_PUBLIC_URL", "http://zaptrix.example", "ZAPTRIX_BITRIX24_ALLOW_PRIVATE_HOSTS", "true"));
        assertThat(allowed.problems()).isEmpty();
        assertThat(allowed.warnings()).singleElement().asString().startsWith("ZAPTRIX_PUBLIC_URL");
    }

    @Test
    void noSecretIsRepeated() {
        Map<String, String> secrets = Map.of(
                "ZAPTRIX_META_APP_SECRET", "hush,,hush",
                "ZAPTRIX_ENCRYPTION_KEYSET", "hush",
                "ZAPTRIX_OPERATOR_PASSWORD", "hush",
                "SPRING_DATASOURCE_URL", "jdbc:postgresql//user:hush@localhost");
        ConfigurationCheck check = check(secrets);
        assertThat(check.problems()).hasSizeGreaterThan(2);
        assertThat(check.warnings()).hasSize(1);
        assertThat(String.join("\n", check.problems()) + check.warnings()).doesNotContain("hush");
    }

    @Test
    void theProcessEndsWithOneLineAndNoStackTrace() throws IOException {
        AppProcess process = AppProcess.builder()
                .without("ZAPTRIX_META_APP_SECRET")
                .env("ZAPTRIX_DATA_DIR", directory.toString())
                .env("SERVER_PORT", "abc")
                .launch();
        assertThat(process.awaitExit()).isEqualTo(1);
        assertThat(process.output().strip())
                .isEqualTo("Zaptrix cannot start: ZAPTRIX_META_APP_SECRET is missing;"
                        + " SERVER_PORT must be a port from 0 to 65535, not \"abc\"");
        try (var files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    private ConfigurationCheck check(Map<String, String> variables) {
        Map<String, String> all = new HashMap<>(TestSettings.environment());
        all.put("ZAPTRIX_DATA_DIR", directory.toString());
        all.putAll(variables);
        return checkOnly(all);
    }

    private static ConfigurationCheck checkOnly(Map<String, String> variables) {
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .forEach(source -> environment.getPropertySources().remove(source.getName()));
        environment
                .getPropertySources()
                .addLast(new SystemEnvironmentPropertySource(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new HashMap<>(variables)));
        new BlankVariables().postProcessEnvironment(environment, new SpringApplication());
        ConfigurationPropertySources.attach(environment);
        return ConfigurationCheck.of(environment);
    }
}
