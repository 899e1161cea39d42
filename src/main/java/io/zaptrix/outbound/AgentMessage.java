package io.zaptrix.outbound;

import io.zaptrix.bitrix24.ConnectorMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What an agent wrote, as it waits in the relay.
 *
 * @param userId who wrote it; null for what no person wrote
 * @param quoted the message in Bitrix24 that it answers, where the chat says so beside the text
 * @param direct what is sent in place of text and files, when no agent wrote it but a program of the company
 */
record AgentMessage(
        String lineId,
        String chatId,
        JsonNode im,
        String imChatId,
        String imMessageId,
        @Nullable String text,
        List<File> files,
        @Nullable String userId,
        @Nullable String quoted,
        @Nullable DirectContent direct) {

    /** @param size in bytes, as the portal says */
    record File(String name, String link, @Nullable Long size) {}

    static AgentMessage of(ConnectorMessage message) {
        return new AgentMessage(
                message.lineId(),
                message.chatId(),
                message.im(),
                message.imChatId(),
                message.imMessageId(),
                message.text(),
                message.files().stream()
                        .map(file -> new File(file.name(), file.link(), file.size()))
                        .toList(),
                message.userId(),
                AgentQuote.quotedBeside(message),
                null);
    }

    /** No person wrote it: a greeting or another automatic text of the open line. */
    boolean automatic() {
        return userId == null || userId.isBlank() || userId.equals("0");
    }

    /** The same with another id, without its content. */
    AgentMessage as(String otherId) {
        return new AgentMessage(lineId, chatId, im, imChatId, otherId, null, List.of(), userId, null, null);
    }

    AgentMessage withText(@Nullable String other) {
        return new AgentMessage(lineId, chatId, im, imChatId, imMessageId, other, files, userId, quoted, direct);
    }

    @Override
    public String toString() {
        return "AgentMessage[lineId=" + lineId + ", imMessageId=" + imMessageId + "]";
    }
}
