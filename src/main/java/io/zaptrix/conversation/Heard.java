package io.zaptrix.conversation;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A customer wrote, whatever becomes of the message in the portal.
 *
 * @param wamid the message's; null when it cannot be marked as read
 * @param writtenAt by Meta's clock
 * @param byAd it came by an ad or a post that leads to WhatsApp
 */
public record Heard(ChatAddress address, @Nullable String wamid, Instant writtenAt, boolean byAd) {}
