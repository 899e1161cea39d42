package io.zaptrix.meta;

import org.jspecify.annotations.Nullable;

/**
 * A business number in detail ("WhatsApp Business Account Phone Number" in the Graph API reference). Words are Meta's;
 * null where it does not say.
 *
 * @param id the phone number id
 * @param displayPhoneNumber the number for people; empty if Meta does not say
 * @param status {@code CONNECTED}, {@code PENDING}, {@code OFFLINE}, {@code FLAGGED}, {@code RESTRICTED},
 *     {@code BANNED} and the like
 * @param qualityRating {@code GREEN}, {@code YELLOW}, {@code RED}, {@code NA} or {@code UNKNOWN}
 * @param nameStatus what became of the display name: {@code APPROVED}, {@code PENDING_REVIEW}, {@code DECLINED},
 *     {@code EXPIRED}, {@code AVAILABLE_WITHOUT_REVIEW}, {@code NONE}
 * @param throughputLevel {@code STANDARD} (80 messages a second) or {@code HIGH}
 * @param messagingLimit to how many customers a day it may write first: {@code TIER_250}, {@code TIER_2K},
 *     {@code TIER_UNLIMITED} and the like
 * @param platformType {@code CLOUD_API}; {@code NOT_APPLICABLE} until the number is registered
 * @param onBusinessApp whether it is used in the WhatsApp Business app as well
 */
public record NumberState(
        String id,
        String displayPhoneNumber,
        @Nullable String verifiedName,
        @Nullable String status,
        @Nullable String qualityRating,
        @Nullable String nameStatus,
        @Nullable String codeVerificationStatus,
        @Nullable String throughputLevel,
        @Nullable String messagingLimit,
        @Nullable String platformType,
        boolean onBusinessApp) {

    /** Whether it has to be registered before it can send. */
    public boolean needsRegistration() {
        return !onBusinessApp
                && ("NOT_APPLICABLE".equals(platformType) || "PENDING".equals(status) && platformType == null);
    }
}
