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
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Posts events to a webhook, one after the other in their order. Each webhook has a lane, and all of them a flow, of
 * their own: a server that is dead or slow holds up nothing but its own events. While it fails, what has not arrived a
 * day after it was accepted is a dead letter, however long the queue before it was.
 */
@Component
class WebhookHandler implements LaneHandler {

    static final String FLOW = "webhook";

    private final KnownWebhooks webhooks;
    private final StoredWebhooks stored;
    private final WebhookClient client;
    private final JsonMapper json;
    private final Duration giveUpAfter;
    private final MeterRegistry metrics;

    WebhookHandler(
            KnownWebhooks webhooks,
            StoredWebhooks stored,
            WebhookClient client,
            JsonMapper json,
            ZaptrixProperties properties,
            MeterRegistry metrics) {
        this.webhooks = webhooks;
        this.stored = stored;
        this.client = client;
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
        String customer = data.path("from").asString(data.path("to").asString(""));
        return customer.isEmpty() ? Optional.empty() : Optional.of(customer);
    }

    @Override
    public List<Outcome> deliver(LaneBatch batch) {
        Optional<Webhooks.Webhook> webhook =
                Ids.read(batch.lane().substring(FLOW.length() + 1)).flatMap(id -> webhooks.find(batch.tenant(), id));
        Optional<byte[]> secret = webhook.map(Webhooks.Webhook::id).flatMap(stored::secret);
        if (webhook.isEmpty() || secret.isEmpty()) {
            return batch.oneByOne(item -> new Outcome.Refused("webhook_removed"));
        }
        return batch.oneByOne(item -> deliver(item, webhook.get(), secret.get()));
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
        return new Outcome.Retry("webhook_" + failure, attempt.retryAfter());
    }

    /** The same in every attempt. */
    private static String messageId(LaneItem item) {
        UUID id = Sha256.uuid(item.key());
        return "msg_" + id;
    }
}
