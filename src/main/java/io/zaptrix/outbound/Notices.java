package io.zaptrix.outbound;

import io.zaptrix.bitrix24.ConnectorMessage;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.media.CustomerFileLost;
import io.zaptrix.meta.MessageTemplate;
import io.zaptrix.platform.CorrelationId;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.Portals;
import io.zaptrix.relay.Relay;
import io.zaptrix.relay.RelayItem;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Tells the agent in the chat, in the portal's language, what became of a message; once, however often it is said. */
@Component
class Notices {

    private final Relay relay;
    private final Portals portals;
    private final JsonMapper json;

    Notices(Relay relay, Portals portals, JsonMapper json) {
        this.relay = relay;
        this.portals = portals;
        this.json = json;
    }

    /** WhatsApp refuses the message. */
    void refused(AgentMessage message, int part, int code, @Nullable String details) {
        tell(
                message.lineId(),
                message.chatId(),
                message.imChatId(),
                "refused:" + message.imMessageId() + "." + part + ":" + code,
                RefusalTexts.of(code, details, language()));
    }

    /** WhatsApp took the message and reports later that it failed. */
    void failed(SentMessages.Sent row, String imChatId, int code, @Nullable String details) {
        tell(
                row.lineId(),
                row.chatId(),
                imChatId,
                "refused:" + row.imMessageId() + "." + row.part() + ":" + code,
                RefusalTexts.of(code, details, language()));
    }

    /** Nobody knows whether the message was sent. */
    void uncertain(AgentMessage message, int part) {
        tell(
                message.lineId(),
                message.chatId(),
                message.imChatId(),
                "uncertain:" + message.imMessageId() + "." + part,
                RefusalTexts.uncertain(language()));
    }

    /** The portal does not give a file out that the agent attached. */
    void fileLost(AgentMessage message, int part, String name) {
        tell(
                message.lineId(),
                message.chatId(),
                message.imChatId(),
                "file:" + message.imMessageId() + "." + part,
                RefusalTexts.fileLost(name, language()));
    }

    /** A day of retries did not bring it out. */
    void gaveUp(AgentMessage message) {
        tell(
                message.lineId(),
                message.chatId(),
                message.imChatId(),
                "gave_up:" + message.imMessageId(),
                RefusalTexts.undelivered24h(language()));
    }

    /**
     * The agent edited or deleted what WhatsApp has already taken. Said once a minute for a message, as each of its
     * parts is deleted by itself, and some people save after every word.
     */
    void cannotChange(ConnectorMessage message, boolean deleted) {
        long minute = System.currentTimeMillis() / 60_000;
        tell(
                message.lineId(),
                message.chatId(),
                message.imChatId(),
                (deleted ? "deleted:" + message.imMessageId() : "edited:" + message.imMessageId() + ":" + minute),
                deleted ? RefusalTexts.deleted(language()) : RefusalTexts.edited(language()),
                message.imMessageId());
    }

    /** The window has closed before the message. */
    void tooLate(AgentMessage message, Reopening.Offered offered, boolean saidByMeta) {
        tell(
                message.lineId(),
                message.chatId(),
                message.imChatId(),
                "refused:" + message.imMessageId() + ":window",
                RefusalTexts.tooLate(offered, saidByMeta, language()));
    }

    /** A template went out in the place of what the chat shows. */
    void templateSent(AgentMessage message, MessageTemplate template, List<String> values) {
        template(message, "sent", RefusalTexts.templateSent(template, values, file(message), language()));
    }

    private static @Nullable String file(AgentMessage message) {
        return message.files().isEmpty() ? null : message.files().getFirst().name();
    }

    /** What templates there are to choose from. */
    void templateList(AgentMessage message, List<MessageTemplate> sendable) {
        template(message, "list", RefusalTexts.templateList(sendable, language()));
    }

    void templateUnknown(AgentMessage message, String name, List<MessageTemplate> sendable) {
        template(message, "unknown", RefusalTexts.templateUnknown(name, sendable, language()));
    }

    void templateNotApproved(AgentMessage message, MessageTemplate template, List<MessageTemplate> sendable) {
        template(message, "not_approved", RefusalTexts.templateNotApproved(template, sendable, language()));
    }

    void templateNeedsValues(AgentMessage message, MessageTemplate template) {
        template(message, "values", RefusalTexts.templateNeedsValues(template, language()));
    }

    /** What is attached to the command is not the one file that its header takes. */
    void templateNeedsFile(AgentMessage message, MessageTemplate template) {
        template(message, "file", RefusalTexts.templateNeedsFile(template, language()));
    }

    void templateTakesNoFile(AgentMessage message, MessageTemplate template) {
        template(message, "no_file", RefusalTexts.templateTakesNoFile(template, language()));
    }

    void templateNeedsMore(AgentMessage message, MessageTemplate template) {
        template(message, "needs_more", RefusalTexts.templateNeedsMore(template, language()));
    }

    private void template(AgentMessage message, String what, String text) {
        tell(
                message.lineId(),
                message.chatId(),
                message.imChatId(),
                "template:" + message.imMessageId() + ":" + what,
                text);
    }

    /** A program of the company has written to the customer. */
    void directSent(AgentMessage message, String imChatId, DirectContent content) {
        tell(
                message.lineId(),
                message.chatId(),
                imChatId,
                "direct:" + message.imMessageId(),
                RefusalTexts.directSent(content, language()));
    }

    /** What a program of the company wrote to the customer did not arrive. */
    void directFailed(SentMessages.Sent row, String imChatId, int code, @Nullable String details) {
        tell(
                row.lineId(),
                row.chatId(),
                imChatId,
                "refused:" + row.imMessageId() + "." + row.part() + ":" + code,
                RefusalTexts.directFailed(code, details, language()));
    }

    /** A customer's file did not come; its message has, without it. */
    void customerFileLost(String lineId, ChatAddress address, CustomerFileLost file) {
        tell(
                lineId,
                address.external(),
                // Bitrix24 fetches files while it takes their message, which may be the chat's first.
                "",
                "customer_file:" + file.mediaId(),
                RefusalTexts.customerFileLost(file.name(), file.gone(), language()));
    }

    private void tell(String lineId, String chatId, String imChatId, String key, String text) {
        tell(lineId, chatId, imChatId, key, text, null);
    }

    private void tell(String lineId, String chatId, String imChatId, String key, String text, @Nullable String ifSent) {
        TenantId tenant = TenantContext.require();
        Instant now = Instant.now();
        relay.accept(List.of(new RelayItem(
                tenant,
                NoticeHandler.FLOW + ":" + chatId,
                key,
                now.toEpochMilli(),
                now,
                json.writeValueAsBytes(new Notice(lineId, chatId, imChatId, text, ifSent)),
                CorrelationId.current())));
    }

    private Locale language() {
        return portals.find(TenantContext.require()).map(Portal::language).orElse(Locale.ENGLISH);
    }
}
