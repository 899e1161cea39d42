package io.zaptrix.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.zaptrix.api.Webhooks.Event;
import io.zaptrix.inbound.IntakeListener;
import io.zaptrix.meta.InboundMessage;
import io.zaptrix.meta.MessageReceived;
import io.zaptrix.meta.MessageStatus;
import io.zaptrix.meta.MetaError;
import io.zaptrix.meta.StatusChanged;
import io.zaptrix.meta.GraphErrors;
import io.zaptrix.outbound.DirectMessageListener;
import io.zaptrix.outbound.DirectMessages;
import io.zaptrix.platform.CorrelationId;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.relay.Relay;
import io.zaptrix.relay.RelayItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Has a tenant's webhooks told what happens: an item for each webhook that wants the event, in the webhook's own lane.
 * What Meta's webhooks bring is accepted in the same commit as they are. A message's words are in the item only where
 * the webhook asks for them, and are gone with it.
 */
@Component
class WebhookEvents implements IntakeListener, DirectMessageListener {

    /** Of the many words of Meta's for what becomes of a message, those that a message's state knows. */
    private static final Set<String> STATES = Set.of("sent", "delivered", "read", "failed");

    private final KnownWebhooks webhooks;
    private final DirectMessages messages;
    private final Relay relay;
    private final JsonMapper json;

    WebhookEvents(KnownWebhooks webhooks, DirectMessages messages, Relay relay, JsonMapper json) {
        this.webhooks = webhooks;
        this.messages = messages;
        this.relay = relay;
        this.json = json;
    }

    /** What is posted, of any event. */
    record Envelope(String type, Instant timestamp, Object data) {}

    /** A customer has written. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Received(
            String wamid,
            String number,
            String from,
            @Nullable String name,
            String type,
            Instant at,
            @Nullable String text,
            @JsonProperty("reply_to") @Nullable String replyTo) {}

    /** A message got further, or failed. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Status(
            @Nullable UUID id,
            @Nullable Integer part,
            @Nullable String wamid,
            String number,
            @Nullable String to,
            String state,
            Instant at,
            MessageView.@Nullable Failure error) {}

    @Override
    public void on(TenantId tenant, MessageReceived received, Consumer<RelayItem> also) {
        List<Webhooks.Webhook> all = webhooks.of(tenant);
        if (all.isEmpty() || received.message().type().equals("system")) {
            return;
        }
        InboundMessage message = received.message();
        for (Webhooks.Webhook webhook : all) {
            if (webhook.events().contains(Event.MESSAGE_RECEIVED)) {
                boolean whole = webhook.withText();
                also.accept(item(
                        tenant,
                        webhook,
                        message.wamid(),
                        message.timestamp(),
                        Event.MESSAGE_RECEIVED,
                        new Received(
                                message.wamid(),
                                received.phoneNumberId(),
                                message.from(),
                                whole && received.contact() != null
                                        ? received.contact().name()
                                        : null,
                                message.type(),
                                message.timestamp(),
                                whole ? message.text() : null,
                                message.contextWamid())));
            }
        }
    }

    @Override
    public void on(TenantId tenant, StatusChanged changed, Consumer<RelayItem> also) {
        List<Webhooks.Webhook> all = webhooks.of(tenant);
        if (all.isEmpty()) {
            return;
        }
        MessageStatus status = changed.status();
        String state = status.status().equals("played") ? "read" : status.status();
        if (!STATES.contains(state)) {
            return;
        }
        Optional<DirectMessages.Sent> sent = messages.ofCallback(status.callbackData());
        Status told = new Status(
                sent.map(DirectMessages.Sent::id).orElse(null),
                sent.map(DirectMessages.Sent::part).orElse(null),
                status.wamid(),
                changed.phoneNumberId(),
                status.recipientId(),
                state,
                status.timestamp(),
                state.equals("failed") ? failure(status.errors()) : null);
        for (Webhooks.Webhook webhook : all) {
            if (webhook.events().contains(Event.MESSAGE_STATUS)) {
                also.accept(item(
                        tenant,
                        webhook,
                        status.wamid() + ":" + status.status(),
                        status.timestamp(),
                        Event.MESSAGE_STATUS,
                        told));
            }
        }
    }

    private static MessageView.Failure failure(List<MetaError> errors) {
        int code = errors.isEmpty() ? -1 : errors.getFirst().code();
        return new MessageView.Failure(
                GraphErrors.advice(code).name().toLowerCase(Locale.ROOT), errors.isEmpty() ? null : code);
    }

    @Override
    public void on(Ended ended) {
        TenantId tenant = TenantContext.require();
        List<RelayItem> items = new ArrayList<>();
        for (Webhooks.Webhook webhook : webhooks.of(tenant)) {
            if (webhook.events().contains(Event.MESSAGE_STATUS)) {
                items.add(item(
                        tenant,
                        webhook,
                        ended.id() + "." + ended.part() + ":" + ended.state(),
                        ended.notedAt(),
                        Event.MESSAGE_STATUS,
                        new Status(
                                ended.id(),
                                ended.part(),
                                null,
                                ended.phoneNumberId(),
                                ended.to(),
                                MessageView.word(ended.state()),
                                Instant.now(),
                                MessageView.Failure.of(ended.failure()))));
            }
        }
        relay.accept(items);
    }

    /** @param key the same whenever the same thing is told */
    private RelayItem item(
            TenantId tenant, Webhooks.Webhook webhook, String key, Instant writtenAt, Event event, Object data) {
        return new RelayItem(
                tenant,
                WebhookHandler.FLOW + ":" + webhook.id(),
                webhook.id() + ":" + key,
                writtenAt.toEpochMilli() < 0 ? 0 : writtenAt.toEpochMilli(),
                writtenAt,
                json.writeValueAsBytes(new Envelope(event.word(), writtenAt, data)),
                CorrelationId.current());
    }
}
