package io.zaptrix.channel;

import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * When the last webhook about each number came. Noted in memory by whoever takes webhooks, and written once a minute,
 * so that a webhook costs no write for it; what a crash loses is that minute.
 */
@Component
class WebhookSightings implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(WebhookSightings.class);

    private final StoredHealth stored;
    private final Map<String, Sighting> latest = new ConcurrentHashMap<>();

    WebhookSightings(StoredHealth stored) {
        this.stored = stored;
    }

    /** @param written whether it is in the table */
    private record Sighting(TenantId tenant, Instant at, boolean written) {}

    void heard(TenantId tenant, String phoneNumberId) {
        latest.put(phoneNumberId, new Sighting(tenant, Instant.now(), false));
    }

    /** What this replica knows. */
    @Nullable
    Instant of(String phoneNumberId) {
        Sighting sighting = latest.get(phoneNumberId);
        return sighting == null || !sighting.tenant().equals(TenantContext.require()) ? null : sighting.at();
    }

    @Scheduled(initialDelayString = "PT1M", fixedDelayString = "PT1M")
    void write() {
        for (Map.Entry<String, Sighting> entry : latest.entrySet()) {
            String number = entry.getKey();
            Sighting sighting = entry.getValue();
            if (sighting.written()) {
                // The table has it; memory is for those who still speak.
                latest.remove(number, sighting);
                continue;
            }
            try {
                TenantContext.run(sighting.tenant(), () -> stored.heard(number, sighting.at()));
                latest.replace(number, sighting, new Sighting(sighting.tenant(), sighting.at(), true));
            } catch (DataAccessException | TransactionException notNow) {
                log.info("when webhooks came was not written: {}", notNow.getMessage());
                return;
            }
        }
    }

    @Override
    public void destroy() {
        write();
    }
}
