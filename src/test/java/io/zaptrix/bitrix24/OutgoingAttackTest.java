package io.zaptrix.bitrix24;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.bitrix24.ExternalAddressGuard.AddressRefused;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.core5.http.ContentType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A portal's server, and a link in its events, try to make this service call where it must not, or read without end.
 */
class OutgoingAttackTest {

    private static final Http.Limits LIMITS =
            new Http.Limits(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(1), 64 * 1024, 4);

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    /** A server that says to each connection what a test wants, byte by byte. */
    private final class Evil implements AutoCloseable {

        interface Says {
            void answer(OutputStream out) throws IOException, InterruptedException;
        }

        private final ServerSocket socket;
        private final List<String> heads = new CopyOnWriteArrayList<>();

        Evil(Says says) {
            try {
                socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
            opened.add(this);
            Thread.ofVirtual().start(() -> {
                while (!socket.isClosed()) {
                    try {
                        Socket caller = socket.accept();
                        Thread.ofVirtual().start(() -> serve(caller, says));
                    } catch (IOException closed) {
                        return;
                    }
                }
            });
        }

        private void serve(Socket caller, Says says) {
            try (caller) {
                heads.add(head(caller.getInputStream()));
                says.answer(caller.getOutputStream());
                caller.getOutputStream().flush();
            } catch (IOException | InterruptedException gone) {
                // The caller has had enough.
            }
        }

        private static String head(InputStream in) throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int one = in.read();
                if (one < 0) {
                    break;
                }
                head.append((char) one);
            }
            return head.toString();
        }

