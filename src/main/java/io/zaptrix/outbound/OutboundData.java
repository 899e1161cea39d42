package io.zaptrix.outbound;

import io.zaptrix.platform.DataSubject;
import io.zaptrix.platform.Holding;
import io.zaptrix.platform.PersonalData;
import io.zaptrix.platform.TenantContext;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What was sent to whom, without its text; and what it cost, which names nobody. */
@Component
class OutboundData implements PersonalData {

    private final JdbcClient jdbc;

    OutboundData(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public List<Holding> holdings() {
        return List.of(
                Holding.of("outbound_message", "im_message_id", "part")
                        .ofPerson("chat_id = any(:chats)")
                        .expired("created_at < now() - make_interval(days => :days)"),
                Holding.of("direct_message", "id")
                        .ofPerson("phone_number_id || ':' || whatsapp_id = any(:chats)")
                        .expired("created_at < now() - make_interval(days => :days)"),
                Holding.of("message_cost", "day", "phone_number_id", "category", "type", "pricing_model", "billable"));
    }

    @Override
    public Set<String> trail(DataSubject person) {
        return Set.copyOf(jdbc.sql("""
                        select im_message_id from outbound_message where tenant_id = :tenant and chat_id = any(:chats)
                        union
                        select wamid from outbound_message
                        where tenant_id = :tenant and chat_id = any(:chats) and wamid is not null
                        """)
                .param("tenant", TenantContext.require().value())
                .param("chats", person.chats().toArray(String[]::new))
                .query(String.class)
                .list());
    }
}
