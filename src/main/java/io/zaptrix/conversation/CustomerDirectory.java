package io.zaptrix.conversation;

import io.zaptrix.platform.TenantContext;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The names by which WhatsApp users on a number are known, each leading to one conversation: phone numbers in their
 * {@link CanonicalPhone} spelling and business-scoped user ids. A conversation's own name, which is half of what
 * Bitrix24 calls the chat, never changes; the names that lead to it do.
 */
@Repository
class CustomerDirectory {

    private final JdbcClient jdbc;

    CustomerDirectory(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Finds or makes the conversation of a user, and changes nothing that is known. */
    ChatAddress address(String phoneNumberId, WhatsAppUser user) {
        Optional<Known> found = find(phoneNumberId, user);
        if (found.isPresent()) {
            return new ChatAddress(phoneNumberId, found.get().conversation());
        }
        String conversation = conversationOf(phoneNumberId, user);
        names(user).forEach(name -> lead(phoneNumberId, name, conversation, false));
        return new ChatAddress(phoneNumberId, conversation);
    }

    Optional<ChatAddress> known(String phoneNumberId, WhatsAppUser user) {
        return find(phoneNumberId, user).map(known -> new ChatAddress(phoneNumberId, known.conversation()));
    }

    private Optional<Known> find(String phoneNumberId, WhatsAppUser user) {
        List<String> own = names(user);
        Map<String, Known> known = known(phoneNumberId, own);
        return own.stream().filter(known::containsKey).map(known::get).findFirst();
    }

    List<ListedConversation> list(@Nullable String phoneNumberId, @Nullable Long before, int limit) {
        return jdbc.sql("""
                        select id, phone_number_id, meta_whatsapp_id, coalesce(send_to, meta_whatsapp_id) as recipient,
                            bitrix_chat_id, bitrix_contact_id, contact_name, last_message_at, free_entry_at, created_at,
                            ad.at, ad.source_type, ad.source_id, ad.source_url, ad.headline, ad.click_id
                        from conversation_mapping conversation left join lateral (
                            select at, source_type, source_id, source_url, headline, click_id from ad_referral
                            where tenant_id = :tenant and phone_number_id = conversation.phone_number_id
                                and whatsapp_id = conversation.meta_whatsapp_id
                            order by at desc limit 1) ad on true
                        where tenant_id = :tenant and id < :before
                            and (cast(:number as text) is null or phone_number_id = :number)
                        order by id desc limit :limit
                        """)
                .param("tenant", tenant())
                .param("before", before == null ? Long.MAX_VALUE : before)
                .param("number", phoneNumberId)
                .param("limit", limit)
                .query((row, n) -> new ListedConversation(
                        row.getLong("id"),
                        new ChatAddress(row.getString("phone_number_id"), row.getString("meta_whatsapp_id")),
                        row.getString("recipient"),
                        row.getString("bitrix_chat_id"),
                        row.getString("bitrix_contact_id"),
                        row.getString("contact_name"),
                        instant(row.getTimestamp("last_message_at")),
                        new CustomerServiceWindow(
                                instant(row.getTimestamp("last_message_at")),
                                instant(row.getTimestamp("free_entry_at"))),
                        row.getTimestamp("created_at").toInstant(),
                        ad(row)))
                .list();
    }

    private static @Nullable AdReferral ad(ResultSet row) throws SQLException {
        Instant at = instant(row.getTimestamp("at"));
        return at == null
                ? null
                : new AdReferral(
                        at,
                        row.getString("source_type"),
                        row.getString("source_id"),
                        row.getString("source_url"),
                        row.getString("headline"),
                        row.getString("click_id"));
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }

    /** Finds or makes the conversation of each user. */
    Map<WhatsAppUser, ChatAddress> addresses(String phoneNumberId, Collection<WhatsAppUser> users) {
        List<String> names = new ArrayList<>();
        users.forEach(user -> names.addAll(names(user)));
        Map<String, Known> known = known(phoneNumberId, names);
        Map<WhatsAppUser, ChatAddress> addresses = new LinkedHashMap<>();
        for (WhatsAppUser user : users) {
            List<String> own = names(user);
            Known found = own.stream()
                    .filter(known::containsKey)
                    .map(known::get)
                    .findFirst()
                    .orElse(null);
            String conversation = found != null ? found.conversation() : conversationOf(phoneNumberId, user);
            for (String name : own) {
                // A name that leads elsewhere stays: the phone comes first, and it has decided.
                if (!known.containsKey(name)) {
                    lead(phoneNumberId, name, conversation, false);
                    known.put(name, new Known(conversation, user.sendTo()));
                }
            }
            // Who hides the number from now on can still be reached by it, and by more kinds of messages.
            if (found != null && user.phone() != null && !user.sendTo().equals(found.sendTo())) {
                sendTo(phoneNumberId, conversation, user.sendTo());
            }
            addresses.put(user, new ChatAddress(phoneNumberId, conversation));
        }
        return addresses;
    }

    /**
     * Lets the conversation that {@code from} leads to be found by {@code to}. An old number leads nowhere any more, as
     * it may be somebody else's tomorrow. Without effect when {@code from} is not known, which it is not when this was
     * done before.
     */
    void follow(String phoneNumberId, WhatsAppUser from, WhatsAppUser to) {
        Map<String, Known> known = known(phoneNumberId, names(from));
        Optional<Known> moved =
                names(from).stream().filter(known::containsKey).map(known::get).findFirst();
        if (moved.isEmpty()) {
            return;
        }
        String conversation = moved.get().conversation();
        List<String> now = names(to);
        if (from.phone() != null && to.phone() != null) {
            String old = CanonicalPhone.of(from.phone());
            if (!now.contains(old)) {
                forget(phoneNumberId, old);
            }
        }
        now.forEach(name -> lead(phoneNumberId, name, conversation, true));
        if (to.phone() != null || !isPhone(moved.get().sendTo())) {
            sendTo(phoneNumberId, conversation, to.sendTo());
        }
    }

    Set<String> alsoKnownAs(Collection<String> names) {
        Set<String> all = new LinkedHashSet<>(names);
        jdbc.sql("""
                        select other.alias, known.whatsapp_id
                        from customer_alias known join customer_alias other
                            on other.tenant_id = known.tenant_id and other.phone_number_id = known.phone_number_id
                                and other.whatsapp_id = known.whatsapp_id
                        where known.tenant_id = :tenant and known.alias = any(:names)
                            and known.phone_number_id = any(array(
                                select phone_number_id from phone_number where tenant_id = :tenant))
                        limit 1000
                        """)
                .param("tenant", tenant())
                .param("names", names.toArray(String[]::new))
                .query(row -> {
                    all.add(row.getString(1));
                    // An agent's messages are named by the conversation, which is called by the first number.
                    all.add(CanonicalPhone.of(row.getString(2)));
                });
        return all;
    }

    Optional<String> sendTo(ChatAddress address) {
        return jdbc.sql("""
                        select send_to from conversation_mapping
                        where tenant_id = :tenant and phone_number_id = :number and meta_whatsapp_id = :conversation
                            and send_to is not null
                        """)
                .param("tenant", tenant())
                .param("number", address.phoneNumberId())
                .param("conversation", address.whatsappId())
                .query(String.class)
                .optional();
    }

    void keep(ChatAddress address, AdReferral referral) {
        jdbc.sql("""
                        insert into ad_referral (tenant_id, phone_number_id, whatsapp_id, at, source_type, source_id,
                            source_url, headline, click_id)
                        values (:tenant, :number, :conversation, :at, :type, :id, :url, :headline, :click)
                        on conflict do nothing
                        """)
                .param("tenant", tenant())
                .param("number", address.phoneNumberId())
                .param("conversation", address.whatsappId())
                .param("at", Timestamp.from(referral.at()))
                .param("type", referral.sourceType())
                .param("id", referral.sourceId())
                .param("url", referral.sourceUrl())
                .param("headline", referral.headline())
                .param("click", referral.clickId())
                .update();
    }

    /** A conversation and what its messages are sent to now. */
    private record Known(String conversation, @Nullable String sendTo) {}

    private Map<String, Known> known(String phoneNumberId, Collection<String> names) {
        Map<String, Known> known = new LinkedHashMap<>();
        jdbc.sql("""
                        select alias.alias, alias.whatsapp_id, mapping.send_to
                        from customer_alias alias left join conversation_mapping mapping
                            on mapping.tenant_id = alias.tenant_id and mapping.phone_number_id = alias.phone_number_id
                                and mapping.meta_whatsapp_id = alias.whatsapp_id
                        where alias.tenant_id = :tenant and alias.phone_number_id = :number
                            and alias.alias = any(:names)
                        """)
                .param("tenant", tenant())
                .param("number", phoneNumberId)
                .param("names", names.toArray(String[]::new))
                .query(row -> {
                    known.put(row.getString(1), new Known(row.getString(2), row.getString(3)));
                });
        return known;
    }

    /** The conversation of somebody whom no name leads to: one from before names were kept, or a new one. */
    private String conversationOf(String phoneNumberId, WhatsAppUser user) {
        List<String> candidates = new ArrayList<>();
        if (user.phone() != null) {
            candidates.addAll(CanonicalPhone.spellings(user.phone()));
        }
        if (user.userId() != null) {
            candidates.add(user.userId());
        }
        Optional<String> nameless = jdbc.sql("""
                        update conversation_mapping set send_to = :sendTo, updated_at = now()
                        where tenant_id = :tenant and phone_number_id = :number and send_to is null
                            and meta_whatsapp_id = (
                                select meta_whatsapp_id from conversation_mapping
                                where tenant_id = :tenant and phone_number_id = :number and send_to is null
                                    and meta_whatsapp_id = any(:candidates)
                                order by last_message_at desc nulls last limit 1)
                        returning meta_whatsapp_id
                        """)
                .param("tenant", tenant())
                .param("number", phoneNumberId)
                .param("sendTo", user.sendTo())
                .param("candidates", candidates.toArray(String[]::new))
                .query(String.class)
                .optional();
        return nameless.orElseGet(() -> begin(phoneNumberId, user));
    }

    /** A new conversation, called by the number, or by it and a count where somebody before had that number. */
    private String begin(String phoneNumberId, WhatsAppUser user) {
        String sendTo = user.sendTo();
        for (int count = 1; ; count++) {
            String conversation = count == 1 ? sendTo : sendTo + "." + count;
            int made = jdbc.sql("""
                            insert into conversation_mapping (tenant_id, phone_number_id, meta_whatsapp_id, send_to)
                            values (:tenant, :number, :conversation, :sendTo)
                            on conflict do nothing
                            """)
                    .param("tenant", tenant())
                    .param("number", phoneNumberId)
                    .param("conversation", conversation)
                    .param("sendTo", sendTo)
                    .update();
            if (made == 1) {
                return conversation;
            }
            // It may have been begun at this moment by another, whose row was waited for: then its names are there now.
            Optional<Known> begun = count == 1 ? find(phoneNumberId, user) : Optional.empty();
            if (begun.isPresent()) {
                return begun.get().conversation();
            }
        }
    }

    private void sendTo(String phoneNumberId, String conversation, String sendTo) {
        jdbc.sql("""
                        update conversation_mapping set send_to = :sendTo, updated_at = now()
                        where tenant_id = :tenant and phone_number_id = :number and meta_whatsapp_id = :conversation
                        """)
                .param("tenant", tenant())
                .param("number", phoneNumberId)
                .param("conversation", conversation)
                .param("sendTo", sendTo)
                .update();
    }

    private void lead(String phoneNumberId, String name, String conversation, boolean away) {
        jdbc.sql("""
                        insert into customer_alias (tenant_id, phone_number_id, alias, whatsapp_id)
                        values (:tenant, :number, :name, :conversation)
                        on conflict (tenant_id, phone_number_id, alias)
                        """ + (away ? "do update set whatsapp_id = excluded.whatsapp_id" : "do nothing"))
                .param("tenant", tenant())
                .param("number", phoneNumberId)
                .param("name", name)
                .param("conversation", conversation)
                .update();
    }

    private void forget(String phoneNumberId, String name) {
        jdbc.sql("""
                        delete from customer_alias
                        where tenant_id = :tenant and phone_number_id = :number and alias = :name
                        """)
                .param("tenant", tenant())
                .param("number", phoneNumberId)
                .param("name", name)
                .update();
    }

    private static boolean isPhone(@Nullable String sendTo) {
        return sendTo != null && sendTo.chars().allMatch(Character::isDigit);
    }

    /** The phone first: it is what people are found by everywhere else. */
    private static List<String> names(WhatsAppUser user) {
        List<String> names = new ArrayList<>();
        if (user.phone() != null) {
            names.add(CanonicalPhone.of(user.phone()));
        }
        if (user.userId() != null) {
            names.add(user.userId());
        }
        return names;
    }

    private static UUID tenant() {
        return TenantContext.require().value();
    }
}
