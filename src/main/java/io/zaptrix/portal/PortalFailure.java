package io.zaptrix.portal;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.relay.Outcome;
import java.time.Duration;

/** What a failed call to a portal means for the lane that made it. */
public final class PortalFailure {

    private PortalFailure() {}

    /**
     * @param repeatable whether a call that may have succeeded can be made again without harm
     * @return {@link Outcome.Dead} for what Bitrix24 refuses for good; callers who know better handle {@code REFUSE}
     *     before
     */
    public static Outcome outcome(Bitrix24Exception failure, boolean repeatable) {
        String reason = "bitrix24_" + failure.code();
        Duration retryAfter = failure.retryAfter().orElse(null);
        return switch (failure.kind()) {
            case RETRY ->
                failure.outcomeUnknown() && !repeatable
                        ? new Outcome.Uncertain(reason, retryAfter)
                        : new Outcome.Retry(reason, retryAfter);
            case REFRESH -> new Outcome.Retry(reason, retryAfter);
            case LIMIT -> new Outcome.Wait(reason, retryAfter == null ? Duration.ofSeconds(1) : retryAfter);
            case SUSPEND -> new Outcome.Suspended(reason);
            case REFUSE -> new Outcome.Dead(reason);
        };
    }
}
