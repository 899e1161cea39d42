package io.zaptrix.conversation;

import io.zaptrix.platform.TenantContext;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The bound tenant's conversations. */
@Service
public class Conversations {

    private final ConversationMappings mappings;
    private final CustomerDirectory directory;
    private final ConversationNews news;

    Conversations(ConversationMappings mappings, CustomerDirectory directory, ConversationNews news) {
        this.mappings = mappings;
        this.directory = directory;
        this.news = news;
    }

    /**
     * The addresses of these users' chats, which are made where they have none. Whoever is known by the phone number in
     * any of its spellings ({@link CanonicalPhone}), or by the business-scoped user id, keeps their chat.
     *
     * @return every given user's address
     */
    @Transactional
    public Map<WhatsAppUser, ChatAddress> addresses(String phoneNumberId, Collection<WhatsAppUser> users) {
        return directory.addresses(phoneNumberId, users);
    }

    /**
     * The address of somebody whom the company writes to, made where there is none. What is known of where their
     * messages go stays, as Meta's own spelling of a number is better than anybody else's.
     */
    @Transactional
    public ChatAddress address(String phoneNumberId, WhatsAppUser user) {
        return directory.address(phoneNumberId, user);
    }

    /** As {@link #address}, of somebody whom there is a conversation with. */
    @Transactional(readOnly = true)
    public Optional<ChatAddress> known(String phoneNumberId, WhatsAppUser user) {
        return directory.known(phoneNumberId, user);
    }

    /**
     * The conversations as they were begun, the latest first.
     *
     * @param phoneNumberId only those of this number; null: of all
     * @param before only those listed after this one ({@link ListedConversation#id()}); null: from the first
     */
    @Transactional(readOnly = true)
    public List<ListedConversation> list(@Nullable String phoneNumberId, @Nullable Long before, int limit) {
        return directory.list(phoneNumberId, before, limit);
    }

    /**
     * A customer has another number or user id from now on, and keeps the chat; what agents write there goes to the new
     * one. Does nothing when {@code from} never wrote, or when it was done before.
     */
    @Transactional
    public void follow(String phoneNumberId, WhatsAppUser from, WhatsAppUser to) {
        directory.follow(phoneNumberId, from, to);
    }

    /** The {@code wa_id} or business-scoped user id, as Meta gave it last, that messages of this chat are sent to. */
    @Transactional(readOnly = true)
    public String recipient(ChatAddress address) {
        return directory.sendTo(address).orElse(address.whatsappId());
    }

    /**
     * All names by which a customer is or was known on any number, in the spelling of {@link CanonicalPhone}: other
     * numbers of theirs, business-scoped user ids.
     *
     * @param names in that spelling, such as what somebody has typed
     * @return these among them
     */
    @Transactional(readOnly = true)
    public Set<String> alsoKnownAs(Collection<String> names) {
        return directory.alsoKnownAs(names);
    }

    /** Keeps from which ad a customer came; may be repeated. */
    @Transactional
    public void keep(ChatAddress address, AdReferral referral) {
        directory.keep(address, referral);
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

    /** Whether any customer's message has reached the chat of an open line by one of these numbers. */
    @Transactional(readOnly = true)
    public boolean anyArrived(Collection<String> phoneNumberIds) {
        return !phoneNumberIds.isEmpty() && mappings.existsByPhoneNumberIdInAndBitrixChatIdIsNotNull(phoneNumberIds);
    }

    /**
     * Of those who have a chat in the portal, the one who wrote to the number last. Looks through all of the number's
     * conversations: for somebody who watches, not for every message.
     */
    @Transactional(readOnly = true)
    public Optional<Conversation> lastArrived(String phoneNumberId) {
        return mappings.findFirstByPhoneNumberIdAndBitrixChatIdIsNotNullAndLastMessageAtIsNotNullOrderByLastMessageAtDesc(
                        phoneNumberId)
                .map(ConversationMapping::toConversation);
    }

    /** Keeps when customers wrote to a number, which opens their windows; may be repeated, in any order. */
    @Transactional
    public void heard(String phoneNumberId, Collection<Heard> messages) {
        if (!messages.isEmpty()) {
            news.heard(phoneNumberId, messages);
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

    /** Keeps what arrivals by a number tell; may be repeated. */
    @Transactional
    public void record(String phoneNumberId, Collection<Arrival> arrivals) {
        if (!arrivals.isEmpty()) {
            news.arrived(phoneNumberId, arrivals);
        }
    }
}
