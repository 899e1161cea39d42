package io.zaptrix.outbound;

import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.channel.Channels;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.conversation.Conversations;
import io.zaptrix.meta.GraphClient;
import io.zaptrix.meta.GraphException;
import io.zaptrix.meta.TemplateMessage;
import io.zaptrix.meta.TextMessage;
import io.zaptrix.outbound.SentMessages.Sent;
import io.zaptrix.outbound.SentMessages.State;
import io.zaptrix.relay.LaneBatch;
import io.zaptrix.relay.LaneHandler;
import io.zaptrix.relay.LaneItem;
import io.zaptrix.relay.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends what agents write, one message after the other within a conversation.
 *
 * <p>Meta sends a repeated message again. So each part is noted before it is sent; when an answer was lost, or a
 * replica died in between, the status webhook (which repeats our {@link CallbackData}) tells what happened; when none
 * comes, the agent is told that nobody knows. Nothing is repeated in silence.
 */
@Component
class AgentMessageHandler implements LaneHandler {

    static final String FLOW = "outbound";

    /** Begins what is written of Meta's refusals. */
    static final String META = "meta_";

    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

    private final Channels channels;
    private final Conversations conversations;
    private final GraphClient graph;
    private final SentMessages sent;
    private final Notices notices;
    private final AgentFileParts fileParts;
    private final Reopening reopening;
    private final ReadReceipts receipts;
    private final Quotes quotes;
    private final DirectSending direct;
    private final JsonMapper json;
    private final MeterRegistry metrics;
    private final Unsent unsent = new Unsent();

    AgentMessageHandler(
            Channels channels,
            Conversations conversations,
            GraphClient graph,
            SentMessages sent,
            Notices notices,
            AgentFileParts fileParts,
            Reopening reopening,
            ReadReceipts receipts,
            Quotes quotes,
            DirectSending direct,
            JsonMapper json,
            MeterRegistry metrics) {
        this.channels = channels;
        this.conversations = conversations;
        this.graph = graph;
        this.sent = sent;
        this.notices = notices;
        this.fileParts = fileParts;
        this.reopening = reopening;
        this.receipts = receipts;
        this.quotes = quotes;
        this.direct = direct;
        this.json = json;
        this.metrics = metrics;
    }

    @Override
    public String flow() {
        return FLOW;
    }

    @Override
    public int batchSize() {
        return 10;
    }

    @Override
    public Optional<String> counterpart(String lane, byte[] payload) {
        return ChatAddress.parse(lane.substring(FLOW.length() + 1)).map(ChatAddress::whatsappId);
    }

    @Override
    public List<Outcome> deliver(LaneBatch batch) {
        Optional<ChatAddress> address = ChatAddress.parse(batch.lane().substring(FLOW.length() + 1));
        if (address.isEmpty()) {
            return List.of(new Outcome.Dead("no_address"));
        }
        Optional<PhoneNumber> number = channels.find(address.get().phoneNumberId());
        if (number.isEmpty()) {
            return List.of(new Outcome.Suspended("number_not_linked"));
        }
        String token = channels.accessToken(number.get().phoneNumberId());
        return batch.oneByOne(item -> {
            Outcome outcome = send(batch, item, address.get(), number.get(), token);
            if (outcome instanceof Outcome.Done && wasRefusedByMeta(number.get())) {
                channels.resume(number.get().phoneNumberId());
            }
            return outcome;
        });
    }

    private static boolean wasRefusedByMeta(PhoneNumber number) {
        return number.problem() != null && number.problem().startsWith(META);
    }

    private Outcome send(LaneBatch batch, LaneItem item, ChatAddress address, PhoneNumber number, String token) {
        AgentMessage message;
        try {
            message = json.readValue(item.payload(), AgentMessage.class);
        } catch (JacksonException unreadable) {
            return new Outcome.Dead("unreadable_payload");
        }
        DirectContent content = message.direct();
        if (content != null) {
            return sendDirect(batch, message, content, address, token);
        }
        Optional<TemplateCommand> command = TemplateCommand.parse(message.text());
        if (command.isPresent() || Reopening.isByItself(message.imMessageId())) {
            return sendTemplate(batch, item.attempts(), message, command, address, number, token);
        }
        // What was begun within the window is ended, too.
        if (!sent.isBegun(message.imMessageId()) && reopening.isClosed(address)) {
            reopening.tooLate(message, address);
            return new Outcome.Refused("window_closed");
        }
        return sendWritten(batch, item.attempts(), asSigned(message, address), address, token);
    }

    /** Bitrix24 puts the agent's name before the words; whether it stays there is the admin's choice. */
    private AgentMessage asSigned(AgentMessage message, ChatAddress address) {
        return channels.settings(address.phoneNumberId()).agentSignature() ? message : AgentSignature.without(message);
    }

