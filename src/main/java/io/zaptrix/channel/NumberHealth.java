package io.zaptrix.channel;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a linked number is, as far as is known here; words are Meta's ({@link io.zaptrix.meta.NumberState}), and null
 * where it has not said.
 *
 * @param quality {@code GREEN}, {@code YELLOW}, {@code RED}; null also while Meta is undecided
 * @param messagingLimit such as {@code TIER_1K}
 * @param onBusinessApp whether the number is used in the WhatsApp Business app as well
 * @param tokenExpiresAt when the access token ends; null: never, or nobody knows
 * @param problem why Meta did not say it, in its own words, or {@link #UNREACHABLE}; null when all went well
 * @param checkedAt when Meta was last asked; null: not yet
 * @param lastWebhookAt when the last webhook about the number arrived; null: none has, since this is kept
 */
public record NumberHealth(
        String phoneNumberId,
        @Nullable String verifiedName,
        @Nullable String status,
        @Nullable String quality,
        @Nullable String nameStatus,
        @Nullable String throughput,
        @Nullable String messagingLimit,
        @Nullable String platformType,
        boolean onBusinessApp,
        TokenState token,
        @Nullable Instant tokenExpiresAt,
        @Nullable String problem,
        @Nullable Instant checkedAt,
        @Nullable Instant lastWebhookAt) {

    /** The {@link #problem} when Meta did not answer, or asked to be left alone for a while. */
    public static final String UNREACHABLE = "unreachable";

    /** What is known of an access token. */
    public enum TokenState {
        /** Meta takes it. */
        VALID,
        /** Meta takes it no more, or not for this number. */
        REFUSED,
        /** It works, but webhooks of what it subscribes go to another app. */
        OTHER_APP,
        /** Meta was not asked, or did not say. */
        UNKNOWN
    }

    /** Nothing is known. */
    static NumberHealth unknown(String phoneNumberId) {
        return new NumberHealth(
                phoneNumberId,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                false,
                TokenState.UNKNOWN,
                null,
                null,
                null,
                null);
    }

    NumberHealth heardAt(@Nullable Instant webhook) {
        Instant known = lastWebhookAt;
        if (webhook == null || known != null && known.isAfter(webhook)) {
            return this;
        }
        return new NumberHealth(
                phoneNumberId,
                verifiedName,
                status,
                quality,
                nameStatus,
                throughput,
                messagingLimit,
                platformType,
                onBusinessApp,
                token,
                tokenExpiresAt,
                problem,
                checkedAt,
                webhook);
    }
}
