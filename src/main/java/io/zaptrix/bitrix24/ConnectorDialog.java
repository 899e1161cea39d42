package io.zaptrix.bitrix24;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * A session of an open line that has begun or ended: one entry of {@code ONIMCONNECTORDIALOGSTART} or
 * {@code …DIALOGFINISH} (REST documentation, {@code on-im-connector-dialog-start.md} and {@code …-finish.md}). What
 * stands in {@code connector.chat_id} the documentation leaves open; the server puts there what the connector gave as
 * {@code chat.id}, as it reads both from the session's user code ({@code imopenlines/lib/connector.php},
 * {@code preparationDataOnSession}).
 *
 * @param connector the connector's code, in lower case
 * @param lineId the open line
 * @param chatId the chat as the outside system calls it
 * @param sessionId the session in Bitrix24, which is the same in both events; a session that has ended does not begin
 *     again, the next one has another id
 */
public record ConnectorDialog(String connector, String lineId, String chatId, String sessionId) {

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,20}");

    /**
     * The sessions of an event, in its order; the server tells one at a time.
     *
     * @throws MalformedEvent when one lacks what names it: connector, line, {@code chat_id} or the session's id
     */
    public static List<ConnectorDialog> of(PortalEvent event) {
        JsonNode entries = Json.field(event.data(), "DATA");
        if (entries == null || !entries.isContainer()) {
            throw new MalformedEvent("The event has no DATA.");
        }
        List<ConnectorDialog> dialogs = new ArrayList<>();
        for (JsonNode entry : entries) {
            dialogs.add(of(event, entry));
        }
        return dialogs;
    }

    private static ConnectorDialog of(PortalEvent event, JsonNode entry) {
        JsonNode connector = Json.field(entry, "connector");
        String line = Json.text(connector, "line_id");
        String chat = Json.text(connector, "chat_id");
        String session = Json.text(Json.field(entry, "session"), "id");
        if (chat == null || session == null || !NUMBER.matcher(session).matches()) {
            throw new MalformedEvent("The event has no chat or no session.");
        }
        return new ConnectorDialog(
                event.connector().orElseThrow(() -> new MalformedEvent("The event has no CONNECTOR.")),
                line == null ? event.lineId().orElseThrow(() -> new MalformedEvent("The event has no LINE.")) : line,
                chat,
                session);
    }
}
