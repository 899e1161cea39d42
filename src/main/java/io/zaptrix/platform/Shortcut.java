package io.zaptrix.platform;

import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.core.Ordered;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

/**
 * Answers the posts that carry all the load before sessions, sign-in, observation and dispatching are set up for them,
 * none of which they use: together these cost more than the acceptance itself. Only the bare 200 leaves by this door;
 * whatever has more to say goes the whole way, to the same controller, which finds its answer made.
 */
public final class Shortcut {

    /** After the filters that name the request and limit its body. */
    private static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 2;

    private static final String ANSWER = Shortcut.class.getName();

    private Shortcut() {}

    /** What a controller does with a post: anything it throws is thrown on. */
    @FunctionalInterface
    public interface Endpoint {

        ResponseEntity<?> take(HttpServletRequest request) throws IOException;
    }

    /** A shortcut for posts to {@code path}. The controller's own method begins with {@link #answered}. */
    public static FilterRegistrationBean<Filter> to(String path, Endpoint endpoint) {
        FilterRegistrationBean<Filter> shortcut = new FilterRegistrationBean<>((request, response, chain) -> {
            if (request instanceof HttpServletRequest http && HttpMethod.POST.matches(http.getMethod())) {
                ResponseEntity<?> answer = endpoint.take(http);
                if (answer.getStatusCode().isSameCodeAs(HttpStatus.OK) && !answer.hasBody()) {
                    ((HttpServletResponse) response).setStatus(HttpServletResponse.SC_OK);
                    return;
                }
                request.setAttribute(ANSWER, answer);
            }
            chain.doFilter(request, response);
        });
        shortcut.setUrlPatterns(Set.of(path));
        shortcut.setOrder(ORDER);
        shortcut.setName("shortcut " + path);
        return shortcut;
    }

    /** The request's body, in memory of just its size where that is said. */
    public static byte[] body(HttpServletRequest request) throws IOException {
        int length = request.getContentLength();
        return length >= 0
                ? request.getInputStream().readNBytes(length)
                : request.getInputStream().readAllBytes();
    }

    /** The answer that the shortcut had and did not give. */
    public static @Nullable ResponseEntity<?> answered(HttpServletRequest request) {
        return (ResponseEntity<?>) request.getAttribute(ANSWER);
    }
}
