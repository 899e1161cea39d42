package io.zaptrix.meta;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Characters that JSON can escape and that cannot be stored. Meta escapes what is not ASCII unit by unit, so that half
 * of a surrogate pair can come alone, as from a name that was cut: it can be read and not be written again. The NUL
 * character is no text to PostgreSQL. Both are replaced before anything else sees them.
 */
final class Unstorable {

    private static final int REPLACEMENT = 0xfffd;

    private Unstorable() {}

    /** Whether any surrogate or NUL is written as an escape: false is sure, true is not. */
    static boolean mayBeIn(byte[] json) {
        for (int i = 0; i + 5 < json.length; i++) {
            if (json[i] == '\\' && json[i + 1] == 'u') {
                boolean surrogate = (json[i + 2] | 0x20) == 'd' && json[i + 3] >= '8';
                boolean nul = json[i + 2] == '0' && json[i + 3] == '0' && json[i + 4] == '0' && json[i + 5] == '0';
                if (surrogate || nul) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The same with U+FFFD for each of them, in names and values. */
    static ObjectNode mended(ObjectNode object) {
        ObjectNode mended = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, JsonNode> property : object.properties()) {
            mended.set(storable(property.getKey()), mended(property.getValue()));
        }
        return mended;
    }

    private static JsonNode mended(JsonNode node) {
        return switch (node) {
            case ObjectNode object -> mended(object);
            case ArrayNode array -> {
                ArrayNode mended = JsonNodeFactory.instance.arrayNode();
                array.forEach(item -> mended.add(mended(item)));
                yield mended;
            }
            case StringNode text -> JsonNodeFactory.instance.stringNode(storable(text.stringValue()));
            default -> node;
        };
    }

    private static String storable(String text) {
        StringBuilder mended = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c == 0 || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? REPLACEMENT : c)
                .forEach(mended::appendCodePoint);
        return mended.toString();
    }
}
