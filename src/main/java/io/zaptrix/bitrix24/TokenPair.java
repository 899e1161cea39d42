package io.zaptrix.bitrix24;

import java.net.URI;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Tokens as the authorization server gives them.
 *
 * @param accessToken lives until {@code expiresAt}, an hour
 * @param refreshToken lives 180 days; replaces the one that it was given for
 * @param memberId the portal's unchanging id
 * @param clientEndpoint where the portal's REST answers now, ending in a slash
 * @param domain the portal's host
 * @param scope what the app may use, comma-separated
 * @param status L local, F free, D demo, T trial, P paid, S subscription
 * @param userId the user whom the tokens speak for
 */
public record TokenPair(
        String accessToken,
        String refreshToken,
        Instant expiresAt,
        String memberId,
        URI clientEndpoint,
        @Nullable String domain,
        @Nullable String scope,
        @Nullable String status,
        @Nullable String userId) {

    /** Leaves the tokens out. */
    @Override
    public String toString() {
        return "TokenPair[memberId=" + memberId + ", clientEndpoint=" + clientEndpoint + ", expiresAt=" + expiresAt
                + "]";
    }
}
