package io.zaptrix.outbound;

import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.channel.Channels;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.meta.GraphErrors;
import io.zaptrix.meta.GraphException;
import io.zaptrix.meta.MessageStatus;
import io.zaptrix.meta.MetaError;
import io.zaptrix.meta.StatusChanged;
import io.zaptrix.outbound.SentMessages.Sent;
import io.zaptrix.outbound.SentMessages.State;
import io.zaptrix.portal.Connector;
import io.zaptrix.portal.PortalFailure;
import io.zaptrix.portal.PortalRest;
import io.zaptrix.relay.LaneBatch;
import io.zaptrix.relay.LaneHandler;
import io.zaptrix.relay.LaneItem;
import io.zaptrix.relay.Ledger;
import io.zaptrix.relay.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Carries back what WhatsApp reports of sent messages: {@code delivered} and {@code read} as the open line's delivery
 * and reading status, many messages a call; {@code failed} as a line in the chat.
 */
@Component
class StatusHandler implements LaneHandler {

    static final String FLOW = "status";

    /** A status may overtake the answer to its send; one that is still nobody's after this long is not ours. */
    private static final Duration UNKNOWN_FOR = Duration.ofSeconds(60);

    /** A person, whoever it was. */
    private static final String SOMEBODY = "agent";

    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

    private final Channels channels;
    private final SentMessages sent;
    private final MessageCosts costs;
    private final PortalRest rest;
    private final Notices notices;
    private final Reopening reopening;
    private final DirectSending direct;
    private final Ledger ledger;
    private final JsonMapper json;
    private final MeterRegistry metrics;

    StatusHandler(
            Channels channels,
            SentMessages sent,
            MessageCosts costs,
            PortalRest rest,
            Notices notices,
            Reopening reopening,
            DirectSending direct,
            Ledger ledger,
            JsonMapper json,
            MeterRegistry metrics) {
        this.channels = channels;
        this.sent = sent;
        this.costs = costs;
        this.rest = rest;
        this.notices = notices;
        this.reopening = reopening;
        this.direct = direct;
        this.ledger = ledger;
        this.json = json;
        this.metrics = metrics;
    }

    @Override
    public String flow() {
        return FLOW;
    }

    @Override
    public int batchSize() {
        return 50;
    }

    @Override
    public Optional<String> counterpart(String lane, byte[] payload) {
        return Optional.ofNullable(
                json.readValue(payload, StatusChanged.class).status().recipientId());
    }

    /** A status that the portal must be told, by the index of its item. */
    private record Receipt(int index, Sent row, MessageStatus status, State state) {}

    /** What one call can carry: one kind of mark, in one line. */
    private record Call(boolean reading, String lineId) implements Comparable<Call> {

        private static final Comparator<Call> ORDER =
                Comparator.comparing(Call::reading).thenComparing(Call::lineId);

        String method() {
            return reading ? "imconnector.send.status.reading" : "imconnector.send.status.delivery";
        }

        @Override
        public int compareTo(Call other) {
            return ORDER.compare(this, other);
        }
    }

    @Override
    public List<Outcome> deliver(LaneBatch batch) {
        List<Outcome> outcomes = new ArrayList<>();
        // All deliveries before the first reading: of a message that it has not delivered, Bitrix24 marks no reading.
        SortedMap<Call, List<Receipt>> calls = new TreeMap<>();
        for (int i = 0; i < batch.items().size(); i++) {
            LaneItem item = batch.items().get(i);
            MessageStatus status =
                    json.readValue(item.payload(), StatusChanged.class).status();
            Optional<Sent> row = find(status);
            if (row.isEmpty()) {
                outcomes.add(unknown(item));
                continue;
            }
            costs.count(row.get(), status);
            outcomes.add(note(i, row.get(), status, calls));
        }
        Outcome outcome = Outcome.DONE;
        for (Map.Entry<Call, List<Receipt>> call : calls.entrySet()) {
            if (outcome instanceof Outcome.Done) {
                batch.checkpoint();
                outcome = tell(call.getKey(), call.getValue());
            }
            if (!(outcome instanceof Outcome.Done)) {
                // What was not told comes again, with all that was to follow it.
                Outcome notTold = outcome;
                call.getValue().forEach(receipt -> outcomes.set(receipt.index(), notTold));
            }
        }
        return outcomes;
    }

    private Optional<Sent> find(MessageStatus status) {
        Optional<Sent> byCallback = CallbackData.parse(status.callbackData())
                .flatMap(callback -> sent.find(callback.imMessageId(), callback.part()))
                .filter(row -> row.wamid() == null || row.wamid().equals(status.wamid()));
        return byCallback.isPresent() ? byCallback : sent.findByWamid(status.wamid());
    }

    private Outcome unknown(LaneItem item) {
        if (item.waited().compareTo(UNKNOWN_FOR) < 0) {
            return new Outcome.Park("unknown_wamid", LOOK_AGAIN);
        }
        // Sent by somebody else who uses the number too.
        metrics.counter("zaptrix.outbound.foreign.status").increment();
        return Outcome.DONE;
    }

