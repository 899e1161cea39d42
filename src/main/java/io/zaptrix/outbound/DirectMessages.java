package io.zaptrix.outbound;

import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.conversation.WhatsAppUser;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Messages that a program of the company sends, in the lanes of the agents' messages: what is accepted after an agent's
 * message to the same customer goes out after it. Everything here is about the bound tenant.
 */
public interface DirectMessages {

    /**
     * A message that is known, and perhaps not accepted yet.
     *
     * @param notedAt when it was first noted, by the database's clock
     */
    record Noted(UUID id, PhoneNumber from, ChatAddress to, Instant notedAt) {}

    /** How far a message, or a part of it, got. */
    enum State {
        /** It waits, or is being sent. */
        ACCEPTED,
        /** Nobody knows whether WhatsApp took it; it is not sent again. */
        UNCERTAIN,
        SENT,
        DELIVERED,
        READ,
        FAILED
    }

    /**
     * Why something failed.
     *
     * @param reason a word for programs: an {@link io.zaptrix.meta.GraphErrors.Advice} in lower case, {@code expired}
     * @param code Meta's, where Meta refused
     */
    record Failure(String reason, @Nullable Integer code) {}

    /** One WhatsApp message. */
    record Part(
            int part,
            State state,
            @Nullable String wamid,
            @Nullable Failure failure,
            @Nullable Instant changedAt) {}

    /**
     * What became of a message.
     *
     * @param to where it goes: a {@code wa_id} or a business-scoped user id
     * @param parts all of them, those that have not been sent too
     */
    record Progress(UUID id, String phoneNumberId, String to, String type, Instant notedAt, List<Part> parts) {

        /** That of the part that got least far; one that failed has the last word. */
        public State state() {
            return parts.stream().anyMatch(part -> part.state() == State.FAILED)
                    ? State.FAILED
                    : parts.stream().map(Part::state).min(State::compareTo).orElse(State.ACCEPTED);
        }
    }

    /** Whether WhatsApp would certainly refuse anything but a template to this user. */
    boolean isWindowClosed(PhoneNumber from, WhatsAppUser to);

    /**
     * Notes a message, in the transaction that is under way; may be repeated, and gives the same then.
     *
     * @param id the caller's, new
     */
    Noted note(UUID id, PhoneNumber from, WhatsAppUser to, DirectContent content);

    /**
     * Has it sent: it is durable when this returns, and goes out once, however often it is said.
     *
     * @throws io.zaptrix.relay.RelayUnavailable when it was not accepted
     */
    void send(Noted message, DirectContent content);

    /** What became of a message; empty if there is none, or none any more: it is known for 30 days. */
    Optional<Progress> find(UUID id);

    /** Which message and part a status is of, by what Meta repeats of it; empty if it is no program's. */
    Optional<Sent> ofCallback(@Nullable String callbackData);

    /** A part of a message. */
    record Sent(UUID id, int part) {}
}
