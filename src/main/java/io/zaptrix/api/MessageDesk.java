package io.zaptrix.api;

import io.zaptrix.channel.Channels;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.conversation.WhatsAppUser;
import io.zaptrix.outbound.DirectContent;
import io.zaptrix.outbound.DirectMessages;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Takes messages over from programs: noted with the request's turn, accepted durably, then answered. */
@Service
class MessageDesk {

    private final DirectMessages messages;
    private final Channels channels;
    private final Idempotency idempotency;
    private final RequestBodies bodies;
    private final TransactionTemplate transaction;

    MessageDesk(
            DirectMessages messages,
            Channels channels,
            Idempotency idempotency,
            RequestBodies bodies,
            PlatformTransactionManager transactions) {
        this.messages = messages;
        this.channels = channels;
        this.idempotency = idempotency;
        this.bodies = bodies;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** @param repeated nothing was done now: the request had been carried out before */
    record Taken(UUID messageId, boolean repeated) {}

    /** @param message null: it was sent before */
    private record Begun(UUID messageId, DirectMessages.@Nullable Noted message) {}

    /**
     * Has a message sent. What is refused is forgotten, and its key may be used again.
     *
     * @throws ApiProblem when it cannot be
     * @throws io.zaptrix.relay.RelayUnavailable when it was not accepted; the same request may come again
     */
    Taken take(ApiCaller caller, String idempotencyKey, SendMessage request) {
        DirectContent content = request.content();
        WhatsAppUser to = Recipients.read(request.to())
                .orElseThrow(() -> ApiProblem.invalid(
                        "to", "is no phone number with its country's code, nor an id of a WhatsApp user"));
        byte[] canonical = bodies.canonical(request);
        Begun begun = Objects.requireNonNull(transaction.execute(status -> {
            Idempotency.Turn turn = idempotency.take(caller.keyId(), idempotencyKey, canonical);
            return new Begun(
                    turn.messageId(), turn.answered() ? null : note(turn.messageId(), request.from(), to, content));
        }));
        if (begun.message() == null) {
            return new Taken(begun.messageId(), true);
        }
        try {
            messages.send(begun.message(), content);
        } catch (RuntimeException notAccepted) {
            idempotency.failed(caller.keyId(), idempotencyKey);
            throw notAccepted;
        }
        idempotency.answered(caller.keyId(), idempotencyKey);
        return new Taken(begun.messageId(), false);
    }

    private DirectMessages.Noted note(UUID id, String phoneNumberId, WhatsAppUser to, DirectContent content) {
        PhoneNumber from = channels.find(phoneNumberId)
                .orElseThrow(() -> ApiProblem.invalid("from", "is no number of this portal"));
        if (content.template() == null && messages.isWindowClosed(from, to)) {
            throw ApiProblem.of(ApiProblem.Type.WINDOW_CLOSED);
        }
        return messages.note(id, from, to, content);
    }
}
