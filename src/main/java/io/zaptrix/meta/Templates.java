package io.zaptrix.meta;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads templates as {@code GET /{waba-id}/message_templates} lists them. */
final class Templates {

    private Templates() {}

    static MessageTemplate read(JsonNode template) {
        String header = null;
        String body = "";
        boolean needsMore = text(template, "category").equals("AUTHENTICATION");
        for (JsonNode component : template.path("components")) {
            switch (text(component, "type").toUpperCase(java.util.Locale.ROOT)) {
                case "BODY" -> body = text(component, "text");
                case "HEADER" -> {
                    if (text(component, "format").equalsIgnoreCase("TEXT")) {
                        header = text(component, "text");
                    } else {
                        needsMore = true;
                    }
                }
                case "BUTTONS" -> needsMore |= needsParameter(component.path("buttons"));
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
                body,
                needsMore);
    }

    private static boolean needsParameter(JsonNode buttons) {
        for (JsonNode button : buttons) {
            boolean plain = switch (text(button, "type")) {
                case "QUICK_REPLY", "PHONE_NUMBER" -> true;
                case "URL" -> !text(button, "url").contains("{{");
                default -> false;
            };
            if (!plain) {
                return true;
            }
        }
        return false;
    }

    private static String text(JsonNode node, String field) {
        @Nullable String text = Webhooks.text(node.path(field));
        return text == null ? "" : text;
    }
}
