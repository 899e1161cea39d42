package io.zaptrix.media;

import static io.zaptrix.portal.Bitrix24Stub.admin;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.channel.Channels;
import io.zaptrix.channel.LinkRequest;
import io.zaptrix.platform.Secrets;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.Bitrix24Stub;
import io.zaptrix.portal.Portals;
import io.zaptrix.portal.TestApp;
import io.zaptrix.sandbox.FileContent;
import io.zaptrix.sandbox.StandInMeta;
import io.zaptrix.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A customer's file is fetched by its link, as Bitrix24 does, and as browsers and others may. */
@Timeout(60)
class MediaStory {

    private static final String TOKEN = "EAAmedia";
    private static final String WABA = "419561257915477";
    private static final byte[] PHOTO = ("\u00ff\u00d8\u00ff" + "0123456789".repeat(20_000)).getBytes(UTF_8);

    private static Bitrix24Stub bitrix24;
    private static StandInMeta meta;
    private static TestApp app;
    private static MediaLinks links;
    private static HttpClient http;

    private TenantId tenant;
    private String number;

    @BeforeAll
    static void start() {
        bitrix24 = new Bitrix24Stub();
        meta = new StandInMeta(0);
        app = TestApp.start(
                TestDatabase.createWithSchema(),
                bitrix24,
                Map.of("zaptrix.meta.graph-url", meta.graphUrl().toString()));
        links = app.bean(MediaLinks.class);
        http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterAll
    static void stop() {
        http.close();
        app.close();
        meta.close();
        bitrix24.close();
    }

    @BeforeEach
    void aPortalWithANumber() {
        number = Long.toString(System.nanoTime());
        meta.addNumber(number, WABA, "+55 11 5555-0100", "Acme", TOKEN);
        tenant = portal();
        link(tenant);
    }

    @AfterEach
    void allIsWell() {
        meta.faults().clear();
    }

    private static TenantId portal() {
        String name = UUID.randomUUID().toString().replace("-", "");
        app.bean(Portals.class).install(bitrix24.opens(admin(name)));
        bitrix24.hasLine(name, "7", "Sales");
        return TenantId.ofMember(name);
    }

    private void link(TenantId owner) {
        TenantContext.run(owner, () -> app.bean(Channels.class).link(new LinkRequest(number, WABA, TOKEN, null, "7")));
    }

    private MediaFile file(@Nullable String filename, String mimeType, byte[] content) {
        return file(filename, mimeType, FileContent.of(content));
    }

    private MediaFile file(@Nullable String filename, String mimeType, FileContent content) {
        String id = meta.addMedia(mimeType, content);
        // As webhooks write it.
        String hash = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(content.sha256()));
        return new MediaFile(number, number + ":5511900000001", id, filename, mimeType, hash);
    }

    private HttpResponse<byte[]> get(MediaFile file, String... headers) throws Exception {
        return get(links.link(tenant, file).url().getPath(), "GET", headers);
    }

    private static HttpResponse<byte[]> get(String path, String method, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(app.url(path)).method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static void isProblem(HttpResponse<byte[]> response, int status) {
        assertThat(response.statusCode()).as(new String(response.body(), UTF_8)).isEqualTo(status);
        assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
        assertThat(new String(response.body(), UTF_8)).contains("\"detail\"").doesNotContain(TOKEN);
        assertThat(header(response, "Content-Disposition")).isEmpty();
    }

    // ---- the whole of it

    @Test
    void aPhotoIsGivenOutAsItIs() throws Exception {
        HttpResponse<byte[]> response = get(file(null, "image/jpeg", PHOTO));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(PHOTO);
        assertThat(header(response, "Content-Type")).isEqualTo("image/jpeg");
        assertThat(header(response, "Content-Length")).isEqualTo(Integer.toString(PHOTO.length));
        assertThat(header(response, "Content-Disposition")).startsWith("inline; filename=\"image.jpg\"");
        assertThat(header(response, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header(response, "Content-Security-Policy")).startsWith("sandbox; default-src 'none'");
        assertThat(header(response, "Cache-Control")).startsWith("private");
        assertThat(header(response, "Accept-Ranges")).isEqualTo("bytes");
        assertThat(response.headers().map()).doesNotContainKey("set-cookie");
    }

    @Test
    void aHeadSaysTheSameAndFetchesNothing() throws Exception {
        MediaFile photo = file(null, "image/jpeg", PHOTO);
        int before = meta.requests().size();

        HttpResponse<byte[]> head = get(links.link(tenant, photo).url().getPath(), "HEAD");

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(header(head, "Content-Length")).isEqualTo(Integer.toString(PHOTO.length));
        assertThat(header(head, "Content-Type")).isEqualTo("image/jpeg");
        assertThat(meta.requests().subList(before, meta.requests().size()))
                .noneMatch(request -> request.path().startsWith("/media-download"));
    }

    @ParameterizedTest
    @CsvSource({
        "text/html, page.html",
        "image/svg+xml, drawing.svg",
        "application/xml, data.xml",
        "application/javascript, code.js",
        "application/x-msdownload, setup.exe",
        "image/jpeg, photo.jpg.html"
    })
    void whatCouldRunIsSavedUnderItsRealNameAndNeverShown(String mimeType, String name) throws Exception {
        HttpResponse<byte[]> response = get(file(name, mimeType, "<script>alert(1)</script>".getBytes(UTF_8)));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "Content-Type")).isEqualTo("application/octet-stream");
        assertThat(header(response, "Content-Disposition")).startsWith("attachment; filename=\"" + name + "\"");
    }

