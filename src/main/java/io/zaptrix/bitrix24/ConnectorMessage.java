package io.zaptrix.bitrix24;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * One message of {@code ONIMCONNECTORMESSAGEADD}, {@code …UPDATE} or {@code …DELETE} (REST documentation,
 * {@code api-reference/imopenlines/imconnector/events}).
 *
 * @param connector the connector's code
 * @param lineId the open line
 * @param im Bitrix24's ids of the message as they came, to be sent back in status calls
 * @param imChatId the chat in Bitrix24
 * @param imMessageId the message in Bitrix24; the same in every delivery of the event
 * @param userId who wrote it; 0 or absent for automatic messages
 * @param text in BBCode, with the agent's name before it where the connector asks for signatures; absent for deletions
 *     and for files without words
 * @param files what is attached, to be fetched from the portal
 * @param externalIds the outside system's ids of an updated or deleted message; empty for a new one
 * @param chatId the chat as the outside system calls it, which is what the connector gave as {@code chat.id}
 * @param message the whole {@code message} part, for what is not listed here
 */
public record ConnectorMessage(
        String connector,
        String lineId,
        JsonNode im,
        String imChatId,
        String imMessageId,
        @Nullable String userId,
        @Nullable String text,
        List<File> files,
        List<String> externalIds,
        String chatId,
        JsonNode message) {

    /**
     * A file that an agent attached.
     *
     * @param name as the agent sees it
     * @param type image, video, audio or file
     * @param link where the portal gives it out without a login, for a while
     * @param size in bytes, where it is known
     */
    public record File(
            String name,
            @Nullable String type,
            String link,
            @Nullable Long size) {

        /** Leaves the link out: it opens the file without a login. */
        @Override
        public String toString() {
            return "File[type=" + type + ", size=" + size + "]";
        }
    }

    public ConnectorMessage {
        files = List.copyOf(files);
        externalIds = List.copyOf(externalIds);
    }

    /**
     * The messages of an event, in its order.
     *
     * @throws MalformedEvent when a message lacks what names it: connector, line, {@code im} ids or {@code chat.id}
     */
    public static List<ConnectorMessage> of(PortalEvent event) {
        JsonNode data = event.data();
        String connector = event.connector().orElseThrow(() -> missing("CONNECTOR"));
        String line = event.lineId().orElseThrow(() -> missing("LINE"));
        JsonNode entries = Json.field(data, "MESSAGES");
        if (entries == null || !entries.isContainer()) {
            throw missing("MESSAGES");
        }
        List<ConnectorMessage> messages = new ArrayList<>();
        for (JsonNode entry : entries) {
            messages.add(of(connector, line, entry));
        }
        return messages;
    }

    /** Leaves the content out. */
    @Override
    public String toString() {
        return "ConnectorMessage[lineId=" + lineId + ", imChatId=" + imChatId + ", imMessageId=" + imMessageId
                + ", files=" + files.size() + "]";
    }

    private static ConnectorMessage of(String connector, String line, JsonNode entry) {
        JsonNode im = Json.field(entry, "im");
        String imChatId = Json.text(im, "chat_id");
        String imMessageId = Json.text(im, "message_id");
        if (im == null || imChatId == null || imMessageId == null) {
            throw missing("im");
        }
        String chatId = Json.text(Json.field(entry, "chat"), "id");
        if (chatId == null) {
            throw missing("chat.id");
        }
        JsonNode message = Json.field(entry, "message");
        if (message == null || !message.isObject()) {
            message = JsonNodeFactory.instance.objectNode();
        }
        String text = Json.text(Json.field(message, "text"));
        return new ConnectorMessage(
                connector,
                line,
                im,
                imChatId,
                imMessageId,
                Json.text(message, "user_id"),
                text == null || text.isEmpty() ? null : text,
                files(Json.field(message, "files")),
                texts(Json.field(message, "id")),
                chatId,
                message);
    }

    private static List<File> files(@Nullable JsonNode entries) {
        List<File> files = new ArrayList<>();
        if (entries != null && entries.isContainer()) {
            for (JsonNode entry : entries) {
                String link = firstText(entry, "link", "downloadLink", "urlDownload", "url");
                if (link != null) {
                    String name = Json.text(entry, "name");
                    files.add(new File(
                            name == null ? "file" : name, Json.text(entry, "type"), link, Json.number(entry, "size")));
                }
            }
        }
        return files;
    }

    /** One id or several: a deletion carries a scalar, an update an array. */
    private static List<String> texts(@Nullable JsonNode node) {
        List<String> texts = new ArrayList<>();
        if (node != null && node.isContainer()) {
            node.forEach(item -> addText(texts, item));
        } else {
            addText(texts, node);
        }
        return texts;
    }

    private static void addText(List<String> texts, @Nullable JsonNode node) {
        String text = Json.text(node);
        if (text != null && !text.isBlank()) {
            texts.add(text);
        }
    }

    private static @Nullable String firstText(JsonNode entry, String... fields) {
        for (String field : fields) {
            String text = Json.text(entry, field);
            if (text != null) {
                return text;
            }
        }
        return null;
    }

    private static MalformedEvent missing(String what) {
        return new MalformedEvent("The event has no " + what + ".");
    }
}
