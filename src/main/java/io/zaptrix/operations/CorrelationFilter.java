package io.zaptrix.operations;

import io.zaptrix.platform.CorrelationId;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Names each request, so that its log lines can be found together, and those of the deliveries that it causes: the name
 * is in the logs as {@code correlation_id} and in the answer as {@code X-Correlation-Id}. A proxy may give the name by
 * {@code X-Correlation-Id} or {@code X-Request-Id}; what could not be a name is not taken.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class CorrelationFilter extends OncePerRequestFilter {

    static final String HEADER = "X-Correlation-Id";

    private static final String ATTRIBUTE = CorrelationFilter.class.getName();
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{3,63}");

    /** The name of {@code request}; absent only outside this filter. */
    static @Nullable String of(HttpServletRequest request) {
        return (String) request.getAttribute(ATTRIBUTE);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String given = of(request);
        String id = given == null ? name(request) : given;
        request.setAttribute(ATTRIBUTE, id);
        if (!response.isCommitted()) {
            response.setHeader(HEADER, id);
        }
        MDC.put(CorrelationId.KEY, id);
        try {
            chain.doFilter(request, response);
        } finally {
            MDC.remove(CorrelationId.KEY);
        }
    }

    private static String name(HttpServletRequest request) {
        return Stream.of(HEADER, "X-Request-Id")
                .map(request::getHeader)
                .filter(header -> header != null && NAME.matcher(header).matches())
                .findFirst()
                .orElseGet(CorrelationId::fresh);
    }

    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return false;
    }

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }
}
