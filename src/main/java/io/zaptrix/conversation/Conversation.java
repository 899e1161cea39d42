package io.zaptrix.conversation;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A WhatsApp user on a number, and the chat in the portal that is the other end.
 *
 * @param bitrixChatId the open line's chat, once a message has opened it
 * @param bitrixContactId the portal's user that stands for the customer there, through whom its CRM finds the contact
 * @param lastMessageAt when the customer last wrote, by Meta's clock: opens the 24-hour window
 */
public record Conversation(
        ChatAddress address,
        @Nullable String bitrixChatId,
        @Nullable String bitrixContactId,
        @Nullable String contactName,
        @Nullable Instant lastMessageAt) {}
