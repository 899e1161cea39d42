package io.zaptrix.journal;

import io.zaptrix.platform.TenantContext;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * What the bound tenant's admin says that messages cost. Meta's prices differ by country and volume and are not in its
 * webhooks, so none is assumed here.
 */
@Service
@Transactional
public class MessagePrices {

    /** The categories that Meta charges for. */
    public static final List<String> CATEGORIES = List.of("marketing", "utility", "authentication", "service");

    private final JdbcClient jdbc;

    MessagePrices(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * All prices.
     *
     * @param currency ISO 4217; null: none was said
     * @param of one message, by category
     */
    public record Prices(@Nullable String currency, Map<String, BigDecimal> of) {}

    /** What was said. */
    @Transactional(readOnly = true)
    public Prices get() {
        Map<String, BigDecimal> prices = new TreeMap<>();
        String[] currency = new String[1];
        jdbc.sql("select category, price, currency from message_price where tenant_id = :tenant")
                .param("tenant", TenantContext.require().value())
                .query(row -> {
                    prices.put(
                            row.getString("category"),
                            row.getBigDecimal("price").stripTrailingZeros());
                    currency[0] = row.getString("currency");
                });
        return new Prices(currency[0], prices);
    }

    /** Replaces all prices. */
    public void set(Prices prices) {
        jdbc.sql("delete from message_price where tenant_id = :tenant")
                .param("tenant", TenantContext.require().value())
                .update();
        prices.of()
                .forEach((category, price) -> jdbc.sql(
                                "insert into message_price values (:tenant, :category, :price, :currency)")
                        .param("tenant", TenantContext.require().value())
                        .param("category", category)
                        .param("price", price)
                        .param("currency", prices.currency())
                        .update());
    }
}
