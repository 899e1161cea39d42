package io.zaptrix.meta;

import io.zaptrix.platform.Masked;
import java.net.URI;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An approved template to send to one WhatsApp user; the only message that WhatsApp takes outside the customer service
 * window ("Template messages" in Meta's Cloud API documentation).
 *
 * @param to the user's phone number, or their business-scoped user id if the number is hidden
 * @param name the template's
 * @param language its code as Meta writes it, such as {@code pt_BR}
 * @param header what fills the header's variable; none for a header without one
 * @param headerFile what stands in a header that is a file; null for any other
 * @param body what fills the body's variables, in their order
 * @param buttons what ends the addresses of buttons
 * @param callbackData as {@link TextMessage#callbackData()}
 */
public record TemplateMessage(
        String to,
        String name,
        String language,
        List<Parameter> header,
        @Nullable HeaderFile headerFile,
        List<Parameter> body,
        List<ButtonValue> buttons,
        @Nullable String callbackData) {

    /** What a header can be, beside text and a place ("Template media" in Meta's documentation). */
    public static final Set<MediaKind> HEADER_KINDS = Set.of(MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.DOCUMENT);

    /** Buttons of a template are at most so many ("Template components" in Meta's documentation). */
    public static final int MOST_BUTTONS = 10;

    /**
     * What fills one variable.
     *
     * @param name the variable's, in templates whose variables have names; null where they are numbered
     * @param text without line breaks, which Meta refuses here
     */
    public record Parameter(@Nullable String name, String text) {}

    /**
     * The file in a header.
     *
     * @param kind one of {@link #HEADER_KINDS}, and the one that was approved
     * @param mediaId as {@link MediaMessage#mediaId()}
     * @param link as {@link MediaMessage#link()}
     * @param filename what a document is called; only for documents
     */
    public record HeaderFile(
            MediaKind kind,
            @Nullable String mediaId,
            @Nullable URI link,
            @Nullable String filename) {

        /** @throws IllegalArgumentException when Meta would refuse it for its form */
        public HeaderFile {
            if (!HEADER_KINDS.contains(kind)) {
                throw new IllegalArgumentException("no header is of " + kind);
            }
            if ((mediaId == null) == (link == null)) {
                throw new IllegalArgumentException("a file has an id or a link");
            }
            if (filename != null && kind != MediaKind.DOCUMENT) {
                throw new IllegalArgumentException("only a document has a name");
            }
        }
    }

    /**
     * What ends the address of a button.
     *
     * @param index the button's place among all of the template's, from 0
     */
    public record ButtonValue(int index, String text) {

        /** @throws IllegalArgumentException when there is no such button in any template */
        public ButtonValue {
            if (index < 0 || index >= MOST_BUTTONS) {
                throw new IllegalArgumentException("no template has a button " + index);
            }
        }
    }

    public TemplateMessage {
        header = List.copyOf(header);
        body = List.copyOf(body);
        buttons = List.copyOf(buttons);
        if (headerFile != null && !header.isEmpty()) {
            throw new IllegalArgumentException("a header is a text or a file");
        }
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
