package io.zaptrix.outbound;

import io.zaptrix.meta.MediaKind;
import io.zaptrix.meta.TemplateMessage;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a program of the company sends: exactly one of text, file and template.
 *
 * @param replyTo the wamid that it answers; not with a template
 */
public record DirectContent(
        @Nullable Text text,
        @Nullable Media media,
        @Nullable Template template,
        @Nullable String replyTo) {

    /** How many WhatsApp messages a text may become. */
    public static final int MOST_PARTS = 4;

    /** @param body in WhatsApp's own formatting; sent as it is, in parts where it is long */
    public record Text(String body, boolean previewUrl) {}

    /** As {@link io.zaptrix.meta.MediaMessage}: one of {@code id} and {@code link}. */
    public record Media(
            MediaKind kind,
            @Nullable String id,
            @Nullable URI link,
            @Nullable String caption,
            @Nullable String filename) {}

    /** As {@link TemplateMessage}. */
    public record Template(
            String name,
            String language,
            List<TemplateMessage.Parameter> header,
            TemplateMessage.@Nullable HeaderFile headerFile,
            List<TemplateMessage.Parameter> body,
            List<TemplateMessage.ButtonValue> buttons) {

        public Template {
            // What was accepted by an earlier version has none.
            buttons = buttons == null ? List.of() : List.copyOf(buttons);
        }
    }

    public DirectContent {
        int kinds = (text == null ? 0 : 1) + (media == null ? 0 : 1) + (template == null ? 0 : 1);
        if (kinds != 1) {
            throw new IllegalArgumentException("a message is one of text, file and template");
        }
    }

    /** {@code text}, {@code template}, or the file's kind as Meta calls it. */
    public String type() {
        return text != null ? "text" : media != null ? media.kind().wireName() : "template";
    }

    @Override
    public String toString() {
        return "DirectContent[" + type() + "]";
    }
}
