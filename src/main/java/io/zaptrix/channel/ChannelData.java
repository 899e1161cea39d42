package io.zaptrix.channel;

import io.zaptrix.platform.Holding;
import io.zaptrix.platform.PersonalData;
import io.zaptrix.platform.TenantContext;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The portal's own numbers; no customer is in here. */
@Component
class ChannelData implements PersonalData {

    private final JdbcClient jdbc;

    ChannelData(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public List<Holding> holdings() {
        return List.of(
                Holding.of("channel_settings", "phone_number_id"),
                Holding.of("number_health", "phone_number_id"),
                Holding.of("number_pin", "phone_number_id"),
                Holding.of("phone_number_route", "phone_number_id"),
                Holding.of("phone_number", "phone_number_id"));
    }

    /** The numbers, and the accounts that they are of. */
    @Override
    public Set<String> references() {
        return Set.copyOf(jdbc.sql("""
                        select phone_number_id from phone_number where tenant_id = :tenant
                        union
                        select waba_id from phone_number where tenant_id = :tenant
                        union
                        select phone_number_id from channel_settings where tenant_id = :tenant
                        """)
                .param("tenant", TenantContext.require().value())
                .query(String.class)
                .list());
    }
}
