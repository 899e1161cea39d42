package io.zaptrix.api;

import io.zaptrix.bitrix24.ExternalAddressGuard;
import io.zaptrix.bitrix24.ExternalAddressGuard.AddressRefused;
import io.zaptrix.bitrix24.Wire;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Posts to the addresses of webhooks, which may be anybody's and do anything. The address that is dialled is the one
 * that {@link ExternalAddressGuard} has looked at; no redirect is followed; of the answer nothing but its status
 * counts, and its body is not read.
 */
@Component
class WebhookClient {

    private static final Timeout CONNECT = Timeout.ofSeconds(5);
    private static final Timeout SILENCE = Timeout.ofSeconds(10);
    private static final Duration TOTAL = Duration.ofSeconds(15);
    private static final long LONGEST_RETRY_AFTER = Duration.ofHours(1).toSeconds();

    private final ExternalAddressGuard guard;
    private final CloseableHttpClient client;
    private final ScheduledThreadPoolExecutor watchdog;

    WebhookClient(ExternalAddressGuard guard) {
        this.guard = guard;
        this.client = Wire.toAnywhere(guard, CONNECT, SILENCE, "Zaptrix/1 (webhooks)");
        this.watchdog = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("webhook-watchdog").factory());
        this.watchdog.setRemoveOnCancelPolicy(true);
    }

    /**
     * What became of an attempt.
     *
     * @param status the answer's; 0: there was none
     * @param failure a word for what went wrong; null: it arrived
     */
    record Attempt(
            int status, @Nullable String failure, @Nullable Duration retryAfter) {

        boolean arrived() {
            return failure == null;
        }
    }

    /**
     * Whether an address may be one of a webhook's: HTTPS, without credentials, and not inside this network.
     *
     * @throws UnknownHostException when it may not, or its host is not known
     */
    void check(URI url) throws UnknownHostException {
        guard.check(url);
    }

    Attempt post(URI url, byte[] secret, String id, byte[] body) {
        long seconds = Instant.now().getEpochSecond();
        HttpPost request = new HttpPost(url);
        request.setHeader(WebhookSigner.ID, id);
        request.setHeader(WebhookSigner.TIMESTAMP, Long.toString(seconds));
        request.setHeader(WebhookSigner.SIGNATURE, WebhookSigner.sign(secret, id, seconds, body));
        request.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_JSON));
        // Timeouts of the socket start anew with every byte; only this ends an answer that drips.
        ScheduledFuture<?> alarm = watchdog.schedule(request::cancel, TOTAL.toMillis(), TimeUnit.MILLISECONDS);
        try {
            ClassicHttpResponse response = client.executeOpen(null, request, null);
            int status = response.getCode();
            Duration retryAfter = retryAfter(response);
            finish(request, response);
            return new Attempt(status, status / 100 == 2 ? null : "http_" + status, retryAfter);
        } catch (AddressRefused inside) {
            return failed("address_refused");
        } catch (UnknownHostException unknown) {
            return failed("unknown_host");
        } catch (SSLException tls) {
            return failed("tls");
        } catch (IOException broken) {
            return failed(alarm.isDone() || broken instanceof java.io.InterruptedIOException ? "timeout" : "no_answer");
        } finally {
            alarm.cancel(false);
        }
    }

    /** A short answer leaves the connection good for the next one; any other ends it. */
    private static void finish(HttpPost request, ClassicHttpResponse response) {
        try {
            boolean empty = response.getEntity() == null || response.getEntity().getContentLength() == 0;
            if (!empty) {
                request.cancel();
            }
            response.close();
        } catch (IOException closedAlready) {
            // That is what was wanted.
        }
    }

    private static Attempt failed(String failure) {
        return new Attempt(0, failure, null);
    }

    private static @Nullable Duration retryAfter(ClassicHttpResponse response) {
        Header header = response.getFirstHeader(HttpHeaders.RETRY_AFTER);
        String value = header == null ? "" : header.getValue();
        return value.matches("[0-9]{1,9}")
                ? Duration.ofSeconds(Math.min(Long.parseLong(value), LONGEST_RETRY_AFTER))
                : null;
    }

    @PreDestroy
    void close() throws IOException {
        watchdog.shutdownNow();
        client.close();
    }
}
