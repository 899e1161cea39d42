package io.zaptrix.portal;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * What portals need when nobody looks at them. Runs on every replica; each portal is decided on with its row locked, so
 * that a second replica finds done what the first has done.
 */
@Component
class PortalUpkeep {

    private static final Logger log = LoggerFactory.getLogger(PortalUpkeep.class);

    /** A refresh token lives 180 days; refreshing more often than needed is what Bitrix24 asks apps not to do. */
    private static final Duration IDLE = Duration.ofDays(25);

    private final PortalDirectory directory;
    private final PortalStore store;
    private final FreshPortalRest rest;
    private final JdbcClient jdbc;
    private final ApplicationEventPublisher events;

    PortalUpkeep(
            PortalDirectory directory,
            PortalStore store,
            FreshPortalRest rest,
            JdbcClient jdbc,
            ApplicationEventPublisher events) {
        this.directory = directory;
        this.store = store;
        this.rest = rest;
        this.jdbc = jdbc;
        this.events = events;
    }

    @Scheduled(initialDelayString = "PT10M", fixedDelayString = "PT6H")
    void run() {
        refreshIdle();
        reviveSuspended();
    }

    void refreshIdle() {
        for (TenantId tenant : directory.idleSince(Instant.now().minus(IDLE))) {
            try {
                TenantContext.run(tenant, rest::renew);
            } catch (Bitrix24Exception e) {
                log.warn("tokens of portal {} not renewed: {}", tenant, e.getMessage());
            }
        }
    }

    /** Those whose tokens may work again although nobody opened the app: a payment that came late. */
    void reviveSuspended() {
        for (TenantId tenant : directory.suspendedWithTokens()) {
            if (TenantContext.call(tenant, rest::revive)) {
                events.publishEvent(new PortalResumed(tenant));
            }
        }
    }

    /** Erases what uninstalled portals have left, from whatever table has rows of tenants. */
    @Scheduled(initialDelayString = "${zaptrix.erase-every:PT1M}", fixedDelayString = "${zaptrix.erase-every:PT1M}")
    void erase() {
        Instant now = Instant.now();
        for (TenantId tenant : directory.erasable(now)) {
            try {
                int rows = TenantContext.call(
                        tenant,
                        () -> store.locked(row -> row.filter(portal -> isDue(portal, now))
                                .map(portal -> eraseRows(tenant))
                                .orElse(0)));
                log.info("portal {} is erased: {} rows", tenant, rows);
            } catch (RuntimeException later) {
                // One portal's trouble is no other portal's.
                log.warn("portal {} is not erased, which is tried again: {}", tenant, later.getMessage());
            }
        }
    }

    private static boolean isDue(PortalConfig portal, Instant now) {
        return Optional.ofNullable(portal.eraseAfter).filter(now::isAfter).isPresent() && !portal.isInstalled();
    }

    private int eraseRows(TenantId tenant) {
        events.publishEvent(new PortalErasing(tenant));
        // From the catalog, so that no table that is added later can be forgotten here.
        List<String> tables = new ArrayList<>(jdbc.sql("""
                        select quote_ident(c.relname) from pg_class c
                        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
                        where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = current_schema()::regnamespace
                        """).query(String.class).list());
        // Last, as long as it stands the work can be found again.
        tables.remove("portal_config");
        tables.add("portal_config");
        int rows = 0;
        for (String table : tables) {
            rows += jdbc.sql("delete from " + table + " where tenant_id = :tenant")
                    .param("tenant", tenant.value())
                    .update();
        }
        return rows;
    }
}
