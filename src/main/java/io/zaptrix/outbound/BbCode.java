package io.zaptrix.outbound;

import io.zaptrix.platform.CleanText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a message of Bitrix24's messenger into words, line breaks and tags. A tag counts only where the messenger itself
 * would take it for one: its name is known, its value is of the right kind and, for a pair, both ends are there. All
 * else in brackets, such as {@code [s] small, [m] medium}, is what the agent meant to say and stays.
 *
 * <p>Bitrix24 describes the tags under "Text Formatting (BB Codes)" of its chat bots; its server writes a bare link as
 * {@code [url]}, a mention as {@code [user=1]}, and a quote between two lines of 54 dashes.
 */
final class BbCode {

    /** A link longer than this is not read as one. */
    private static final int LONGEST_VALUE = 2048;

    private static final int LONGEST_NAME =
            Arrays.stream(Tag.values()).mapToInt(tag -> tag.text.length()).max().orElseThrow();

    private static final int QUOTE_DASHES = 54;
    private static final String OLD_BREAK = "#BR#";

    private static final Map<String, String> ENTITIES =
            Map.of("quot", "\"", "amp", "&", "lt", "<", "gt", ">", "apos", "'", "nbsp", " ");

    private static final int LONGEST_ENTITY = 8;

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private final Map<Tag, Deque<Integer>> unclosed = new HashMap<>();
    private int unclosedQuote = -1;
    private int noMoreCode = Integer.MAX_VALUE;
    private int noMoreInlineCode = Integer.MAX_VALUE;

    private BbCode(String source) {
        this.source = source;
    }

    /**
     * Cuts a message.
     *
     * @param text as it came
     * @return all of it in order; every opened tag is closed, though two may overlap
     */
    static List<Token> read(String text) {
        BbCode reader = new BbCode(CleanText.of(text));
        reader.read();
        return reader.tokens;
    }

    sealed interface Token {}

    /** What the agent wrote, without line breaks. */
    record Words(String text) implements Token {}

    /** A line break; a tag for one is often followed by a space that nobody meant. */
    record Break(boolean byTag) implements Token {}

    /** The words of a code tag, with their line breaks and brackets. */
    record Code(String text, boolean inline) implements Token {}

    record Open(Tag tag, String value) implements Token {}

    record Close(Tag tag) implements Token {}

    /** A tag that stands alone. */
    record Single(Tag tag, String value) implements Token {}

    /** One of the two lines of dashes around a quote. */
    enum QuoteEdge implements Token {
        BEGINS,
        ENDS
    }

    private void read() {
        int written = 0;
        int i = 0;
        while (i < source.length()) {
            char c = source.charAt(i);
            int end = switch (c) {
                case '[' -> tag(i, written);
                case '\n' -> token(i, i + 1, written, new Break(false));
                case '#' ->
                    source.startsWith(OLD_BREAK, i) ? token(i, i + OLD_BREAK.length(), written, new Break(true)) : i;
                case '-' -> dashes(i, written);
                default -> i;
            };
            if (end > i) {
                i = end;
                written = end;
            } else {
                // A run of dashes is looked at once, not once more from each of its dashes.
                i = c == '-' ? endOfDashes(i) : i + 1;
            }
        }
        words(written, source.length());
        giveBackUnclosed();
    }

    // ---- pieces

    private int token(int from, int to, int written, Token token) {
        words(written, from);
        tokens.add(token);
        return to;
    }

    private void words(int from, int to) {
        if (from < to) {
            tokens.add(new Words(unescape(source.substring(from, to))));
        }
    }

    private int endOfDashes(int from) {
        int end = from;
        while (end < source.length() && source.charAt(end) == '-') {
            end++;
        }
        return end;
    }

    private int dashes(int from, int written) {
        int end = endOfDashes(from);
        if (end - from < QUOTE_DASHES) {
            return from;
        }
        if (unclosedQuote >= 0) {
            words(written, from);
            tokens.set(unclosedQuote, QuoteEdge.BEGINS);
            unclosedQuote = -1;
            tokens.add(QuoteEdge.ENDS);
            return end;
        }
        words(written, from);
        unclosedQuote = tokens.size();
        tokens.add(new Words(source.substring(from, end)));
        return end;
    }

