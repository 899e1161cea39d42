package io.zaptrix.bitrix24;

import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * One exchange with a server that may hang, lie, redirect or never stop talking. It neither follows redirects nor
 * repeats anything by itself: both would repeat what must not be repeated.
 */
final class Http implements AutoCloseable {

    static final String ADDRESS_REFUSED = "ADDRESS_REFUSED";

    static final String USER_AGENT = "Zaptrix/1 (Bitrix24 open channel connector)";

    private final CloseableHttpClient client;
    private final Limits limits;
    private final InstantSource clock;
    private final ScheduledThreadPoolExecutor watchdog = watchdog();

    /**
     * What one exchange may take.
     *
     * @param connect until the connection stands
     * @param response until the next bytes arrive
     * @param total until the answer is complete
     * @param answerBytes the largest answer
     * @param perHost connections at a time to one host, so that a hanging portal holds no other's
     */
    record Limits(Duration connect, Duration response, Duration total, int answerBytes, int perHost) {

        static final Limits DEFAULT =
                new Limits(Duration.ofSeconds(5), Duration.ofSeconds(65), Duration.ofSeconds(70), 4 << 20, 16);
    }

    /** What came back, whatever its status. */
    record Answer(int status, byte[] body, @Nullable Duration retryAfter) {}

    Http(DnsResolver dns, Limits limits, InstantSource clock) {
        this.limits = limits;
        this.clock = clock;
        Timeout response = Timeout.of(limits.response());
        this.client = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setConnectionFactory(Wire.connections())
                        .setDnsResolver(dns)
                        // Lax: the number of hosts is not bounded by a total that one of them could use up.
                        .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                        .setMaxConnPerRoute(limits.perHost())
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(Timeout.of(limits.connect()))
                                .setSocketTimeout(response)
                                // A call on a connection that the server has just closed has an unknown outcome.
                                .setValidateAfterInactivity(TimeValue.ofMilliseconds(200))
                                .setTimeToLive(TimeValue.ofMinutes(5))
                                .build())
                        .setDefaultSocketConfig(
                                SocketConfig.custom().setSoTimeout(response).build())
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(Timeout.of(limits.connect()))
                        .setResponseTimeout(response)
                        .setRedirectsEnabled(false)
                        .setProtocolUpgradeEnabled(false)
                        .setDefaultKeepAlive(20, TimeUnit.SECONDS)
                        .build())
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                // Answers are small, and what is not compressed cannot unfold without end.
                .disableContentCompression()
                .evictIdleConnections(TimeValue.ofSeconds(30))
                .setUserAgent(USER_AGENT)
                .build();
    }

    /**
     * Posts a body and reads the whole answer.
     *
     * @throws Bitrix24Exception {@code RETRY} when no whole answer came, {@code SUSPEND} when the host is not allowed
     */
    Answer post(URI uri, ContentType type, byte[] body) {
        HttpPost request = new HttpPost(uri);
        request.setEntity(new ByteArrayEntity(body, type));
        return exchange(request);
    }

    /** As {@link #post}, with everything in the URL. */
    Answer get(URI uri) {
        return exchange(new HttpGet(uri));
    }

    @Override
    public void close() throws IOException {
        watchdog.shutdownNow();
        client.close();
    }

    private Answer exchange(HttpUriRequestBase request) {
        request.setHeader(HttpHeaders.ACCEPT, "application/json");
        AtomicBoolean late = new AtomicBoolean();
        // Timeouts of the socket start anew with every byte; only this ends an answer that drips.
        ScheduledFuture<?> alarm = watchdog.schedule(
                () -> {
                    late.set(true);
                    request.cancel();
                },
                limits.total().toMillis(),
                TimeUnit.MILLISECONDS);
        // Not the handler style of execute, which would read an answer to its end before letting go of it.
        try (ClassicHttpResponse response = client.executeOpen(null, request, null)) {
            boolean whole = false;
            try {
                Answer answer = read(response);
                whole = true;
                return answer;
            } finally {
                if (!whole) {
                    // Closing a response reads what is left of it, be it endless; a cancelled one has nothing left.
                    request.cancel();
                }
            }
        } catch (IOException e) {
            throw late.get() ? failure("TIMEOUT", "No whole answer in time.", true, e) : failure(e);
        } finally {
            alarm.cancel(false);
        }
    }

    private Answer read(ClassicHttpResponse response) throws IOException {
        byte[] body = new byte[8 * 1024];
        int length = 0;
        HttpEntity entity = response.getEntity();
        if (entity != null) {
            InputStream in = entity.getContent();
            int read;
            while ((read = in.read(body, length, body.length - length)) >= 0) {
                length += read;
                if (length > limits.answerBytes()) {
                    throw failure(
                            "ANSWER_TOO_LARGE",
                            "The answer has more than " + limits.answerBytes() + " bytes.",
                            true,
                            null);
                }
                if (length == body.length) {
                    body = Arrays.copyOf(body, body.length * 2);
                }
            }
        }
        return new Answer(response.getCode(), Arrays.copyOf(body, length), retryAfter(response));
    }

    private @Nullable Duration retryAfter(ClassicHttpResponse response) {
        Header header = response.getFirstHeader(HttpHeaders.RETRY_AFTER);
        String value = header == null ? null : header.getValue();
        if (value == null) {
            return null;
        }
        try {
            return Duration.ofSeconds(Math.clamp(Long.parseLong(value.strip()), 0, 86_400));
        } catch (NumberFormatException notSeconds) {
            try {
                Instant at = ZonedDateTime.parse(value.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant();
                Duration wait = Duration.between(clock.instant(), at);
                return wait.isNegative() ? Duration.ZERO : wait;
            } catch (DateTimeParseException neither) {
                return null;
            }
        }
    }

    /** Tells what was certainly not sent from what may have been carried out. */
    private static Bitrix24Exception failure(IOException e) {
        return switch (e) {
            case ExternalAddressGuard.AddressRefused refused ->
                new Bitrix24Exception(Kind.SUSPEND, ADDRESS_REFUSED, message(refused), 0, null, false, refused);
            case UnknownHostException unknown -> failure("UNKNOWN_HOST", "The host has no address.", false, unknown);
            case ConnectionRequestTimeoutException busy ->
                failure("BUSY", "All connections to the host are in use.", false, busy);
            case ConnectTimeoutException timeout ->
                failure("CONNECT_TIMEOUT", "No connection in time.", false, timeout);
            case HttpHostConnectException refused -> failure("CONNECT_FAILED", "No connection.", false, refused);
            case ConnectException refused -> failure("CONNECT_FAILED", "No connection.", false, refused);
            case NoRouteToHostException noRoute -> failure("CONNECT_FAILED", "No connection.", false, noRoute);
            case SSLHandshakeException tls -> failure("TLS_FAILED", "No secure connection.", false, tls);
            case SSLPeerUnverifiedException tls -> failure("TLS_FAILED", "No secure connection.", false, tls);
            case SocketTimeoutException timeout -> failure("TIMEOUT", "No answer in time.", true, timeout);
            case InterruptedIOException interrupted -> failure("INTERRUPTED", "Interrupted.", true, interrupted);
            default -> failure("CONNECTION_LOST", "The connection broke.", true, e);
        };
    }

    private static Bitrix24Exception failure(
            String code, String description, boolean outcomeUnknown, @Nullable Throwable cause) {
        return new Bitrix24Exception(Kind.RETRY, code, description, 0, null, outcomeUnknown, cause);
    }

    static ScheduledThreadPoolExecutor watchdog() {
        ScheduledThreadPoolExecutor watchdog = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("bitrix24-watchdog").factory());
        watchdog.setRemoveOnCancelPolicy(true);
        return watchdog;
    }

    private static String message(Throwable e) {
        return e.getMessage() == null ? "" : e.getMessage();
    }
}
