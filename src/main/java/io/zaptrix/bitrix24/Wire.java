package io.zaptrix.bitrix24;

import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.HttpConnectionFactory;

/**
 * Connections that read no head without end: the library's own take lines and headers of any length and number, and a
 * server that tenants name could fill the memory with one.
 */
public final class Wire {

    /** Links to stored files, which redirects give, have a few kilobytes. */
    private static final int LONGEST_LINE = 16 * 1024;

    private static final int MOST_HEADERS = 100;

    private Wire() {}

    public static HttpConnectionFactory<ManagedHttpClientConnection> connections() {
        return ManagedHttpClientConnectionFactory.builder()
                .http1Config(Http1Config.custom()
                        .setMaxLineLength(LONGEST_LINE)
                        .setMaxHeaderCount(MOST_HEADERS)
                        .setMaxEmptyLineCount(10)
                        .build())
                .build();
    }
}