    private Outcome sendDirect(
            LaneBatch batch, AgentMessage message, DirectContent content, ChatAddress address, String token) {
        if (content.template() == null && !sent.isBegun(message.imMessageId()) && reopening.isClosed(address)) {
            // It was open when the message was accepted, which then had to wait.
            direct.failed(message, 0, DirectMessageTable.refused(Reopening.WINDOW_CLOSED));
            return new Outcome.Refused("window_closed");
        }
        List<AgentFileParts.Send> parts = direct.parts(content, address, token);
        for (int part = 0; part < parts.size(); part++) {
            Outcome one = sendPart(batch, message, part, parts.size(), address, token, parts.get(part));
            if (!(one instanceof Outcome.Done)) {
                return one;
            }
        }
        direct.wentOut(message, content, address);
        return Outcome.DONE;
    }

    private Outcome sendTemplate(
            LaneBatch batch,
            int failures,
            AgentMessage message,
            Optional<TemplateCommand> command,
            ChatAddress address,
            PhoneNumber number,
            String token) {
        Optional<Reopening.Ready> ready;
        try {
            ready = command.isPresent()
                    ? reopening.ready(message, command.get(), address, number)
                    : reopening.byItself(message, address, number);
        } catch (GraphException notListed) {
            return notListed(message, notListed);
        }
        if (ready.isEmpty()) {
            return new Outcome.Refused("no_template");
        }
        Reopening.Ready template = ready.get();
        Outcome outcome = template.template().headerFile() == null
                ? sendPart(batch, message, 0, 1, address, token, request(template, null, address, token))
                : fileParts.sendInHeader(
                        message,
                        template.template(),
                        address,
                        token,
                        failures,
                        file -> request(template, file, address, token),
                        new FileParts(batch, message, address, token));
        if (outcome instanceof Outcome.Done) {
            if (command.isEmpty()) {
                reopening.wentOut(address);
            }
            if (sent.find(message.imMessageId(), 0).map(Sent::wamid).isPresent()) {
                // Else nobody knows, which the agent was told.
                notices.templateSent(message, template.template(), template.values());
            }
        }
        return outcome;
    }

    private AgentFileParts.Send request(
            Reopening.Ready template, TemplateMessage.@Nullable HeaderFile file, ChatAddress address, String token) {
        String recipient = conversations.recipient(address);
        return callback -> graph.sendTemplate(
                token,
                address.phoneNumberId(),
                template.template().message(recipient, template.values(), file, callback));
    }

    /** A token may be good for sending and not for listing templates: nothing is wrong with the number then. */
    private Outcome notListed(AgentMessage message, GraphException failure) {
        String reason = META + (failure.code() == GraphException.NO_CODE ? failure.httpStatus() : failure.code());
        return switch (failure.kind()) {
            case LIMIT -> new Outcome.Wait(reason, failure.retryAfter().orElse(ASK_AGAIN));
            case RETRY, UNCERTAIN ->
                new Outcome.Retry(reason, failure.retryAfter().orElse(null));
            case SUSPEND, REFUSE -> {
                notices.refused(message, 0, failure.code(), failure.details());
                yield new Outcome.Refused(reason);
            }
        };
    }

    private Outcome sendWritten(
            LaneBatch batch, int failures, AgentMessage written, ChatAddress address, String token) {
        AgentMessage message = written;
        String context = null;
        Optional<AgentQuote> quote = AgentQuote.of(written);
        if (quote.isPresent()) {
            context = quotes.wamidOf(quote.get().quoted(), written.imChatId()).orElse(null);
            message = context == null ? written : written.withText(quote.get().answer());
        }
        if (!message.files().isEmpty()) {
            return fileParts.send(
                    message, address, token, failures, context, new FileParts(batch, message, address, token));
        }
        List<String> parts = message.text() == null ? List.of() : AgentText.toWhatsApp(message.text());
        String recipient = conversations.recipient(address);
        Outcome outcome = parts.isEmpty() ? new Outcome.Refused("nothing_to_send") : Outcome.DONE;
        for (int part = 0; part < parts.size(); part++) {
            String body = parts.get(part);
            String answered = part == 0 ? context : null;
            Outcome one = sendPart(
                    batch,
                    message,
                    part,
                    parts.size(),
                    address,
                    token,
                    callback -> graph.sendText(
                            token,
                            address.phoneNumberId(),
                            new TextMessage(recipient, body, body.contains("http"), answered, callback)));
            if (!(one instanceof Outcome.Done)) {
                // The rest of a text whose beginning was refused makes no sense either.
                return one;
            }
        }
        return outcome;
    }

