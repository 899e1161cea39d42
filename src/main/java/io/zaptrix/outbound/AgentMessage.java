package io.zaptrix.outbound;

import io.zaptrix.bitrix24.ConnectorMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What an agent wrote, as it waits in the relay. */
record AgentMessage(
        String lineId,
        String chatId,
        JsonNode im,
        String imChatId,
        String imMessageId,
        @Nullable String text,
        List<File> files) {

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
                        .toList());
    }

    @Override
    public String toString() {
        return "AgentMessage[lineId=" + lineId + ", imMessageId=" + imMessageId + "]";
    }
}
