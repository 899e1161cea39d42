package io.zaptrix.conversation;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A WhatsApp user on a number, and the chat in the portal that is the other end.
 *
 * @param bitrixChatId the open line's chat, once a message has opened it
 * @param bitrixContactId the portal's user that stands for the customer there, through whom its CRM finds the contact
 * @param lastMessageAt when the customer last wrote, by Meta's clock
 * @param window how long the customer may be written to freely
 * @param lastWamid the customer's last message
 * @param readWamid which of them the customer was shown as read last
 * @param reopenedAt when the re-opening template was last sent by itself
 */
public record Conversation(
        ChatAddress address,
        @Nullable String bitrixChatId,
        @Nullable String bitrixContactId,
        @Nullable String contactName,
        @Nullable Instant lastMessageAt,
        CustomerServiceWindow window,
        @Nullable String lastWamid,
        @Nullable String readWamid,
        @Nullable Instant reopenedAt) {

    /** The customer's last message, unless they were shown already that it was read. */
    public Optional<String> unread() {
        return Optional.ofNullable(lastWamid).filter(wamid -> !wamid.equals(readWamid));
    }
}
