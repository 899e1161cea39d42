package io.zaptrix.conversation;

import io.zaptrix.platform.Masked;
import org.jspecify.annotations.Nullable;

/**
 * Somebody on WhatsApp as a webhook names them: by phone, by business-scoped user id, or both. At least one is there.
 *
 * @param phone their {@code wa_id}: digits only
 * @param userId the business-scoped user id, such as {@code US.13491208655302741918}
 */
public record WhatsAppUser(@Nullable String phone, @Nullable String userId) {

    public WhatsAppUser {
        if (phone == null && userId == null) {
            throw new IllegalArgumentException("a user without phone and id is nobody");
        }
    }

    /** What a message to them is addressed to. */
    String sendTo() {
        return phone != null ? phone : String.valueOf(userId);
    }

    @Override
    public String toString() {
        return "WhatsAppUser[phone=" + Masked.phone(phone) + "]";
    }
}
