package io.zaptrix.portal;

import io.zaptrix.platform.Sha256;
import java.util.function.Predicate;

/** The real check of application tokens, for those outside the room who measure it. */
public final class ApplicationTokens {

    private ApplicationTokens() {}

    /** Whether a token proves the portal's sender. */
    @SuppressWarnings("NullAway") // The portal is not looked at.
    public static Predicate<String> of(String token) {
        return new Senders.Sender(null, Sha256.of(token))::proves;
    }
}
