package io.zaptrix.operations;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.Semaphore;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Constants;
import org.apache.coyote.InputBuffer;
import org.apache.coyote.Request;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/**
 * The body of a request as it comes from the connection, by which all read it: controllers, Tomcat for a form, and
 * whoever unpacks chunks. Knows whether somebody waits for it, and says to {@link PromptProtocol} when for too long.
 */
final class PromptBody implements InputBuffer {

    /** What comes earns this time: 10 KB a second, so that a large body may come over a slow line. */
    private static final long NANOS_A_BYTE = 100_000;

    private static final long NOTHING = -1;

    private final Request request;
    private final InputBuffer body;
    private final Semaphore places;

    private volatile boolean awaited;
    private volatile boolean cut;

    /** For whoever watches alone: which request's rest is thrown away, and since when. */
    private long rest = NOTHING;

    private long restSince;

    /** @param places for as many as are waited for at a time, of all requests */
    PromptBody(Request request, InputBuffer body, Semaphore places) {
        this.request = request;
        this.body = body;
        this.places = places;
    }

    /** A connection's next turn. */
    void begin() {
        cut = false;
    }

    /** From now on, that nothing comes is because the client was late. */
    void cut() {
        cut = true;
    }

    /**
     * Whether it was waited for longer than {@code patience}, all its bytes together, and those that came have not
     * earned the time.
     */
    boolean isLate(long now, long patience) {
        long began = request.getStartTimeNanos();
        if (awaited) {
            return began >= 0 && now - began > patience + request.getBytesRead() * NANOS_A_BYTE;
        }
        // The answer was given, and Tomcat reads what nobody wanted. Only this wait counts: the answer may have taken
        // long.
        if (request.getRequestProcessor().getStage() != Constants.STAGE_ENDINPUT) {
            rest = NOTHING;
            return false;
        }
        if (rest != began) {
            rest = began;
            restSince = now;
        }
        return now - restSince > patience;
    }

    @Override
    public int doRead(ApplicationBufferHandler into) throws IOException {
        boolean waits = mayWait();
        if (waits && !places.tryAcquire()) {
            throw late();
        }
        awaited = true;
        try {
            int bytes = body.doRead(into);
            if (bytes < 0 && cut) {
                throw late();
            }
            return bytes;
        } catch (SocketTimeoutException silent) {
            throw late();
        } catch (IOException ended) {
            if (cut) {
                throw late();
            }
            throw ended;
        } finally {
            awaited = false;
            if (waits) {
                places.release();
            }
        }
    }

    /** What came with the head needs no place. Of chunks nobody knows whether one is whole. */
    private boolean mayWait() {
        long length = request.getContentLengthLong();
        return length < 0 || request.getBytesRead() < length && body.available() == 0;
    }

    private TooLate late() {
        // Nobody waits for the rest a second time.
        request.action(ActionCode.DISABLE_SWALLOW_INPUT, null);
        return new TooLate();
    }

    @Override
    public int available() {
        return body.available();
    }

    /** Unchecked, so that nobody takes it for a body that could not be understood. */
    static final class TooLate extends ErrorResponseException {

        private static final long serialVersionUID = 1L;

        TooLate() {
            super(
                    HttpStatus.REQUEST_TIMEOUT,
                    ProblemDetail.forStatusAndDetail(HttpStatus.REQUEST_TIMEOUT, "The body came too slowly."),
                    null);
        }
    }
}
