package io.zaptrix.platform;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;

/** SHA-256, which every JDK has. */
public final class Sha256 {

    private static final int SHORT = 16;

    private Sha256() {}

    /** For what comes piece by piece. */
    public static MessageDigest start() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    /** All 32 bytes, of text in UTF-8. */
    public static byte[] of(String text) {
        return start().digest(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The first 16 bytes, of text in UTF-8: as good as unique, and short enough for a key. */
    public static UUID uuid(String text) {
        ByteBuffer hash = ByteBuffer.wrap(of(text));
        return new UUID(hash.getLong(), hash.getLong());
    }

    /** The first 16 bytes, in hexadecimal. */
    public static String shortHex(byte[] content) {
        return HexFormat.of().formatHex(start().digest(content), 0, SHORT);
    }
}
