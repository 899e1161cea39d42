package io.zaptrix.meta;

import io.zaptrix.platform.Masked;
import org.jspecify.annotations.Nullable;

/**
 * A WhatsApp user as the business may see them. One who has adopted a username may show no phone number
 * ("Business-scoped user IDs" in Meta's WhatsApp documentation).
 *
 * @param waId the phone number, digits only
 * @param userId the business-scoped user id, such as {@code US.13491208655302741918}
 * @param username what others see instead of the number
 * @param name the name they gave themselves
 */
public record ContactProfile(
        @Nullable String waId,
        @Nullable String userId,
        @Nullable String username,
        @Nullable String name) {

    @Override
    public String toString() {
        return "ContactProfile[waId=" + Masked.phone(waId) + "]";
    }
}
