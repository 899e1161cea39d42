package io.zaptrix.conversation;

import io.zaptrix.platform.TenantContext;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Writes what messages tell of their conversations: one statement for all customers of a batch, and of each customer
 * one row. What is not known now does not wipe out what was, and the last message is the latest written, not the last
 * come.
 */
@Repository
class ConversationNews {

    private final JdbcClient jdbc;

    ConversationNews(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Of each customer only the last message tells anything, and the last that came by an ad. */
    private record Said(
            @Nullable String wamid,
            Instant writtenAt,
            @Nullable Instant byAdAt) {

        static Said of(Heard message) {
            return new Said(message.wamid(), message.writtenAt(), message.byAd() ? message.writtenAt() : null);
        }

        /** Of two that were written in the same second, the one that came last is the later. A call has no wamid. */
        Said and(Said next) {
            boolean older = next.writtenAt.isBefore(writtenAt);
            return new Said(
                    older || next.wamid == null ? wamid : next.wamid,
                    older ? writtenAt : next.writtenAt,
                    later(byAdAt, next.byAdAt));
        }

        private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
            if (one == null || other == null) {
                return one == null ? other : one;
            }
            return other.isBefore(one) ? one : other;
        }
    }

    /** @param messages of one number */
    void heard(String phoneNumberId, Collection<Heard> messages) {
        SequencedMap<String, Said> byCustomer = new TreeMap<>();
        messages.forEach(message -> byCustomer.merge(message.address().whatsappId(), Said.of(message), Said::and));
        List<Said> said = List.copyOf(byCustomer.values());
        jdbc.sql("""
                        insert into conversation_mapping (tenant_id, phone_number_id, meta_whatsapp_id, last_wamid,
                            last_message_at, free_entry_at)
                        select :tenant, :number, customer, wamid, written_at, by_ad_at
                        from unnest(cast(:customers as text[]), cast(:wamids as text[]),
                            cast(:writtenAt as timestamptz[]), cast(:byAdAt as timestamptz[]))
                            as said (customer, wamid, written_at, by_ad_at)
                        on conflict (tenant_id, phone_number_id, meta_whatsapp_id) do update set
                            last_wamid = case
                                when excluded.last_message_at >= coalesce(conversation_mapping.last_message_at, '-infinity')
                                then coalesce(excluded.last_wamid, conversation_mapping.last_wamid)
                                else conversation_mapping.last_wamid end,
                            last_message_at = greatest(excluded.last_message_at, conversation_mapping.last_message_at),
                            free_entry_at = greatest(excluded.free_entry_at, conversation_mapping.free_entry_at)
                        """)
                .param("tenant", TenantContext.require().value())
                .param("number", phoneNumberId)
                .param("customers", byCustomer.keySet().toArray(String[]::new))
                .param("wamids", texts(said, Said::wamid))
                .param("writtenAt", texts(said, Said::writtenAt))
                .param("byAdAt", texts(said, Said::byAdAt))
                .update();
    }

    /** @param arrivals of one number */
    void arrived(String phoneNumberId, Collection<Arrival> arrivals) {
        SequencedMap<String, Arrival> byCustomer = new TreeMap<>();
        arrivals.forEach(arrival -> byCustomer.merge(arrival.address().whatsappId(), arrival, Arrival::and));
        List<Arrival> together = List.copyOf(byCustomer.values());
        jdbc.sql("""
                        insert into conversation_mapping (tenant_id, phone_number_id, meta_whatsapp_id,
                            bitrix_contact_id, bitrix_chat_id, contact_name, last_message_at)
                        select :tenant, :number, customer, contact_id, chat_id, name, written_at
                        from unnest(cast(:customers as text[]), cast(:contactIds as text[]), cast(:chatIds as text[]),
                            cast(:names as text[]), cast(:writtenAt as timestamptz[]))
                            as arrived (customer, contact_id, chat_id, name, written_at)
                        on conflict (tenant_id, phone_number_id, meta_whatsapp_id) do update set
                            bitrix_contact_id = coalesce(excluded.bitrix_contact_id,
                                conversation_mapping.bitrix_contact_id),
                            bitrix_chat_id = coalesce(excluded.bitrix_chat_id, conversation_mapping.bitrix_chat_id),
                            contact_name = coalesce(excluded.contact_name, conversation_mapping.contact_name),
                            last_message_at = greatest(excluded.last_message_at, conversation_mapping.last_message_at),
                            updated_at = now()
                        """)
                .param("tenant", TenantContext.require().value())
                .param("number", phoneNumberId)
                .param("customers", byCustomer.keySet().toArray(String[]::new))
                .param("contactIds", texts(together, Arrival::bitrixContactId))
                .param("chatIds", texts(together, Arrival::bitrixChatId))
                .param("names", texts(together, Arrival::contactName))
                .param("writtenAt", texts(together, Arrival::writtenAt))
                .update();
    }

    private static <T> @Nullable String[] texts(List<T> rows, Function<T, @Nullable Object> column) {
        @Nullable String[] texts = new String[rows.size()];
        for (int i = 0; i < texts.length; i++) {
            Object value = column.apply(rows.get(i));
            texts[i] = value == null ? null : value.toString();
        }
        return texts;
    }
}
