package io.zaptrix.portal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.Zaptrix;
import io.zaptrix.bitrix24.PhpForm;
import io.zaptrix.bitrix24.PortalEvent;
import io.zaptrix.platform.TenantId;
import io.zaptrix.testing.TestDatabase;
import io.zaptrix.testing.TestSettings;
import java.io.IOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** A replica of the application in this JVM, speaking with stand-ins. */
public final class TestApp implements AutoCloseable {

    private final ConfigurableApplicationContext context;
    private final TestDatabase.Database database;

    private TestApp(ConfigurableApplicationContext context, TestDatabase.Database database) {
        this.context = context;
        this.database = database;
    }

    private static @Nullable TestApp shared;
    private static @Nullable Bitrix24Stub sharedBitrix24;

    /** The Bitrix24 that {@link #shared} speaks with. */
    public static synchronized Bitrix24Stub bitrix24() {
        Bitrix24Stub stub = sharedBitrix24;
        if (stub == null) {
            stub = new Bitrix24Stub();
            sharedBitrix24 = stub;
        }
        return stub;
    }

    /** One replica for all tests of this JVM that need no other; whoever needs a portal takes a new one. */
    public static synchronized TestApp shared() {
        TestApp app = shared;
        if (app == null) {
            app = start(TestDatabase.createWithSchema(), bitrix24(), Map.of());
            shared = app;
        }
        return app;
    }

    /** A second replica on the same database. */
    public TestApp replica(Bitrix24Stub bitrix24, Map<String, String> more) {
        return start(database, bitrix24, more);
    }

    /** @param more properties on top of those that every test has */
    public static TestApp start(TestDatabase.Database database, Bitrix24Stub bitrix24, Map<String, String> more) {
        Map<String, Object> properties = new LinkedHashMap<>(TestSettings.properties());
        properties.put("spring.datasource.url", database.url());
        properties.put("spring.datasource.username", database.username());
        properties.put("spring.datasource.password", database.password());
        properties.put("server.port", "0");
        properties.put("server.servlet.session.cookie.secure", "false");
        properties.put("zaptrix.bitrix24.client-id", Bitrix24Stub.MARKETPLACE_APP);
        properties.put("zaptrix.bitrix24.client-secret", Bitrix24Stub.MARKETPLACE_SECRET);
        properties.put("zaptrix.bitrix24.oauth-url", bitrix24.oauthUrl().toString());
        properties.put("zaptrix.bitrix24.rate-per-second", "1000");
        properties.put("zaptrix.bitrix24.burst", "1000");
        properties.putAll(more);
        String[] arguments = properties.entrySet().stream()
                .map(property -> "--" + property.getKey() + "=" + property.getValue())
                .toArray(String[]::new);
        return new TestApp(new SpringApplicationBuilder(Zaptrix.class, Additions.class).run(arguments), database);
    }

    public TestDatabase.Database database() {
        return database;
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** All beans of a type, by name. */
    public <T> Map<String, T> beans(Class<T> type) {
        return context.getBeansOfType(type);
    }

    public <T> T bean(String name, Class<T> type) {
        return context.getBean(name, type);
    }

    /** What was announced, in order. */
    public List<Object> announced() {
        return bean(Announcements.class).heard;
    }

    /** What the test's own handler of events took. */
    List<PortalEvent> taken() {
        return bean(TakesDialogs.class).taken;
    }

    /** Looks at the rows as nobody in the application can: those of all tenants. */
    public JdbcClient everything() {
        return JdbcClient.create(database.superuser());
    }

    public String status(String memberId) {
        return everything()
                .sql("select status from portal_config where member_id = :member")
                .param("member", memberId)
                .query(String.class)
                .optional()
                .orElse("none");
    }

    public TenantId tenant(String memberId) {
        return TenantId.ofMember(memberId);
    }

    public URI url(String path) {
        return URI.create("http://localhost:" + context.getEnvironment().getProperty("local.server.port") + path);
    }

    public HttpResponse<String> post(String path, String contentType, byte[] body) {
        return send(HttpRequest.newBuilder(url(path))
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
    }

    public HttpResponse<String> event(Map<String, ?> event) {
        return post(
                "/webhooks/bitrix24/outbound",
                "application/x-www-form-urlencoded",
                PhpForm.encode(event).getBytes(UTF_8));
    }

    HttpResponse<String> send(HttpRequest request) {
        return send(request, new CookieManager());
    }

    /** As a browser that follows no redirect would. */
    HttpResponse<String> send(HttpRequest request, CookieManager cookies) {
        cookies.setCookiePolicy(CookiePolicy.ACCEPT_ALL);
        try (HttpClient client = HttpClient.newBuilder().cookieHandler(cookies).build()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        context.close();
    }

    /** No {@code @Configuration}: other tests' scans must not find it. */
    static class Additions {

        @Bean
        Announcements announcements() {
            return new Announcements();
        }

        @Bean
        TakesDialogs takesDialogs() {
            return new TakesDialogs();
        }

        /** Only the doors of this room; who else may enter where is not its business. */
        @Bean
        @Order(0)
        SecurityFilterChain portalDoors(HttpSecurity http) {
            return http.securityMatcher("/webhooks/bitrix24/**", "/oauth2/**", "/login/oauth2/**", "/bitrix24/app")
                    .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                    .csrf(csrf -> csrf.disable())
                    .oauth2Login(login -> login.successHandler((request, response, who) ->
                                    response.getWriter().print(who.getName()))
                            .failureHandler((request, response, why) -> {
                                response.setStatus(403);
                                response.getWriter().print(why.getMessage());
                            }))
                    .build();
        }
    }

    static class Announcements {
        final List<Object> heard = new CopyOnWriteArrayList<>();

        @EventListener
        void on(PortalResumed resumed) {
            heard.add(resumed);
        }

        @EventListener
        void on(PortalUninstalled uninstalled) {
            heard.add(uninstalled);
        }
    }

    static class TakesDialogs implements PortalEventHandler {
        final List<PortalEvent> taken = new CopyOnWriteArrayList<>();

        @Override
        public Set<String> events() {
            return Set.of("ONIMCONNECTORDIALOGSTART");
        }

        @Override
        public void accept(Portal portal, PortalEvent event) {
            taken.add(event);
        }
    }
}
