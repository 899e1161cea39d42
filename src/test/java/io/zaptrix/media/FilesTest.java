package io.zaptrix.media;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.meta.MediaKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What files are by their content, as what they are given out, and how they are called. */
class FilesTest {

    private static ContentType of(String head, String name) {
        return ContentType.of(head.getBytes(ISO_8859_1), name);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
                    ~ff~d8~ff~e0..JFIF;      x;           image/jpeg;      IMAGE
                    ~89PNG~0d~0a~1a~0a;      x.jpg;       image/png;       IMAGE
                    ....ftypisom....;        clip.mp4;    video/mp4;       VIDEO
                    ....ftyp3gp5....;        clip.mp4;    video/3gpp;      VIDEO
                    ....ftypM4A ....;        song.mp4;    audio/mp4;       AUDIO
                    ....ftypmp42....;        voice.m4a;   audio/mp4;       AUDIO
                    ....ftypqt  ....;        clip.mp4;    video/quicktime; DOCUMENT
                    ....ftypheic....;        photo.jpg;   image/heic;      DOCUMENT
                    OggS.......OpusHead;     x;           audio/ogg;       AUDIO
                    OggS.......~01vorbis;    x.ogg;       audio/vorbis;    DOCUMENT
                    '#!AMR~0a.';             x;           audio/amr;       AUDIO
                    '#!AMR-WB~0a';           x.amr;       application/octet-stream; DOCUMENT
                    ID3~03~00;               x;           audio/mpeg;      AUDIO
                    ~ff~fb~90~00;            x;           audio/mpeg;      AUDIO
                    ~ff~f1~50~80;            x;           audio/aac;       AUDIO
                    %PDF-1.7;                x.jpg;       application/pdf; DOCUMENT
                    PK~03~04....;            a.jpg;       application/zip; DOCUMENT
                    GIF89a;                  x.jpg;       image/gif;       DOCUMENT
                    MZ~90~00;                photo.jpg;   application/octet-stream; DOCUMENT
                    <svg onload=alert(1)>;   photo.png;   application/octet-stream; DOCUMENT
                    <!DOCTYPE html>;         readme.txt;  application/octet-stream; DOCUMENT
                    hello;                   a.txt;       text/plain;      DOCUMENT
                    'a,b';                   a.csv;       text/plain;      DOCUMENT
                    alert(1);                a.js;        application/octet-stream; DOCUMENT
                    """)
    void theFirstBytesSayWhatItIs(String head, String name, String mimeType, MediaKind kind) {
        ContentType type = of(octets(head), name);
        assertThat(type.mimeType()).isEqualTo(mimeType);
        assertThat(type.kind()).isEqualTo(kind);
    }

    /** With {@code ~xx} for what cannot be typed. */
    private static String octets(String text) {
        return java.util.regex.Pattern.compile("~([0-9a-f]{2})")
                .matcher(text)
                .replaceAll(octet -> java.util.regex.Matcher.quoteReplacement(
                        String.valueOf((char) Integer.parseInt(octet.group(1), 16))));
    }

    @Test
    void officeDocumentsAreToldApartByTheirEndings() {
        String word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        assertThat(of(octets("PK~03~04"), "a.DOCX").mimeType()).isEqualTo(word);
        assertThat(of(octets("~d0~cf~11~e0~a1~b1~1a~e1"), "a.xls").mimeType()).isEqualTo("application/vnd.ms-excel");
    }

    @Test
    void aTextMayEndInTheMiddleOfACharacter() {
        byte[] text = "é".repeat(256).getBytes(UTF_8);
        assertThat(ContentType.of(Arrays.copyOf(text, 511), "a.txt").mimeType()).isEqualTo("text/plain");
        assertThat(ContentType.of(new byte[] {'a', (byte) 0xe9, 'b'}, "a.txt").mimeType())
                .isEqualTo("application/octet-stream");
    }

    @Test
    void anyBeginningIsTaken() {
        for (String start : new String[] {"", "R", "RIFF....WEBP", "RIFF....WEBPVP8X", "....ftyp", "OggS", "ID3"}) {
            for (int length = 0; length <= start.length(); length++) {
                assertThat(of(start.substring(0, length), "x").kind()).isNotNull();
            }
        }
    }

    @Test
    void onlyAPictureOfAStickersSizeIsASticker() {
        ContentType sticker = ContentType.of(webp(512, 512, false), "x.webp");
        assertThat(sticker.kind()).isEqualTo(MediaKind.STICKER);
        assertThat(sticker.mostBytes()).isEqualTo(100 * 1024);
        assertThat(ContentType.of(webp(512, 512, true), "x.webp").mostBytes()).isEqualTo(500 * 1024);
        assertThat(ContentType.of(webp(800, 600, false), "x.webp").kind()).isEqualTo(MediaKind.DOCUMENT);
    }

    private static byte[] webp(int width, int height, boolean animated) {
        ByteBuffer head = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
        head.put("RIFF....WEBPVP8X....".getBytes(ISO_8859_1)).putInt(animated ? 2 : 0);
        head.put((byte) (width - 1)).put((byte) (width - 1 >> 8)).put((byte) 0);
        head.put((byte) (height - 1)).put((byte) (height - 1 >> 8)).put((byte) 0);
        return head.array();
    }

    @ParameterizedTest
    @CsvSource({
        "image/jpeg, photo.jpg, image/jpeg, true",
        "audio/ogg, voice.ogg, audio/ogg, true",
        "application/pdf, a.pdf, application/pdf, false",
        "image/svg+xml, a.svg, application/octet-stream, false",
        "text/html, a.html, application/octet-stream, false",
        "text/xml, a.xml, application/octet-stream, false",
        "application/javascript, a.js, application/octet-stream, false",
        "application/x-msdownload, a.exe, application/octet-stream, false",
        // What the type says is not believed against the name, nor the other way round.
        "image/jpeg, photo.html, application/octet-stream, false",
        "image/jpeg, photo.HTM, application/octet-stream, false",
        "image/jpeg, photo.pdf, image/jpeg, false",
        "text/html, photo.jpg, application/octet-stream, false",
        "'', nothing, application/octet-stream, false"
    })
    void whatCouldRunIsGivenOutAsBytesToBeSaved(String mimeType, String name, String contentType, boolean inline) {
        assertThat(ServedType.of(mimeType, name)).isEqualTo(new ServedType(contentType, inline));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', nullValues = "-", textBlock = """
                    orçamento.pdf;        application/pdf; orçamento.pdf
                    ../../etc/passwd;     text/plain;      _.._etc_passwd.txt
                    -;                    image/jpeg;      image.jpg
                    -;                    audio/ogg;       audio.ogg
                    """)
    void namesAreMadeHarmless(@Nullable String wanted, String mimeType, String name) {
        assertThat(FileNames.safe(wanted, mimeType, mimeType.replaceFirst("/.*", "")))
                .isEqualTo(name);
    }

    @Test
    void anEndingCannotHide() {
        assertThat(FileNames.safe("photo\u202egpj.exe", null, "file")).isEqualTo("photo_gpj.exe");
        assertThat(FileNames.safe("photo.jpg                              .exe", null, "file"))
                .isEqualTo("photo.jpg .exe");
        assertThat(FileNames.safe("a".repeat(300) + ".exe", null, "file"))
                .hasSize(100)
                .endsWith("a.exe");
        assertThat(FileNames.safe("invoice.exe. ", null, "file")).isEqualTo("invoice.exe");
    }

    @Test
    void aNameStandsInAHeaderTwice() {
        assertThat(FileNames.disposition(false, "orçamento \"a\".pdf".replace("\"", "_")))
                .isEqualTo(
                        "attachment; filename=\"or_amento _a_.pdf\";" + " filename*=UTF-8''or%C3%A7amento%20_a_.pdf");
        assertThat(FileNames.disposition(true, "a.jpg"))
                .isEqualTo("inline; filename=\"a.jpg\"; filename*=UTF-8''a.jpg");
    }

    @ParameterizedTest
    @CsvSource({"bytes=0-9, 0, 9", "bytes=5-, 5, 99", "bytes=-10, 90, 99", "bytes=-1000, 0, 99", "bytes=50-1000, 50, 99"
    })
    void aRangeIsOfTheFile(String header, long first, long last) {
        assertThat(ByteRange.parse(header).flatMap(range -> range.of(100)))
                .contains(new ByteRange.Resolved(first, last, 100));
    }

    @ParameterizedTest
    @CsvSource({"bytes=-", "bytes=9-5", "'bytes=0-1,3-4'", "items=0-1", "bytes=a-b", "''"})
    void whatIsNoRangeMeansTheWhole(String header) {
        assertThat(ByteRange.parse(header)).isEmpty();
    }

    @Test
    void aRangeBehindTheEndIsNone() {
        assertThat(ByteRange.parse("bytes=100-").orElseThrow().of(100)).isEmpty();
        assertThat(ByteRange.parse("bytes=-0").orElseThrow().of(100)).isEmpty();
    }

    @Test
    void aNameOfAMillionDotsTakesNoTime() {
        String dots = "x" + ". ".repeat(500_000) + "x";

        org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                java.time.Duration.ofSeconds(5), () -> FileNames.safe(dots, "text/plain", "file"));
    }
}
