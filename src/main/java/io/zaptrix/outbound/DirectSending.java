package io.zaptrix.outbound;

import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.conversation.Conversation;
import io.zaptrix.conversation.Conversations;
import io.zaptrix.conversation.WhatsAppUser;
import io.zaptrix.meta.GraphClient;
import io.zaptrix.meta.MediaMessage;
import io.zaptrix.meta.TemplateMessage;
import io.zaptrix.meta.TextMessage;
import io.zaptrix.platform.CorrelationId;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.relay.Relay;
import io.zaptrix.relay.RelayItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@link DirectMessages}, and what is different in them from an agent's messages when they are sent. */
@Component
class DirectSending implements DirectMessages {

    /** What the log of messages calls them. */
    private static final String PROGRAM = "program";

    private final DirectMessageTable table;
    private final Conversations conversations;
    private final GraphClient graph;
    private final Notices notices;
    private final Relay relay;
    private final ObjectProvider<DirectMessageListener> listeners;
    private final JsonMapper json;

    DirectSending(
            DirectMessageTable table,
            Conversations conversations,
            GraphClient graph,
            Notices notices,
            Relay relay,
            ObjectProvider<DirectMessageListener> listeners,
            JsonMapper json) {
        this.table = table;
        this.conversations = conversations;
        this.graph = graph;
        this.notices = notices;
        this.relay = relay;
        this.listeners = listeners;
        this.json = json;
    }

    // ---- accepting

    @Override
    public boolean isWindowClosed(PhoneNumber from, WhatsAppUser to) {
        return conversations
                .known(from.phoneNumberId(), to)
                .flatMap(conversations::find)
                .filter(conversation -> conversation.window().isClosed(Instant.now()))
                .isPresent();
    }

    @Override
    public Noted note(UUID id, PhoneNumber from, WhatsAppUser to, DirectContent content) {
        Optional<DirectMessageTable.Row> known = table.find(id);
        if (known.isEmpty()) {
            ChatAddress address = conversations.address(from.phoneNumberId(), to);
            table.note(id, address, content.type(), texts(content).size());
            known = table.find(id);
        }
        DirectMessageTable.Row row = known.orElseThrow();
        return new Noted(id, from, row.address(), row.notedAt());
    }

    @Override
    public void send(Noted message, DirectContent content) {
        relay.accept(List.of(new RelayItem(
                TenantContext.require(),
                AgentMessageHandler.FLOW + ":" + message.to().external(),
                DirectMessageTable.messageId(message.id()),
                RelayItem.BEHIND,
                message.notedAt(),
                json.writeValueAsBytes(new AgentMessage(
                        message.from().lineId(),
                        message.to().external(),
                        JsonNodeFactory.instance.objectNode(),
                        "",
                        DirectMessageTable.messageId(message.id()),
                        null,
                        List.of(),
                        null,
                        null,
                        content)),
                CorrelationId.current(),
                AgentMessageIntake.subject(message.to()),
                PROGRAM)));
    }

    @Override
    public Optional<Progress> find(UUID id) {
        return table.find(id).map(this::progress);
    }

    private Progress progress(DirectMessageTable.Row row) {
        Map<Integer, Part> sent = new HashMap<>();
        table.parts(row.id()).forEach(part -> sent.put(part.part(), part));
        List<Part> parts = new ArrayList<>();
        for (int part = 0; part < row.parts(); part++) {
            Part known = sent.get(part);
            boolean given = row.failure() != null && (known == null || known.state() == State.ACCEPTED);
            if (given) {
                parts.add(new Part(part, State.FAILED, null, row.failure(), row.changedAt()));
            } else {
                parts.add(known == null ? new Part(part, State.ACCEPTED, null, null, row.notedAt()) : known);
            }
        }
        return new Progress(
                row.id(),
                row.address().phoneNumberId(),
                conversations.recipient(row.address()),
                row.type(),
                row.notedAt(),
                parts);
    }

    @Override
    public Optional<Sent> ofCallback(@Nullable String callbackData) {
        return CallbackData.parse(callbackData)
                .flatMap(callback ->
                        DirectMessageTable.idOf(callback.imMessageId()).map(id -> new Sent(id, callback.part())));
    }

    // ---- sending

