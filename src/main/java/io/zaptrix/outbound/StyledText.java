package io.zaptrix.outbound;

import java.text.BreakIterator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * Text whose every character knows how it looks, written out by WhatsApp's rules: {@code *bold*}, {@code _italic_},
 * {@code ~strike~}, {@code `code`}, a {@code ```block```}, and {@code > } before a quoted line.
 *
 * <p>WhatsApp reads a mark as formatting only within one line, with no space just inside the pair and no letter or
 * digit just outside it. A look that cannot be written so is left out, since the customer would see the bare marks; the
 * words always stay. Marks that the agent typed stay as typed.
 */
final class StyledText {

    static final int BOLD = 1;
    static final int ITALIC = 1 << 1;
    static final int STRIKE = 1 << 2;
    static final int INLINE_CODE = 1 << 3;
    static final int CODE_BLOCK = 1 << 4;
    static final int QUOTE = 1 << 5;

    /** Part of a web address: a mark beside it would become part of the link. */
    private static final int LINK = 1 << 6;

    private static final int[] MARKED = {BOLD, ITALIC, STRIKE, INLINE_CODE};
    private static final String FENCE = "```";
    private static final String QUOTE_PREFIX = "> ";

    private final StringBuilder chars = new StringBuilder();
    private byte[] looks = new byte[256];

    void append(CharSequence text, int look) {
        int length = chars.length() + text.length();
        if (length > looks.length) {
            looks = Arrays.copyOf(looks, Math.max(length, looks.length * 2));
        }
        Arrays.fill(looks, chars.length(), length, (byte) look);
        chars.append(text);
    }

    int length() {
        return chars.length();
    }

    /** Whether nothing stands yet on the line being written. */
    boolean atLineStart() {
        return chars.isEmpty() || chars.charAt(chars.length() - 1) == '\n';
    }

    /** Whether what was written since {@code start} is {@code text}. */
    boolean saysSince(int start, String text) {
        return chars.length() - start == text.length() && chars.indexOf(text, start) == start;
    }

    /** The end of the last line, at most {@code most} characters of it. */
    String tail(int most) {
        String tail = chars.substring(Math.max(0, chars.length() - most));
        return tail.substring(tail.lastIndexOf('\n') + 1);
    }

    void dropLast(int count) {
        chars.setLength(chars.length() - count);
    }

    /**
     * Writes the text out in parts.
     *
     * @param limit how many UTF-16 units a part may have, at least 64
     * @return the parts in order, none blank: cut where it disturbs least, every look closed and opened again at a cut
     */
    List<String> parts(int limit) {
        findLinks();
        List<String> parts = new ArrayList<>();
        int from = skipBlank(0);
        while (from < chars.length()) {
            int room = from + limit;
            while (true) {
                int to = room >= chars.length() ? chars.length() : cut(from, room);
                int end = trimEnd(from, to);
                String part = write(from, end).strip();
                if (part.length() <= limit) {
                    if (part.codePoints().anyMatch(StyledText::isVisible)) {
                        parts.add(part);
                    }
                    from = skipBlank(to);
                    break;
                }
                // The marks did not fit: give up as many characters as the part is too long by, in proportion.
                int fitting = (int) ((long) (end - from) * limit / part.length());
                room = Math.max(from + 1, Math.min(end - 1, from + fitting));
            }
        }
        return parts;
    }

    // ---- where to cut

    /** The best place after {@code from} and not after {@code room}, which is within the text. */
    private int cut(int from, int room) {
        int late = from + (room - from) / 2;
        int line = -1;
        int sentence = -1;
        int space = -1;
        for (int i = room; i > from; i--) {
            char c = chars.charAt(i);
            if (!isSpace(c)) {
                if (sentence < 0 && isFullStop(chars.charAt(i - 1)) && !isClosing(c) && !isFullStop(c)) {
                    sentence = i;
                }
                continue;
            }
            if (i + 1 < chars.length() && isJoined(chars.codePointAt(i + 1))) {
                continue;
            }
            if (i < late && space >= 0) {
                break;
            }
            if (space < 0) {
                space = i;
            }
            if (c == '\n') {
                if (i >= late && i + 1 < chars.length() && chars.charAt(i + 1) == '\n') {
                    return i;
                }
                if (line < 0) {
                    line = i;
                }
            } else if (sentence < 0 && isSentenceEnd(i - 1)) {
                sentence = i;
            }
        }
        if (line >= late) {
            return line;
        }
        if (sentence >= late) {
            return sentence;
        }
        if (space > from) {
            return space;
        }
        int link = linkStart(room);
        return link > from ? link : betweenGraphemes(from, room);
    }

