package io.zaptrix.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.ZaptrixProperties;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class OperatorPasswordTest {

    private static OperatorPassword password(@Nullable String configured) {
        Map<String, Object> settings = new java.util.HashMap<>(Map.of(
                "zaptrix.public-url", URI.create("http://localhost"),
                "zaptrix.data-dir", Path.of("."),
                "zaptrix.meta.app-id", "1",
                "zaptrix.meta.app-secret", "s",
                "zaptrix.meta.verify-token", "v"));
        if (configured != null) {
            settings.put("zaptrix.operator-password", configured);
        }
        return new OperatorPassword(new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("zaptrix", ZaptrixProperties.class));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "correct horse",
                "{bcrypt}$2a$04$p3nehdmYfB31D6swQuFJsOO4T6IWLO/ta0qs8YpCbRMdOWbCsskSO",
                "{argon2}$argon2id$v=19$m=1024,t=2,p=1$JWoNyRg4y/FeRmJVCxgS8WIAB3Cx++W52ucF9nFnxERZlHap/HnDe4XIAMWKVW6JBxcPrHeJQPRDcMR33NgbRQ"
                        + "$AtK3ya0bwcsY0GJ6zh9v0W2BpM3h/+S4uhRB99+LZ8E"
            })
    void thePasswordOpensAndNothingElse(String configured) {
        OperatorPassword password = password(configured);
        assertThat(password.isSet()).isTrue();
        assertThat(password.matches("correct horse")).isTrue();
        assertThat(password.matches("correct horse ")).isFalse();
        assertThat(password.matches("")).isFalse();
        assertThat(password.matches(configured.substring(1))).isFalse();
        assertThat(password.matches("x".repeat(100_000))).isFalse();
    }

    @Test
    void whereNoneIsSetNothingOpens() {
        assertThat(password(null).isSet()).isFalse();
        assertThat(password(null).matches("")).isFalse();
        assertThat(password(" ").matches("")).isFalse();
    }
}