    // ---- parts of it

    @ParameterizedTest
    @CsvSource({"false, bytes=10-19", "true, bytes=10-19", "false, bytes=-10", "true, bytes=-10", "true, bytes=199990-"
    })
    void aPartIsGivenOutWhetherMetaKnowsPartsOrNot(boolean ignored, String range) throws Exception {
        meta.faults().ignoreRanges(ignored);
        byte[] text = "0123456789".repeat(20_000).getBytes(UTF_8);
        MediaFile file = file("a.txt", "text/plain", text);
        long first = ByteRange.parse(range)
                .orElseThrow()
                .of(text.length)
                .orElseThrow()
                .first();

        HttpResponse<byte[]> part = get(file, "Range", range);

        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(new String(part.body(), UTF_8)).isEqualTo("0123456789");
        assertThat(header(part, "Content-Range")).isEqualTo("bytes " + first + "-" + (first + 9) + "/" + text.length);
        assertThat(header(part, "Content-Length")).isEqualTo("10");
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aPartBehindTheEndIsRefused(boolean ignored) throws Exception {
        meta.faults().ignoreRanges(ignored);
        HttpResponse<byte[]> response = get(file("a.txt", "text/plain", "short".getBytes(UTF_8)), "Range", "bytes=5-9");

        assertThat(response.statusCode()).isEqualTo(416);
        assertThat(header(response, "Content-Range")).isEqualTo("bytes */5");
    }

    @Test
    void severalPartsOrAnotherVersionsPartMeanTheWhole() throws Exception {
        MediaFile file = file("a.txt", "text/plain", "0123456789".getBytes(UTF_8));
        assertThat(get(file, "Range", "bytes=0-1,4-5").statusCode()).isEqualTo(200);
        assertThat(get(file, "Range", "bytes=0-1", "If-Range", "\"another\"").statusCode())
                .isEqualTo(200);
        String tag = header(get(file), "ETag");
        assertThat(get(file, "Range", "bytes=0-1", "If-Range", tag).statusCode())
                .isEqualTo(206);
    }

    // ---- its address at Meta

    @Test
    void anAddressThatIsOverIsRenewed() throws Exception {
        MediaFile photo = file(null, "image/jpeg", PHOTO);
        assertThat(get(photo).statusCode()).isEqualTo(200);

        meta.expireMediaAddresses();

        HttpResponse<byte[]> again = get(photo);
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).isEqualTo(PHOTO);
    }

    @Test
    void aStumbleBeforeTheFirstByteIsNotNoticed() throws Exception {
        MediaFile photo = file(null, "image/jpeg", PHOTO);
        meta.faults().brokenNext(1);

        assertThat(get(photo).body()).isEqualTo(PHOTO);
    }

    @Test
    void aFileThatMetaHasNoLongerIsGone() throws Exception {
        MediaFile photo = file(null, "image/jpeg", PHOTO);
        meta.forgetMedia(photo.mediaId());

        isProblem(get(photo), 410);
    }

    @Test
    void whenMetaDoesNotAnswerTheFileMayComeLater() throws Exception {
        MediaFile photo = file(null, "image/jpeg", PHOTO);
        meta.faults().brokenNext(10);

        isProblem(get(photo), 502);

        meta.faults().clear();
        assertThat(get(photo).statusCode()).isEqualTo(200);
    }

