package io.zaptrix.api;

import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.platform.Sha256;
import io.zaptrix.platform.ZaptrixProperties;
import io.zaptrix.relay.LaneBatch;
import io.zaptrix.relay.LaneHandler;
import io.zaptrix.relay.LaneItem;
import io.zaptrix.relay.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Posts events to a webhook, one after the other in their order. Each webhook has a lane, and all of them a flow, of
 * their own: a server that is dead or slow holds up nothing but its own events. While it fails, what has not arrived a
 * day after it was accepted is a dead letter, however long the queue before it was. A webhook to which nothing has
 * arrived for three days, or whose key is revoked, is switched off: what still waits for it becomes dead letters at
 * once, nothing more is accepted for it, and the portal's admin is told.
 */
@Component
class WebhookHandler implements LaneHandler {

    static final String FLOW = "webhook";

    private static final String SWITCHED_OFF = "webhook_off";

    private final KnownWebhooks webhooks;
    private final StoredWebhooks stored;
    private final WebhookClient client;
    private final WebhookOff off;
    private final JsonMapper json;
    private final Duration giveUpAfter;
    private final MeterRegistry metrics;

    WebhookHandler(
            KnownWebhooks webhooks,
            StoredWebhooks stored,
            WebhookClient client,
            WebhookOff off,
            JsonMapper json,
            ZaptrixProperties properties,
            MeterRegistry metrics) {
        this.webhooks = webhooks;
        this.stored = stored;
        this.client = client;
        this.off = off;
        this.json = json;
        this.giveUpAfter = properties.relay().giveUpAfter();
        this.metrics = metrics;
    }

    @Override
    public String flow() {
        return FLOW;
    }

    @Override
    public int batchSize() {
        return 20;
    }

    @Override
    public Optional<String> counterpart(String lane, byte[] payload) {
        JsonNode data = json.readTree(payload).path("data");
        String customer = Stream.of("from", "to", "customer")
                .map(name -> data.path(name).asString(""))
                .filter(name -> !name.isEmpty())
                .findFirst()
                .orElse("");
        return customer.isEmpty() ? Optional.empty() : Optional.of(customer);
    }

    @Override
    public List<Outcome> deliver(LaneBatch batch) {
        Optional<UUID> id = Ids.read(batch.lane().substring(FLOW.length() + 1));
        Optional<byte[]> secret = id.flatMap(stored::secret);
        // Looked for again with each item: one of them may be the last that it is given.
        return batch.oneByOne(item -> {
            Optional<Webhooks.Webhook> webhook = id.flatMap(known -> webhooks.find(batch.tenant(), known));
            if (webhook.isEmpty() || secret.isEmpty()) {
                return new Outcome.Refused("webhook_removed");
            }
            return webhook.get().isOn() ? deliver(item, webhook.get(), secret.get()) : new Outcome.Dead(SWITCHED_OFF);
        });
    }

    private Outcome deliver(LaneItem item, Webhooks.Webhook webhook, byte[] secret) {
        if (item.waited().compareTo(giveUpAfter) >= 0 && webhook.failingSince() != null) {
            return new Outcome.Dead("gave_up: webhook");
        }
        // What may have arrived comes again: the receiver knows it by its id.
        WebhookClient.Attempt attempt = client.post(webhook.url(), secret, messageId(item), item.payload());
        String failure = attempt.failure();
        metrics.counter("zaptrix.api.webhooks", "outcome", failure == null ? "arrived" : failure)
                .increment();
        if (failure == null) {
            if (webhook.failingSince() != null) {
                stored.arrives(webhook.id());
            }
            return Outcome.DONE;
        }
        if (!failure.equals(webhook.failure())) {
            stored.fails(webhook.id(), failure);
        }
        if (webhook.failingSince() != null && off.isDue(webhook.failingSince()) && off.switchOff(webhook.id())) {
            return new Outcome.Dead(SWITCHED_OFF);
        }
        return new Outcome.Retry("webhook_" + failure, attempt.retryAfter());
    }

    /** The same in every attempt. */
    private static String messageId(LaneItem item) {
        UUID id = Sha256.uuid(item.key());
        return "msg_" + id;
    }
}
