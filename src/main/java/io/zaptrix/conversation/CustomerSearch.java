package io.zaptrix.conversation;

import io.zaptrix.platform.DataSubject;
import io.zaptrix.platform.TenantContext;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Who somebody is on all numbers of the bound tenant. Names lead to conversations and conversations to further names: a
 * phone number in its other spellings, the number that came after it, the user id of one who hides it.
 */
@Service
public class CustomerSearch {

    private static final int SHORTEST_PHONE = 8;
    private static final int LONGEST_PHONE = 17;

    /** A Brazilian mobile number at home, from before the ninth digit. */
    private static final String HOME_SHORT = "[1-9]\\d[6-9]\\d{7}";

    private final JdbcClient jdbc;

    CustomerSearch(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** What was typed names nobody. */
    public static final class Unclear extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final Reason reason;

        /** Why. */
        public enum Reason {
            /** Neither a phone number nor a user id. */
            NO_NAME,
            /** Without its country the number is that of several customers. */
            SEVERAL
        }

        Unclear(Reason reason) {
            super(reason.name());
            this.reason = reason;
        }

        public Reason reason() {
            return reason;
        }
    }

    /**
     * Finds a person by what somebody typed.
     *
     * @param typed a phone number as people write it, with or without plus, {@code 00}, blanks and signs; also without
     *     its country where only one customer's number ends so; a {@code wa_id}; or a business-scoped user id
     * @return them, whether or not they are known here
     * @throws Unclear when it names nobody
     */
    @Transactional(readOnly = true)
    public DataSubject named(String typed, Instant asked) {
        String text = typed.strip();
        if (text.matches(".*\\p{L}.*")) {
            if (!text.matches("[A-Za-z0-9._-]{3,128}")) {
                throw new Unclear(Unclear.Reason.NO_NAME);
            }
            return of(Set.of(text), Set.of(), asked);
        }
        String digits = text.replaceAll("\\D", "").replaceFirst("^00", "");
        if (digits.length() < SHORTEST_PHONE || digits.length() > LONGEST_PHONE) {
            throw new Unclear(Unclear.Reason.NO_NAME);
        }
        DataSubject abroad = of(CanonicalPhone.spellings(digits), Set.of(), asked);
        if (!abroad.chats().isEmpty() || text.startsWith("+") || text.startsWith("00")) {
            return abroad;
        }
        List<String> known = endingWith(digits.replaceFirst("^0+", ""));
        if (known.size() > 1) {
            throw new Unclear(Unclear.Reason.SEVERAL);
        }
        return known.isEmpty() ? abroad : of(CanonicalPhone.spellings(known.getFirst()), Set.of(), asked);
    }

    /**
     * A person by all their names, as they are known by now.
     *
     * @param chats conversations that are theirs in any case
     */
    @Transactional(readOnly = true)
    public DataSubject of(Collection<String> names, Collection<String> chats, Instant asked) {
        Set<String> allNames = new LinkedHashSet<>();
        Set<String> allChats = new LinkedHashSet<>(chats);
        Deque<String> unseen = new ArrayDeque<>(names);
        while (!unseen.isEmpty()) {
            String name = unseen.poll();
            if (!allNames.add(name)) {
                continue;
            }
            unseen.addAll(CanonicalPhone.spellings(name));
            for (String chat : ledTo(name)) {
                if (allChats.add(chat)) {
                    unseen.addAll(namesOf(chat));
                }
            }
        }
        return DataSubject.of(allNames, allChats, asked);
    }

    /** What they call themselves. */
    @Transactional(readOnly = true)
    public List<String> callThemselves(DataSubject person) {
        return jdbc.sql("""
                        select distinct contact_name from conversation_mapping
                        where tenant_id = :tenant and phone_number_id || ':' || meta_whatsapp_id = any(:chats)
                            and contact_name is not null
                        order by 1
                        """)
                .param("tenant", tenant())
                .param("chats", person.chats().toArray(String[]::new))
                .query(String.class)
                .list();
    }

    private List<String> endingWith(String digits) {
        if (digits.length() < SHORTEST_PHONE) {
            return List.of();
        }
        String withNine = digits.matches(HOME_SHORT) ? digits.substring(0, 2) + "9" + digits.substring(2) : digits;
        return jdbc.sql("""
                        select distinct alias from customer_alias
                        where tenant_id = :tenant and (right(alias, length(:digits)) = :digits
                            or right(alias, length(:withNine)) = :withNine)
                        limit 2
                        """)
                .param("tenant", tenant())
                .param("digits", digits)
                .param("withNine", withNine)
                .query(String.class)
                .list();
    }

    /**
     * The conversations that a name leads to; one that bears it as its own is theirs unless the name leads elsewhere.
     */
    private List<String> ledTo(String name) {
        return jdbc.sql("""
                        select phone_number_id || ':' || whatsapp_id from customer_alias
                        where tenant_id = :tenant and alias = :name
                        union
                        select phone_number_id || ':' || meta_whatsapp_id from conversation_mapping mapping
                        where tenant_id = :tenant and meta_whatsapp_id = :name and not exists (
                            select from customer_alias alias
                            where alias.tenant_id = mapping.tenant_id and alias.phone_number_id = mapping.phone_number_id
                                and alias.alias = any(:spellings) and alias.whatsapp_id <> mapping.meta_whatsapp_id)
                        """)
                .param("tenant", tenant())
                .param("name", name)
                .param("spellings", CanonicalPhone.spellings(name).toArray(String[]::new))
                .query(String.class)
                .list();
    }

    /** All that leads to a conversation; its own name unless that is somebody else's by now. */
    private List<String> namesOf(String chat) {
        return jdbc.sql("""
                        select alias from customer_alias
                        where tenant_id = :tenant and phone_number_id || ':' || whatsapp_id = :chat
                        union
                        select send_to from conversation_mapping
                        where tenant_id = :tenant and phone_number_id || ':' || meta_whatsapp_id = :chat
                            and send_to is not null
                        union
                        select meta_whatsapp_id from conversation_mapping mapping
                        where tenant_id = :tenant and phone_number_id || ':' || meta_whatsapp_id = :chat
                            and meta_whatsapp_id ~ '^[0-9]+$' and not exists (
                                select from customer_alias alias
                                where alias.tenant_id = mapping.tenant_id
                                    and alias.phone_number_id = mapping.phone_number_id
                                    and alias.alias = mapping.meta_whatsapp_id
                                    and alias.whatsapp_id <> mapping.meta_whatsapp_id)
                        """)
                .param("tenant", tenant())
                .param("chat", chat)
                .query(String.class)
                .list();
    }

    private static UUID tenant() {
        return TenantContext.require().value();
    }
}
