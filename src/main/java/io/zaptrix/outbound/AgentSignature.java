package io.zaptrix.outbound;

import java.util.regex.Pattern;

/**
 * Who wrote a message, as Bitrix24 puts it before the words where the connector asks for signatures
 * ({@code NEED_SIGNATURE} of {@code imconnector.register}): the name in bold with a colon, then a line break.
 */
final class AgentSignature {

    static final Pattern PATTERN =
            Pattern.compile("^\\s*\\[b][^\\[\\]\\n]{1,200}:\\s*\\[/b]\\s*(?:\\[br]\\s*)?", Pattern.CASE_INSENSITIVE);

    private AgentSignature() {}

    /**
     * A message without it.
     *
     * @param message by a person: what an open line writes by itself has no signature
     * @return as it was if it had none; without a text if nothing else was in it
     */
    static AgentMessage without(AgentMessage message) {
        String text = message.text();
        if (text == null || message.automatic()) {
            return message;
        }
        String words = PATTERN.matcher(text).replaceFirst("");
        return message.withText(words.isBlank() ? null : words);
    }
}
