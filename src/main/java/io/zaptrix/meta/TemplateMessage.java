package io.zaptrix.meta;

import io.zaptrix.platform.Masked;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An approved template to send to one WhatsApp user; the only message that WhatsApp takes outside the customer service
 * window ("Template messages" in Meta's Cloud API documentation).
 *
 * @param to the user's phone number, or their business-scoped user id if the number is hidden
 * @param name the template's
 * @param language its code as Meta writes it, such as {@code pt_BR}
 * @param header what fills the header's variable; none for a header without one
 * @param body what fills the body's variables, in their order
 * @param callbackData as {@link TextMessage#callbackData()}
 */
public record TemplateMessage(
        String to,
        String name,
        String language,
        List<Parameter> header,
        List<Parameter> body,
        @Nullable String callbackData) {

    /**
     * What fills one variable.
     *
     * @param name the variable's, in templates whose variables have names; null where they are numbered
     * @param text without line breaks, which Meta refuses here
     */
    public record Parameter(@Nullable String name, String text) {}

    public TemplateMessage {
        header = List.copyOf(header);
        body = List.copyOf(body);
        if (to.isBlank()) {
            throw new IllegalArgumentException("a message needs a recipient");
        }
        if (name.isBlank() || language.isBlank()) {
            throw new IllegalArgumentException("a template has a name and a language");
        }
        if (callbackData != null && callbackData.length() > TextMessage.MAX_CALLBACK_DATA) {
            throw new IllegalArgumentException(
                    "callback data has at most " + TextMessage.MAX_CALLBACK_DATA + " characters");
        }
    }

    @Override
    public String toString() {
        return "TemplateMessage[to=" + Masked.phone(to) + ", name=" + name + ", language=" + language + "]";
    }
}
