package io.zaptrix.platform;

import static org.springframework.core.env.StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;

import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Takes an environment variable that is empty for one that is not set: Compose files and charts pass every variable on,
 * and those that the operator left out arrive as empty strings, which would hide the defaults.
 */
final class BlankVariables implements EnvironmentPostProcessor, Ordered {

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        if (!(environment.getPropertySources().get(SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME)
                instanceof SystemEnvironmentPropertySource variables)) {
            return;
        }
        Map<String, Object> filled = new HashMap<>(variables.getSource());
        filled.entrySet()
                .removeIf(variable -> isOurs(variable.getKey())
                        && variable.getValue() instanceof CharSequence value
                        && value.toString().isBlank());
        if (filled.size() != variables.getSource().size()) {
            environment
                    .getPropertySources()
                    .replace(
                            SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                            new SystemEnvironmentPropertySource(SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, filled));
        }
    }

    private static boolean isOurs(String name) {
        return name.startsWith("ZAPTRIX_") || name.startsWith("SPRING_DATASOURCE_") || name.equals("SERVER_PORT");
    }
}
