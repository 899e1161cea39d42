package io.zaptrix.meta;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What Meta says of an access token ("Debugging access tokens" in the Graph API documentation).
 *
 * @param isOwn whether it was given to this app; if not, nothing else is known
 * @param isValid whether it works now
 * @param expiresAt when it ends; null: never
 * @param wabaIds the accounts that it may manage; empty where Meta does not list them
 */
public record TokenInfo(
        boolean isOwn, boolean isValid, @Nullable Instant expiresAt, List<String> wabaIds) {

    /** Another app's: webhooks of what it subscribes go there. */
    static final TokenInfo OTHERS = new TokenInfo(false, true, null, List.of());

    public TokenInfo {
        wabaIds = List.copyOf(wabaIds);
    }
}
