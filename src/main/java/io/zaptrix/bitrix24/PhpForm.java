package io.zaptrix.bitrix24;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The form encoding of PHP's {@code http_build_query}, in which Bitrix24 sends its events and takes the calls of a
 * batch: nesting by brackets in the names, as in {@code data[MESSAGES][0][im][chat_id]=1807}. Every scalar is a string;
 * nulls and empty arrays are not sent at all.
 */
public final class PhpForm {

    /** The largest body that is decoded, in bytes. */
    public static final int MAX_BYTES = 4 * 1024 * 1024;

    /** The most name-value pairs that are decoded. */
    public static final int MAX_PAIRS = 20_000;

    /** The deepest nesting that is decoded. */
    public static final int MAX_DEPTH = 32;

    /** The most arrays that are decoded: each pair could open as many as it is deep, of a few hundred bytes each. */
    public static final int MAX_ARRAYS = 20_000;

    private PhpForm() {}

    /**
     * Reads a form as PHP would: a later value of the same name replaces an earlier one, {@code []} appends, and names
     * whose brackets do not close are taken as they are. Arrays whose keys are 0, 1, 2 … become JSON arrays, all others
     * objects. Bytes that are no UTF-8 become U+FFFD. Takes time linear in the size of the body.
     *
     * @throws MalformedEvent when the body is larger, has more pairs or arrays, or is nested deeper than the limits
     *     allow
     */
    public static ObjectNode decode(byte[] body) {
        if (body.length > MAX_BYTES) {
            throw new MalformedEvent("The form is larger than " + MAX_BYTES + " bytes.");
        }
        PhpArray root = new PhpArray(new Budget());
        int pairs = 0;
        int start = 0;
        while (start < body.length) {
            int end = indexOf(body, '&', start, body.length);
            if (end > start) {
                if (++pairs > MAX_PAIRS) {
                    throw new MalformedEvent("The form has more than " + MAX_PAIRS + " fields.");
                }
                int equals = indexOf(body, '=', start, end);
                String name = urlDecode(body, start, equals);
                String value = equals < end ? urlDecode(body, equals + 1, end) : "";
                if (!name.isEmpty()) {
                    put(root, name, value);
                }
            }
            start = end + 1;
        }
        ObjectNode form = JsonNodeFactory.instance.objectNode();
        root.values.forEach((key, value) -> form.set(key, json(value)));
        return form;
    }

    /**
     * Writes parameters as {@code http_build_query} does: maps, iterables and arrays nest, true and false become 1 and
     * 0, nulls and empty containers are left out.
     *
     * @param params values may also be {@link JsonNode}s
     */
    public static String encode(Map<String, ?> params) {
        StringBuilder form = new StringBuilder();
        params.forEach((name, value) -> append(form, name, value));
        return form.toString();
    }

