package io.zaptrix.outbound;

import io.zaptrix.bitrix24.ConnectorMessage;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Which message an agent answers. Bitrix24's messenger writes a quote before the answer, between two lines of 54
 * dashes, headed by who wrote when and {@code #chat12/3456}, the second number being the message; a reply made by its
 * newer windows has no quote and names the message in the parameter {@code REPLY_ID}.
 *
 * @param quoted the message's id in Bitrix24
 * @param answer the text without the quote, which WhatsApp shows by itself
 */
record AgentQuote(String quoted, @Nullable String answer) {

    private static final String DASHES = "-".repeat(54);

    private static final Pattern TAG_BREAK = Pattern.compile("\\[br]", Pattern.CASE_INSENSITIVE);

    /** Who wrote it, as Bitrix24 puts it before the words where the connector asks for signatures. */
    private static final Pattern SIGNATURE =
            Pattern.compile("\\s*\\[b][^\\[\\]\\n]{1,200}:\\[/b]\\s*", Pattern.CASE_INSENSITIVE);

    private static final Pattern REFERENCE = Pattern.compile("#(?:chat\\d{1,18}|\\d{1,18}:\\d{1,18})/(\\d{1,18})\\s*$");

    static Optional<AgentQuote> of(AgentMessage message) {
        return before(message)
                .or(() -> Optional.ofNullable(message.quoted()).map(id -> new AgentQuote(id, message.text())));
    }

    /** A quote that the text begins with. One in its middle stays in it: what follows may not be an answer to it. */
    private static Optional<AgentQuote> before(AgentMessage message) {
        if (message.text() == null) {
            return Optional.empty();
        }
        String text = TAG_BREAK.matcher(message.text()).replaceAll("\n");
        Matcher signature = SIGNATURE.matcher(text);
        String signed = signature.lookingAt() ? text.substring(0, signature.end()) : "";
        String rest = text.substring(signed.length()).stripLeading();
        int close = rest.startsWith(DASHES) ? rest.indexOf(DASHES, endOfDashes(rest, 0)) : -1;
        if (close < 0) {
            return Optional.empty();
        }
        String heading = rest.substring(endOfDashes(rest, 0), close)
                .strip()
                .lines()
                .findFirst()
                .orElse("");
        String answer = rest.substring(endOfDashes(rest, close)).strip();
        Matcher reference = REFERENCE.matcher(heading);
        return reference.find() && !answer.isEmpty()
                ? Optional.of(new AgentQuote(reference.group(1), signed + answer))
                : Optional.empty();
    }

    private static int endOfDashes(String text, int from) {
        int end = from;
        while (end < text.length() && text.charAt(end) == '-') {
            end++;
        }
        return end;
    }

    /** The message that the event says is answered, beside the text. */
    static @Nullable String quotedBeside(ConnectorMessage message) {
        JsonNode params = message.message().path("params");
        for (String name : new String[] {"REPLY_ID", "replyId", "reply_id"}) {
            String id = params.path(name).asString("");
            if (id.matches("[1-9]\\d{0,17}")) {
                return id;
            }
        }
        return null;
    }
}
