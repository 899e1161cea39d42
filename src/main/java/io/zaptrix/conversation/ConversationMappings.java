package io.zaptrix.conversation;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface ConversationMappings extends Repository<ConversationMapping, Long> {

    List<ConversationMapping> findByPhoneNumberIdAndMetaWhatsappIdIn(
            String phoneNumberId, Collection<String> metaWhatsappIds);

    boolean existsByPhoneNumberIdInAndBitrixChatIdIsNotNull(Collection<String> phoneNumberIds);

    Optional<ConversationMapping>
            findFirstByPhoneNumberIdAndBitrixChatIdIsNotNullAndLastMessageAtIsNotNullOrderByLastMessageAtDesc(
                    String phoneNumberId);

    long count();

    @Modifying
    @Query(nativeQuery = true, value = """
                    update conversation_mapping set read_wamid = :wamid
                    where tenant_id = :tenant and phone_number_id = :phoneNumberId and meta_whatsapp_id = :whatsappId
                    """)
    void markedRead(UUID tenant, String phoneNumberId, String whatsappId, String wamid);

    @Modifying
    @Query(nativeQuery = true, value = """
                    update conversation_mapping set reopened_at = :at
                    where tenant_id = :tenant and phone_number_id = :phoneNumberId and meta_whatsapp_id = :whatsappId
                    """)
    void reopened(UUID tenant, String phoneNumberId, String whatsappId, Instant at);
}
