package io.zaptrix.console;

import java.time.Instant;

/** An authenticator app: shows codes for the key that a page has given. */
public final class Authenticator {

    private final byte[] secret;

    /** @param key as the page writes it */
    public Authenticator(String key) {
        this.secret = Totp.base32(key.replace(" ", ""));
    }

    public String code() {
        return code(0);
    }

    /** @param away steps of 30 seconds from now */
    public String code(int away) {
        return Totp.code(secret, Totp.step(Instant.now()) + away, Totp.DIGITS);
    }
}
