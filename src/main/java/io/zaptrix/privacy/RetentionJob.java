package io.zaptrix.privacy;

import io.zaptrix.platform.Holding;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Forgets of each portal what is older than it wants to keep, or than is kept of everybody who chose nothing; in short
 * steps, so that nothing waits for it. What is left when all portals have forgotten the rooms drop whole, themselves.
 */
@Component
class RetentionJob {

    private static final Logger log = LoggerFactory.getLogger(RetentionJob.class);
    private static final int ROWS_A_STEP = 5_000;

    private final PrivacySettings settings;
    private final Holdings holdings;
    private final TransactionTemplate transaction;

    RetentionJob(PrivacySettings settings, Holdings holdings, PlatformTransactionManager transactions) {
        this.settings = settings;
        this.holdings = holdings;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Scheduled(initialDelay = 15, fixedDelay = 60, timeUnit = TimeUnit.MINUTES)
    void run() {
        for (TenantId tenant : settings.forgetting()) {
            try {
                TenantContext.run(tenant, this::forget);
            } catch (RuntimeException later) {
                log.warn(
                        "portal {} has not forgotten everything, which is tried again: {}", tenant, later.getMessage());
            }
        }
    }

    /** @return how many of the bound tenant's rows are gone */
    long forget() {
        int days = settings.retentionDays();
        long gone = 0;
        for (Holding holding : holdings.all()) {
            if (holding.expired() == null) {
                continue;
            }
            int step;
            do {
                Integer deleted = transaction.execute(status -> holdings.forget(holding, days, ROWS_A_STEP));
                step = deleted == null ? 0 : deleted;
                gone += step;
            } while (step == ROWS_A_STEP);
        }
        if (gone > 0) {
            log.info("portal {} has forgotten {} rows older than {} days", TenantContext.require(), gone, days);
        }
        return gone;
    }
}
