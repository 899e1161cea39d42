package io.zaptrix.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.ZaptrixProperties;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** Plain http at a service whose address is https. */
class PlainHttpTest {

    private static PlainHttpFilter at(String publicUrl) {
        return new PlainHttpFilter(new Binder(new MapConfigurationPropertySource(Map.of(
                        "zaptrix.public-url", publicUrl,
                        "zaptrix.meta.app-id", "1",
                        "zaptrix.meta.app-secret", "secret",
                        "zaptrix.meta.verify-token", "token")))
                .bind("zaptrix", ZaptrixProperties.class)
                .get());
    }

    private static MockHttpServletResponse answer(String publicUrl, MockHttpServletRequest request) throws Exception {
        MockHttpServletResponse response = new MockHttpServletResponse();
        MockFilterChain chain = new MockFilterChain();
        at(publicUrl).doFilter(request, response, chain);
        assertThat(chain.getRequest() == null).as("stopped").isEqualTo(response.getStatus() != 200);
        return response;
    }

    @Test
    void whoCameByHttpToAProxyIsSentToHttps() throws Exception {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", "/admin/phone-numbers");
        request.setQueryString("line=1");
        request.addHeader("X-Forwarded-Proto", "http");

        MockHttpServletResponse response = answer("https://zaptrix.example", request);

        assertThat(response.getStatus()).isEqualTo(308);
        assertThat(response.getHeader("Location")).isEqualTo("https://zaptrix.example/admin/phone-numbers?line=1");
    }

    /** A redirect would send a secret a second time, or lead in a circle where the proxy says nothing. */
    @ParameterizedTest
    @CsvSource({"POST, http", "POST,", "GET,", "GET, ftp"})
    void whatCannotBeSentOnIsRefused(String method, String forwarded) throws Exception {
        MockHttpServletRequest request = new MockHttpServletRequest(method, "/bitrix24/install");
        if (forwarded != null) {
            request.addHeader("X-Forwarded-Proto", forwarded);
        }
        assertThat(answer("https://zaptrix.example", request).getStatus()).isEqualTo(403);
    }

    @Test
    void httpsHealthAndAServiceOfPlainHttpAreLeftAlone() throws Exception {
        MockHttpServletRequest secure = new MockHttpServletRequest("POST", "/bitrix24/install");
        secure.setSecure(true);
        assertThat(answer("https://zaptrix.example", secure).getStatus()).isEqualTo(200);
        for (String path : new String[] {"/health", "/actuator/prometheus"}) {
            assertThat(answer("https://zaptrix.example", new MockHttpServletRequest("GET", path))
                            .getStatus())
                    .isEqualTo(200);
        }
        assertThat(answer("http://localhost:8080", new MockHttpServletRequest("GET", "/"))
                        .getStatus())
                .isEqualTo(200);
    }
}
