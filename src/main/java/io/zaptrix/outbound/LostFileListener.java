package io.zaptrix.outbound;

import io.zaptrix.channel.Channels;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.conversation.Conversation;
import io.zaptrix.conversation.Conversations;
import io.zaptrix.media.CustomerFileLost;
import java.util.Optional;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Says in the chat that a customer's file did not come, since Bitrix24 leaves it out without a word. */
@Component
class LostFileListener {

    private final Channels channels;
    private final Conversations conversations;
    private final Notices notices;

    LostFileListener(Channels channels, Conversations conversations, Notices notices) {
        this.channels = channels;
        this.conversations = conversations;
        this.notices = notices;
    }

    @EventListener
    void lost(CustomerFileLost file) {
        Optional<ChatAddress> address = ChatAddress.parse(file.chat());
        Optional<PhoneNumber> number = channels.find(file.phoneNumberId());
        if (address.isEmpty() || number.isEmpty()) {
            return;
        }
        // Bitrix24 fetches while the first message of a chat is still being taken: then only the outside id is known.
        String imChatId = conversations
                .find(address.get())
                .map(Conversation::bitrixChatId)
                .orElse("");
        notices.customerFileLost(number.get().lineId(), address.get(), imChatId, file);
    }
}
