package io.zaptrix.api;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.zaptrix.platform.Sha256;
import io.zaptrix.platform.TenantId;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * A key: {@code zpx_}, 65 characters that are the tenant's 16 bytes and 32 random ones in base 62, and 6 of a CRC-32 of
 * what stands before. Prefix and checksum let secret scanners find leaked keys without false alarms, and mistyped keys
 * be refused without a look into the database. The tenant says where to look; nothing but the digest proves anything.
 *
 * <p>Stored is SHA-256 of the whole. A slow hash is for what people choose: of 256 random bits none can be guessed, by
 * however fast a trial, and every request would pay for it.
 *
 * @param digest SHA-256 of the key
 */
record KeyText(TenantId tenant, byte[] digest) {

    static final String PREFIX = "zpx_";

    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final BigInteger BASE = BigInteger.valueOf(DIGITS.length());
    private static final int TENANT_BYTES = 16;
    private static final int RANDOM_BYTES = 32;
    private static final int BODY = 65;
    private static final int CHECK = 6;
    private static final Pattern FORM = Pattern.compile(PREFIX + "[0-9A-Za-z]{" + (BODY + CHECK) + "}");
    private static final SecureRandom RANDOM = new SecureRandom();

    static String fresh(TenantId tenant) {
        byte[] random = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(random);
        byte[] body = ByteBuffer.allocate(TENANT_BYTES + RANDOM_BYTES)
                .putLong(tenant.value().getMostSignificantBits())
                .putLong(tenant.value().getLeastSignificantBits())
                .put(random)
                .array();
        String start = PREFIX + digits(new BigInteger(1, body), BODY);
        return start + check(start);
    }

    /** Reads what a request gives as a key; empty if it cannot be one. */
    static Optional<KeyText> read(String text) {
        if (!FORM.matcher(text).matches()) {
            return Optional.empty();
        }
        String start = text.substring(0, text.length() - CHECK);
        if (!check(start).equals(text.substring(text.length() - CHECK))) {
            return Optional.empty();
        }
        BigInteger number = BigInteger.ZERO;
        for (char digit : start.substring(PREFIX.length()).toCharArray()) {
            number = number.multiply(BASE).add(BigInteger.valueOf(DIGITS.indexOf(digit)));
        }
        if (number.bitLength() > (TENANT_BYTES + RANDOM_BYTES) * Byte.SIZE) {
            return Optional.empty();
        }
        BigInteger tenant = number.shiftRight(RANDOM_BYTES * Byte.SIZE);
        return Optional.of(new KeyText(
                new TenantId(new UUID(tenant.shiftRight(Long.SIZE).longValue(), tenant.longValue())), Sha256.of(text)));
    }

    /** By which people tell one key from another: its end, which is the checksum. */
    static String hint(String key) {
        return key.substring(key.length() - CHECK);
    }

    private static String check(String start) {
        CRC32 crc = new CRC32();
        crc.update(start.getBytes(US_ASCII));
        return digits(BigInteger.valueOf(crc.getValue()), CHECK);
    }

    private static String digits(BigInteger number, int length) {
        char[] digits = new char[length];
        BigInteger rest = number;
        for (int i = length - 1; i >= 0; i--) {
            BigInteger[] parts = rest.divideAndRemainder(BASE);
            digits[i] = DIGITS.charAt(parts[1].intValue());
            rest = parts[0];
        }
        return new String(digits);
    }

    @Override
    public String toString() {
        return "KeyText[tenant=" + tenant + "]";
    }
}
