package io.zaptrix.outbound;

import io.zaptrix.meta.MessageStatus;
import io.zaptrix.platform.TenantContext;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.JsonNode;

/**
 * What messages cost, counted a day (UTC), number and price: the table {@code message_cost}. Meta charges for what is
 * delivered and gives the price with {@code delivered} or with {@code read} ("Pricing" in its WhatsApp documentation);
 * each message is counted with whichever comes first.
 */
@Repository
class MessageCosts {

    private static final int LONGEST_WORD = 60;

    private final JdbcClient jdbc;

    MessageCosts(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Counts the message, if the status has its price and it is not counted yet. */
    @Transactional
    void count(SentMessages.Sent row, MessageStatus status) {
        JsonNode pricing = status.raw().path("pricing");
        boolean delivered = switch (status.status()) {
            case "delivered", "read", "played" -> true;
            default -> false;
        };
        if (!delivered || !pricing.isObject()) {
            return;
        }
        boolean first = jdbc.sql("""
                                update outbound_message set priced = true
                                where tenant_id = :tenant and im_message_id = :message and part = :part and not priced
                                """)
                        .param("tenant", TenantContext.require().value())
                        .param("message", row.imMessageId())
                        .param("part", row.part())
                        .update()
                == 1;
        if (!first) {
            return;
        }
        jdbc.sql("""
                        insert into message_cost as cost (tenant_id, day, phone_number_id, category, type,
                            pricing_model, billable, messages)
                        values (:tenant, :day, :number, :category, :type, :model, :billable, 1)
                        on conflict (tenant_id, day, phone_number_id, category, type, pricing_model, billable)
                        do update set messages = cost.messages + 1
                        """)
                .param("tenant", TenantContext.require().value())
                .param("day", LocalDate.ofInstant(status.timestamp(), ZoneOffset.UTC))
                .param("number", row.phoneNumberId())
                .param("category", word(pricing, "category"))
                .param("type", word(pricing, "type"))
                .param("model", word(pricing, "pricing_model"))
                // Left out by Meta's newest model, whose type says it.
                .param(
                        "billable",
                        pricing.path("billable").asBoolean(word(pricing, "type").equals("regular")))
                .update();
    }

    private static String word(JsonNode pricing, String name) {
        String word = pricing.path(name).asString("").toLowerCase(Locale.ROOT);
        return word.isEmpty() ? "unknown" : word.substring(0, Math.min(LONGEST_WORD, word.length()));
    }
}
