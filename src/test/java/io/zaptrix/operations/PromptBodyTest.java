package io.zaptrix.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.apache.coyote.Constants;
import org.apache.coyote.InputBuffer;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** For how long a body is waited for; the clock is the story's own. */
@SuppressWarnings("NullAway.Init")
class PromptBodyTest {

    private static final long BEGAN = 1_000_000;
    private static final long PATIENCE = Duration.ofSeconds(20).toNanos();

    /** What happens while somebody waits for the next bytes. */
    private interface Wait {
        int bytes() throws IOException;
    }

    private final Request request = new Request();
    private final Semaphore places = new Semaphore(1);
    private int here;
    private Wait wait;
    private PromptBody body;

    @BeforeEach
    void aRequestBegins() {
        body = new PromptBody(
                request,
                new InputBuffer() {
                    @Override
                    public int doRead(ApplicationBufferHandler into) throws IOException {
                        return wait.bytes();
                    }

                    @Override
                    public int available() {
                        return here;
                    }
                },
                places);
        request.setResponse(new Response());
        request.setInputBuffer(body);
        request.setStartTimeNanos(BEGAN);
        body.begin();
    }

    private boolean isLateAfter(Duration time) {
        return body.isLate(BEGAN + time.toNanos(), PATIENCE);
    }

    private void comes(int bytes) throws IOException {
        wait = () -> bytes;
        request.doRead(null);
    }

    @Test
    void aByteNowAndThenBuysNoTime() throws IOException {
        for (int i = 0; i < 20; i++) {
            comes(1);
        }
        wait = () -> {
            assertThat(isLateAfter(Duration.ofSeconds(20))).isFalse();
            assertThat(isLateAfter(Duration.ofSeconds(21))).isTrue();
            return 1;
        };
        request.doRead(null);
    }

    @Test
    void whatComesAtAnHonestPaceHasItsTime() throws IOException {
        comes(1_000_000);
        wait = () -> {
            assertThat(isLateAfter(Duration.ofSeconds(119))).isFalse();
            assertThat(isLateAfter(Duration.ofSeconds(121))).isTrue();
            return 1;
        };
        request.doRead(null);
    }

    @Test
    void theClientIsNotToBlameWhileNobodyWaitsForIt() throws IOException {
        comes(1);
        request.getRequestProcessor().setStage(Constants.STAGE_SERVICE);
        assertThat(isLateAfter(Duration.ofHours(1))).isFalse();
    }

    @Test
    void theRestThatNobodyWantedHasATimeOfItsOwn() throws IOException {
        comes(1);
        request.getRequestProcessor().setStage(Constants.STAGE_ENDINPUT);
        assertThat(isLateAfter(Duration.ofSeconds(60)))
                .as("the answer took long")
                .isFalse();
        assertThat(isLateAfter(Duration.ofSeconds(80))).isFalse();
        assertThat(isLateAfter(Duration.ofSeconds(81))).isTrue();

        // The connection's next request has no part in it.
        request.setStartTimeNanos(BEGAN + Duration.ofSeconds(90).toNanos());
        assertThat(isLateAfter(Duration.ofSeconds(100))).isFalse();
    }

    @Test
    void whoIsCutOffOrSilentIsLateAndWhoGoesAwayIsNot() throws IOException {
        wait = () -> {
            throw new SocketTimeoutException();
        };
        assertThatExceptionOfType(PromptBody.TooLate.class).isThrownBy(() -> request.doRead(null));

        wait = () -> {
            throw new EOFException();
        };
        assertThatExceptionOfType(EOFException.class).isThrownBy(() -> request.doRead(null));

        body.cut();
        assertThatExceptionOfType(PromptBody.TooLate.class).isThrownBy(() -> request.doRead(null));
        wait = () -> -1;
        assertThatExceptionOfType(PromptBody.TooLate.class).isThrownBy(() -> request.doRead(null));
        body.begin();
        assertThat(request.doRead(null)).as("the connection's next").isEqualTo(-1);
    }

    @Test
    void whereTooManyAreWaitedForOnlyWhatIsHereIsRead() throws IOException {
        request.setContentLength(3);
        wait = () -> {
            assertThat(places.tryAcquire()).as("one waits").isFalse();
            return 1;
        };
        request.doRead(null);
        assertThat(places.tryAcquire()).as("and waits no more").isTrue();

        assertThatExceptionOfType(PromptBody.TooLate.class).isThrownBy(() -> request.doRead(null));
        here = 2;
        comes(2);
        here = 0;
        wait = () -> -1;
        assertThat(request.doRead(null)).as("its end").isEqualTo(-1);
    }
}
