package io.zaptrix.inbound;

import io.zaptrix.platform.CleanText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A customer's words as the agent's chat may show them: WhatsApp's formatting as BBCode, and everything in them that
 * Bitrix24 would take for an order of its own made harmless. The chat shows links, buttons that send text in the
 * agent's name, mentions and quotes to whoever writes their markup, so a customer must not be able to.
 *
 * <p>What would be read as markup is broken by a zero-width space, so that it is shown just as the customer typed it.
 * That goes for:
 *
 * <ul>
 *   <li>every {@code [}, with which all tags begin, and {@code ](}, the middle of a Markdown link;
 *   <li>HTML entities, as the server turns number 91, written as one, into {@code [} on saving;
 *   <li>54 dashes in a row, between which the chat shows a quote under any name that stands there;
 *   <li>{@code #BR#}, and the server's own place holders {@code ####REPLACEMENT_…}, on which it can hang;
 *   <li>{@code /me} and {@code /loud} at the beginning, which take away the next character, as in {@code /menu}.
 * </ul>
 */
final class ChatMarkup {

    /** Breaks markup and is not seen. */
    static final String BREAKER = "\u200b";

    private static final char BREAKER_CHAR = BREAKER.charAt(0);
    private static final int MOST_DASHES = 53;
    private static final String FENCE = "```";
    private static final String QUOTE = "> ";
    private static final String CHAT_QUOTE = ">>";

    private static final Pattern ENTITY = Pattern.compile("#\\w{1,10};|[A-Za-z]\\w{1,31};");
    private static final Pattern LINK = Pattern.compile("(?i)(?<![\\p{L}\\p{N}])(?:https?://|www\\.)\\S*[^\\s*_~]");

    private ChatMarkup() {}

    /**
     * Shows a text with its formatting.
     *
     * @param text as the customer wrote it
     * @return BBCode of the tags {@code b}, {@code i}, {@code s} and {@code code}, each closed
     */
    static String formatted(String text) {
        StringBuilder out = new StringBuilder(text.length() + 32);
        String clean = CleanText.of(text);
        int from = 0;
        int fence = clean.indexOf(FENCE);
        while (fence >= 0) {
            int end = clean.indexOf(FENCE, fence + FENCE.length());
            if (end < 0) {
                break;
            }
            String code = clean.substring(fence + FENCE.length(), end);
            if (code.isBlank()) {
                fence = end;
                continue;
            }
            lines(clean.substring(from, fence), from == 0, out);
            out.append("[code]");
            words(code.strip(), out);
            out.append("[/code]");
            from = end + FENCE.length();
            fence = clean.indexOf(FENCE, from);
        }
        lines(clean.substring(from), from == 0, out);
        return atBeginning(out.toString());
    }

    /**
     * Shows a text as it is.
     *
     * @param text from outside
     * @return the same to the eye, without any markup
     */
    static String literal(String text) {
        return atBeginning(harmless(CleanText.of(text)));
    }

    private static void lines(String text, boolean fromLineStart, StringBuilder out) {
        int from = 0;
        while (true) {
            int end = text.indexOf('\n', from);
            String line = end < 0 ? text.substring(from) : text.substring(from, end);
            if ((from > 0 || fromLineStart)
                    && line.startsWith(QUOTE)
                    && !line.substring(QUOTE.length()).isBlank()) {
                out.append(CHAT_QUOTE);
                line = line.substring(QUOTE.length());
            }
            line(line, out);
            if (end < 0) {
                return;
            }
            out.append('\n');
            from = end + 1;
        }
    }

    private static void line(String line, StringBuilder out) {
        List<Pair> pairs = pairs(line);
        Deque<Pair> open = new ArrayDeque<>();
        int written = 0;
        for (Pair pair : pairs) {
            while (!open.isEmpty() && open.element().to() < pair.from()) {
                written = close(open.pop(), line, written, out);
            }
            words(line.substring(written, pair.from()), out);
            out.append('[').append(pair.tag()).append(']');
            written = pair.from() + 1;
            open.push(pair);
        }
        while (!open.isEmpty()) {
            written = close(open.pop(), line, written, out);
        }
        words(line.substring(written), out);
    }

    private static int close(Pair pair, String line, int written, StringBuilder out) {
        words(line.substring(written, pair.to()), out);
        out.append("[/").append(pair.tag()).append(']');
        return pair.to() + 1;
    }

    private static void words(String words, StringBuilder out) {
        if (words.startsWith("(") && !out.isEmpty() && out.charAt(out.length() - 1) == ']') {
            out.append(BREAKER);
        }
        out.append(harmless(words));
    }

    /** The pairs of marks on a line that WhatsApp takes for formatting, outer before inner, none overlapping. */
    private static List<Pair> pairs(String line) {
        boolean[] taken = new boolean[line.length()];
        Matcher links = LINK.matcher(line);
        while (links.find()) {
            Arrays.fill(taken, links.start(), links.end(), true);
        }
        List<Pair> found = new ArrayList<>();
        marks(line, '`', "code", taken, found);
        // Marks in code are code.
        found.forEach(code -> Arrays.fill(taken, code.from(), code.to() + 1, true));
        marks(line, '*', "b", taken, found);
        marks(line, '_', "i", taken, found);
        marks(line, '~', "s", taken, found);
        found.sort(Comparator.comparingInt(Pair::from));
        List<Pair> nested = new ArrayList<>();
        Deque<Pair> around = new ArrayDeque<>();
        for (Pair pair : found) {
            while (!around.isEmpty() && around.element().to() < pair.from()) {
                around.pop();
            }
            if (around.isEmpty() || pair.to() < around.element().to()) {
                nested.add(pair);
                around.push(pair);
            }
        }
        return nested;
    }

    private static void marks(String line, char mark, String tag, boolean[] taken, List<Pair> found) {
        int open = -1;
        for (int i = line.indexOf(mark); i >= 0; i = line.indexOf(mark, i + 1)) {
            if (taken[i]) {
                continue;
            }
            if (open >= 0 && i - open > 1 && closes(line, i, mark)) {
                found.add(new Pair(open, i, tag));
                open = -1;
            } else if ((open < 0 || i - open == 1) && opens(line, i, mark)) {
                open = i;
            }
        }
    }

    private static boolean opens(String line, int at, char mark) {
        boolean free = at == 0 || !Character.isLetterOrDigit(line.codePointBefore(at));
        return free && at + 1 < line.length() && line.charAt(at + 1) != mark && !isSpace(line.charAt(at + 1));
    }

    private static boolean closes(String line, int at, char mark) {
        boolean free = at + 1 == line.length() || !Character.isLetterOrDigit(line.codePointAt(at + 1));
        return free && line.charAt(at - 1) != mark && !isSpace(line.charAt(at - 1));
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    private record Pair(int from, int to, String tag) {}

    // ---- making harmless

    private static String harmless(String text) {
        StringBuilder out = new StringBuilder(text.length() + 8);
        Matcher entity = ENTITY.matcher(text);
        int dashes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            dashes = c == '-' ? dashes + 1 : 0;
            if (dashes > MOST_DASHES) {
                out.append(BREAKER_CHAR);
                dashes = 1;
            }
            out.append(c);
            boolean breaks = switch (c) {
                case '[' -> true;
                case ']' -> text.startsWith("(", i + 1);
                case '&' -> entity.region(i + 1, text.length()).lookingAt();
                case '#' ->
                    text.regionMatches(true, i + 1, "BR#", 0, 3)
                            || text.regionMatches(true, i + 1, "REPLACEMENT", 0, 11);
                default -> false;
            };
            if (breaks && (i + 1 == text.length() || text.charAt(i + 1) != BREAKER_CHAR)) {
                out.append(BREAKER_CHAR);
            }
        }
        return out.toString();
    }

    private static String atBeginning(String text) {
        String begun = text.stripLeading();
        return begun.startsWith("/me") || begun.startsWith("/loud") ? BREAKER + text : text;
    }
}
