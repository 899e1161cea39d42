package io.zaptrix.meta;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads templates as {@code GET /{waba-id}/message_templates} lists them. */
final class Templates {

    private Templates() {}

    static MessageTemplate read(JsonNode template) {
        String header = null;
        MediaKind headerFile = null;
        String body = "";
        List<MessageTemplate.AddressButton> buttons = new ArrayList<>();
        boolean needsMore = text(template, "category").equals("AUTHENTICATION");
        for (JsonNode component : template.path("components")) {
            switch (text(component, "type").toUpperCase(Locale.ROOT)) {
                case "BODY" -> body = text(component, "text");
                case "HEADER" -> {
                    switch (text(component, "format").toUpperCase(Locale.ROOT)) {
                        case "TEXT" -> header = text(component, "text");
                        case "IMAGE" -> headerFile = MediaKind.IMAGE;
                        case "VIDEO" -> headerFile = MediaKind.VIDEO;
                        case "DOCUMENT" -> headerFile = MediaKind.DOCUMENT;
                        // A place, a product, a GIF.
                        default -> needsMore = true;
                    }
                }
                case "BUTTONS" -> needsMore |= !read(component.path("buttons"), buttons);
                case "FOOTER" -> {}
                // A carousel, an offer with an end, and whatever Meta adds.
                default -> needsMore = true;
            }
        }
        return new MessageTemplate(
                text(template, "name"),
                text(template, "language"),
                text(template, "status"),
                text(template, "category"),
                header,
                headerFile,
                body,
                buttons,
                needsMore);
    }

    /**
     * Reads the buttons whose address has a variable.
     *
     * @return whether no button needs anything else
     */
    private static boolean read(JsonNode buttons, List<MessageTemplate.AddressButton> into) {
        boolean plain = true;
        int index = 0;
        for (JsonNode button : buttons) {
            switch (text(button, "type").toUpperCase(Locale.ROOT)) {
                case "QUICK_REPLY", "PHONE_NUMBER" -> {}
                case "URL" -> {
                    String address = text(button, "url");
                    if (address.contains("{{")) {
                        into.add(new MessageTemplate.AddressButton(index, text(button, "text"), address));
                    }
                }
                default -> plain = false;
            }
            index++;
        }
        return plain && index <= TemplateMessage.MOST_BUTTONS;
    }

    private static String text(JsonNode node, String field) {
        @Nullable String text = Webhooks.text(node.path(field));
        return text == null ? "" : text;
    }
}
