package io.zaptrix.portal;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Somebody whom the authorization server has vouched for.
 *
 * @param clientEndpoint where the authorization server says that the portal is
 * @param clientId the app that the tokens were given to
 * @param scope what the app may use, comma-separated
 * @param appStatus L for a local app
 * @param timeZone the user's, where the profile names one
 */
record Caller(
        PortalUser user,
        URI clientEndpoint,
        String clientId,
        @Nullable String scope,
        @Nullable String appStatus,
        @Nullable String timeZone,
        Tokens tokens) {

    Caller with(Tokens newTokens) {
        return new Caller(user, clientEndpoint, clientId, scope, appStatus, timeZone, newTokens);
    }
}
