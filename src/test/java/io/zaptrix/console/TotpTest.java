package io.zaptrix.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TotpTest {

    private static final byte[] SECRET = "12345678901234567890".getBytes(StandardCharsets.US_ASCII);

    /** RFC 6238, appendix B, the rows of SHA-1. */
    @ParameterizedTest
    @CsvSource({
        "59, 94287082",
        "1111111109, 07081804",
        "1111111111, 14050471",
        "1234567890, 89005924",
        "2000000000, 69279037",
        "20000000000, 65353130"
    })
    void theCodesAreThoseOfTheRfc(long second, String code) {
        assertThat(Totp.code(SECRET, Totp.step(Instant.ofEpochSecond(second)), 8))
                .isEqualTo(code);
    }

    @Test
    void aNeighboursStepIsTakenAndNoOther() {
        Instant now = Instant.ofEpochSecond(1_000_000_000);
        long step = Totp.step(now);
        for (long other = step - 3; other <= step + 3; other++) {
            assertThat(Totp.match(SECRET, Totp.code(SECRET, other, Totp.DIGITS), now)
                            .isPresent())
                    .as("%d steps away", other - step)
                    .isEqualTo(Math.abs(other - step) <= 1);
        }
        assertThat(Totp.match(SECRET, "", now)).isEmpty();
    }

    /** RFC 4648, section 10, without padding. */
    @ParameterizedTest
    @CsvSource({"f, MY", "fo, MZXQ", "foo, MZXW6", "foob, MZXW6YQ", "fooba, MZXW6YTB", "foobar, MZXW6YTBOI"})
    void base32IsThatOfTheRfc(String text, String encoded) {
        assertThat(Totp.base32(text.getBytes(StandardCharsets.US_ASCII))).isEqualTo(encoded);
        assertThat(Totp.base32(encoded)).isEqualTo(text.getBytes(StandardCharsets.US_ASCII));
    }
}
