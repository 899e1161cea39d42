package io.zaptrix.portal;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** {@link Flags} in the table {@code portal_flag}, which tells of its changes. */
@Component
class StoredFlags implements Flags, TenantMemory {

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;

    /** Short, so that a word that was missed does little harm. */
    private final Cache<TenantId, Map<Flag, Boolean>> known = Caffeine.newBuilder()
            .expireAfterWrite(Duration.ofMinutes(1))
            .maximumSize(20_000)
            .build();

    StoredFlags(JdbcClient jdbc, PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Override
    public boolean isOn(TenantId tenant, Flag flag) {
        return known.get(tenant, this::read).getOrDefault(flag, flag.byDefault());
    }

    @Override
    public Map<Flag, Boolean> of(TenantId tenant) {
        Map<Flag, Boolean> all = new EnumMap<>(Flag.class);
        for (Flag flag : Flag.values()) {
            all.put(flag, flag.byDefault());
        }
        all.putAll(read(tenant));
        return all;
    }

    @Override
    public void set(TenantId tenant, Flag flag, boolean on) {
        TenantContext.run(
                tenant,
                () -> transaction.executeWithoutResult(status -> jdbc.sql("""
                        insert into portal_flag (tenant_id, flag, enabled) values (:tenant, :flag, :on)
                        on conflict (tenant_id, flag) do update set enabled = excluded.enabled, updated_at = now()
                        """)
                        .param("tenant", tenant.value())
                        .param("flag", flag.key())
                        .param("on", on)
                        .update()));
        known.invalidate(tenant);
    }

    private Map<Flag, Boolean> read(TenantId tenant) {
        Map<Flag, Boolean> said = new EnumMap<>(Flag.class);
        TenantContext.run(
                tenant,
                () -> transaction.executeWithoutResult(status -> jdbc.sql(
                                "select flag, enabled from portal_flag where tenant_id = :tenant")
                        .param("tenant", tenant.value())
                        .query(row -> {
                            String key = row.getString("flag");
                            for (Flag flag : Flag.values()) {
                                if (flag.key().equals(key)) {
                                    said.put(flag, row.getBoolean("enabled"));
                                }
                            }
                        })));
        return said;
    }

    @Override
    public String channel() {
        return "zaptrix_portal_flag";
    }

    @Override
    public Cache<TenantId, Map<Flag, Boolean>> known() {
        return known;
    }
}
