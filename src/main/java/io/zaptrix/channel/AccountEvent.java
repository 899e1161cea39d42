package io.zaptrix.channel;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a WhatsApp Business account, one of its numbers or its templates.
 *
 * @param id the same for the same event, however often Meta tells of it
 * @param phoneNumberId the linked number that it is about; null for the account and its templates
 * @param field Meta's webhook field
 * @param what one word of a fixed few, see {@link io.zaptrix.meta.AccountNews#what()}; the sentence for it is in the
 *     messages {@code account}
 * @param needsAction whether somebody was to be told
 * @param subject what it is about, for people: a template, a number, or the account's numbers
 * @param reason what Meta says of it; empty if nothing
 */
public record AccountEvent(
        String id,
        Instant at,
        String wabaId,
        @Nullable String phoneNumberId,
        String field,
        String what,
        boolean needsAction,
        String subject,
        String reason) {}
