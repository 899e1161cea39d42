package io.zaptrix.outbound;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.conversation.Conversation;
import io.zaptrix.conversation.Conversations;
import io.zaptrix.portal.Connector;
import io.zaptrix.portal.PortalFailure;
import io.zaptrix.portal.PortalRest;
import io.zaptrix.relay.LaneBatch;
import io.zaptrix.relay.LaneHandler;
import io.zaptrix.relay.LaneItem;
import io.zaptrix.relay.Outcome;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes lines for the agent into chats: as a system message ({@code im.message.add}), which is never carried to the
 * customer. Whoever installed the app may not be a member of the chat; then it comes as the customer's chat partner, by
 * {@code imconnector.send.messages}, marked as a notice.
 */
@Component
class NoticeHandler implements LaneHandler {

    static final String FLOW = "notice";

    private static final Pattern ENTITY = Pattern.compile("&#?\\w{1,10};");

    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(2);

    private static final Duration ITS_MESSAGE_FIRST = Duration.ofSeconds(3);
    private static final Duration CHAT_UNKNOWN = Duration.ofMinutes(1);

    private final PortalRest rest;
    private final Conversations conversations;
    private final SentMessages sent;
    private final JsonMapper json;

    NoticeHandler(PortalRest rest, Conversations conversations, SentMessages sent, JsonMapper json) {
        this.rest = rest;
        this.conversations = conversations;
        this.sent = sent;
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
    public Optional<String> counterpart(String lane, byte[] payload) {
        return ChatAddress.parse(lane.substring(FLOW.length() + 1)).map(ChatAddress::whatsappId);
    }

    @Override
    public List<Outcome> deliver(LaneBatch batch) {
        return batch.oneByOne(item -> {
            batch.checkpoint();
            try {
                return write(item);
            } catch (Bitrix24Exception notAsked) {
                return stillUncertain(notAsked);
            }
        });
    }

    private static Outcome stillUncertain(Bitrix24Exception notAsked) {
        return PortalFailure.outcome(notAsked, true) instanceof Outcome.Retry retry
                ? new Outcome.Uncertain(retry.reason(), retry.atLeast())
                : PortalFailure.outcome(notAsked, true);
    }

    private Outcome write(LaneItem item) {
        Notice notice = json.readValue(item.payload(), Notice.class);
        if (notice.imChatId().isEmpty()) {
            Duration age = Duration.between(item.acceptedAt(), Instant.now());
            if (age.compareTo(ITS_MESSAGE_FIRST) < 0) {
                return new Outcome.Wait("its_message_comes_first", ITS_MESSAGE_FIRST);
            }
            Optional<String> chat = chat(notice);
            if (chat.isEmpty() && age.compareTo(CHAT_UNKNOWN) < 0) {
                return new Outcome.Wait("chat_not_known_yet", ITS_MESSAGE_FIRST);
            }
            notice = new Notice(notice.lineId(), notice.chatId(), chat.orElse(""), notice.text(), notice.ifSent());
        }
        if (notice.ifSent() != null && !reachedCustomer(notice.ifSent())) {
            return Outcome.DONE;
        }
        if (item.uncertain() && isThere(notice, item.acceptedAt())) {
            return Outcome.DONE;
        }
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
                    : PortalFailure.outcome(failure, false);
        }
    }

    private Optional<String> chat(Notice notice) {
        return ChatAddress.parse(notice.chatId()).flatMap(conversations::find).map(Conversation::bitrixChatId);
    }

    /** Of what the messenger wrote by itself, or what never left, there is nothing to say. */
    private boolean reachedCustomer(String imMessageId) {
        return sent.find(imMessageId, 0)
                .filter(row -> !row.automatic())
                .filter(row -> row.wamid() != null || row.state() == SentMessages.State.UNCERTAIN)
                .filter(row -> row.state() != SentMessages.State.FAILED)
                .isPresent();
    }

    /**
     * Whether a line whose answer was lost has been written. Where the portal does not say, it is written again: told
     * twice is better than not at all.
     */
    private boolean isThere(Notice notice, Instant since) {
        String line = letters(notice.text().lines().findFirst().orElse(""));
        try {
            for (JsonNode message : rest.call("imopenlines.session.history.get", Map.of("CHAT_ID", notice.imChatId()))
                    .path("message")) {
                if (letters(message.path("text").asString("")).contains(line)
                        && !writtenBefore(message.path("date").asString(""), since)) {
                    return true;
                }
            }
        } catch (Bitrix24Exception notAsked) {
            if (notAsked.kind() != Bitrix24Exception.Kind.REFUSE) {
                throw notAsked;
            }
        }
        return false;
    }

    /** A portal gives quotation marks and the like in its own writing. */
    private static String letters(String text) {
        return ENTITY.matcher(text).replaceAll("").replaceAll("[^\\p{L}\\p{N}]", "");
    }

    /** The portal's clock need not be ours. */
    private static boolean writtenBefore(String date, Instant since) {
        try {
            return OffsetDateTime.parse(date).toInstant().isBefore(since.minus(CLOCKS_DIFFER));
        } catch (DateTimeException unreadable) {
            return false;
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
            return PortalFailure.outcome(failure, false);
        }
    }
}
