package io.zaptrix.api;

import io.zaptrix.platform.CorrelationId;
import io.zaptrix.platform.Phrases;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.portal.AdminNotice;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.Portals;
import io.zaptrix.relay.LaneBatch;
import io.zaptrix.relay.LaneHandler;
import io.zaptrix.relay.Outcome;
import io.zaptrix.relay.Relay;
import io.zaptrix.relay.RelayItem;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Switches webhooks off to which nothing has arrived for {@link Webhooks#SWITCHED_OFF_AFTER}, and has the portal's
 * admin told. The telling is accepted first and has a lane of its own, so that no crash leaves a webhook off of which
 * nobody knows; it looks again before it speaks.
 */
@Component
class WebhookOff implements LaneHandler {

    static final String FLOW = "alert";

    private static final Logger log = LoggerFactory.getLogger(WebhookOff.class);
    private static final Phrases PHRASES = new Phrases("messages/account");

    private final StoredWebhooks stored;
    private final Portals portals;
    private final AdminNotice notice;
    private final Relay relay;

    WebhookOff(StoredWebhooks stored, Portals portals, AdminNotice notice, Relay relay) {
        this.stored = stored;
        this.portals = portals;
        this.notice = notice;
        this.relay = relay;
    }

    /** Whether a webhook to which nothing has arrived since then has had its time. */
    boolean isDue(Instant failingSince) {
        return failingSince.plus(Webhooks.SWITCHED_OFF_AFTER).isBefore(Instant.now());
    }

    /** Switches one off, unless something has arrived meanwhile; whether it is off now. */
    boolean switchOff(UUID id) {
        // From the table: what is remembered may be older than what another replica has just delivered.
        Webhooks.Webhook webhook = stored.find(id).orElse(null);
        if (webhook == null || !webhook.isOn()) {
            return true;
        }
        Instant since = webhook.failingSince();
        if (since == null || !isDue(since)) {
            return false;
        }
        relay.accept(List.of(new RelayItem(
                TenantContext.require(),
                FLOW + ":" + id,
                // Once for each time that it is switched off.
                "webhook_off:" + id + ":" + since.toEpochMilli(),
                since.toEpochMilli(),
                since,
                new byte[0],
                CorrelationId.current())));
        if (stored.switchOff(id)) {
            log.info("webhook {} is switched off: nothing has arrived since {}", id, since);
        }
        return true;
    }

    @Override
    public String flow() {
        return FLOW;
    }

    @Override
    public int batchSize() {
        return 1;
    }

    @Override
    public List<Outcome> deliver(LaneBatch batch) {
        Locale language = portals.find(batch.tenant()).map(Portal::language).orElse(Locale.ENGLISH);
        return batch.oneByOne(item -> tell(batch.lane(), language));
    }

    private Outcome tell(String lane, Locale language) {
        UUID id = UUID.fromString(lane.substring(FLOW.length() + 1));
        Webhooks.Webhook webhook = stored.find(id).orElse(null);
        if (webhook == null || webhook.failingSince() == null) {
            // Taken away, or switched on again.
            return Outcome.DONE;
        }
        return notice.tell(
                PHRASES.say(language, "webhook_off", webhook.url().getHost(), String.valueOf(webhook.failure())),
                "webhook|" + id);
    }
}
