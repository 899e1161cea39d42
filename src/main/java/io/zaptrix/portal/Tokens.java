package io.zaptrix.portal;

import io.zaptrix.bitrix24.TokenPair;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Tokens that somebody of the portal brought or the authorization server gave. */
record Tokens(String accessToken, @Nullable String refreshToken, Instant expiresAt) {

    static Tokens of(TokenPair pair) {
        return new Tokens(pair.accessToken(), pair.refreshToken(), pair.expiresAt());
    }

    @Override
    public String toString() {
        return "Tokens[expiresAt=" + expiresAt + "]";
    }
}