    /** Where the link begins that a cut at {@code at} would break, or -1. */
    private int linkStart(int at) {
        if (!has(at, LINK) || !has(at - 1, LINK)) {
            return -1;
        }
        int start = at;
        while (start > 0 && has(start - 1, LINK)) {
            start--;
        }
        return start;
    }

    private int betweenGraphemes(int from, int room) {
        BreakIterator graphemes = BreakIterator.getCharacterInstance(Locale.ROOT);
        graphemes.setText(chars.substring(from, Math.min(chars.length(), room + 64)));
        int boundary = graphemes.isBoundary(room - from) ? room - from : graphemes.preceding(room - from);
        if (boundary > 0) {
            return from + boundary;
        }
        boolean insidePair =
                Character.isLowSurrogate(chars.charAt(room)) && Character.isHighSurrogate(chars.charAt(room - 1));
        return insidePair && room - 1 > from ? room - 1 : insidePair ? room + 1 : room;
    }

    /** Whether the character at {@code at}, or the quotation marks and brackets up to it, close a sentence. */
    private boolean isSentenceEnd(int at) {
        int i = at;
        while (i > at - 4 && i > 0 && isClosing(chars.charAt(i))) {
            i--;
        }
        return ".!?\u2026".indexOf(chars.charAt(i)) >= 0 || isFullStop(chars.charAt(i));
    }

    /** The full stops of scripts that put no space after them. */
    private static boolean isFullStop(char c) {
        return "\u3002\uff01\uff1f\u0964".indexOf(c) >= 0;
    }

    private static boolean isClosing(char c) {
        return ")]}\"'\u00bb\u201d\u2019\u300d\u300f\uff09".indexOf(c) >= 0;
    }

    private int skipBlank(int from) {
        int i = from;
        while (i < chars.length() && isSpace(chars.charAt(i))) {
            i++;
        }
        return i;
    }

    private int trimEnd(int from, int to) {
        int i = to;
        while (i > from && isSpace(chars.charAt(i - 1))) {
            i--;
        }
        return i;
    }

    // ---- writing a range

    private String write(int from, int to) {
        StringBuilder out = new StringBuilder(to - from + 64);
        int i = from;
        while (i < to) {
            if (has(i, CODE_BLOCK) && !has(i, QUOTE)) {
                int end = i;
                while (end < to && has(end, CODE_BLOCK)) {
                    end++;
                }
                writeBlock(i, end, out);
                i = end;
                continue;
            }
            int end = i;
            while (end < to && chars.charAt(end) != '\n' && (end == i || !startsBlock(end))) {
                end++;
            }
            boolean broken = end < to && chars.charAt(end) == '\n';
            boolean written = writeLine(i, end, has(i, QUOTE), out);
            if (broken && written) {
                out.append('\n');
            }
            i = broken ? end + 1 : end;
        }
        return out.toString();
    }

    private boolean startsBlock(int at) {
        return has(at, CODE_BLOCK) && !has(at, QUOTE);
    }

    private void writeBlock(int from, int to, StringBuilder out) {
        String code = chars.substring(from, to);
        if (code.isBlank() || code.contains(FENCE) || code.startsWith("`") || code.endsWith("`")) {
            out.append(code);
        } else {
            out.append(FENCE).append(code).append(FENCE);
        }
    }

    /** Writes one line without its end; an empty line of a quote is left out, as it would end the quote. */
    private boolean writeLine(int from, int lineEnd, boolean quoted, StringBuilder out) {
        int to = trimEnd(from, lineEnd);
        if (quoted) {
            if (to == from) {
                return false;
            }
            out.append(QUOTE_PREFIX);
        }
        Deque<Span> open = new ArrayDeque<>();
        int written = from;
        for (Span span : spans(from, to)) {
            written = closeUpTo(span.from(), open, written, out);
            out.append(chars, written, span.from()).append(span.mark());
            written = span.from();
            open.push(span);
        }
        written = closeUpTo(to, open, written, out);
        out.append(chars, written, to);
        return true;
    }

