package io.zaptrix.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.platform.StartRefused;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.DeferredLogs;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** The sandbox comes when a newcomer wants it, and never beside a production configuration. */
class SandboxEnvironmentTest {

    private final Map<String, Object> variables = new HashMap<>();
    private final StandardEnvironment environment = new StandardEnvironment();

    @TempDir
    private Path data;

    @BeforeEach
    void nothingFromThisMachine() {
        environment.getPropertySources().remove(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
        environment
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
        variables.put("ZAPTRIX_DATA_DIR", data.toString());
    }

    @Test
    void withoutProfileAndWishNothingHappens() {
        decide();

        assertThat(environment.containsProperty("zaptrix.sandbox.enabled")).isFalse();
        assertThat(environment.containsProperty("zaptrix.meta.app-id")).isFalse();
    }

    @Test
    void theProfileFillsInWhatAnOperatorWouldSetForThisMachineOnly() {
        environment.setActiveProfiles("sandbox");

        decide();

        assertThat(environment.getProperty("zaptrix.sandbox.enabled")).isEqualTo("true");
        assertThat(environment.getProperty("zaptrix.public-url")).isEqualTo("http://localhost:8080");
        assertThat(environment.getProperty("zaptrix.meta.graph-url")).isEqualTo("http://127.0.0.1:8181");
        assertThat(environment.getProperty("zaptrix.bitrix24.oauth-url")).isEqualTo("http://127.0.0.1:8182");
        assertThat(environment.getProperty("server.address")).isEqualTo("127.0.0.1");
        assertThat(environment.getProperty("spring.servlet.multipart.enabled"))
                .as("visitors attach files, as nobody does elsewhere")
                .isEqualTo("true");
    }

    @Test
    void theWishAloneDoesToo() {
        variables.put("ZAPTRIX_SANDBOX_ENABLED", "true");
        variables.put("SERVER_PORT", "9090");

        decide();

        assertThat(environment.getProperty("zaptrix.public-url")).isEqualTo("http://localhost:9090");
        assertThat(environment.getProperty("zaptrix.meta.app-secret")).isNotBlank();
    }

    @Test
    void theProfileCanBeOverruled() {
        environment.setActiveProfiles("sandbox");
        variables.put("ZAPTRIX_SANDBOX_ENABLED", "false");

        decide();

        assertThat(environment.containsProperty("zaptrix.meta.app-id")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SPRING_DATASOURCE_URL",
                "ZAPTRIX_PUBLIC_URL",
                "ZAPTRIX_META_APP_ID",
                "ZAPTRIX_META_APP_SECRET",
                "ZAPTRIX_META_VERIFY_TOKEN",
                "ZAPTRIX_BITRIX24_CLIENT_ID",
                "ZAPTRIX_BITRIX24_OAUTH_URL",
                "ZAPTRIX_ENCRYPTION_KEYSET"
            })
    void beforeAProductionVariableTheProfileStepsAsideAndTheWishIsRefused(String variable) {
        environment.setActiveProfiles("sandbox");
        variables.put(variable, "given");
        decide();
        assertThat(environment.containsProperty("zaptrix.sandbox.enabled")).isFalse();

        variables.put("ZAPTRIX_SANDBOX_ENABLED", "true");

        assertThatThrownBy(this::decide)
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining(variable)
                .hasMessageContaining("ZAPTRIX_SANDBOX_ENABLED");
    }

    @Test
    void anArgumentCountsAsAVariableDoesAndWhatLiesInTheJarDoesNot() {
        environment.setActiveProfiles("sandbox");
        environment
                .getPropertySources()
                .addLast(new MapPropertySource(
                        "Config resource 'class path resource [application.properties]'",
                        Map.of("zaptrix.meta.graph-version", "v23.0")));
        decide();
        assertThat(environment.getProperty("zaptrix.sandbox.enabled")).isEqualTo("true");

        StandardEnvironment other = new StandardEnvironment();
        other.setActiveProfiles("sandbox");
        other.getPropertySources()
                .addFirst(new MapPropertySource("commandLineArgs", Map.of("zaptrix.meta.app-id", "42")));
        new SandboxEnvironment(new DeferredLogs()).postProcessEnvironment(other, new SpringApplication());
        assertThat(other.containsProperty("zaptrix.sandbox.enabled")).isFalse();
    }

    @Test
    void itsSecretsAreItsOwnAndOutliveARestart() {
        SandboxSecrets first = SandboxSecrets.in(data.resolve("a"));

        assertThat(SandboxSecrets.in(data.resolve("a"))).isEqualTo(first);
        assertThat(SandboxSecrets.in(data.resolve("b")).metaAppSecret()).isNotEqualTo(first.metaAppSecret());
        assertThat(first.toString()).doesNotContain(first.metaAppSecret(), first.bitrix24ClientSecret());
    }

    @Test
    void freePortsAreChosenBeforeAnybodyIsToldOfThem() {
        environment.setActiveProfiles("sandbox");
        variables.put("ZAPTRIX_SANDBOX_META_PORT", "0");

        decide();

        String port = environment.getProperty("zaptrix.sandbox.meta-port");
        assertThat(port).isNotEqualTo("0");
        assertThat(environment.getProperty("zaptrix.meta.graph-url")).isEqualTo("http://127.0.0.1:" + port);
    }

    private void decide() {
        new SandboxEnvironment(new DeferredLogs()).postProcessEnvironment(environment, new SpringApplication());
    }
}
