package io.zaptrix.conversation;

import io.zaptrix.platform.TenantContext;
import java.util.Collection;
import java.util.List;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The bound tenant's conversations. */
@Service
public class Conversations {

    private final ConversationMappings mappings;

    Conversations(ConversationMappings mappings) {
        this.mappings = mappings;
    }

    /** What is known of these users on one number; those who never wrote are missing. */
    @Transactional(readOnly = true)
    public List<Conversation> find(String phoneNumberId, Collection<String> whatsappIds) {
        return mappings.findByPhoneNumberIdAndMetaWhatsappIdIn(phoneNumberId, whatsappIds).stream()
                .map(ConversationMapping::toConversation)
                .toList();
    }

    /** Keeps what arrivals tell; may be repeated. */
    @Transactional
    public void record(Collection<Arrival> arrivals) {
        for (Arrival arrival : arrivals) {
            mappings.record(
                    TenantContext.require().value(),
                    arrival.address().phoneNumberId(),
                    arrival.address().whatsappId(),
                    arrival.bitrixContactId(),
                    arrival.bitrixChatId(),
                    arrival.contactName(),
                    arrival.writtenAt());
        }
    }
}