    private static void append(StringBuilder form, String name, @Nullable Object value) {
        if (value instanceof JsonNode node) {
            append(form, name, node);
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, item) -> append(form, name + "[" + key + "]", item));
        } else if (value instanceof Iterable<?> items) {
            appendAll(form, name, items);
        } else if (value instanceof Object[] items) {
            appendAll(form, name, Arrays.asList(items));
        } else if (value instanceof Boolean yes) {
            appendPair(form, name, yes ? "1" : "0");
        } else if (value != null) {
            appendPair(form, name, value.toString());
        }
    }

    private static void append(StringBuilder form, String name, JsonNode node) {
        if (node.isObject()) {
            node.properties().forEach(field -> append(form, name + "[" + field.getKey() + "]", field.getValue()));
        } else if (node.isArray()) {
            appendAll(form, name, node);
        } else if (node.isBoolean()) {
            appendPair(form, name, node.booleanValue() ? "1" : "0");
        } else if (!node.isNull() && !node.isMissingNode()) {
            appendPair(form, name, node.asString());
        }
    }

    private static void appendAll(StringBuilder form, String name, Iterable<?> items) {
        int index = 0;
        for (Object item : items) {
            append(form, name + "[" + index++ + "]", item);
        }
    }

    private static void appendPair(StringBuilder form, String name, String value) {
        if (!form.isEmpty()) {
            form.append('&');
        }
        form.append(URLEncoder.encode(name, UTF_8)).append('=').append(URLEncoder.encode(value, UTF_8));
    }

    private static void put(PhpArray root, String name, String value) {
        List<@Nullable String> path = path(name);
        PhpArray array = root;
        for (int i = 0; i < path.size() - 1; i++) {
            array = array.child(path.get(i));
        }
        array.set(path.get(path.size() - 1), value);
    }

    /** The keys that a name spells, outermost first; null stands for {@code []}. */
    private static List<@Nullable String> path(String name) {
        List<@Nullable String> path = new ArrayList<>();
        int open = name.indexOf('[');
        if (open <= 0 || name.indexOf(']', open) < 0) {
            path.add(name);
            return path;
        }
        path.add(name.substring(0, open));
        while (open >= 0 && open < name.length() && name.charAt(open) == '[') {
            int close = name.indexOf(']', open);
            if (close < 0) {
                break;
            }
            if (path.size() >= MAX_DEPTH) {
                throw new MalformedEvent("The form is nested deeper than " + MAX_DEPTH + " levels.");
            }
            String key = name.substring(open + 1, close);
            path.add(key.isEmpty() ? null : key);
            open = close + 1;
        }
        return path;
    }

    private static JsonNode json(Object value) {
        if (!(value instanceof PhpArray array)) {
            return JsonNodeFactory.instance.stringNode((String) value);
        }
        if (array.isList()) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode(array.values.size());
            array.values.values().forEach(item -> list.add(json(item)));
            return list;
        }
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        array.values.forEach((key, item) -> object.set(key, json(item)));
        return object;
    }

    private static int indexOf(byte[] body, char wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (body[i] == wanted) {
                return i;
            }
        }
        return to;
    }

    /** Lenient, unlike {@link java.net.URLDecoder}: a percent sign that starts no escape stands for itself. */
    private static String urlDecode(byte[] body, int from, int to) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(to - from);
        for (int i = from; i < to; i++) {
            byte b = body[i];
            if (b == '%' && i + 2 < to && hex(body[i + 1]) >= 0 && hex(body[i + 2]) >= 0) {
                bytes.write(hex(body[i + 1]) << 4 | hex(body[i + 2]));
                i += 2;
            } else {
                bytes.write(b == '+' ? ' ' : b);
            }
        }
        return bytes.toString(UTF_8);
    }

    private static int hex(byte b) {
        return b < 0 ? -1 : Character.digit(b, 16);
    }

    /** What is left of {@link #MAX_ARRAYS}. */
    private static final class Budget {

        private int left = MAX_ARRAYS;

        void spend() {
            if (--left < 0) {
                throw new MalformedEvent("The form has more than " + MAX_ARRAYS + " arrays.");
            }
        }
    }

    /** PHP's ordered array while it is being filled: values are strings or further arrays. */
    private static final class PhpArray {

        private final Map<String, Object> values = new LinkedHashMap<>();
        private long nextIndex;
        private boolean list = true;
        private final Budget budget;

        PhpArray(Budget budget) {
            this.budget = budget;
        }

        PhpArray child(@Nullable String key) {
            String place = place(key);
            if (values.get(place) instanceof PhpArray existing) {
                return existing;
            }
            budget.spend();
            PhpArray child = new PhpArray(budget);
            store(place, child);
            return child;
        }

        void set(@Nullable String key, String value) {
            store(place(key), value);
        }

        boolean isList() {
            return list;
        }

        private String place(@Nullable String key) {
            return key == null ? Long.toString(nextIndex) : key;
        }

        private void store(String key, Object value) {
            boolean isNew = values.put(key, value) == null;
            if (isNew) {
                list &= key.equals(Integer.toString(values.size() - 1));
                nextIndex = Math.max(nextIndex, indexAfter(key));
            }
        }

        private static long indexAfter(String key) {
            if (key.isEmpty() || key.length() > 15 || !key.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return 0;
            }
            return Long.parseLong(key) + 1;
        }
    }
}
