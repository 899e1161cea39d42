package io.zaptrix.bitrix24;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the authorization server says of an access token ({@code app.info} on the authorization server, whose answer
 * differs from that of a portal).
 *
 * @param clientId the app that the token was given to; absent only in answers of old servers
 * @param memberId the portal's unchanging id
 * @param clientEndpoint where the portal's REST answers, ending in a slash
 * @param domain the portal's host
 * @param status L local, F free, D demo, T trial, P paid, S subscription
 * @param scope what the app may use on the portal
 * @param installed whether the app's installation is finished
 * @param userId the user that the token speaks for
 * @param expiresAt when the token ends
 */
public record AppInfo(
        @Nullable String clientId,
        String memberId,
        URI clientEndpoint,
        String domain,
        @Nullable String status,
        List<String> scope,
        boolean installed,
        @Nullable String userId,
        @Nullable Instant expiresAt) {

    public AppInfo {
        scope = List.copyOf(scope);
    }
}
