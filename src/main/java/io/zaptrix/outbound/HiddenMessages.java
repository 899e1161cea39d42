package io.zaptrix.outbound;

import io.zaptrix.bitrix24.ConnectorMessage;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * What is written in an open line's chat for agents' eyes only. Bitrix24 does not give it to connectors as a rule;
 * should it do so, it must not reach the customer. Its messages say by their parameters what they are: a message of the
 * messenger itself and an agent's hidden one ("silent mode") are of the class {@code …-item-system}; greetings and
 * automatic answers are the messenger's, too, but of {@code …-item-ol-output}, and are meant for the customer.
 */
final class HiddenMessages {

    private static final String INSIDE = "bx-messenger-content-item-system";
    private static final String FOR_CUSTOMER = "bx-messenger-content-item-ol-output";

    private HiddenMessages() {}

    static boolean isHidden(ConnectorMessage message) {
        JsonNode params = message.message().path("params");
        String style = text(params, "CLASS", "STYLE_CLASS", "class", "styleClass");
        if (style.contains(FOR_CUSTOMER)) {
            return false;
        }
        boolean system = List.of("y", "1", "true")
                .contains(text(message.message(), "system", "SYSTEM").toLowerCase(Locale.ROOT));
        String component = text(params, "COMPONENT_ID", "componentId");
        return system || style.contains(INSIDE) || component.equals("HiddenMessage");
    }

    private static String text(JsonNode node, String... names) {
        for (String name : names) {
            JsonNode value = node.path(name);
            if (value.isValueNode() && !value.asString("").isEmpty()) {
                return value.asString("");
            }
        }
        return "";
    }
}
