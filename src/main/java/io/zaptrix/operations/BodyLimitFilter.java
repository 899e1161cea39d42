package io.zaptrix.operations;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses bodies over 3 MB, the most that Meta says a webhook can have, on every path: by their announced length before
 * a byte is read, and by counting where none is announced. Answers, too, for bodies that {@link PromptProtocol} did not
 * wait for any longer.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
class BodyLimitFilter extends OncePerRequestFilter {

    static final int LIMIT = 3 * 1024 * 1024;

    private final Counter refused;

    BodyLimitFilter(MeterRegistry metrics) {
        this.refused = Counter.builder("zaptrix.http.bodies.refused")
                .description("Requests refused for a body over 3 MB, or one that came too slowly")
                .register(metrics);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            if (request.getContentLengthLong() > LIMIT) {
                Problems.write(request, response, problem());
            } else {
                chain.doFilter(new Limited(request), response);
            }
        } catch (ServletException | RuntimeException failed) {
            // Read by a filter, where no handler of exceptions stands in between.
            @Nullable ProblemDetail problem = problem(failed);
            if (problem == null || response.isCommitted()) {
                throw failed;
            }
            response.resetBuffer();
            Problems.write(request, response, problem);
        } finally {
            if (response.getStatus() == HttpStatus.CONTENT_TOO_LARGE.value()
                    || response.getStatus() == HttpStatus.REQUEST_TIMEOUT.value()) {
                refused.increment();
            }
        }
    }

    private static ProblemDetail problem() {
        return ProblemDetail.forStatusAndDetail(HttpStatus.CONTENT_TOO_LARGE, "The body is larger than 3 MB.");
    }

    /** What is wrong with the body; nothing where it is something else that failed. */
    private static @Nullable ProblemDetail problem(Throwable failed) {
        for (@Nullable Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof PromptBody.TooLate late) {
                return late.getBody();
            }
            if (cause instanceof TooLarge
                    // What Tomcat throws when it reads a form.
                    || cause instanceof InvalidParameterException form
                            && form.getErrorCode() == HttpStatus.CONTENT_TOO_LARGE.value()) {
                return problem();
            }
        }
        return null;
    }

    /** Unchecked, so that nobody takes it for a body that could not be understood. */
    private static final class TooLarge extends ErrorResponseException {

        private static final long serialVersionUID = 1L;

        TooLarge() {
            super(HttpStatus.CONTENT_TOO_LARGE, problem(), null);
        }
    }

    private static final class Limited extends HttpServletRequestWrapper {

        private @Nullable ServletInputStream stream;
        private @Nullable BufferedReader reader;

        Limited(HttpServletRequest request) {
            super(request);
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            if (stream == null) {
                stream = new Counted(super.getInputStream());
            }
            return stream;
        }

        @Override
        public BufferedReader getReader() throws IOException {
            if (reader == null) {
                Charset charset = getCharacterEncoding() == null
                        ? StandardCharsets.UTF_8
                        : Charset.forName(getCharacterEncoding());
                reader = new BufferedReader(new InputStreamReader(getInputStream(), charset));
            }
            return reader;
        }
    }

    private static final class Counted extends ServletInputStream {

        private final ServletInputStream body;
        private long read;

        Counted(ServletInputStream body) {
            this.body = body;
        }

        @Override
        public int read() throws IOException {
            int one = body.read();
            if (one >= 0) {
                count(1);
            }
            return one;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int some = body.read(into, offset, length);
            if (some > 0) {
                count(some);
            }
            return some;
        }

        private void count(int bytes) {
            read += bytes;
            if (read > LIMIT) {
                throw new TooLarge();
            }
        }

        @Override
        public int available() throws IOException {
            return body.available();
        }

        @Override
        public boolean isFinished() {
            return body.isFinished();
        }

        @Override
        public boolean isReady() {
            return body.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            body.setReadListener(listener);
        }

        @Override
        public void close() throws IOException {
            body.close();
        }
    }
}
