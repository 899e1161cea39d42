package io.zaptrix.meta;

import org.jspecify.annotations.Nullable;

/**
 * A customer wrote, or WhatsApp reported something in a conversation (type {@code system}).
 *
 * @param phoneNumberId the business number written to
 * @param displayPhoneNumber that number for people; digits only, as webhooks have it
 * @param contact who wrote; absent with system messages
 */
public record MessageReceived(
        String wabaId,
        String phoneNumberId,
        String displayPhoneNumber,
        @Nullable ContactProfile contact,
        InboundMessage message)
        implements WebhookEvent {}
