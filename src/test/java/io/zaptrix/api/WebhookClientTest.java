package io.zaptrix.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.zaptrix.bitrix24.ExternalAddressGuard;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses that webhooks may have, and servers that do what servers should not. */
@SuppressWarnings("NullAway.Init")
class WebhookClientTest {

    private final AtomicInteger reached = new AtomicInteger();
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            reached.incrementAndGet();
            exchange.getResponseHeaders().add("Location", "/elsewhere");
            exchange.getResponseHeaders().add("Retry-After", "7");
            boolean endless = exchange.getRequestURI().getPath().equals("/endless");
            exchange.sendResponseHeaders(endless ? 200 : 302, endless ? 0 : -1);
            try (var out = exchange.getResponseBody()) {
                for (int i = 0; endless && i < 100_000; i++) {
                    out.write(new byte[10_000]);
                }
            } catch (IOException letGo) {
                // What is not read is not sent either.
            }
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private WebhookClient.Attempt post(boolean allowInside, String url) throws IOException {
        WebhookClient client = new WebhookClient(new ExternalAddressGuard(allowInside));
        try {
            return client.post(URI.create(url), new byte[32], "msg_1", new byte[] {'{', '}'});
        } finally {
            client.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0"})
    void noWayLeadsInside(String host) throws IOException {
        WebhookClient.Attempt attempt =
                post(false, "http://" + host + ":" + server.getAddress().getPort() + "/");
        assertThat(attempt.failure()).isIn("address_refused", "unknown_host");
        assertThat(reached).hasValue(0);
    }

    @Test
    void aRedirectIsNotFollowed() throws IOException {
        WebhookClient.Attempt attempt =
                post(true, "http://localhost:" + server.getAddress().getPort() + "/");
        assertThat(attempt.failure()).isEqualTo("http_302");
        assertThat(attempt.retryAfter()).hasSeconds(7);
        assertThat(reached).hasValue(1);
    }

    @Test
    void anAnswerWithoutEndIsNotRead() throws IOException {
        long start = System.nanoTime();
        assertThat(post(true, "http://localhost:" + server.getAddress().getPort() + "/endless")
                        .arrived())
                .isTrue();
        assertThat(System.nanoTime() - start).isLessThan(3_000_000_000L);
    }
}