    private Outcome note(int index, Sent row, MessageStatus status, Map<Call, List<Receipt>> calls) {
        boolean unseen = Reopening.isByItself(row.imMessageId()) || isDirect(row);
        if (unseen && !status.status().equals("failed")) {
            // It stands for nothing in the chat that could bear a mark.
            quietly(row, status);
            return Outcome.DONE;
        }
        switch (status.status()) {
            case "delivered" -> {
                if (row.state() != State.DELIVERED && row.state() != State.READ) {
                    plan(false, index, row, status, State.DELIVERED, calls);
                }
            }
            case "read", "played" -> {
                if (row.state() != State.READ) {
                    if (row.state() != State.DELIVERED) {
                        // Meta may leave it out; without it Bitrix24 knows no outside id of the message.
                        plan(false, index, row, status, State.DELIVERED, calls);
                    }
                    plan(true, index, row, status, State.READ, calls);
                }
            }
            case "failed" -> fail(row, status);
            case "sent" ->
                sent.advance(row.imMessageId(), row.part(), State.SENT, status.wamid(), null, status.timestamp());
            default -> metrics.counter("zaptrix.outbound.unknown.status").increment();
        }
        return Outcome.DONE;
    }

    private static boolean isDirect(Sent row) {
        return DirectMessageTable.idOf(row.imMessageId()).isPresent();
    }

    private void quietly(Sent row, MessageStatus status) {
        State state = switch (status.status()) {
            case "delivered" -> State.DELIVERED;
            case "read", "played" -> State.READ;
            default -> State.SENT;
        };
        sent.advance(row.imMessageId(), row.part(), state, status.wamid(), null, status.timestamp());
    }

    private static void plan(
            boolean reading, int index, Sent row, MessageStatus status, State state, Map<Call, List<Receipt>> calls) {
        List<Receipt> receipts = calls.computeIfAbsent(new Call(reading, row.lineId()), call -> new ArrayList<>());
        // Delivered and read may come in one batch; the second finds the first planned, though not yet told.
        boolean planned = receipts.stream()
                .anyMatch(receipt -> receipt.row().imMessageId().equals(row.imMessageId())
                        && receipt.row().part() == row.part());
        if (!planned) {
            receipts.add(new Receipt(index, row, status, state));
        }
    }

    private void fail(Sent row, MessageStatus status) {
        @Nullable
        MetaError error = status.errors().isEmpty() ? null : status.errors().getFirst();
        int code = error == null ? GraphException.NO_CODE : error.code();
        if (error != null && GraphErrors.advice(code) == GraphErrors.Advice.UNKNOWN) {
            metrics.counter("zaptrix.meta.unknown.error").increment();
        }
        if (error != null && error.kind() == GraphException.Kind.SUSPEND) {
            // An unpaid bill, say, of which Meta tells after it has taken the message: for the admin to see.
            channels.suspend(row.phoneNumberId(), AgentMessageHandler.META + code);
        }
        if (isDirect(row)) {
            direct.failedLater(row, code, error == null ? null : error.details());
            sent.advance(row.imMessageId(), row.part(), State.FAILED, status.wamid(), code);
            return;
        }
        JsonNode im = json.readTree(row.im());
        String imChatId = im.path("chat_id").asString("");
        if (code == Reopening.WINDOW_CLOSED) {
            reopening.refusedByMeta(written(row, im, imChatId), new ChatAddress(row.phoneNumberId(), row.whatsappId()));
        } else {
            notices.failed(row, imChatId, code, error == null ? null : error.details());
        }
        sent.advance(row.imMessageId(), row.part(), State.FAILED, status.wamid(), code, status.timestamp());
        ledger.failed(AgentMessageHandler.FLOW, row.imMessageId(), AgentMessageHandler.META + code);
    }

    /** What is left of the message: its content was dropped when it was sent. */
    private static AgentMessage written(Sent row, JsonNode im, String imChatId) {
        return new AgentMessage(
                row.lineId(),
                row.chatId(),
                im,
                imChatId,
                row.imMessageId(),
                null,
                List.of(),
                row.automatic() ? null : SOMEBODY,
                null,
                null);
    }

    private Outcome tell(Call call, List<Receipt> receipts) {
        try {
            rest.call(
                    call.method(),
                    Map.of(
                            "CONNECTOR", Connector.CODE,
                            "LINE", call.lineId(),
                            "MESSAGES",
                                    receipts.stream()
                                            .map(receipt -> message(receipt, !call.reading()))
                                            .toList()));
        } catch (Bitrix24Exception failure) {
            if (failure.kind() != Bitrix24Exception.Kind.REFUSE) {
                return PortalFailure.outcome(failure, true);
            }
            // The chat or the message is gone: there is no tick to set.
            metrics.counter("zaptrix.outbound.status.refused").increment();
        }
        receipts.forEach(receipt -> sent.advance(
                receipt.row().imMessageId(),
                receipt.row().part(),
                receipt.state(),
                receipt.status().wamid(),
                null,
                receipt.status().timestamp()));
        return Outcome.DONE;
    }

    private Map<String, ?> message(Receipt receipt, boolean delivery) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("id", List.of(receipt.status().wamid()));
        if (delivery) {
            message.put("date", receipt.status().timestamp().getEpochSecond());
        }
        return Map.of(
                "im", json.readTree(receipt.row().im()),
                "message", message,
                "chat", Map.of("id", receipt.row().chatId()));
    }
}
