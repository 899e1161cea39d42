package io.zaptrix.operations;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Bounds what large bodies may take of the heap together. A body is read before it is known whose it is, since its
 * signature is over all of it, so that strangers could fill the memory with a few dozen of them. Ordinary messages are
 * far smaller than what is counted here, and pass whatever others send; a large one that finds no room is answered 503,
 * after which Meta delivers it again.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
class BodyRoomFilter extends OncePerRequestFilter {

    /** In kilobytes; smaller bodies are not counted. */
    private static final int LARGE = 64;

    private final Semaphore kilobytes;
    private final Counter refused;

    BodyRoomFilter(MeterRegistry metrics) {
        // A quarter of the heap.
        kilobytes = new Semaphore(
                (int) Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / 4 / 1024));
        refused = Counter.builder("zaptrix.http.bodies.no.room")
                .description("Requests refused since too many large bodies were under way")
                .register(metrics);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        int needed = kilobytes(request);
        if (needed < LARGE) {
            chain.doFilter(request, response);
        } else if (kilobytes.tryAcquire(needed)) {
            // Nobody waits for room: thousands who did would take as much of the heap as what they wait for.
            try {
                chain.doFilter(request, response);
            } finally {
                kilobytes.release(needed);
            }
        } else {
            refused.increment();
            response.setHeader(HttpHeaders.RETRY_AFTER, "5");
            Problems.write(
                    request,
                    response,
                    ProblemDetail.forStatusAndDetail(
                            HttpStatus.SERVICE_UNAVAILABLE, "Too many large bodies are under way."));
        }
    }

    /** What is over the limit of {@link BodyLimitFilter} is never read, and what has no announced length ends there. */
    private static int kilobytes(HttpServletRequest request) {
        long announced = request.getContentLengthLong();
        if (announced > BodyLimitFilter.LIMIT) {
            return 0;
        }
        boolean unannounced = announced < 0 && request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
        return (int) ((unannounced ? BodyLimitFilter.LIMIT : Math.max(0, announced)) / 1024);
    }
}
