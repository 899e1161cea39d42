package io.zaptrix.inbound;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.channel.Channels;
import io.zaptrix.meta.AccountChanged;
import io.zaptrix.meta.MessageEchoed;
import io.zaptrix.meta.MessageReceived;
import io.zaptrix.meta.StatusChanged;
import io.zaptrix.meta.WebhookEvent;
import io.zaptrix.meta.Webhooks;
import io.zaptrix.platform.CorrelationId;
import io.zaptrix.platform.TenantId;
import io.zaptrix.relay.Relay;
import io.zaptrix.relay.RelayItem;
import io.zaptrix.relay.Unrouted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Service;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds whose each event of a webhook is and hands it to the relay. What is nobody's is kept for the operator and
 * answered like the rest: Meta would only deliver it again for days.
 */
@Service
class WebhookIntake {

    /** Bounds the label: the word is the sender's. */
    private static final Set<String> KINDS = Stream.concat(
                    Webhooks.TYPES.stream(),
                    Stream.of(
                            "account",
                            "call",
                            "echo",
                            "passed_over",
                            "preference",
                            "status_sent",
                            "status_delivered",
                            "status_read",
                            "status_played",
                            "status_failed"))
            .collect(Collectors.toUnmodifiableSet());

    /**
     * Fields that tell of people and that nothing here is made of: months of chats and the contacts of a number that
     * comes from the WhatsApp Business app, and who is in which group. Keeping them would be keeping what nobody asked
     * for; they are counted.
     */
    private static final Set<String> ABOUT_PEOPLE = Set.of(
            "history",
            "smb_app_state_sync",
            "group_lifecycle_update",
            "group_settings_update",
            "group_participants_update",
            "group_participant_update",
            "group_status_update");

    private final Channels channels;
    private final AccountIntake accounts;
    private final Relay relay;
    private final Unrouted unrouted;
    private final List<IntakeListener> listeners;
    private final JsonMapper json;
    private final MeterRegistry metrics;
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();

    WebhookIntake(
            Channels channels,
            AccountIntake accounts,
            Relay relay,
            Unrouted unrouted,
            List<IntakeListener> listeners,
            JsonMapper json,
            MeterRegistry metrics) {
        this.channels = channels;
        this.accounts = accounts;
        this.relay = relay;
        this.unrouted = unrouted;
        this.listeners = List.copyOf(listeners);
        this.json = json;
        this.metrics = metrics;
    }

    /** @throws io.zaptrix.relay.RelayUnavailable when nothing of it was accepted */
    void take(List<WebhookEvent> events) {
        List<RelayItem> items = new ArrayList<>();
        for (WebhookEvent event : events) {
            switch (event) {
                case MessageReceived message -> take(message, items);
                case MessageEchoed echo -> take(echo, items);
                case StatusChanged status -> take(status, items);
                case AccountChanged account -> take(account, items);
            }
        }
        relay.accept(items);
    }

    private void take(MessageReceived received, List<RelayItem> items) {
        count(received.message().type());
        Optional<TenantId> tenant = owner(received.phoneNumberId());
        if (tenant.isEmpty()) {
            unrouted.keep("meta", "unknown_number", received.phoneNumberId(), json.writeValueAsBytes(received));
            return;
        }
        items.add(new RelayItem(
                tenant.get(),
                CustomerMessageHandler.FLOW + ":" + received.phoneNumberId(),
                received.message().wamid(),
                received.message().timestamp().getEpochSecond(),
                received.message().timestamp(),
                json.writeValueAsBytes(received),
                CorrelationId.current(),
                Sender.of(received).subject(),
                // The word is the sender's.
                Webhooks.TYPES.contains(received.message().type())
                        ? received.message().type()
                        : "other"));
        listeners.forEach(listener -> listener.on(tenant.get(), received, items::add));
    }

    /** In the lane of the customers' messages, whose order it shares. */
    private void take(MessageEchoed echo, List<RelayItem> items) {
        count("echo");
        Optional<TenantId> tenant = owner(echo.phoneNumberId());
        if (tenant.isEmpty()) {
            unrouted.keep("meta", "unknown_number", echo.phoneNumberId(), json.writeValueAsBytes(echo));
            return;
        }
        items.add(new RelayItem(
                tenant.get(),
                CustomerMessageHandler.FLOW + ":" + echo.phoneNumberId(),
                echo.message().wamid(),
                echo.message().timestamp().getEpochSecond(),
                echo.message().timestamp(),
                json.writeValueAsBytes(echo),
                CorrelationId.current(),
                Sender.of(echo).subject(),
                "echo"));
    }

    private void take(StatusChanged changed, List<RelayItem> items) {
        count("status_" + changed.status().status());
        Optional<TenantId> tenant = owner(changed.phoneNumberId());
        if (tenant.isEmpty()) {
            unrouted.keep("meta", "unknown_number", changed.phoneNumberId(), json.writeValueAsBytes(changed));
            return;
        }
        items.add(new RelayItem(
                tenant.get(),
                // Carried by the room that sends; the name is all that is shared.
                "status:" + changed.phoneNumberId(),
                changed.status().wamid() + ":" + changed.status().status(),
                changed.status().timestamp().getEpochSecond(),
                changed.status().timestamp(),
                json.writeValueAsBytes(changed),
                CorrelationId.current()));
        listeners.forEach(listener -> listener.on(tenant.get(), changed, items::add));
    }

    private void take(AccountChanged account, List<RelayItem> items) {
        if (ABOUT_PEOPLE.contains(account.field())) {
            count("passed_over");
            return;
        }
        count("account");
        List<RelayItem> owned = accounts.items(account, CorrelationId.current());
        if (owned.isEmpty()) {
            unrouted.keep("meta", "account_event", account.wabaId(), json.writeValueAsBytes(account));
        }
        items.addAll(owned);
    }

    /** Whose number it is. That something came is noted, for whoever wants to know whether webhooks arrive. */
    private Optional<TenantId> owner(String phoneNumberId) {
        Optional<TenantId> owner = channels.route(phoneNumberId);
        owner.ifPresent(tenant -> channels.heard(tenant, phoneNumberId));
        return owner;
    }

    private void count(String kind) {
        counters.computeIfAbsent(
                        KINDS.contains(kind) ? kind : "other",
                        known -> Counter.builder("zaptrix.meta.events")
                                .tag("kind", known)
                                .register(metrics))
                .increment();
    }
}
