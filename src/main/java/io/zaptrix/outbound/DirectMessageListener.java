package io.zaptrix.outbound;

import java.time.Instant;
import java.util.UUID;

/** Somebody who wants to know of ends that Meta tells nobody of: {@code FAILED} and {@code UNCERTAIN}. */
public interface DirectMessageListener {

    /**
     * A message, or its part, came to an end here; may be said again, in the same words. The tenant is bound.
     *
     * @param notedAt when the message was first noted
     */
    record Ended(
            UUID id,
            int part,
            String phoneNumberId,
            String to,
            DirectMessages.State state,
            DirectMessages.Failure failure,
            Instant notedAt) {}

    void on(Ended ended);
}
