package io.zaptrix.outbound;

import io.zaptrix.channel.Channels;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.media.CustomerFileLost;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Says in the chat that a customer's file did not come, since Bitrix24 leaves it out without a word. */
@Component
class LostFileListener {

    private final Channels channels;
    private final Notices notices;

    LostFileListener(Channels channels, Notices notices) {
        this.channels = channels;
        this.notices = notices;
    }

    @EventListener
    void lost(CustomerFileLost file) {
        ChatAddress.parse(file.chat())
                .ifPresent(address -> channels.find(file.phoneNumberId())
                        .ifPresent(number -> notices.customerFileLost(number.lineId(), address, file)));
    }
}
