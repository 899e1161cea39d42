package io.zaptrix.media;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.zaptrix.meta.MediaKind;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a file is, by its first bytes: names and servers' headers say what they like. And as what WhatsApp takes it
 * ("Supported media types" in Meta's documentation).
 *
 * @param mimeType what it really is; {@code application/octet-stream} if that cannot be told
 * @param kind what it can be sent as, if its size fits too
 * @param mostBytes the largest that can be sent so
 */
record ContentType(String mimeType, MediaKind kind, long mostBytes) {

    /** How many bytes are wanted for telling; fewer only if there are no more. */
    static final int BEGINNING = 512;

    /** Ogg with Opus in it, which is what WhatsApp's own voice messages are. */
    static final String VOICE = "audio/ogg";

    private static final long STATIC_STICKER = 100 * 1024;
    private static final int STICKER_PIXELS = 512;
    private static final String BYTES = "application/octet-stream";

    /** What the upload takes; its refusal of other types lists them. */
    private static final Set<String> UPLOADABLE = Set.of(
            "audio/aac",
            "audio/mp4",
            "audio/mpeg",
            "audio/amr",
            "audio/ogg",
            "audio/opus",
            "application/vnd.ms-powerpoint",
            "application/msword",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/pdf",
            "text/plain",
            "application/vnd.ms-excel",
            "image/jpeg",
            "image/png",
            "image/webp",
            "video/mp4",
            "video/3gpp");

    private static final Map<String, String> OFFICE = Map.of(
            ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation");

    private static final Map<String, String> OLD_OFFICE = Map.of(
            ".doc", "application/msword",
            ".xls", "application/vnd.ms-excel",
            ".ppt", "application/vnd.ms-powerpoint");

    /** Texts that a browser would run. */
    private static final Set<String> ACTIVE_TEXTS =
            Set.of(".htm", ".html", ".xhtml", ".svg", ".xml", ".js", ".mjs", ".hta", ".vbs", ".ps1", ".bat", ".cmd");

    private ContentType(String mimeType, MediaKind kind) {
        this(mimeType, kind, kind.mostBytes());
    }

    /** Whether Meta's upload takes it. */
    boolean uploadable() {
        return UPLOADABLE.contains(mimeType);
    }

    /** The same file, sent as a document. */
    ContentType asDocument() {
        return new ContentType(mimeType, MediaKind.DOCUMENT);
    }

    /**
     * @param head the first {@value #BEGINNING} bytes, or all there are
     * @param name tells apart what begins alike: the documents that are ZIP archives, and plain text from scripts
     */
    static ContentType of(byte[] head, String name) {
        String ending = FileNames.ending(name).toLowerCase(Locale.ROOT);
        if (begins(head, 0xff, 0xd8, 0xff)) {
            return new ContentType("image/jpeg", MediaKind.IMAGE);
        }
        if (begins(head, 0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a)) {
            return new ContentType("image/png", MediaKind.IMAGE);
        }
        if (says(head, 0, "RIFF") && says(head, 8, "WEBP")) {
            return webp(head);
        }
        if (says(head, 4, "ftyp") && head.length >= 12) {
            return isoMedia(new String(head, 8, 4, ISO_8859_1), ending);
        }
        if (says(head, 0, "OggS")) {
            // Meta takes Opus only, whose header is in the first page.
            return new String(head, ISO_8859_1).contains("OpusHead")
                    ? new ContentType(VOICE, MediaKind.AUDIO)
                    : document("audio/vorbis");
        }
        if (says(head, 0, "#!AMR\n")) {
            return new ContentType("audio/amr", MediaKind.AUDIO);
        }
        if (begins(head, 0xff, 0xf1) || begins(head, 0xff, 0xf9)) {
            return new ContentType("audio/aac", MediaKind.AUDIO);
        }
        if (says(head, 0, "ID3") || isMp3Frame(head)) {
            return new ContentType("audio/mpeg", MediaKind.AUDIO);
        }
        if (says(head, 0, "%PDF-")) {
            return document("application/pdf");
        }
        if (begins(head, 'P', 'K', 3, 4) || begins(head, 'P', 'K', 5, 6)) {
            return document(OFFICE.getOrDefault(ending, "application/zip"));
        }
        if (begins(head, 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)) {
            return document(OLD_OFFICE.getOrDefault(ending, BYTES));
        }
        if (says(head, 0, "GIF8")) {
            return document("image/gif");
        }
        return document(isText(head) && !ACTIVE_TEXTS.contains(ending) ? "text/plain" : BYTES);
    }

    private static ContentType document(String mimeType) {
        return new ContentType(mimeType, MediaKind.DOCUMENT);
    }

    /** A picture of this type is a sticker if it measures 512 by 512 pixels; WhatsApp shows no other. */
    private static ContentType webp(byte[] head) {
        int width = 0;
        int height = 0;
        boolean animated = false;
        if (says(head, 12, "VP8X") && head.length >= 30) {
            animated = (head[20] & 0x02) != 0;
            width = 1 + number(head, 24, 3);
            height = 1 + number(head, 27, 3);
        } else if (says(head, 12, "VP8L") && head.length >= 25) {
            int bits = number(head, 21, 4);
            width = 1 + (bits & 0x3fff);
            height = 1 + (bits >>> 14 & 0x3fff);
        } else if (says(head, 12, "VP8 ") && head.length >= 30) {
            width = number(head, 26, 2) & 0x3fff;
            height = number(head, 28, 2) & 0x3fff;
        }
        return width == STICKER_PIXELS && height == STICKER_PIXELS
                ? new ContentType(
                        "image/webp", MediaKind.STICKER, animated ? MediaKind.STICKER.mostBytes() : STATIC_STICKER)
                : document("image/webp");
    }

    private static ContentType isoMedia(String brand, String ending) {
        if (brand.startsWith("3gp")) {
            return new ContentType("video/3gpp", MediaKind.VIDEO);
        }
        if (brand.startsWith("M4A") || brand.startsWith("M4B") || ending.equals(".m4a")) {
            return new ContentType("audio/mp4", MediaKind.AUDIO);
        }
        if (brand.startsWith("qt")) {
            return document("video/quicktime");
        }
        return switch (brand) {
            case "heic", "heix", "mif1", "msf1", "heim", "heis" -> document("image/heic");
            case "avif", "avis" -> document("image/avif");
            default -> new ContentType("video/mp4", MediaKind.VIDEO);
        };
    }

    /** Eleven set bits, then a version and a layer that exist; layer 3. */
    private static boolean isMp3Frame(byte[] head) {
        return head.length >= 3
                && (head[0] & 0xff) == 0xff
                && (head[1] & 0xe0) == 0xe0
                && (head[1] & 0x18) != 0x08
                && (head[1] & 0x06) == 0x02
                && (head[2] & 0xf0) != 0xf0;
    }

    private static boolean isText(byte[] head) {
        if (head.length == 0) {
            return false;
        }
        for (byte octet : head) {
            if (octet >= 0 && octet < 0x20 && octet != '\n' && octet != '\r' && octet != '\t' && octet != '\f') {
                return false;
            }
        }
        String start = new String(head, ISO_8859_1).strip().toLowerCase(Locale.ROOT);
        if (start.startsWith("<") || start.startsWith("#!")) {
            return false;
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        try {
            // The beginning may end inside a character.
            CoderResult result =
                    decoder.decode(ByteBuffer.wrap(head), java.nio.CharBuffer.allocate(head.length + 1), false);
            if (result.isError()) {
                result.throwException();
            }
            return true;
        } catch (CharacterCodingException notUtf8) {
            return false;
        }
    }

    private static int number(byte[] head, int at, int bytes) {
        int number = 0;
        for (int i = 0; i < bytes; i++) {
            number |= (head[at + i] & 0xff) << 8 * i;
        }
        return number;
    }

    private static boolean begins(byte[] head, int... octets) {
        if (head.length < octets.length) {
            return false;
        }
        for (int i = 0; i < octets.length; i++) {
            if ((head[i] & 0xff) != octets[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean says(byte[] head, int at, String text) {
        return head.length >= at + text.length() && new String(head, at, text.length(), ISO_8859_1).equals(text);
    }
}
