package io.zaptrix.meta;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How far a sent message got. Statuses may arrive in any order, twice, or with steps left out.
 *
 * @param status {@code sent}, {@code delivered}, {@code read}, {@code played}, {@code failed} or any that Meta adds
 * @param recipientId the phone number or user id it went to
 * @param callbackData what was given as {@link TextMessage#callbackData()} when it was sent
 * @param errors why it failed; empty otherwise
 * @param raw the whole status object
 */
public record MessageStatus(
        String wamid,
        String status,
        Instant timestamp,
        @Nullable String recipientId,
        @Nullable String callbackData,
        List<MetaError> errors,
        JsonNode raw) {

    public MessageStatus {
        errors = List.copyOf(errors);
    }

    @Override
    public String toString() {
        return "MessageStatus[wamid=" + wamid + ", status=" + status + ", timestamp=" + timestamp + ", errors=" + errors
                + "]";
    }
}
