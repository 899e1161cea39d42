package io.zaptrix.meta;

import io.zaptrix.platform.Masked;
import org.jspecify.annotations.Nullable;

/**
 * The company itself wrote to a customer, in the WhatsApp Business app or on a device linked to it (webhook field
 * {@code smb_message_echoes}, for numbers used both there and by the Cloud API).
 *
 * @param phoneNumberId the business number that it was written from
 * @param to the customer's phone number, digits only; null where it is hidden
 * @param toUserId the customer's business-scoped user id; null where there is none. One of the two is there
 * @param message what was written; its {@code from} is the business number
 */
public record MessageEchoed(
        String wabaId,
        String phoneNumberId,
        @Nullable String to,
        @Nullable String toUserId,
        InboundMessage message) implements WebhookEvent {

    @Override
    public String toString() {
        return "MessageEchoed[wabaId=" + wabaId + ", phoneNumberId=" + phoneNumberId + ", to=" + Masked.phone(to)
                + ", message=" + message + "]";
    }
}
