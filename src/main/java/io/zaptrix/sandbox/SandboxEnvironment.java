package io.zaptrix.sandbox;

import io.zaptrix.platform.StartRefused;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.commons.logging.Log;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;

/**
 * Decides whether the sandbox runs, and fills in what an operator would have to set. It runs with the profile that
 * {@code mvn spring-boot:run} starts, or by {@code ZAPTRIX_SANDBOX_ENABLED=true}, and never beside a production
 * configuration: the profile then steps aside, and the explicit wish is refused.
 */
final class SandboxEnvironment implements EnvironmentPostProcessor, Ordered {

    static final String PROFILE = "sandbox";
    static final String ENABLED = "zaptrix.sandbox.enabled";
    static final String META_PORT = "zaptrix.sandbox.meta-port";
    static final String BITRIX24_PORT = "zaptrix.sandbox.bitrix24-port";

    /** Beginnings of the names, without case and punctuation, that only a real installation sets. */
    private static final List<String> PRODUCTION = List.of(
            "springdatasourceurl", "zaptrixmeta", "zaptrixbitrix24", "zaptrixpublicurl", "zaptrixencryptionkeyset");

    private final Log log;

    SandboxEnvironment(DeferredLogFactory logs) {
        this.log = logs.getLog(SandboxEnvironment.class);
    }

    /** After the files of the configuration are read. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    /** @throws StartRefused when the sandbox was asked for by name together with a production configuration */
    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        Optional<String> wish = Optional.ofNullable(environment.getProperty(ENABLED));
        boolean byProfile = environment.matchesProfiles(PROFILE);
        boolean byName = wish.filter("true"::equalsIgnoreCase).isPresent();
        if (wish.isPresent() ? !byName : !byProfile) {
            return;
        }
        TreeSet<String> production = productionVariables(environment);
        if (production.isEmpty()) {
            fillIn(environment);
        } else if (byName) {
            throw new StartRefused("ZAPTRIX_SANDBOX_ENABLED is true while " + String.join(", ", production)
                    + (production.size() == 1 ? " is" : " are")
                    + " set: the sandbox does not run with a production configuration; unset one or the other");
        } else {
            log.info("The sandbox steps aside: " + String.join(", ", production) + " set from outside");
        }
    }

    private static TreeSet<String> productionVariables(ConfigurableEnvironment environment) {
        return environment.getPropertySources().stream()
                .filter(SandboxEnvironment::isFromOutside)
                .flatMap(source -> source instanceof EnumerablePropertySource<?> names
                        ? java.util.Arrays.stream(names.getPropertyNames())
                        : java.util.stream.Stream.empty())
                .filter(SandboxEnvironment::isProduction)
                .map(name -> name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What lies in the jar is the application's own, not its operator's. */
    private static boolean isFromOutside(PropertySource<?> source) {
        return !source.getName().contains("class path resource")
                && !source.getName().equals("configurationProperties");
    }

    private static boolean isProduction(String name) {
        String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
        return PRODUCTION.stream().anyMatch(plain::startsWith);
    }

    private void fillIn(ConfigurableEnvironment environment) {
        SandboxSecrets secrets = SandboxSecrets.in(Path.of(environment.getProperty("zaptrix.data-dir", "./data")));
        Map<String, Object> chosen = new LinkedHashMap<>();
        String port = port(environment, chosen, "server.port", 8080);
        String metaPort = port(environment, chosen, META_PORT, 8181);
        String bitrix24Port = port(environment, chosen, BITRIX24_PORT, 8182);
        Map<String, Object> defaults = new LinkedHashMap<>();
        defaults.put(ENABLED, "true");
        defaults.put(META_PORT, metaPort);
        defaults.put(BITRIX24_PORT, bitrix24Port);
        defaults.put("zaptrix.public-url", "http://localhost:" + port);
        defaults.put("zaptrix.meta.app-id", secrets.metaAppId());
        defaults.put("zaptrix.meta.app-secret", secrets.metaAppSecret());
        defaults.put("zaptrix.meta.verify-token", secrets.metaVerifyToken());
        defaults.put("zaptrix.meta.graph-url", "http://127.0.0.1:" + metaPort);
        defaults.put("zaptrix.meta.sdk-url", "http://127.0.0.1:" + metaPort);
        defaults.put("zaptrix.meta.config-id", "1");
        defaults.put("zaptrix.bitrix24.client-id", secrets.bitrix24ClientId());
        defaults.put("zaptrix.bitrix24.client-secret", secrets.bitrix24ClientSecret());
        defaults.put("zaptrix.bitrix24.oauth-url", "http://127.0.0.1:" + bitrix24Port);
        defaults.put("zaptrix.bitrix24.allow-private-hosts", "true");
        // What visitors attach; the limit of all requests is smaller still. Chosen, as the application has it off.
        chosen.put("spring.servlet.multipart.enabled", "true");
        defaults.put("spring.servlet.multipart.max-file-size", "3MB");
        defaults.put("spring.servlet.multipart.file-size-threshold", "3MB");
        // The stand-ins are open to whoever reaches the port: nobody but this machine should.
        defaults.put("server.address", "127.0.0.1");
        environment.getPropertySources().addFirst(new MapPropertySource("sandbox ports", chosen));
        environment.getPropertySources().addLast(new MapPropertySource("sandbox defaults", defaults));
    }

    /** A port as configured; one that is to be free is chosen now, because others are told of it. */
    private static String port(
            ConfigurableEnvironment environment, Map<String, Object> chosen, String property, int otherwise) {
        String port =
                environment.getProperty(property, Integer.toString(otherwise)).strip();
        if (!port.equals("0")) {
            return port;
        }
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String free = Integer.toString(probe.getLocalPort());
            chosen.put(property, free);
            return free;
        } catch (IOException e) {
            throw new StartRefused("no free port for " + property, e);
        }
    }
}
