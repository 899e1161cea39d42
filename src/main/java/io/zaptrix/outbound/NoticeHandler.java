package io.zaptrix.outbound;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.portal.Connector;
import io.zaptrix.portal.PortalFailure;
import io.zaptrix.portal.PortalRest;
import io.zaptrix.relay.LaneBatch;
import io.zaptrix.relay.LaneHandler;
import io.zaptrix.relay.LaneItem;
import io.zaptrix.relay.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes lines for the agent into chats: as a system message ({@code im.message.add}), which is never carried to the
 * customer. Whoever installed the app may not be a member of the chat; then it comes as the customer's chat partner, by
 * {@code imconnector.send.messages}, marked as a notice.
 */
@Component
class NoticeHandler implements LaneHandler {

    static final String FLOW = "notice";

    private final PortalRest rest;
    private final JsonMapper json;

    NoticeHandler(PortalRest rest, JsonMapper json) {
        this.rest = rest;
        this.json = json;
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
    public List<Outcome> deliver(LaneBatch batch) {
        List<Outcome> outcomes = new ArrayList<>();
        for (LaneItem item : batch.items()) {
            batch.checkpoint();
            Outcome outcome = write(item);
            outcomes.add(outcome);
            if (!(outcome instanceof Outcome.Done || outcome instanceof Outcome.Dead)) {
                break;
            }
        }
        return outcomes;
    }

    private Outcome write(LaneItem item) {
        Notice notice = json.readValue(item.payload(), Notice.class);
        try {
            rest.call(
                    "im.message.add",
                    Map.of(
                            "DIALOG_ID", "chat" + notice.imChatId(),
                            "MESSAGE", notice.text(),
                            "SYSTEM", "Y",
                            // Without access to the chat SYSTEM is ignored; this still keeps it from the customer.
                            "SKIP_CONNECTOR", "Y",
                            "URL_PREVIEW", "N"));
            return Outcome.DONE;
        } catch (Bitrix24Exception failure) {
            return failure.kind() == Bitrix24Exception.Kind.REFUSE || isAboutScope(failure)
                    ? writeAsIncoming(item, notice)
                    : PortalFailure.outcome(failure, true);
        }
    }

    /** The app may have been installed without the scope {@code im}; the portal is well all the same. */
    private static boolean isAboutScope(Bitrix24Exception failure) {
        return failure.code().equals("insufficient_scope") || failure.code().equals("ACCESS_DENIED");
    }

    private Outcome writeAsIncoming(LaneItem item, Notice notice) {
        try {
            rest.call(
                    "imconnector.send.messages",
                    Map.of(
                            "CONNECTOR", Connector.CODE,
                            "LINE", notice.lineId(),
                            "MESSAGES",
                                    List.of(Map.of(
                                            "user", Map.of("id", notice.chatId()),
                                            "message",
                                                    Map.of(
                                                            "id",
                                                            "zaptrix:" + item.key(),
                                                            "date",
                                                            Instant.now().getEpochSecond(),
                                                            "text",
                                                            "\u26a0 WhatsApp: " + notice.text(),
                                                            "disable_crm",
                                                            "Y"),
                                            "chat", Map.of("id", notice.chatId())))));
            return Outcome.DONE;
        } catch (Bitrix24Exception failure) {
            return PortalFailure.outcome(failure, true);
        }
    }
}
