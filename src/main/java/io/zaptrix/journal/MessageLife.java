package io.zaptrix.journal;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happened to one message, step by step.
 *
 * @param steps from the first to the last
 * @param nextAttempt when it is tried again, if it waits for that
 * @param waitsFor why what stands first in its lane did not arrive yet, if it waits; may be another message
 */
public record MessageLife(
        LoggedMessage message,
        List<Step> steps,
        @Nullable Instant nextAttempt,
        @Nullable String waitsFor) {

    /**
     * Something that happened.
     *
     * @param part which of the WhatsApp messages that it went as, from 1; 0: it is about the message as a whole
     * @param parts how many these are
     * @param attempt which attempt failed; 0: it is about none
     * @param reason a word of ours or a vendor's code
     * @param uncertain it may have arrived all the same
     */
    public record Step(
            Kind kind,
            Instant at,
            int part,
            int parts,
            int attempt,
            @Nullable String reason,
            boolean uncertain) {

        static Step of(Kind kind, Instant at, @Nullable String reason) {
            return new Step(kind, at, 0, 0, 0, reason, false);
        }
    }

    /** What can happen. */
    public enum Kind {
        /** Taken over from its sender: durable from then on. */
        ACCEPTED,
        /** An attempt failed, and another follows. */
        RETRIED,
        /** It appeared in the open line's chat. */
        IN_CHAT,
        /** WhatsApp took it. */
        SENT,
        DELIVERED,
        READ,
        /** WhatsApp reported that it did not arrive. */
        FAILED,
        /** Nobody knows whether WhatsApp took it. */
        UNCERTAIN,
        REFUSED,
        GIVEN_UP,
        DROPPED
    }
}