    private int tag(int from, int written) {
        boolean closing = source.startsWith("/", from + 1);
        int nameFrom = closing ? from + 2 : from + 1;
        int nameTo = nameFrom;
        while (nameTo < source.length() && nameTo - nameFrom <= LONGEST_NAME && isNamePart(source.charAt(nameTo))) {
            nameTo++;
        }
        Tag tag = Tag.named(source.substring(nameFrom, nameTo));
        if (tag == null || nameTo == source.length()) {
            return from;
        }
        if (closing) {
            return source.charAt(nameTo) == ']' ? close(tag, from, nameTo + 1, written) : from;
        }
        int valueTo = endOfValue(tag, nameTo);
        if (valueTo < 0) {
            return from;
        }
        String value = valueTo == nameTo ? "" : unescape(source.substring(nameTo + 1, valueTo));
        int end = valueTo + 1;
        if (!tag.value.allows(value) || (tag.value == Value.NONE && valueTo > nameTo)) {
            return from;
        }
        return switch (tag) {
            case CODE, ICODE -> code(tag, from, end, written);
            case BR -> token(from, end, written, new Break(true));
            default ->
                tag.single ? token(from, end, written, new Single(tag, value)) : open(tag, value, from, end, written);
        };
    }

    /** Where the bracket stands that ends the tag, or -1 if none does. */
    private int endOfValue(Tag tag, int nameTo) {
        char first = source.charAt(nameTo);
        if (first == ']') {
            return nameTo;
        }
        if (first != '=' && first != ' ') {
            return -1;
        }
        int last = Math.min(source.length(), nameTo + LONGEST_VALUE);
        int depth = 0;
        for (int i = nameTo + 1; i < last; i++) {
            char c = source.charAt(i);
            if (c == '\n') {
                return -1;
            }
            if (c == '[') {
                // Only a link may have brackets in it.
                if (tag != Tag.URL || source.startsWith("/", i + 1)) {
                    return -1;
                }
                depth++;
            } else if (c == ']' && depth-- == 0) {
                return i;
            }
        }
        return -1;
    }

    private int open(Tag tag, String value, int from, int end, int written) {
        words(written, from);
        unclosed.computeIfAbsent(tag, any -> new ArrayDeque<>()).push(tokens.size());
        tokens.add(new Pending(new Open(tag, value), source.substring(from, end)));
        return end;
    }

    private int close(Tag tag, int from, int end, int written) {
        Deque<Integer> open = unclosed.get(tag);
        if (open == null || open.isEmpty()) {
            return from;
        }
        words(written, from);
        int opened = open.pop();
        if (tokens.get(opened) instanceof Pending pending) {
            tokens.set(opened, pending.open());
        }
        tokens.add(new Close(tag));
        return end;
    }

    private int code(Tag tag, int from, int codeFrom, int written) {
        boolean inline = tag == Tag.ICODE;
        String closing = "[/" + tag.text + "]";
        if (codeFrom >= (inline ? noMoreInlineCode : noMoreCode)) {
            return from;
        }
        int codeTo = indexOfIgnoringCase(closing, codeFrom);
        if (codeTo < 0) {
            if (inline) {
                noMoreInlineCode = codeFrom;
            } else {
                noMoreCode = codeFrom;
            }
            return from;
        }
        return token(from, codeTo + closing.length(), written, new Code(source.substring(codeFrom, codeTo), inline));
    }

    private int indexOfIgnoringCase(String word, int from) {
        for (int i = source.indexOf('[', from); i >= 0; i = source.indexOf('[', i + 1)) {
            if (source.regionMatches(true, i, word, 0, word.length())) {
                return i;
            }
        }
        return -1;
    }

    private void giveBackUnclosed() {
        tokens.replaceAll(token -> token instanceof Pending pending ? new Words(unescape(pending.asTyped())) : token);
    }

    /** An opened tag that counts only if its end is found. */
    private record Pending(Open open, String asTyped) implements Token {}

    // ---- characters

