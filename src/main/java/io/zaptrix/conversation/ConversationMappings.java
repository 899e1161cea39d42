package io.zaptrix.conversation;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
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

    /** What is not known now does not wipe out what was; the last message is the latest written, not the last come. */
    @Modifying
    @Query(nativeQuery = true, value = """
                    insert into conversation_mapping (tenant_id, phone_number_id, meta_whatsapp_id, bitrix_contact_id,
                        bitrix_chat_id, contact_name, last_message_at)
                    values (:tenant, :phoneNumberId, :whatsappId, cast(:contactId as text), cast(:chatId as text),
                        cast(:name as text), :writtenAt)
                    on conflict (tenant_id, phone_number_id, meta_whatsapp_id) do update set
                        bitrix_contact_id = coalesce(excluded.bitrix_contact_id, conversation_mapping.bitrix_contact_id),
                        bitrix_chat_id = coalesce(excluded.bitrix_chat_id, conversation_mapping.bitrix_chat_id),
                        contact_name = coalesce(excluded.contact_name, conversation_mapping.contact_name),
                        last_message_at = greatest(excluded.last_message_at, conversation_mapping.last_message_at),
                        updated_at = now()
                    """)
    void record(
            UUID tenant,
            String phoneNumberId,
            String whatsappId,
            @Nullable String contactId,
            @Nullable String chatId,
            @Nullable String name,
            Instant writtenAt);

    /** As {@link #record}: the last message is the latest written, not the last come. */
    @Modifying
    @Query(nativeQuery = true, value = """
                    insert into conversation_mapping (tenant_id, phone_number_id, meta_whatsapp_id, last_wamid,
                        last_message_at, free_entry_at)
                    values (:tenant, :phoneNumberId, :whatsappId, :wamid, :writtenAt,
                        case when :byAd then cast(:writtenAt as timestamptz) end)
                    on conflict (tenant_id, phone_number_id, meta_whatsapp_id) do update set
                        last_wamid = case when excluded.last_message_at >= coalesce(conversation_mapping.last_message_at,
                            '-infinity') then coalesce(excluded.last_wamid, conversation_mapping.last_wamid) else conversation_mapping.last_wamid end,
                        last_message_at = greatest(excluded.last_message_at, conversation_mapping.last_message_at),
                        free_entry_at = greatest(excluded.free_entry_at, conversation_mapping.free_entry_at)
                    """)
    void heard(
            UUID tenant,
            String phoneNumberId,
            String whatsappId,
            @Nullable String wamid,
            Instant writtenAt,
            boolean byAd);

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