    /** What is to be sent, a request a part. */
    List<AgentFileParts.Send> parts(DirectContent content, ChatAddress address, String token) {
        List<AgentFileParts.Send> sends = new ArrayList<>();
        List<String> texts = texts(content);
        String to = conversations.recipient(address);
        for (int part = 0; part < texts.size(); part++) {
            String text = texts.get(part);
            String replyTo = part == 0 ? content.replyTo() : null;
            sends.add(callback -> request(content, text, replyTo, address.phoneNumberId(), to, token, callback));
        }
        return sends;
    }

    private String request(
            DirectContent content,
            String text,
            @Nullable String replyTo,
            String number,
            String to,
            String token,
            String callback) {
        DirectContent.Media media = content.media();
        if (media != null) {
            return graph.sendMedia(
                    token,
                    number,
                    new MediaMessage(
                            to,
                            media.kind(),
                            // Of a file that the company's program has uploaded, or keeps, nothing is known.
                            false,
                            media.id(),
                            media.link(),
                            media.caption(),
                            media.filename(),
                            replyTo,
                            callback));
        }
        DirectContent.Template template = content.template();
        if (template != null) {
            return graph.sendTemplate(
                    token,
                    number,
                    new TemplateMessage(
                            to,
                            template.name(),
                            template.language(),
                            template.header(),
                            template.headerFile(),
                            template.body(),
                            template.buttons(),
                            callback));
        }
        boolean preview = content.text() != null && content.text().previewUrl();
        return graph.sendText(token, number, new TextMessage(to, text, preview, replyTo, callback));
    }

    /** One for each WhatsApp message; what is no text has one that says nothing. */
    private static List<String> texts(DirectContent content) {
        return content.text() == null ? List.of("") : split(content.text().body(), TextMessage.MAX_BODY);
    }

    /** Cuts at the last line break or space that fits, or where nothing else is left, never within a character. */
    static List<String> split(String text, int limit) {
        List<String> parts = new ArrayList<>();
        String rest = text;
        while (rest.length() > limit) {
            int cut = rest.lastIndexOf('\n', limit);
            cut = cut < limit / 2 ? rest.lastIndexOf(' ', limit) : cut;
            cut = cut < limit / 2 ? limit : cut;
            if (Character.isLowSurrogate(rest.charAt(cut)) && Character.isHighSurrogate(rest.charAt(cut - 1))) {
                cut--;
            }
            parts.add(rest.substring(0, cut));
            rest = rest.substring(cut).strip();
        }
        if (!rest.isEmpty() || parts.isEmpty()) {
            parts.add(rest);
        }
        return parts;
    }

    // ---- what became of it

    /** It went out: the chat shows it, where there is one, as a line that only agents see. */
    void wentOut(AgentMessage message, DirectContent content, ChatAddress address) {
        chat(address).ifPresent(chat -> notices.directSent(message, chat, content));
    }

    /** It will not go out, or Meta refused it. */
    void failed(AgentMessage message, int part, Failure failure) {
        UUID id = DirectMessageTable.idOf(message.imMessageId()).orElseThrow();
        table.failed(id, failure);
        end(id, part, State.FAILED, failure);
    }

    /** Nobody knows whether WhatsApp took the part. */
    void uncertain(AgentMessage message, int part) {
        DirectMessageTable.idOf(message.imMessageId())
                .ifPresent(id -> end(id, part, State.UNCERTAIN, new Failure("uncertain", null)));
    }

    /** Meta says later that it failed, which its webhook has told others already: agents, who have seen it go out. */
    void failedLater(SentMessages.Sent row, int code, @Nullable String details) {
        chat(new ChatAddress(row.phoneNumberId(), row.whatsappId()))
                .ifPresent(chat -> notices.directFailed(row, chat, code, details));
    }

    private Optional<String> chat(ChatAddress address) {
        return conversations.find(address).map(Conversation::bitrixChatId);
    }

    private void end(UUID id, int part, State state, Failure failure) {
        table.find(id)
                .ifPresent(row -> listeners.forEach(listener -> listener.on(new DirectMessageListener.Ended(
                        id,
                        part,
                        row.address().phoneNumberId(),
                        conversations.recipient(row.address()),
                        state,
                        failure,
                        row.notedAt()))));
    }
}
