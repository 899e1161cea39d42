package io.zaptrix.journal;

import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message as the log has it: everything but what it says.
 *
 * @param writtenOn when its sender wrote it (UTC): with {@code id}, its name in the log
 * @param numberId Meta's id of the company's number
 * @param customer phone number in one spelling, unmasked; or a business-scoped user id
 * @param kind Meta's type of a customer's message; {@code echo}, {@code agent} or {@code automatic} for the company's
 * @param attempts how often it failed
 * @param reason why it did not arrive, or had to be tried again: a word of ours or a vendor's code
 * @param lane its lane in the relay
 * @param key its key there
 */
public record LoggedMessage(
        LocalDate writtenOn,
        UUID id,
        Direction direction,
        String numberId,
        String customer,
        String kind,
        Instant acceptedAt,
        State state,
        int attempts,
        @Nullable String reason,
        String lane,
        String key) {

    /** Which way it went. */
    public enum Direction {
        /** From a customer to the open line's chat. */
        IN,
        /** From the chat to a customer. */
        OUT,
        /** Written to a customer in WhatsApp's own app, and told in the chat. */
        APP
    }

    /** How far it has come. */
    public enum State {
        /** Taken over and still on its way. */
        WAITING,
        /** WhatsApp has taken it. */
        SENT,
        /** It is in the chat; on the customer's phone. */
        DELIVERED,
        READ,
        /** Refused; its agent was told. */
        FAILED,
        /** Nobody knows; its agent was told. */
        UNCERTAIN,
        /** Given up: a dead letter that waits for a person. */
        GIVEN_UP,
        /** A person wanted no more of it. */
        DROPPED
    }
}
