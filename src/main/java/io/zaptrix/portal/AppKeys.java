package io.zaptrix.portal;

import org.jspecify.annotations.Nullable;

/**
 * What identifies the app at the authorization server.
 *
 * @param own whether the pair is the portal's own (a local app's), and so kept with the portal; the marketplace app's
 *     comes from the configuration
 */
record AppKeys(String clientId, @Nullable String clientSecret, boolean own) {

    @Override
    public String toString() {
        return "AppKeys[clientId=" + clientId + ", own=" + own + "]";
    }
}
