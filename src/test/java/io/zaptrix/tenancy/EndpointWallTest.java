package io.zaptrix.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.portal.TestApp;
import io.zaptrix.testing.SharedApplication;
import jakarta.servlet.Filter;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.ServletContext;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.http.server.PathContainer;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.multipart.MultipartResolver;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.function.support.RouterFunctionMapping;
import org.springframework.web.servlet.handler.AbstractUrlHandlerMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Every endpoint that the application has, found wherever Spring keeps them (controllers, actuator, files, filters that
 * answer, servlets): each must be behind one of the known doors, and all but the open ones are tried by somebody with
 * nothing in hand. A new endpoint that is nowhere here fails the build.
 */
@SharedApplication
class EndpointWallTest {

    /** What opens an endpoint. */
    private enum Door {
        /** Shut for everybody: not there. */
        NOBODY,
        /** Open to everybody; holds nothing of any tenant's. */
        EVERYBODY,
        /**
         * Each request proves its sender: by a signature, a token, or a code that the authorization server confirms.
         */
        SELF_PROVING,
        /** A portal admin's session. */
        SESSION,
        /** A portal's API key. */
        API_KEY,
        /** The operator's session. */
        OPERATOR
    }

    /** The first that fits counts. */
    private static final Map<String, Door> DOORS = new LinkedHashMap<>();

    static {
        for (String path : List.of(
                "/",
                "/privacy",
                "/terms",
                "/health",
                "/error",
                "/documentation",
                "/documentation/**",
                "/v3/api-docs",
                "/v3/api-docs.yaml",
                "/v3/api-docs/swagger-config",
                "/actuator/health",
                "/actuator/health/**",
                "/actuator/prometheus",
                "/css/**",
                "/js/**",
                "/img/**",
                "/webjars/**",
                "/favicon.ico")) {
            DOORS.put(path, Door.EVERYBODY);
        }
        for (String path : List.of(
                "/webhooks/meta",
                "/webhooks/bitrix24/outbound",
                "/bitrix24/install",
                "/bitrix24/local-app",
                "/bitrix24/app",
                "/bitrix24/connector",
                "/media/{token}",
                // Sends the browser to its own portal, and takes it back with the portal's word.
                "/oauth2/authorization/bitrix24",
                "/login/oauth2/code/bitrix24")) {
            DOORS.put(path, Door.SELF_PROVING);
        }
        // Actuator's own list of what it has.
        DOORS.put("/actuator", Door.NOBODY);
        DOORS.put("/admin", Door.SESSION);
        DOORS.put("/admin/**", Door.SESSION);
        DOORS.put("/api/v1/**", Door.API_KEY);
        DOORS.put("/operator", Door.OPERATOR);
        DOORS.put("/operator/**", Door.OPERATOR);
    }

    /**
     * Catches all that is nothing else; what is not a file of ours is not there for anybody ({@code SecurityConfig}).
     */
    private static final Set<String> FILES = Set.of("/**", "/webjars/**");

    private static final Set<String> SERVLETS = Set.of("dispatcherServlet", "jakarta.servlet.jsp", "default");

    private static TestApp app() {
        return TestApp.shared();
    }

    private record Endpoint(String pattern, Set<RequestMethod> methods) {}

    private static List<Endpoint> endpoints() {
        List<Endpoint> all = new ArrayList<>();
        for (HandlerMapping mapping : app().beans(HandlerMapping.class).values()) {
            switch (mapping) {
                case RequestMappingInfoHandlerMapping controllers -> {
                    for (RequestMappingInfo info :
                            controllers.getHandlerMethods().keySet()) {
                        info.getPatternValues()
                                .forEach(pattern -> all.add(new Endpoint(
                                        pattern, info.getMethodsCondition().getMethods())));
                    }
                }
                case AbstractUrlHandlerMapping urls ->
                    urls.getHandlerMap().keySet().stream()
                            .filter(pattern -> !FILES.contains(pattern))
                            .forEach(pattern -> all.add(new Endpoint(pattern, Set.of())));
                case RouterFunctionMapping functions ->
                    assertThat(functions.getRouterFunction())
                            .as("functional routes")
                            .isNull();
                default ->
                    assertThat(mapping.getClass().getName())
                            .as("a way of finding endpoints that is not known here")
                            .startsWith("org.springframework.");
            }
        }
        return all;
    }

