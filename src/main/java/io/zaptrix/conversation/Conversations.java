package io.zaptrix.conversation;

import io.zaptrix.platform.TenantContext;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
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

    /** What is known of one user; empty if they never wrote. */
    @Transactional(readOnly = true)
    public Optional<Conversation> find(ChatAddress address) {
        return find(address.phoneNumberId(), List.of(address.whatsappId())).stream()
                .findFirst();
    }

    /** Keeps when customers wrote, which opens their windows; may be repeated, in any order. */
    @Transactional
    public void heard(Collection<Heard> messages) {
        for (Heard message : messages) {
            mappings.heard(
                    TenantContext.require().value(),
                    message.address().phoneNumberId(),
                    message.address().whatsappId(),
                    message.wamid(),
                    message.writtenAt(),
                    message.byAd());
        }
    }

    /** The customer was shown that their message was read. */
    @Transactional
    public void markedRead(ChatAddress address, String wamid) {
        mappings.markedRead(TenantContext.require().value(), address.phoneNumberId(), address.whatsappId(), wamid);
    }

    /** The re-opening template was sent by itself. */
    @Transactional
    public void reopened(ChatAddress address, Instant at) {
        mappings.reopened(TenantContext.require().value(), address.phoneNumberId(), address.whatsappId(), at);
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
