package io.zaptrix.portal;

import java.net.URI;
import java.time.Instant;

/** What a call to the portal needs. */
record Credentials(URI clientEndpoint, String accessToken, Instant expiresAt) {

    @Override
    public String toString() {
        return "Credentials[clientEndpoint=" + clientEndpoint + ", expiresAt=" + expiresAt + "]";
    }
}
