package io.zaptrix.conversation;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The ad or post from which a customer came into the chat ("Click to WhatsApp" in Meta's documentation).
 *
 * @param at when they wrote the message that carried it
 * @param sourceType {@code ad} or {@code post}
 * @param sourceId Meta's id of the ad or post
 * @param clickId {@code ctwa_clid}, by which the Conversions API counts a sale for the ad
 */
public record AdReferral(
        Instant at,
        @Nullable String sourceType,
        @Nullable String sourceId,
        @Nullable String sourceUrl,
        @Nullable String headline,
        @Nullable String clickId) {}