    private static Door door(String pattern) {
        for (Map.Entry<String, Door> door : DOORS.entrySet()) {
            if (door.getKey().equals(pattern)
                    || door.getKey().endsWith("**")
                            && PathPatternParser.defaultInstance
                                    .parse(door.getKey())
                                    .matches(PathContainer.parsePath(pattern.replaceAll("\\{[^}]+}", "1")))) {
                return door.getValue();
            }
        }
        throw new AssertionError(pattern + " is behind no door that is known here: say who may open it, and by what");
    }

    @Test
    void everyEndpointIsBehindAKnownDoor() {
        Map<String, Door> found = new TreeMap<>();
        endpoints().forEach(endpoint -> found.put(endpoint.pattern(), door(endpoint.pattern())));

        assertThat(found)
                .containsEntry("/webhooks/meta", Door.SELF_PROVING)
                .containsEntry("/actuator/prometheus", Door.EVERYBODY)
                .containsEntry("/admin/phone-numbers", Door.SESSION);
        assertThat(found).hasSizeGreaterThan(20);
    }

    @Test
    void actuatorShowsHealthAndMetricsAndNothingElse() {
        assertThat(endpoints().stream().map(Endpoint::pattern).filter(pattern -> pattern.startsWith("/actuator")))
                .allMatch(pattern -> pattern.equals("/actuator")
                        || pattern.startsWith("/actuator/health")
                        || pattern.equals("/actuator/prometheus"));
    }

    /** A filter may answer by itself, before Spring Security is asked: only those that prove their senders do. */
    @Test
    void filtersThatAnswerArePostedWebhooks() {
        List<String> answering = app().beans(FilterRegistrationBean.class).values().stream()
                .flatMap(registration -> ((FilterRegistrationBean<?>) registration).getUrlPatterns().stream())
                .filter(pattern -> !pattern.equals("/*"))
                .toList();

        assertThat(answering).allSatisfy(pattern -> assertThat(door(pattern)).isEqualTo(Door.SELF_PROVING));
        assertThat(answering).contains("/webhooks/meta", "/webhooks/bitrix24/outbound");
        assertThat(app().beans(Filter.class).values())
                .allSatisfy(filter -> assertThat(filter.getClass().getName())
                        .as("a filter of nobody known")
                        // The switch of the look sets a cookie of its own and answers with a redirect to the same page.
                        .matches("(io\\.zaptrix\\.(operations|admin\\.Look)|org\\.springframework)[.$].*"));
        assertThat(app().bean(ServletContext.class).getServletRegistrations().keySet())
                .allMatch(SERVLETS::contains);
    }

    @TestFactory
    Stream<DynamicTest> whoHasNothingInHandOpensNothing() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Endpoint endpoint : endpoints()) {
            Door door = door(endpoint.pattern());
            if (door == Door.EVERYBODY
                    || door == Door.SELF_PROVING && !endpoint.pattern().contains("{")) {
                continue;
            }
            String path = endpoint.pattern().replaceAll("\\{[^}]+}", "1").replace("**", "x");
            for (RequestMethod method : endpoint.methods().isEmpty() ? Set.of(RequestMethod.GET) : endpoint.methods()) {
                tests.add(DynamicTest.dynamicTest(method + " " + endpoint.pattern(), () -> closed(door, method, path)));
            }
        }
        assertThat(tests).hasSizeGreaterThanOrEqualTo(10);
        return tests.stream();
    }

    private static void closed(Door door, RequestMethod method, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(app().url(path))
                            .header("Accept", "text/html")
                            .method(method.name(), HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (door == Door.OPERATOR && response.statusCode() / 100 == 3) {
                assertThat(response.headers().firstValue("Location").orElse("")).endsWith("/sign-in");
            } else if (door == Door.OPERATOR && path.endsWith("/sign-in")) {
                assertThat(response.statusCode()).isIn(200, 303, 401, 403, 404, 422, 429);
            } else {
                assertThat(response.statusCode()).as(method + " " + path).isIn(401, 403, 404);
            }
        }
    }

    /** A form with files is parsed before anybody has proven anything, and its files are written to disk. */
    @Test
    void nobodysFilesAreParsed() {
        assertThat(TestApp.shared().beans(MultipartConfigElement.class)).isEmpty();
        assertThat(TestApp.shared().beans(MultipartResolver.class)).isEmpty();
    }
}
