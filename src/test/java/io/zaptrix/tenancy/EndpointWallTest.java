package io.zaptrix.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.portal.TestApp;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Every endpoint that the application has, found by its mappings, called by somebody with no session: what is not on
 * the list of open doors must stay shut.
 */
class EndpointWallTest {

    /** Prove their senders themselves, or hold nothing of a tenant's. */
    private static final Set<String> OPEN = Set.of(
            "/",
            "/health",
            "/error",
            "/documentation",
            "/v3/api-docs",
            "/v3/api-docs.yaml",
            "/v3/api-docs/swagger-config",
            "/webhooks/meta",
            "/webhooks/bitrix24/outbound",
            "/bitrix24/install",
            "/bitrix24/local-app",
            "/bitrix24/app",
            "/bitrix24/connector",
            // Sends the browser to its own portal.
            "/oauth2/authorization/bitrix24");

    @TestFactory
    List<DynamicTest> whoHasNoSessionOpensNothing() {
        TestApp app = TestApp.shared();
        List<DynamicTest> tests = new ArrayList<>();
        for (RequestMappingInfo mapping : app.bean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .keySet()) {
            for (String pattern : mapping.getPatternValues()) {
                if (OPEN.contains(pattern)) {
                    continue;
                }
                String path = pattern.replaceAll("\\{[^}]+}", "1");
                Set<RequestMethod> methods = mapping.getMethodsCondition().getMethods();
                for (RequestMethod method : methods.isEmpty() ? Set.of(RequestMethod.GET) : methods) {
                    tests.add(DynamicTest.dynamicTest(method + " " + pattern, () -> {
                        try (HttpClient client = HttpClient.newHttpClient()) {
                            HttpResponse<String> response = client.send(
                                    HttpRequest.newBuilder(app.url(path))
                                            .header("Accept", "text/html")
                                            .method(method.name(), HttpRequest.BodyPublishers.noBody())
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString());
                            assertThat(response.statusCode())
                                    .as(method + " " + path)
                                    .isIn(401, 403, 404);
                        }
                    }));
                }
            }
        }
        assertThat(tests).hasSizeGreaterThanOrEqualTo(4);
        return tests;
    }
}
