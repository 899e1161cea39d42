package io.zaptrix.meta;

import org.jspecify.annotations.Nullable;

/**
 * A business number as Meta knows it.
 *
 * @param id the phone number id, which webhooks and requests name it by
 * @param displayPhoneNumber the number for people, such as {@code +1 631-555-5555}; empty if Meta does not say
 * @param verifiedName the name customers see
 * @param qualityRating {@code GREEN}, {@code YELLOW}, {@code RED}, or {@code NA} or {@code UNKNOWN} while undecided
 * @param codeVerificationStatus {@code VERIFIED} once the number's owner has confirmed it
 * @param throughputLevel {@code STANDARD} (80 messages a second) or {@code HIGH}
 */
public record PhoneNumberInfo(
        String id,
        String displayPhoneNumber,
        @Nullable String verifiedName,
        @Nullable String qualityRating,
        @Nullable String codeVerificationStatus,
        @Nullable String throughputLevel) {}
