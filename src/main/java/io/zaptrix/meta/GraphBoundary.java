package io.zaptrix.meta;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;

/**
 * Stands in the HTTP client's chain where the connection is open and the request is about to be written. What fails
 * before is certain not to have reached Meta, whatever the failure is called; what fails after may have.
 *
 * <p>Reads the answer here as well, because a caller that loses interest in an endless body would have to drain it.
 */
final class GraphBoundary implements ExecChainHandler {

    /** What an answer may weigh; Meta's are well under a kilobyte. */
    static final int MAX_BODY = 1 << 20;

    /** The attempt that the current thread makes. */
    static final ScopedValue<Attempt> ATTEMPT = ScopedValue.newInstance();

    private final Duration patience;

    /** @param patience how long the whole body may take, however steadily it trickles */
    GraphBoundary(Duration patience) {
        this.patience = patience;
    }

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        ATTEMPT.get().written = true;
        ClassicHttpResponse response = chain.proceed(request, scope);
        HttpEntity entity = response.getEntity();
        if (entity != null) {
            try {
                byte[] body = read(entity.getContent());
                response.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_JSON));
                // Back to the pool: closing the response before it is released would close the connection as well.
                scope.execRuntime.releaseEndpoint();
            } catch (IOException | RuntimeException unreadable) {
                scope.execRuntime.discardEndpoint();
                throw unreadable;
            }
        }
        return response;
    }

    private byte[] read(InputStream content) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        byte[] body = new byte[8192];
        int length = 0;
        while (true) {
            int read = content.read(body, length, body.length - length);
            if (read < 0) {
                return Arrays.copyOf(body, length);
            }
            length += read;
            if (length > MAX_BODY) {
                throw new IOException("the answer is larger than " + MAX_BODY + " bytes");
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("the answer took longer than " + patience);
            }
            if (length == body.length) {
                body = Arrays.copyOf(body, Math.min(2 * length, MAX_BODY + 1));
            }
        }
    }

    /** Whether the request may have reached Meta. */
    static final class Attempt {
        private boolean written;

        boolean written() {
            return written;
        }
    }
}