    private static boolean isNamePart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '*';
    }

    /** The entities that Bitrix24's server itself takes back on saving a message, once. */
    private static String unescape(String text) {
        int amp = text.indexOf('&');
        if (amp < 0) {
            return text;
        }
        StringBuilder plain = new StringBuilder(text.length());
        int written = 0;
        while (amp >= 0) {
            String character = null;
            int end = amp + 1;
            while (end < text.length() && end - amp <= LONGEST_ENTITY && isEntityPart(text.charAt(end))) {
                end++;
            }
            if (end < text.length() && text.charAt(end) == ';') {
                character = entity(text.substring(amp + 1, end));
            }
            if (character != null) {
                plain.append(text, written, amp).append(character);
                written = end + 1;
            }
            amp = text.indexOf('&', end);
        }
        return plain.append(text, written, text.length()).toString();
    }

    private static boolean isEntityPart(char c) {
        return c == '#' || isNamePart(c);
    }

    private static @Nullable String entity(String name) {
        if (!name.startsWith("#")) {
            return ENTITIES.get(name.toLowerCase(Locale.ROOT));
        }
        try {
            boolean hex = name.startsWith("x", 1) || name.startsWith("X", 1);
            int code =
                    hex ? Integer.parseInt(name, 2, name.length(), 16) : Integer.parseInt(name, 1, name.length(), 10);
            boolean readable = Character.isValidCodePoint(code)
                    && !Character.isISOControl(code)
                    && (code < Character.MIN_SURROGATE || code > Character.MAX_SURROGATE);
            return readable ? Character.toString(code) : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** What a tag may carry after its name. */
    enum Value {
        NONE,
        NEEDED,
        FREE;

        boolean allows(String value) {
            return switch (this) {
                case NONE -> value.isEmpty();
                case NEEDED -> !value.isEmpty();
                case FREE -> true;
            };
        }
    }

    /** The tags that Bitrix24's messenger, its open lines and its bots write. */
    enum Tag {
        B("b", Value.NONE, false),
        I("i", Value.NONE, false),
        U("u", Value.NONE, false),
        S("s", Value.NONE, false),
        H1("h1", Value.NONE, false),
        H2("h2", Value.NONE, false),
        H3("h3", Value.NONE, false),
        SIZE("size", Value.NEEDED, false),
        COLOR("color", Value.NEEDED, false),
        FONT("font", Value.NEEDED, false),
        USER("user", Value.NEEDED, false),
        CHAT("chat", Value.NEEDED, false),
        CONTEXT("context", Value.NEEDED, false),
        DIALOG("dialog", Value.NEEDED, false),
        SOURCE("source", Value.NEEDED, false),
        CALL_HISTORY("pch", Value.NEEDED, false),
        SPOILER("spoiler", Value.FREE, false),
        CENTER("center", Value.NONE, false),
        LEFT("left", Value.NONE, false),
        RIGHT("right", Value.NONE, false),
        JUSTIFY("justify", Value.NONE, false),
        P("p", Value.NONE, false),
        URL("url", Value.FREE, false),
        SEND("send", Value.FREE, false),
        PUT("put", Value.FREE, false),
        CALL("call", Value.FREE, false),
        IMG("img", Value.FREE, false),
        VIDEO("video", Value.FREE, false),
        QUOTE("quote", Value.FREE, false),
        LIST("list", Value.FREE, false),
        TABLE("table", Value.FREE, false),
        TR("tr", Value.FREE, false),
        TH("th", Value.FREE, false),
        TD("td", Value.FREE, false),
        CODE("code", Value.NONE, false),
        ICODE("icode", Value.NONE, false),
        BR("br", Value.NONE, true),
        HR("hr", Value.NONE, true),
        ITEM("*", Value.NONE, true),
        DISK("disk", Value.NEEDED, true),
        ATTACH("attach", Value.NEEDED, true),
        ICON("icon", Value.NEEDED, true),
        TIMESTAMP("timestamp", Value.NEEDED, true),
        RATING("rating", Value.NEEDED, true),
        LIKE("like", Value.NONE, true),
        DISLIKE("dislike", Value.NONE, true);

        private static final Map<String, Tag> BY_NAME =
                Arrays.stream(values()).collect(Collectors.toMap(tag -> tag.text, tag -> tag));

        private final String text;
        private final Value value;
        private final boolean single;

        Tag(String text, Value value, boolean single) {
            this.text = text;
            this.value = value;
            this.single = single;
        }

        private static @Nullable Tag named(String name) {
            return BY_NAME.get(name.toLowerCase(Locale.ROOT));
        }
    }
}
