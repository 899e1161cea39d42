package io.zaptrix.platform;

import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * What must be right before the first bean is made: the configuration, and a database that keeps tenants apart. Runs
 * after everything else that contributes to the environment.
 */
final class PlatformInitializer implements ApplicationContextInitializer<ConfigurableApplicationContext>, Ordered {

    private static final Logger log = LoggerFactory.getLogger(PlatformInitializer.class);

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        ConfigurationCheck check = ConfigurationCheck.of(environment);
        if (!check.problems().isEmpty()) {
            throw new StartRefused(check.problems());
        }
        check.warnings().forEach(log::warn);
        JdbcConnectionDetails database;
        if (ConfigurationCheck.wantsEmbeddedDatabase(environment)) {
            database = startEmbedded(context, Path.of(environment.getProperty("zaptrix.data-dir", "./data")));
        } else {
            database = new ConfiguredDatabase(environment);
        }
        DatabaseGuard.admit(database);
    }

    /** The pools that ask for the connection details depend on them, so that the server is stopped after them. */
    private static JdbcConnectionDetails startEmbedded(ConfigurableApplicationContext context, Path dataDirectory) {
        boolean keysetGiven = context.getEnvironment().containsProperty("zaptrix.encryption-keyset");
        EmbeddedDatabase database = EmbeddedDatabase.start(dataDirectory, keysetGiven);
        context.getBeanFactory().registerSingleton("embeddedDatabase", database);
        if (context.getBeanFactory() instanceof DefaultSingletonBeanRegistry beans) {
            beans.registerDisposableBean("embeddedDatabase", database::close);
        }
        return database;
    }

    /** The database that the environment names, as it will be given to the pools. */
    private record ConfiguredDatabase(ConfigurableEnvironment environment) implements JdbcConnectionDetails {

        @Override
        public String getJdbcUrl() {
            return environment.getRequiredProperty("spring.datasource.url");
        }

        @Override
        public String getUsername() {
            return environment.getProperty("spring.datasource.username", "");
        }

        @Override
        public String getPassword() {
            return environment.getProperty("spring.datasource.password", "");
        }
    }
}
