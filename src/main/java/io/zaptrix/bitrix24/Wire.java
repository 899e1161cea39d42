package io.zaptrix.bitrix24;

import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Connections that read no head without end: the library's own take lines and headers of any length and number, and a
 * server that tenants name could fill the memory with one.
 */
public final class Wire {

    /** Links to stored files, which redirects give, have a few kilobytes. */
    private static final int LONGEST_LINE = 16 * 1024;

    private static final int MOST_HEADERS = 100;

    /**
     * Each connection keeps three of them while it is idle, and there is one to every portal that lately had a message.
     * The library's own have 32 KB: 50 MB for 500 portals. Large bodies pass them by.
     */
    private static final int BUFFER = 4 * 1024;

    private Wire() {}

    static HttpConnectionFactory<ManagedHttpClientConnection> connections() {
        return ManagedHttpClientConnectionFactory.builder()
                .http1Config(Http1Config.custom()
                        .setBufferSize(BUFFER)
                        .setMaxLineLength(LONGEST_LINE)
                        .setMaxHeaderCount(MOST_HEADERS)
                        .setMaxEmptyLineCount(10)
                        .build())
                .build();
    }

    /**
     * A client for addresses that tenants name. It dials none but those that {@code guard} has looked at, follows no
     * redirect, repeats nothing, keeps nothing of one exchange for the next, and unpacks nothing.
     *
     * @param connect until the connection stands
     * @param silence until the next bytes arrive
     */
    public static CloseableHttpClient toAnywhere(
            ExternalAddressGuard guard, Timeout connect, Timeout silence, String userAgent) {
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setConnectionFactory(connections())
                        .setDnsResolver(guard)
                        .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                        .setMaxConnPerRoute(8)
                        .setDefaultTlsConfig(
                                TlsConfig.custom().setHandshakeTimeout(connect).build())
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(connect)
                                .setSocketTimeout(silence)
                                .setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS)
                                .setTimeToLive(TimeValue.ofMinutes(5))
                                .build())
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(connect)
                        .setResponseTimeout(silence)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .evictIdleConnections(TimeValue.ofSeconds(30))
                .setUserAgent(userAgent)
                .build();
    }
}