    private int closeUpTo(int at, Deque<Span> open, int alreadyWritten, StringBuilder out) {
        int written = alreadyWritten;
        while (!open.isEmpty() && open.element().to() <= at) {
            Span span = open.pop();
            out.append(chars, written, span.to()).append(span.mark());
            written = span.to();
        }
        return written;
    }

    /** The looks of a line that can be written, outer before inner, none overlapping another without lying in it. */
    private List<Span> spans(int from, int to) {
        List<Span> found = new ArrayList<>();
        for (int look : MARKED) {
            int i = from;
            while (i < to) {
                if (!has(i, look)) {
                    i++;
                    continue;
                }
                int end = i;
                while (end < to && has(end, look)) {
                    end++;
                }
                addIfWritable(new Span(i, end, look), from, to, found);
                i = end;
            }
        }
        if (found.size() < 2) {
            return found;
        }
        found.sort(Comparator.comparingInt(Span::from)
                .thenComparing(Comparator.comparingInt(Span::to).reversed())
                .thenComparingInt(Span::look));
        List<Span> nested = new ArrayList<>();
        Deque<Span> around = new ArrayDeque<>();
        for (Span span : found) {
            while (!around.isEmpty() && around.element().to() <= span.from()) {
                around.pop();
            }
            int before = nested.size();
            if (around.isEmpty() || span.to() <= around.element().to()) {
                nested.add(span);
            } else {
                addIfWritable(new Span(span.from(), around.element().to(), span.look()), from, to, nested);
            }
            if (nested.size() > before) {
                around.push(nested.getLast());
            }
        }
        return nested;
    }

    private void addIfWritable(Span wide, int lineFrom, int lineTo, List<Span> spans) {
        int from = wide.from();
        int to = wide.to();
        while (from < to && isSpace(chars.charAt(from))) {
            from++;
        }
        to = trimEnd(from, to);
        if (from == to) {
            return;
        }
        Span span = new Span(from, to, wide.look());
        char mark = span.mark();
        for (int i = from; i < to; i++) {
            if (chars.charAt(i) == mark) {
                return;
            }
        }
        boolean opens = from == lineFrom || mayStandOutside(chars.codePointBefore(from), mark);
        boolean closes = to == lineTo || mayStandOutside(chars.codePointAt(to), mark);
        if (opens && closes && !isJoined(chars.codePointAt(from))) {
            spans.add(span);
        }
    }

    private static boolean mayStandOutside(int character, char mark) {
        return character != mark && !Character.isLetterOrDigit(character) && !isJoined(character);
    }

    private record Span(int from, int to, int look) {

        char mark() {
            return switch (look) {
                case BOLD -> '*';
                case ITALIC -> '_';
                case STRIKE -> '~';
                default -> '`';
            };
        }
    }

    // ---- characters

    private boolean has(int at, int look) {
        return (looks[at] & look) != 0;
    }

    private void findLinks() {
        int i = 0;
        while (i < chars.length()) {
            if (!startsLink(i)) {
                i++;
                continue;
            }
            while (i < chars.length() && !isSpace(chars.charAt(i)) && "<>\"".indexOf(chars.charAt(i)) < 0) {
                looks[i] = (byte) ((looks[i] & ~(BOLD | ITALIC | STRIKE)) | LINK);
                i++;
            }
        }
    }

    private boolean startsLink(int at) {
        char c = chars.charAt(at);
        if (c != 'h' && c != 'H' && c != 'w' && c != 'W') {
            return false;
        }
        if (at > 0 && Character.isLetterOrDigit(chars.codePointBefore(at))) {
            return false;
        }
        return saysAt(at, "https://") || saysAt(at, "http://") || saysAt(at, "www.");
    }

    private boolean saysAt(int at, String word) {
        if (at + word.length() >= chars.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (Character.toLowerCase(chars.charAt(at + i)) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    /** Whether the character changes the one before it, so that nothing may come between the two. */
    private static boolean isJoined(int character) {
        return switch (Character.getType(character)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK -> true;
            default -> character == 0x200D || Character.isEmojiModifier(character);
        };
    }

    private static boolean isVisible(int character) {
        return !isSpace(character) && Character.getType(character) != Character.FORMAT;
    }
}
