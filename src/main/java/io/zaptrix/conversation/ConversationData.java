package io.zaptrix.conversation;

import io.zaptrix.platform.Holding;
import io.zaptrix.platform.PersonalData;
import io.zaptrix.platform.TenantContext;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Who a customer is, and from which ad they came: kept for as long as the conversation. */
@Component
class ConversationData implements PersonalData {

    private final JdbcClient jdbc;

    ConversationData(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public List<Holding> holdings() {
        return List.of(
                Holding.of("ad_referral", "phone_number_id", "whatsapp_id", "at")
                        .ofPerson("phone_number_id || ':' || whatsapp_id = any(:chats)"),
                Holding.of("customer_alias", "phone_number_id", "alias")
                        .ofPerson("phone_number_id || ':' || whatsapp_id = any(:chats) or alias = any(:names)"),
                Holding.of("conversation_mapping", "id")
                        .ofPerson("phone_number_id || ':' || meta_whatsapp_id = any(:chats)"));
    }

    /** Also the numbers that are no longer linked. */
    @Override
    public Set<String> references() {
        return Set.copyOf(
                jdbc.sql("select distinct phone_number_id from conversation_mapping where tenant_id = :tenant")
                        .param("tenant", TenantContext.require().value())
                        .query(String.class)
                        .list());
    }
}
