package io.zaptrix.conversation;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.TenantId;
import org.jspecify.annotations.Nullable;

/** The table {@code conversation_mapping}. */
@Entity
@Table(name = "conversation_mapping")
@SuppressWarnings("NullAway.Init") // Hibernate fills it
class ConversationMapping {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private Long id;

    @TenantId
    @Column(name = "tenant_id")
    private UUID tenantId;

    @Column(name = "phone_number_id")
    private String phoneNumberId;

    @Column(name = "meta_whatsapp_id")
    private String metaWhatsappId;

    @Column(name = "bitrix_contact_id")
    private @Nullable String bitrixContactId;

    @Column(name = "bitrix_chat_id")
    private @Nullable String bitrixChatId;

    @Column(name = "contact_name")
    private @Nullable String contactName;

    @Column(name = "last_message_at")
    private @Nullable Instant lastMessageAt;

    @Column(name = "last_wamid")
    private @Nullable String lastWamid;

    @Column(name = "read_wamid")
    private @Nullable String readWamid;

    @Column(name = "free_entry_at")
    private @Nullable Instant freeEntryAt;

    @Column(name = "reopened_at")
    private @Nullable Instant reopenedAt;

    @Column(name = "created_at", insertable = false, updatable = false)
    private Instant createdAt;

    @Column(name = "updated_at", insertable = false, updatable = false)
    private Instant updatedAt;

    protected ConversationMapping() {}

    Conversation toConversation() {
        return new Conversation(
                new ChatAddress(phoneNumberId, metaWhatsappId),
                bitrixChatId,
                bitrixContactId,
                contactName,
                lastMessageAt,
                new CustomerServiceWindow(lastMessageAt, freeEntryAt),
                lastWamid,
                readWamid,
                reopenedAt);
    }
}
