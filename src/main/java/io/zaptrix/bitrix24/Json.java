package io.zaptrix.bitrix24;

import io.zaptrix.platform.BoundedJson;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reading what PHP has written: numbers may be strings, and a key may come in any case. */
final class Json {

    static final JsonMapper MAPPER = BoundedJson.ofAnybody();

    private Json() {}

    /** A scalar as text, or null where there is none. */
    static @Nullable String text(@Nullable JsonNode node) {
        return node == null || !node.isValueNode() || node.isNull() ? null : node.asString();
    }

    /** A field's scalar as text, or null where it is missing or blank. */
    static @Nullable String text(@Nullable JsonNode object, String field) {
        String text = text(field(object, field));
        return text == null || text.isBlank() ? null : text.strip();
    }

    /** A field by its name in any case, or null; the exact name wins. */
    static @Nullable JsonNode field(@Nullable JsonNode object, String name) {
        if (object == null || !object.isObject()) {
            return null;
        }
        JsonNode exact = object.get(name);
        if (exact != null) {
            return exact;
        }
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (field.getKey().equalsIgnoreCase(name)) {
                return field.getValue();
            }
        }
        return null;
    }

    /** A field's whole number, or null where it is missing or something else. */
    static @Nullable Long number(@Nullable JsonNode object, String field) {
        String text = text(object, field);
        if (text == null) {
            return null;
        }
        try {
            return (long) Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Whether a field says yes in any of PHP's and Bitrix24's ways: true, 1, Y. */
    static boolean yes(@Nullable JsonNode object, String field) {
        String text = text(object, field);
        return text != null && (text.equalsIgnoreCase("true") || text.equals("1") || text.equalsIgnoreCase("Y"));
    }
}
