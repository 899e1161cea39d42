package io.zaptrix.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.media.Schema;
import io.zaptrix.api.Webhooks.Event;
import io.zaptrix.bitrix24.ConnectorDialog;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.inbound.IntakeListener;
import io.zaptrix.meta.GraphErrors;
import io.zaptrix.meta.InboundMessage;
import io.zaptrix.meta.MessageReceived;
import io.zaptrix.meta.MessageStatus;
import io.zaptrix.meta.MetaError;
import io.zaptrix.meta.StatusChanged;
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
    @Schema(hidden = true)
    record Envelope(String type, Instant timestamp, Object data) {}

    /** For the description alone. */
    @Schema(name = "MessageReceivedEvent")
    record ReceivedEvent(
            @Schema(allowableValues = "message.received", requiredMode = Schema.RequiredMode.REQUIRED)
            String type,

            @Schema(description = "When the customer wrote.", requiredMode = Schema.RequiredMode.REQUIRED)
            Instant timestamp,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Received data) {}

    /** For the description alone. */
    @Schema(name = "MessageStatusEvent")
    record StatusEvent(
            @Schema(allowableValues = "message.status", requiredMode = Schema.RequiredMode.REQUIRED)
            String type,

            @Schema(
                    description =
                            "When it happened; of an end that WhatsApp did not tell, when the message was accepted.",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            Instant timestamp,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Status data) {}

    /** For the description alone. */
    @Schema(name = "DialogStartedEvent")
    record DialogStartedEvent(
            @Schema(allowableValues = "dialog.started", requiredMode = Schema.RequiredMode.REQUIRED)
            String type,

            @Schema(description = "When Bitrix24 told of it.", requiredMode = Schema.RequiredMode.REQUIRED)
            Instant timestamp,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Dialog data) {}

    /** For the description alone. */
    @Schema(name = "DialogFinishedEvent")
    record DialogFinishedEvent(
            @Schema(allowableValues = "dialog.finished", requiredMode = Schema.RequiredMode.REQUIRED)
            String type,

            @Schema(description = "When Bitrix24 told of it.", requiredMode = Schema.RequiredMode.REQUIRED)
            Instant timestamp,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Dialog data) {}

    /** A customer has written. */
    @Schema(name = "ReceivedMessage")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Received(
            @Schema(description = "WhatsApp's id of the message.", requiredMode = Schema.RequiredMode.REQUIRED)
            String wamid,

            @Schema(
                    description = "The id of the company's number.",
                    example = "106540352242922",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String number,

            @Schema(
                    description = "The customer's WhatsApp id or business-scoped user id.",
                    example = "5511987654321",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String from,

            @Schema(description = "As the customer's profile has it; with `include_text` alone.") @Nullable
            String name,

            @Schema(
                    description = "WhatsApp's word for its kind, such as `text` or `image`.",
                    example = "text",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String type,

            @Schema(description = "The customer's words, where there are any; with `include_text` alone.") @Nullable
            String text,

            @JsonProperty("reply_to") @Schema(description = "The wamid of the message that it answers.") @Nullable
            String replyTo) {}

    /** A message got further, or failed. */
    @Schema(name = "MessageStatus")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Status(
            @Schema(description = "The message's id, if it was sent by this API; absent of an agent's message.")
            @Nullable
            UUID id,

            @Schema(description = "Which part of it.") @Nullable
            Integer part,

            @Schema(description = "WhatsApp's id, once there is one.") @Nullable
            String wamid,

            @Schema(description = "The id of the company's number.", requiredMode = Schema.RequiredMode.REQUIRED)
            String number,

            @Schema(description = "The customer's WhatsApp id or business-scoped user id.") @Nullable
            String to,

            @Schema(
                    description = "As the state of a part; states may come in any order.",
                    allowableValues = {"sent", "delivered", "read", "failed", "uncertain"},
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String state,

            MessageView.@Nullable Failure error) {}

    /** A session of the open line began or ended. */
    @Schema(name = "Dialog")
    record Dialog(
            @Schema(
                    description = "The id of the company's number.",
                    example = "106540352242922",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String number,

            @Schema(
                    description = "The customer's WhatsApp id or business-scoped user id, which messages name as `to`.",
                    example = "5511987654321",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String customer,

            @JsonProperty("session_id")
            @Schema(
                    description =
                            "The session in Bitrix24, the same when it begins and when it ends; the next one of the"
                                    + " same customer has another.",
                    example = "3282",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String sessionId,

            @JsonProperty("line_id")
            @Schema(
                    description = "The open line in Bitrix24.",
                    example = "105",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String lineId) {}

    @Override
    public void on(TenantId tenant, MessageReceived received, Consumer<RelayItem> also) {
        List<Webhooks.Webhook> all = webhooks.on(tenant);
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
                                whole ? message.text() : null,
                                message.contextWamid())));
            }
        }
    }

    @Override
    public void on(TenantId tenant, StatusChanged changed, Consumer<RelayItem> also) {
        List<Webhooks.Webhook> all = webhooks.on(tenant);
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
        for (Webhooks.Webhook webhook : webhooks.on(tenant)) {
            if (webhook.events().contains(Event.MESSAGE_STATUS)) {
                items.add(item(
                        tenant,
                        webhook,
                        "api." + ended.id() + ":" + ended.part() + ":" + MessageView.word(ended.state()),
                        ended.notedAt(),
                        Event.MESSAGE_STATUS,
                        new Status(
                                ended.id(),
                                ended.part(),
                                null,
                                ended.phoneNumberId(),
                                ended.to(),
                                MessageView.word(ended.state()),
                                MessageView.Failure.of(ended.failure()))));
            }
        }
        relay.accept(items);
    }

    /** Whether any webhook of the bound tenant's is to be told of such events. */
    boolean wanted(Event event) {
        return webhooks.on(TenantContext.require()).stream()
                .anyMatch(webhook -> webhook.events().contains(event));
    }

    /**
     * Tells the bound tenant's webhooks of a session. Durable when it returns; what Bitrix24 tells twice is the same
     * event.
     *
     * @param customer where messages to the customer go
     */
    void tell(Event event, ConnectorDialog dialog, ChatAddress address, String customer, Instant at) {
        TenantId tenant = TenantContext.require();
        Dialog told = new Dialog(address.phoneNumberId(), customer, dialog.sessionId(), dialog.lineId());
        List<RelayItem> items = new ArrayList<>();
        for (Webhooks.Webhook webhook : webhooks.on(tenant)) {
            if (webhook.events().contains(event)) {
                items.add(item(tenant, webhook, event.word() + "." + dialog.sessionId(), at, event, told));
            }
        }
        relay.accept(items);
    }

    /** @param key the same whenever the same thing is told; begins with what it is about */
    private RelayItem item(
            TenantId tenant, Webhooks.Webhook webhook, String key, Instant writtenAt, Event event, Object data) {
        return new RelayItem(
                tenant,
                WebhookHandler.FLOW + ":" + webhook.id(),
                key + ":" + webhook.id(),
                writtenAt.toEpochMilli() < 0 ? 0 : writtenAt.toEpochMilli(),
                writtenAt,
                json.writeValueAsBytes(new Envelope(event.word(), writtenAt, data)),
                CorrelationId.current());
    }
}
