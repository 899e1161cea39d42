package io.zaptrix.outbound;

import io.zaptrix.bitrix24.ConnectorMessage;
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
import java.util.Objects;
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

    /** The agent edited or deleted what WhatsApp has already taken. */
    void cannotChange(ConnectorMessage message, boolean deleted) {
        tell(
                message.lineId(),
                message.chatId(),
                message.imChatId(),
                (deleted ? "deleted:" : "edited:") + message.imMessageId() + ":" + Objects.hashCode(message.text()),
                deleted ? RefusalTexts.deleted(language()) : RefusalTexts.edited(language()));
    }

    private void tell(String lineId, String chatId, String imChatId, String key, String text) {
        TenantId tenant = TenantContext.require();
        Instant now = Instant.now();
        relay.accept(List.of(new RelayItem(
                tenant,
                NoticeHandler.FLOW + ":" + chatId,
                key,
                now.toEpochMilli(),
                now,
                json.writeValueAsBytes(new Notice(lineId, chatId, imChatId, text)),
                CorrelationId.current())));
    }

    private Locale language() {
        return portals.find(TenantContext.require()).map(Portal::language).orElse(Locale.ENGLISH);
    }
}
