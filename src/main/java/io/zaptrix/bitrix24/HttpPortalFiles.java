package io.zaptrix.bitrix24;

import io.zaptrix.bitrix24.PortalFileException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * {@link PortalFiles} behind {@link ExternalAddressGuard}: a link is what a tenant's event says, and may say anything.
 */
final class HttpPortalFiles implements PortalFiles, AutoCloseable {

    private static final int MOST_REDIRECTS = 5;

    private final ExternalAddressGuard guard;
    private final CloseableHttpClient client;
    private final Limits limits;
    private final ScheduledThreadPoolExecutor watchdog = Http.watchdog();

    /**
     * What fetching one file may take.
     *
     * @param connect until the connection stands
     * @param silence until the next bytes arrive
     * @param total until the file is complete
     */
    record Limits(Duration connect, Duration silence, Duration total) {
        static final Limits DEFAULT = new Limits(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofMinutes(10));
    }

    HttpPortalFiles(ExternalAddressGuard guard, Limits limits) {
        this.guard = guard;
        this.limits = limits;
        this.client =
                Wire.toAnywhere(guard, Timeout.of(limits.connect()), Timeout.of(limits.silence()), Http.USER_AGENT);
    }

    @Override
    public PortalFile open(URI link) {
        URI address = link;
        for (int redirect = 0; redirect <= MOST_REDIRECTS; redirect++) {
            Answer answer = get(address);
            int status = answer.response().getCode();
            if (status == 200) {
                return file(answer);
            }
            @Nullable String location = header(answer.response(), HttpHeaders.LOCATION);
            answer.abort();
            if (status < 300 || status >= 400 || location == null) {
                boolean trouble = status >= 500 || status == 408 || status == 425 || status == 429;
                throw new PortalFileException(trouble ? Reason.UNREACHABLE : Reason.GONE, "HTTP " + status, null);
            }
            try {
                address = address.resolve(location);
            } catch (IllegalArgumentException noAddress) {
                throw new PortalFileException(Reason.GONE, "it leads nowhere", null);
            }
        }
        throw new PortalFileException(Reason.GONE, "it leads on and on", null);
    }

    private record Answer(HttpGet request, ClassicHttpResponse response) {

        void abort() {
            request.cancel();
            try {
                response.close();
            } catch (IOException closedAlready) {
                // That is what was wanted.
            }
        }
    }

    private Answer get(URI address) {
        try {
            guard.checkForm(address);
            HttpGet request = new HttpGet(address);
            // A socket's timeout starts anew with every byte; only this ends a head that drips.
            ScheduledFuture<?> alarm =
                    watchdog.schedule(request::cancel, limits.silence().toMillis(), TimeUnit.MILLISECONDS);
            try {
                return new Answer(request, client.executeOpen(null, request, null));
            } finally {
                alarm.cancel(false);
            }
        } catch (ExternalAddressGuard.AddressRefused refused) {
            throw new PortalFileException(Reason.GONE, "it leads where nobody may be called", null);
        } catch (IOException failed) {
            // Its message may name the host; its kind says enough.
            throw new PortalFileException(
                    Reason.UNREACHABLE, "no answer: " + failed.getClass().getSimpleName(), null);
        }
    }

    private PortalFile file(Answer answer) {
        HttpEntity entity = answer.response().getEntity();
        try {
            if (entity == null) {
                throw new PortalFileException(Reason.GONE, "nothing in it", null);
            }
            return new PortalFile(
                    entity.getContentLength(),
                    entity.getContentType() == null
                            ? null
                            : entity.getContentType()
                                    .replaceFirst(";.*", "")
                                    .strip()
                                    .toLowerCase(Locale.ROOT),
                    new Timed(entity.getContent(), limits.total()),
                    answer::abort);
        } catch (IOException failed) {
            answer.abort();
            throw new PortalFileException(Reason.UNREACHABLE, "no content", failed);
        } catch (RuntimeException failed) {
            answer.abort();
            throw failed;
        }
    }

    private static @Nullable String header(ClassicHttpResponse response, String name) {
        Header header = response.getFirstHeader(name);
        return header == null ? null : header.getValue();
    }

    @Override
    public void close() throws IOException {
        watchdog.shutdownNow();
        client.close();
    }

    /** Ends a content that trickles: a socket's own timeout starts anew with every byte. */
    private static final class Timed extends InputStream {

        private final InputStream in;
        private final long deadline;

        Timed(InputStream in, Duration time) {
            this.in = in;
            this.deadline = System.nanoTime() + time.toNanos();
        }

        @Override
        public int read() throws IOException {
            check();
            return in.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            check();
            return in.read(into, offset, length);
        }

        private void check() throws InterruptedIOException {
            if (System.nanoTime() - deadline > 0) {
                throw new InterruptedIOException("the file takes too long");
            }
        }

        /** Does not drain what is left; {@link PortalFile#close} ends the connection. */
        @Override
        public void close() {}
    }
}