    private Outcome sendPart(
            LaneBatch batch,
            AgentMessage message,
            int part,
            int parts,
            ChatAddress address,
            String token,
            AgentFileParts.Send send) {
        String id = message.imMessageId();
        if (part == 0) {
            receipts.beforeAnswer(message, address, token);
        }
        UUID attempt = UUID.randomUUID();
        boolean mine;
        try {
            mine = sent.begin(message, part, parts, address.phoneNumberId(), address.whatsappId(), attempt);
        } catch (RuntimeException unanswered) {
            // It may have been taken down all the same.
            unsent.add(attempt);
            throw unanswered;
        }
        if (!mine) {
            Optional<Outcome> known = whatBecameOf(message, part);
            if (known.isPresent()) {
                return known.get();
            }
            // Somebody took it back in between: it was not sent.
            return new Outcome.Wait("being_sent_elsewhere", ASK_AGAIN);
        }
        try {
            batch.checkpoint();
            String wamid = send.with(new CallbackData(id, part).encoded());
            sent.advance(id, part, State.SENT, wamid, null);
            return Outcome.DONE;
        } catch (GraphException failure) {
            if (failure.kind() != GraphException.Kind.UNCERTAIN) {
                unsent.add(attempt);
            }
            return refusal(message, part, address, failure);
        } catch (io.zaptrix.relay.LeaseLost lost) {
            unsent.add(attempt);
            sent.notSent(id, part);
            throw lost;
        }
    }

    private Optional<Outcome> whatBecameOf(AgentMessage message, int part) {
        Optional<Sent> found = sent.find(message.imMessageId(), part);
        if (found.isPresent()
                && found.get().state() == State.SENDING
                && unsent.contains(found.get().attempt())) {
            sent.takeBack(found.get());
            return Optional.empty();
        }
        return found.map(row -> switch (row.state()) {
            case SENT, DELIVERED, READ, UNCERTAIN -> Outcome.DONE;
            case FAILED -> new Outcome.Refused("refused_before");
            case SENDING -> interrupted(message, row);
        });
    }

    private Outcome interrupted(AgentMessage message, Sent row) {
        if (!row.stale()) {
            return new Outcome.Wait("awaiting_status", ASK_AGAIN);
        }
        metrics.counter("zaptrix.outbound.uncertain").increment();
        if (message.direct() == null) {
            notices.uncertain(message, row.part());
        } else {
            direct.uncertain(message, row.part());
        }
        sent.advance(row.imMessageId(), row.part(), State.UNCERTAIN, null, null);
        return Outcome.DONE;
    }

    private Outcome refusal(AgentMessage message, int part, ChatAddress address, GraphException failure) {
        String reason = META + (failure.code() == GraphException.NO_CODE ? failure.httpStatus() : failure.code());
        @Nullable Duration retryAfter = failure.retryAfter().orElse(null);
        return switch (failure.kind()) {
            // Stays as it is: a status webhook will tell.
            case UNCERTAIN -> new Outcome.Wait("awaiting_status", ASK_AGAIN);
            case RETRY -> {
                sent.notSent(message.imMessageId(), part);
                yield new Outcome.Retry(reason, retryAfter);
            }
            case LIMIT -> {
                sent.notSent(message.imMessageId(), part);
                yield new Outcome.Wait(reason, retryAfter == null ? Duration.ofSeconds(6) : retryAfter);
            }
            case SUSPEND -> {
                sent.notSent(message.imMessageId(), part);
                channels.suspend(address.phoneNumberId(), reason);
                if (message.direct() == null) {
                    notices.refused(message, part, failure.code(), failure.details());
                }
                yield new Outcome.Suspended(reason);
            }
            case REFUSE -> {
                if (message.direct() != null) {
                    direct.failed(message, part, DirectMessageTable.refused(failure.code()));
                } else if (failure.code() == Reopening.WINDOW_CLOSED) {
                    reopening.refusedByMeta(message, address);
                } else {
                    notices.refused(message, part, failure.code(), failure.details());
                }
                sent.advance(message.imMessageId(), part, State.FAILED, null, failure.code());
                yield new Outcome.Refused(reason);
            }
        };
    }

    @Override
    public void gaveUp(LaneItem item) {
        AgentMessage message = json.readValue(item.payload(), AgentMessage.class);
        if (message.direct() == null) {
            notices.gaveUp(message);
        } else {
            direct.failed(message, 0, new DirectMessages.Failure("expired", null));
        }
    }

    /** Parts of a message with files, which go as all parts do. */
    private final class FileParts implements AgentFileParts.Parts {

        private final LaneBatch batch;
        private final AgentMessage message;
        private final ChatAddress address;
        private final String token;

        FileParts(LaneBatch batch, AgentMessage message, ChatAddress address, String token) {
            this.batch = batch;
            this.message = message;
            this.address = address;
            this.token = token;
        }

        @Override
        public Optional<Outcome> known(int part) {
            return whatBecameOf(message, part);
        }

        @Override
        public Outcome send(int part, int parts, AgentFileParts.Send request) {
            if (part > 0 && !sent.isBegun(message.imMessageId())) {
                // The words go with the file, and leave the first number out.
                receipts.beforeAnswer(message, address, token);
            }
            return sendPart(batch, message, part, parts, address, token, request);
        }

        @Override
        public Outcome failed(int part, GraphException failure) {
            return refusal(message, part, address, failure);
        }
    }
}
