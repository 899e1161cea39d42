package io.zaptrix.channel;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an admin chose for a number and the open line that it is linked to. Outlives taking the number off and linking
 * it again.
 *
 * @param readReceipts whether the customer sees that a message was read, once an agent answers it
 * @param typingIndicator whether the customer sees that an answer is on its way; only with {@code readReceipts}, as
 *     Meta shows the one with the other
 * @param autoTemplate whether the re-opening template is sent by itself when an agent writes outside the window; only
 *     with a template
 * @param agentSignature whether the customer sees who writes: the agent's name on a line of its own before the words
 * @param templateName the approved template that re-opens a conversation; null: none was chosen
 * @param templateLanguage its language as Meta writes it, such as {@code pt_BR}; null: that of the portal
 */
public record ChannelSettings(
        boolean readReceipts,
        boolean typingIndicator,
        boolean autoTemplate,
        boolean agentSignature,
        @Nullable String templateName,
        @Nullable String templateLanguage) {

    /** Of a number for which nobody has chosen anything. */
    public static final ChannelSettings DEFAULT = new ChannelSettings(true, false, false, true, null, null);

    private static final Pattern NAME = Pattern.compile("[a-z0-9_]{1,512}");
    private static final Pattern LANGUAGE = Pattern.compile("[a-z]{2,3}(_[A-Z]{2})?");

    /** @throws IllegalArgumentException when a name or a language is none that Meta could have given */
    public ChannelSettings {
        if (templateName != null && !isTemplateName(templateName)) {
            throw new IllegalArgumentException("templateName");
        }
        if (templateLanguage != null && !isTemplateLanguage(templateLanguage)) {
            throw new IllegalArgumentException("templateLanguage");
        }
    }

    /** Whether Meta lets a template be called so. */
    public static boolean isTemplateName(String name) {
        return NAME.matcher(name).matches();
    }

    /** Whether it is a language as Meta writes it. */
    public static boolean isTemplateLanguage(String language) {
        return LANGUAGE.matcher(language).matches();
    }
}
