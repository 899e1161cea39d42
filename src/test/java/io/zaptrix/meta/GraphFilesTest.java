package io.zaptrix.meta;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.zaptrix.meta.GraphException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Files to and from Meta: what is sent for them, checked against its OpenAPI description, and what is made of answers.
 */
@Timeout(30)
class GraphFilesTest {

    private static final String TOKEN = "EAAJbZCZAexampleZBtokenZD";
    private static final String NUMBER = "106540352242922";
    private static final String MEDIA = "2621233374848975";
    private static final String ACCEPTED = """
            {"messaging_product":"whatsapp","contacts":[{"input":"16505551234","wa_id":"16505551234"}],\
            "messages":[{"id":"wamid.SENT","message_status":"accepted"}]}""";

    private GraphStub meta;
    private RestGraphClient client;

    @BeforeEach
    void start() throws IOException {
        meta = new GraphStub();
        client = new RestGraphClient(
                WebhookSignatureTest.properties("secret", meta.url()),
                new SimpleMeterRegistry(),
                new RestGraphClient.Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(3)));
    }

    @AfterEach
    void stop() throws IOException {
        client.destroy();
        meta.close();
    }

    private GraphStub.Request checked() {
        GraphStub.Request request = meta.requests().getFirst();
        assertThat(request.headers()).containsEntry("authorization", "Bearer " + TOKEN);
        assertThat(request.address().toString()).doesNotContain(TOKEN);
        MetaContract.v23().assertRequest(request.method(), request.address(), request.headers(), request.body());
        return request;
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private MediaInfo at(String path) {
        return new MediaInfo(MEDIA, URI.create(meta.url() + path), "image/jpeg", null, -1);
    }

    private static MediaUpload upload(InputStream content, long length) {
        return new MediaUpload(content, length, "application/pdf", "file.pdf");
    }

    // ---- messages

    @ParameterizedTest
    @EnumSource(MediaKind.class)
    void everyKindOfFileGoesOutAsTheContractSays(MediaKind kind) {
        meta.answers(200, ACCEPTED);

        String wamid = client.sendMedia(
                TOKEN,
                NUMBER,
                new MediaMessage("16505551234", kind, false, MEDIA, null, null, null, "wamid.ASKED", "zaptrix.0.1"));

        assertThat(wamid).isEqualTo("wamid.SENT");
        JsonNode body = json(checked().body());
        assertThat(body.path("type").asString()).isEqualTo(kind.wireName());
        assertThat(body.path(kind.wireName())).isEqualTo(json("{\"id\":\"" + MEDIA + "\"}"));
        assertThat(body.at("/context/message_id").asString()).isEqualTo("wamid.ASKED");
        assertThat(body.path("biz_opaque_callback_data").asString()).isEqualTo("zaptrix.0.1");
    }

    @Test
    void aVoiceMessageSaysThatItIsOne() {
        meta.answers(200, ACCEPTED);

        client.sendMedia(
                TOKEN,
                NUMBER,
                new MediaMessage("16505551234", MediaKind.AUDIO, true, MEDIA, null, null, null, null, null));

        assertThat(json(checked().body()).path("audio")).isEqualTo(json("{\"id\":\"" + MEDIA + "\",\"voice\":true}"));
    }

    @Test
    void aDocumentHasANameAndWordsOrALink() {
        meta.answers(200, ACCEPTED);

        client.sendMedia(
                TOKEN,
                NUMBER,
                new MediaMessage(
                        "16505551234",
                        MediaKind.DOCUMENT,
                        false,
                        null,
                        URI.create("https://acme.bitrix24.com/~abc"),
                        "Aqui está",
                        "orçamento.zip",
                        null,
                        null));

        assertThat(json(checked().body()).path("document")).isEqualTo(json("""
                {"link":"https://acme.bitrix24.com/~abc","caption":"Aqui está","filename":"orçamento.zip"}"""));
    }

    @Test
    void whatMetaWouldRefuseIsNotEvenMade() {
        for (MediaKind kind : new MediaKind[] {MediaKind.AUDIO, MediaKind.STICKER}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new MediaMessage("1", kind, false, MEDIA, null, "words", null, null, null));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new MediaMessage("1", MediaKind.IMAGE, false, MEDIA, null, "x".repeat(1025), null, null, null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MediaMessage("1", MediaKind.IMAGE, false, null, null, null, null, null, null));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new MediaMessage("1", MediaKind.IMAGE, false, MEDIA, null, null, "a.jpg", null, null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MediaMessage("1", MediaKind.VIDEO, true, MEDIA, null, null, null, null, null));
    }

    // ---- up

    @Test
    void aFileIsUploadedAsAForm() {
        meta.answers(200, "{\"id\":\"" + MEDIA + "\"}");

        byte[] content = "%PDF-1.7 …".getBytes(UTF_8);
        assertThat(client.uploadMedia(TOKEN, NUMBER, upload(new ByteArrayInputStream(content), content.length)))
                .isEqualTo(MEDIA);

        GraphStub.Request request = checked();
        assertThat(request.method() + " " + request.address()).isEqualTo("POST /v23.0/" + NUMBER + "/media");
        assertThat(request.headers().get("content-type")).startsWith("multipart/form-data; boundary=");
        assertThat(request.body())
                .containsSubsequence(
                        "name=\"messaging_product\"",
                        "\r\n\r\nwhatsapp\r\n",
                        "name=\"type\"",
                        "\r\n\r\napplication/pdf\r\n",
                        "name=\"file\"; filename=\"file.pdf\"",
                        "Content-Type: application/pdf",
                        "\r\n\r\n%PDF-1.7 …\r\n");
    }

    @Test
    void aRefusalOfAFileSaysWhy() {
        meta.answers(400, """
                {"error":{"message":"(#100) Param file must be a file with one of the following types: audio/aac.",
                 "type":"OAuthException","code":100,"fbtrace_id":"A"}}""");

        GraphException refused = catchThrowableOfType(
                GraphException.class,
                () -> client.uploadMedia(TOKEN, NUMBER, upload(new ByteArrayInputStream(new byte[4]), 4)));

        assertThat(refused.kind()).isEqualTo(Kind.REFUSE);
        assertThat(refused.code()).isEqualTo(100);
    }

    @Test
    void anUnansweredUploadMayBeRepeated() {
        meta.then((connection, out) -> false);

        GraphException lost = catchThrowableOfType(
                GraphException.class,
                () -> client.uploadMedia(TOKEN, NUMBER, upload(new ByteArrayInputStream(new byte[4]), 4)));

        assertThat(lost.kind()).isEqualTo(Kind.RETRY);
        assertThat(lost).hasMessageNotContaining(TOKEN);
    }

    @Test
    void aContentThatBreaksOffIsNotTakenForAFile() {
        meta.answers(200, "{\"id\":\"" + MEDIA + "\"}");
        InputStream broken = new InputStream() {
            private int left = 10;

            @Override
            public int read() throws IOException {
                if (left == 0) {
                    throw new IOException("gone");
                }
                left--;
                return 'x';
            }
        };

        GraphException failed = catchThrowableOfType(
                GraphException.class, () -> client.uploadMedia(TOKEN, NUMBER, upload(broken, 100)));

        assertThat(failed.kind()).isEqualTo(Kind.RETRY);
        assertThat(meta.requests()).as("no whole request arrived").isEmpty();
    }

    // ---- down

    @Test
    void aFileIsLookedUpForItsNumber() {
        String answer = "{\"messaging_product\":\"whatsapp\",\"url\":\"" + meta.url()
                + "/file\",\"mime_type\":\"image/jpeg\",\"sha256\":\"ab\",\"file_size\":\"303833\",\"id\":\"" + MEDIA
                + "\"}";
        meta.answers(200, answer);

        assertThat(client.media(TOKEN, NUMBER, MEDIA))
                .isEqualTo(new MediaInfo(MEDIA, URI.create(meta.url() + "/file"), "image/jpeg", "ab", 303833));

        GraphStub.Request request = checked();
        assertThat(request.method() + " " + request.address())
                .isEqualTo("GET /v23.0/" + MEDIA + "?phone_number_id=" + NUMBER);
        MetaContract.v23().assertResponse("GET", request.address(), 200, answer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example/file",
                "http://lookaside.fbsbx.com/file",
                "https://fbsbx.com.evil.example/file",
                "file:///etc/passwd",
                "nonsense nonsense"
            })
    void theTokenGoesNowhereButToMeta(String url) {
        meta.answers(200, "{\"url\":\"" + url + "\",\"id\":\"" + MEDIA + "\"}");

        GraphException failed = catchThrowableOfType(GraphException.class, () -> client.media(TOKEN, NUMBER, MEDIA));

        assertThat(failed.kind()).isEqualTo(Kind.RETRY);
    }

    @Test
    void whereMetaKeepsFilesIsMetas() {
        String url = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=3";
        meta.answers(200, "{\"url\":\"" + url + "\",\"id\":\"" + MEDIA + "\"}");

        assertThat(client.media(TOKEN, NUMBER, MEDIA).url()).hasToString(url);
    }

    @Test
    void aFileThatIsNotThereAnyMoreIsToldFromAFault() {
        meta.answers(400, """
                {"error":{"message":"Unsupported get request.","type":"GraphMethodException","code":100,
                 "error_subcode":33,"fbtrace_id":"A"}}""");

        GraphException gone = catchThrowableOfType(GraphException.class, () -> client.media(TOKEN, NUMBER, MEDIA));

        assertThat(gone.isNoSuchObject()).isTrue();
    }

    @Test
    void aPartOfAFileIsAskedFor() throws IOException {
        meta.answers(206, "cde", "Content-Range: bytes 2-4/10");

        try (MediaDownload part = client.download(TOKEN, at("/file"), "bytes=2-4")) {
            assertThat(part.status()).isEqualTo(206);
            assertThat(part.length()).isEqualTo(3);
            assertThat(part.contentRange()).isEqualTo("bytes 2-4/10");
            assertThat(part.body().readAllBytes()).asString().isEqualTo("cde");
        }

        GraphStub.Request request = meta.requests().getFirst();
        assertThat(request.headers()).containsEntry("range", "bytes=2-4");
        assertThat(request.headers()).containsEntry("authorization", "Bearer " + TOKEN);
    }

    @ParameterizedTest
    @CsvSource({"401, RETRY", "404, RETRY", "500, RETRY", "302, RETRY", "429, LIMIT"})
    void aFileThatIsNotGivenSaysItsStatus(int status, Kind kind) {
        meta.answers(status, "", "Location: https://evil.example/");

        GraphException failed =
                catchThrowableOfType(GraphException.class, () -> client.download(TOKEN, at("/file"), null));

        assertThat(failed.httpStatus()).isEqualTo(status);
        assertThat(failed.kind()).isEqualTo(kind);
        assertThat(meta.requests()).hasSize(1);
    }

    @Test
    void nobodyReadsAFileToItsEndThatIsWantedNoMore() throws Exception {
        meta.then((connection, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n".getBytes(UTF_8));
            out.write(new byte[1000]);
            out.flush();
            // Whoever would drain it waits here for ever.
            Thread.sleep(20_000);
            return false;
        });

        long start = System.nanoTime();
        try (MediaDownload download = client.download(TOKEN, at("/file"), null)) {
            assertThat(download.body().readNBytes(10)).hasSize(10);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }
}
