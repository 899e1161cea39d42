package io.zaptrix.operations;

import io.zaptrix.platform.ZaptrixProperties;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses what comes by plain http where the public address is https. A proxy in front says by
 * {@code X-Forwarded-Proto} how the request reached it; one that says {@code http} is sent on to https, where that does
 * no harm. Health and metrics are asked for from inside, and answered.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
class PlainHttpFilter extends OncePerRequestFilter {

    private final String publicUrl;
    private final boolean https;

    PlainHttpFilter(ZaptrixProperties properties) {
        this.publicUrl = properties.publicUrl().toString();
        this.https = "https".equals(properties.publicUrl().getScheme());
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        String path = request.getRequestURI();
        return !https || request.isSecure() || path.equals("/health") || path.startsWith("/actuator/");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        boolean asked = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
        if (asked && "http".equalsIgnoreCase(request.getHeader("X-Forwarded-Proto"))) {
            String query = request.getQueryString();
            response.setHeader(
                    HttpHeaders.LOCATION, publicUrl + request.getRequestURI() + (query == null ? "" : "?" + query));
            response.setStatus(HttpStatus.PERMANENT_REDIRECT.value());
            return;
        }
        request.setAttribute(ErrorPage.KIND, "https");
        response.sendError(HttpStatus.FORBIDDEN.value());
    }
}
