package io.zaptrix.media;

import io.zaptrix.platform.CleanText;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names of files: made harmless without hiding what they are, and written into HTTP headers. */
final class FileNames {

    /** In characters; file systems take 255 bytes, and Bitrix24 keeps the last 50 characters. */
    static final int LONGEST = 100;

    private static final int LONGEST_ENDING = 16;

    /** Separators, what file systems forbid, and marks that turn the direction of writing, so that an ending hides. */
    private static final Pattern HARMFUL = Pattern.compile(
            "[\\\\/:*?\"<>|\\p{Cntrl}\\x{200b}-\\x{200f}\\x{202a}-\\x{202e}\\x{2060}-\\x{206f}\\x{feff}]");

    private static final Pattern ENDING = Pattern.compile("\\.[A-Za-z0-9]{1,8}$");

    /** The types that WhatsApp carries ("Supported media types" in Meta's documentation), and common ones beside. */
    private static final Map<String, String> ENDINGS = Map.ofEntries(
            Map.entry("image/jpeg", ".jpg"),
            Map.entry("image/png", ".png"),
            Map.entry("image/webp", ".webp"),
            Map.entry("image/gif", ".gif"),
            Map.entry("video/mp4", ".mp4"),
            Map.entry("video/3gpp", ".3gp"),
            Map.entry("video/quicktime", ".mov"),
            Map.entry("audio/ogg", ".ogg"),
            Map.entry("audio/opus", ".opus"),
            Map.entry("audio/mpeg", ".mp3"),
            Map.entry("audio/mp4", ".m4a"),
            Map.entry("audio/aac", ".aac"),
            Map.entry("audio/amr", ".amr"),
            Map.entry("application/pdf", ".pdf"),
            Map.entry("application/zip", ".zip"),
            Map.entry("application/msword", ".doc"),
            Map.entry("application/vnd.ms-excel", ".xls"),
            Map.entry("application/vnd.ms-powerpoint", ".ppt"),
            Map.entry("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
            Map.entry("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
            Map.entry("application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"),
            Map.entry("text/plain", ".txt"),
            Map.entry("text/csv", ".csv"),
            Map.entry("text/vcard", ".vcf"));

    private FileNames() {}

    /**
     * A name that can stand in any file system and shows its true ending.
     *
     * @param wanted as somebody else gave it; may be absent or anything
     * @param mimeType gives the ending to a name that has none
     * @param kind begins a name of our own, such as {@code image}
     */
    static String safe(@Nullable String wanted, @Nullable String mimeType, String kind) {
        String name = wanted == null ? "" : CleanText.of(wanted).replaceAll("\\s+", " ");
        name = HARMFUL.matcher(name).replaceAll("_").strip();
        // Neither hidden, nor a way up, nor what Windows cuts off.
        name = trimmed(name);
        if (name.isEmpty()) {
            name = kind;
        }
        String ending = ENDINGS.get(bare(mimeType));
        if (!ENDING.matcher(name).find() && ending != null) {
            name += ending;
        }
        return shortened(name);
    }

    /**
     * Without dots and spaces at its ends; by hand, as an expression would look at each of many dots again and again.
     */
    private static String trimmed(String name) {
        int from = 0;
        int to = name.length();
        while (from < to && ". ".indexOf(name.charAt(from)) >= 0) {
            from++;
        }
        while (to > from && ". ".indexOf(name.charAt(to - 1)) >= 0) {
            to--;
        }
        return name.substring(from, to);
    }

    private static String shortened(String name) {
        if (name.codePointCount(0, name.length()) <= LONGEST) {
            return name;
        }
        String ending = ending(name);
        String stem = name.substring(0, name.length() - ending.length());
        int keep = LONGEST - ending.codePointCount(0, ending.length());
        return stem.substring(0, stem.offsetByCodePoints(0, keep)).strip() + ending;
    }

    /** What is after the last dot, with it; empty if that is no ending. */
    static String ending(String name) {
        int dot = name.lastIndexOf('.');
        return dot <= 0 || name.length() - dot > LONGEST_ENDING ? "" : name.substring(dot);
    }

    /** Without parameters, in lower case; empty if there is none. */
    static String bare(@Nullable String mimeType) {
        return mimeType == null ? "" : mimeType.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
    }

    /**
     * The header {@code Content-Disposition} (RFC 6266): the name in ASCII for old readers, and as it is (RFC 8187).
     *
     * @param name as {@link #safe} made it
     */
    static String disposition(boolean inline, String name) {
        StringBuilder ascii = new StringBuilder();
        name.codePoints()
                .forEach(point -> ascii.appendCodePoint(point < 0x20 || point > 0x7e || point == '%' ? '_' : point));
        StringBuilder encoded = new StringBuilder();
        for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xff);
            if (c < 0x80 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0)) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(octet));
            }
        }
        return (inline ? "inline" : "attachment") + "; filename=\"" + ascii + "\"; filename*=UTF-8''" + encoded;
    }
}