    @Test
    void aTokenThatMetaNoLongerTakesGivesNothingOut() throws Exception {
        MediaFile photo = file(null, "image/jpeg", PHOTO);
        meta.faults().revokeToken(number);

        isProblem(get(photo), 502);
    }

    // ---- what is not the file

    @Test
    void anotherContentThanTheCustomersBreaksOff() {
        MediaFile photo = file(null, "image/jpeg", PHOTO);
        byte[] other = PHOTO.clone();
        other[PHOTO.length / 2] ^= 1;
        meta.swapMedia(photo.mediaId(), FileContent.of(other));

        assertThatThrownBy(() -> get(photo)).isInstanceOf(IOException.class);
    }

    @Test
    void anotherContentThatIsShortIsToldAsAProblem() throws Exception {
        MediaFile small = file("a.txt", "text/plain", "what the customer sent".getBytes(UTF_8));
        meta.swapMedia(small.mediaId(), FileContent.of("something else in here".getBytes(UTF_8)));

        isProblem(get(small), 502);
    }

    @Test
    void aFileThatEndsEarlyBreaksOff() {
        MediaFile photo = file(null, "image/jpeg", PHOTO);
        meta.faults().breakFiles(1, 100_000);

        assertThatThrownBy(() -> get(photo)).isInstanceOf(IOException.class);
    }

    // ---- a file that is in its link

    @Test
    void aCardIsInItsLink() throws Exception {
        byte[] card = ("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:João Lima\r\n" + "TEL:+55 11 98888-7777\r\n".repeat(20)
                        + "END:VCARD\r\n")
                .getBytes(UTF_8);
        MediaLink link = links.link(tenant, "João Lima", "text/vcard", card).orElseThrow();
        assertThat(link.name()).isEqualTo("João Lima.vcf");

        HttpResponse<byte[]> response = get(link.url().getPath(), "GET");
        assertThat(response.body()).isEqualTo(card);
        assertThat(header(response, "Content-Type")).startsWith("text/vcard");
        assertThat(header(response, "Content-Disposition")).startsWith("attachment;");
        HttpResponse<byte[]> head = get(link.url().getPath(), "HEAD");
        assertThat(header(head, "Content-Length")).isEqualTo(Integer.toString(card.length));
        assertThat(head.body()).isEmpty();
    }

    @Test
    void whatIsTooLargeForALinkHasNone() {
        byte[] noise = new byte[10_000];
        new java.util.Random(1).nextBytes(noise);
        assertThat(links.link(tenant, "noise", "text/plain", noise)).isEmpty();
        assertThat(links.link(tenant, "long", "text/plain", new byte[100_000])).isEmpty();
    }

    // ---- the token

    @Test
    void aLinkThatHasExpiredSaysSo() throws Exception {
        MediaLinks past = new MediaLinks(
                app.bean(Secrets.class),
                URI.create("http://localhost"),
                () -> Instant.now().minus(Duration.ofDays(30)));
        MediaFile photo = file(null, "image/jpeg", PHOTO);

        isProblem(get(past.link(tenant, photo).url().getPath(), "GET"), 410);
    }

    @Test
    void aForgedLinkOpensNothing() throws Exception {
        String path = links.link(tenant, file(null, "image/jpeg", PHOTO)).url().getPath();
        char last = path.charAt(path.length() - 1);

        isProblem(get(path.substring(0, path.length() - 1) + (last == 'A' ? 'B' : 'A'), "GET"), 404);
        isProblem(get("/media/nonsense", "GET"), 404);
        isProblem(get(path + path.substring(7), "GET"), 404);
    }

    @Test
    void aPortalThatHasNotTheNumberGetsNothing() throws Exception {
        MediaFile photo = file(null, "image/jpeg", PHOTO);
        TenantId other = portal();

        isProblem(get(links.link(other, photo).url().getPath(), "GET"), 404);
    }

    @Test
    void aLinkEndsWithTheNumberThatItWasFor() throws Exception {
        MediaFile photo = file(null, "image/jpeg", PHOTO);
        String path = links.link(tenant, photo).url().getPath();
        TenantContext.run(tenant, () -> app.bean(Channels.class).unlink(number));

        isProblem(get(path, "GET"), 404);

        link(portal());
        isProblem(get(path, "GET"), 404);
    }
}
