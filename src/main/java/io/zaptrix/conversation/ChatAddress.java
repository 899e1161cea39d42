package io.zaptrix.conversation;

import java.util.Optional;

/**
 * Names a conversation to Bitrix24: what the connector gives as {@code chat.id} and {@code user.id}, and what every
 * event of that chat brings back. Never changes for a WhatsApp user on a number, even if they get another one; where
 * messages go to, {@link Conversations#recipient} says.
 *
 * @param phoneNumberId Meta's id of the business number
 * @param whatsappId what the user was known by at first: a {@code wa_id}, or a business-scoped user id where the number
 *     was hidden; with a dot and a count behind it if somebody else had that number before
 */
public record ChatAddress(String phoneNumberId, String whatsappId) {

    private static final char SEPARATOR = ':';

    /** As Bitrix24 knows it. */
    public String external() {
        return phoneNumberId + SEPARATOR + whatsappId;
    }

    /** Reads {@link #external()}; empty when it is not one of ours. */
    public static Optional<ChatAddress> parse(String external) {
        int at = external.indexOf(SEPARATOR);
        return at < 1 || at == external.length() - 1
                ? Optional.empty()
                : Optional.of(new ChatAddress(external.substring(0, at), external.substring(at + 1)));
    }
}