        URI uri(String host) {
            return URI.create("http://" + host + ":" + socket.getLocalPort() + "/file");
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** Answers each question with the next of these, and with the last for ever. */
    private static final class Rebinding implements DnsResolver {

        private final String[] answers;
        private final AtomicInteger asked = new AtomicInteger();

        Rebinding(String... answers) {
            this.answers = answers;
        }

        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            String answer = answers[Math.min(asked.getAndIncrement(), answers.length - 1)];
            return new InetAddress[] {InetAddress.getByName(answer)};
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    private Http http(DnsResolver dns) {
        Http http = new Http(dns, LIMITS, InstantSource.system());
        opened.add(http);
        return http;
    }

    private HttpPortalFiles files(ExternalAddressGuard guard) {
        HttpPortalFiles files = new HttpPortalFiles(
                guard,
                new HttpPortalFiles.Limits(Duration.ofSeconds(2), Duration.ofMillis(900), Duration.ofSeconds(2)));
        opened.add(files);
        return files;
    }

    private static Evil.Says text(String answer) {
        return out -> out.write(answer.getBytes(UTF_8));
    }

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

    // ---- where it calls

    @Test
    void theAddressThatWasCheckedIsTheOneThatIsDialled() {
        Evil portal = new Evil(text(OK));
        // The name is another machine's as soon as it has been looked at.
        Rebinding dns = new Rebinding("127.0.0.1", "169.254.169.254");
        Http http = http(new ExternalAddressGuard(true, dns));

        assertThat(http.post(portal.uri("rebinding.example"), ContentType.APPLICATION_JSON, new byte[] {'{', '}'})
                        .status())
                .isEqualTo(200);
        assertThat(dns.asked).hasValue(1);
        assertThat(portal.heads).hasSize(1);

        assertThatThrownBy(() ->
                        http.post(portal.uri("rebinding.example"), ContentType.APPLICATION_JSON, new byte[] {'{', '}'}))
                .isInstanceOfSatisfying(
                        Bitrix24Exception.class,
                        refused -> assertThat(refused.code()).isEqualTo(Http.ADDRESS_REFUSED));
        assertThat(portal.heads).hasSize(1);
    }

    @Test
    void literalAddressesGoThroughTheGuardToo() {
        Evil inside = new Evil(text(OK));
        Http http = http(new ExternalAddressGuard(false));
        for (String host : List.of(
                "127.0.0.1",
                "[::ffff:127.0.0.1]",
                "[::1]",
                "2130706433",
                "localhost",
                "0177.0.0.1",
                "0x7f.0.0.1",
                "127.1")) {
            assertThatThrownBy(() -> http.post(inside.uri(host), ContentType.APPLICATION_JSON, new byte[0]))
                    .as(host)
                    .isInstanceOf(Bitrix24Exception.class);
        }
        assertThat(inside.heads).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "::ffff:7f00:1",
                "::ffff:0:7f00:1",
                "::7f00:1",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1:a9fe:a9:fe00::",
                "2002:a9fe:a9fe::",
                "2001:0:7f00:1::",
                "fe80::5efe:7f00:1",
                "100::1",
                "4000::1",
                "0:0:0:1::1",
                "0x7f000001",
                "0x7f.1",
                "127.1",
                "017700000001"
            })
    void noWayOfWritingAnInternalAddressIsLetThrough(String host) {
        // Some are no addresses to Java; then they are names, of nobody.
        assertThatThrownBy(() -> new ExternalAddressGuard(false).resolve(host))
                .isInstanceOf(UnknownHostException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://user@acme.example/",
                "https://user:@acme.example/",
                "https://@acme.example/",
                "https://acme.example:22/",
                "https://acme.example:25/",
                "https://acme.example:0/",
                "gopher://acme.example/",
                "jar:https://acme.example/x!/",
                "file:///etc/passwd",
                "ftp://acme.example/",
                "data:text/plain,x",
                "//acme.example/"
            })
    void noOtherSchemeNoCredentialsAndNoOtherServicesPort(String url) {
        ExternalAddressGuard guard = new ExternalAddressGuard(false, new Rebinding("8.8.8.8"));

        assertThatThrownBy(() -> guard.check(URI.create(url))).isInstanceOf(AddressRefused.class);
        for (String fine :
                List.of("https://acme.example/", "https://acme.example:443/", "https://acme.example:8443/")) {
            org.assertj.core.api.Assertions.assertThatCode(() -> guard.check(URI.create(fine)))
                    .doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://169.254.169.254/latest/meta-data/",
                "http://[fd00:ec2::254]/latest/",
                "http://user:password@127.0.0.1:%d/inside",
                "file:///etc/passwd",
                "ftp://127.0.0.1:%d/"
            })
    void aRedirectIsLookedAtLikeTheFirstAddress(String location) {
        Evil inside = new Evil(text(OK));
        String target = location.replace("%d", Integer.toString(inside.socket.getLocalPort()));
        Evil portal = new Evil(text("HTTP/1.1 302 Found\r\nLocation: " + target + "\r\nContent-Length: 0\r\n\r\n"));

        assertThatThrownBy(() -> files(new ExternalAddressGuard(true)).open(portal.uri("127.0.0.1")))
                .isInstanceOf(PortalFileException.class);
        assertThat(portal.heads).hasSize(1);
        assertThat(inside.heads).isEmpty();
    }

    @Test
    void redirectsOfRestAreNotFollowedAndThoseOfFilesFiveTimes() {
        Evil inside = new Evil(text(OK));
        Evil portal = new Evil(text("HTTP/1.1 302 Found\r\nLocation: " + inside.uri("127.0.0.1")
                + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        assertThat(http(new ExternalAddressGuard(true))
                        .post(portal.uri("127.0.0.1"), ContentType.APPLICATION_JSON, new byte[0])
                        .status())
                .isEqualTo(302);
        assertThat(inside.heads).isEmpty();

        Evil circle = new Evil(text("HTTP/1.1 302 Found\r\nLocation: /file\r\nContent-Length: 0\r\n\r\n"));
        assertThatThrownBy(() -> files(new ExternalAddressGuard(true)).open(circle.uri("127.0.0.1")))
                .isInstanceOf(PortalFileException.class);
        assertThat(circle.heads).hasSizeLessThanOrEqualTo(6);
    }

    // ---- how much it reads

    private void endsSoon(Evil portal) {
        for (boolean file : new boolean[] {false, true}) {
            long began = System.nanoTime();
            assertThatThrownBy(() -> {
                        if (file) {
                            try (PortalFile open = files(new ExternalAddressGuard(true))
                                            .open(portal.uri("127.0.0.1"));
                                    InputStream in = open.body()) {
                                in.transferTo(OutputStream.nullOutputStream());
                            }
                        } else {
                            http(new ExternalAddressGuard(true))
                                    .post(portal.uri("127.0.0.1"), ContentType.APPLICATION_JSON, new byte[0]);
                        }
                    })
                    .isInstanceOfAny(Bitrix24Exception.class, PortalFileException.class, IOException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void aHeaderWithoutEndIsNotRead() {
        AtomicInteger written = new AtomicInteger();
        endsSoon(new Evil(out -> {
            out.write("HTTP/1.1 200 OK\r\nX-Endless: ".getBytes(UTF_8));
            byte[] more = "x".repeat(64 * 1024).getBytes(UTF_8);
            for (int i = 0; i < 20_000; i++) {
                out.write(more);
                written.addAndGet(more.length);
            }
        }));
        // What lies in the sockets' own buffers, twice.
        assertThat(written.get()).isLessThan(32 << 20);
    }

    @Test
    void headersWithoutNumberAreNotRead() {
        endsSoon(new Evil(out -> {
            out.write("HTTP/1.1 200 OK\r\n".getBytes(UTF_8));
            byte[] more = "X-More: y\r\n".repeat(5_000).getBytes(UTF_8);
            for (int i = 0; i < 20_000; i++) {
                out.write(more);
            }
        }));
    }

    @Test
    void aHeadThatDripsAndProvisionalAnswersWithoutEndAreLeft() {
        endsSoon(new Evil(out -> {
            out.write("HTTP/1.1 200 OK\r\nX-Slow: ".getBytes(UTF_8));
            for (int i = 0; i < 100; i++) {
                out.write('x');
                out.flush();
                Thread.sleep(100);
            }
        }));
        endsSoon(new Evil(out -> {
            for (int i = 0; i < 1_000; i++) {
                out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(UTF_8));
                out.flush();
                Thread.sleep(10);
            }
        }));
    }

    @Test
    void aCompressedAnswerIsNeitherAskedForNorUnfolded() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(packed)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 20; i++) {
                gzip.write(zeros);
            }
        }
        Evil portal = new Evil(out -> {
            out.write(("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + packed.size()
                            + "\r\nConnection: close\r\n\r\n")
                    .getBytes(UTF_8));
            out.write(packed.toByteArray());
        });

        Http.Answer answer = http(new ExternalAddressGuard(true))
                .post(portal.uri("127.0.0.1"), ContentType.APPLICATION_JSON, new byte[0]);
        assertThat(answer.body()).hasSize(packed.size());
        try (PortalFile file = files(new ExternalAddressGuard(true)).open(portal.uri("127.0.0.1"));
                InputStream in = file.body()) {
            assertThat(in.readAllBytes()).hasSize(packed.size());
        }
        assertThat(portal.heads)
                .noneMatch(head -> head.toLowerCase(java.util.Locale.ROOT).contains("accept-encoding"));
    }

    @Test
    void anAnswerOfManyPartsIsNotUnfoldedEither() {
        String many = "{\"result\":[" + "{},".repeat(1_000_000) + "{}]}";

        assertThatThrownBy(() -> Answers.good(new Http.Answer(200, many.getBytes(UTF_8), null), List.of()))
                .isInstanceOf(Bitrix24Exception.class);
    }
}
