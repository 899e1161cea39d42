package io.zaptrix.sandbox;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** Message ids in the form that the WhatsApp platform gives them: opaque to everybody, but recognisable. */
final class Wamid {

    private static final SecureRandom RANDOM = new SecureRandom();

    private Wamid() {}

    /** A new id of a message that a customer wrote. */
    static String incoming(String waId) {
        return of(waId, (byte) 0x12, 10);
    }

    /** A new id of a message that a business sent. */
    static String outgoing(String waId) {
        return of(waId, (byte) 0x11, 9);
    }

    private static String of(String waId, byte direction, int randomBytes) {
        byte[] unique = new byte[randomBytes];
        RANDOM.nextBytes(unique);
        byte[] hex = HexFormat.of().withUpperCase().formatHex(unique).getBytes(US_ASCII);
        byte[] number = waId.getBytes(US_ASCII);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[] {0x1c, 0x18, (byte) number.length});
        bytes.writeBytes(number);
        bytes.writeBytes(new byte[] {0x15, 0x02, 0x00, direction, 0x18, (byte) hex.length});
        bytes.writeBytes(hex);
        bytes.write(0);
        return "wamid." + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
