package io.zaptrix.outbound;

import io.zaptrix.outbound.BbCode.Tag;
import io.zaptrix.outbound.BbCode.Token;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an agent wrote in Bitrix24, as WhatsApp shows it. */
final class AgentText {

    /**
     * The longest text message WhatsApp takes, "Text messages" of Meta's Cloud API. It does not say of what kind a
     * character is, so the kind is taken of which there are most.
     */
    static final int LIMIT = 4096;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final Pattern LEADING_NUMBER = Pattern.compile("\\d{1,11}");
    private static final Pattern ICON_TITLE =
            Pattern.compile("title=(.*?)(?:\\s+(?:size|width|height)=.*)?$", Pattern.CASE_INSENSITIVE);

    /** The messenger notes behind a quote's author and time which message it is. */
    private static final Pattern QUOTED_MESSAGE = Pattern.compile("(?<=])\\s*#(?:chat\\d+|\\d+:\\d+)/\\d+\\s*$");

    private static final int LONGEST_REFERENCE = 64;
    private static final int DEEPEST_INDENT = 4;
    private static final String RULE = "\u2014\u2014\u2014";

    private final StyledText out = new StyledText();
    private final Map<Tag, Deque<Opened>> opened = new EnumMap<>(Tag.class);
    private final Deque<Numbering> lists = new ArrayDeque<>();
    private int dashedQuotes;
    private boolean quoteHeading;
    private boolean arrowQuote;
    private boolean dropBreak;
    private boolean dropSpace;

    private AgentText() {}

    /**
     * Turns a message of the open line's chat into WhatsApp texts.
     *
     * @param bitrixText BBCode, as {@code ONIMCONNECTORMESSAGEADD} carries it
     * @return one or more texts of 1 to {@value #LIMIT} UTF-16 units, in the order in which to send them; none if there
     *     is nothing to read in the message
     */
    static List<String> toWhatsApp(String bitrixText) {
        return toWhatsApp(bitrixText, LIMIT);
    }

    static List<String> toWhatsApp(String bitrixText, int limit) {
        AgentText text = new AgentText();
        BbCode.read(bitrixText).forEach(text::take);
        return text.out.parts(limit);
    }

    private void take(Token token) {
        boolean wordsMayDropSpace = dropSpace;
        dropSpace = false;
        switch (token) {
            case BbCode.Words words -> words(wordsMayDropSpace ? withoutFirstSpace(words.text()) : words.text());
            case BbCode.Break broken -> lineBreak(broken.byTag());
            case BbCode.Code code -> code(code);
            case BbCode.Open open -> open(open.tag(), open.value());
            case BbCode.Close close -> close(close.tag());
            case BbCode.Single single -> single(single.tag(), single.value());
            case BbCode.QuoteEdge edge -> dashes(edge == BbCode.QuoteEdge.BEGINS);
            default -> throw new IllegalStateException("not a finished token: " + token);
        }
    }

    private void words(String text) {
        if (text.isEmpty()) {
            return;
        }
        if (out.atLineStart() && text.startsWith(">>") && quoteLook() == 0) {
            arrowQuote = true;
            words(withoutFirstSpace(text.substring(2)));
            return;
        }
        dropBreak = false;
        out.append(text, look());
    }

    private void lineBreak(boolean byTag) {
        dropSpace = byTag;
        if (dropBreak) {
            dropBreak = false;
            return;
        }
        if (quoteHeading) {
            quoteHeading = false;
            Matcher reference = QUOTED_MESSAGE.matcher(out.tail(LONGEST_REFERENCE));
            if (reference.find()) {
                out.dropLast(reference.end() - reference.start());
            }
        }
        out.append("\n", look());
        arrowQuote = false;
    }

    private void dashes(boolean begin) {
        newLine();
        dashedQuotes += begin ? 1 : -1;
        quoteHeading = begin;
        dropBreak = true;
    }

    private void code(BbCode.Code code) {
        if (code.text().isBlank()) {
            return;
        }
        if (code.inline()) {
            out.append(code.text().replace('\n', ' '), StyledText.INLINE_CODE | quoteLook());
            return;
        }
        newLine();
        out.append(withoutOuterBreaks(code.text()), StyledText.CODE_BLOCK | quoteLook());
        out.append("\n", quoteLook());
        dropBreak = true;
    }

    private void open(Tag tag, String value) {
        switch (tag) {
            case H1, H2, H3, P, TR -> newLine();
            case TD, TH -> {
                if (!out.atLineStart()) {
                    out.append(" | ", quoteLook());
                }
            }
            case QUOTE -> {
                newLine();
                dropBreak = true;
            }
            case LIST -> {
                newLine();
                lists.push(new Numbering(value.startsWith("1")));
                dropBreak = true;
            }
            case IMG, VIDEO -> separate();
            default -> {}
        }
        openOf(tag).push(new Opened(value, out.length()));
        if (tag == Tag.QUOTE && !value.isBlank()) {
            words(value.strip() + ":");
            lineBreak(false);
        }
    }

    private void close(Tag tag) {
        Opened open = openOf(tag).element();
        switch (tag) {
            case URL -> link(open);
            case CALL -> {
                if (!open.value().isBlank() && !out.saysSince(open.at(), open.value())) {
                    addressed(open, open.value().strip());
                }
            }
            case SEND, PUT -> {
                if (out.length() == open.at()) {
                    words(open.value());
                }
            }
            case H1, H2, H3, P, TR, QUOTE -> {
                newLine();
                dropBreak = true;
            }
            case LIST -> {
                newLine();
                lists.pop();
                dropBreak = true;
            }
            default -> {}
        }
        openOf(tag).pop();
    }

    private void link(Opened open) {
        String address = open.value().strip();
        if (address.isEmpty()) {
            return;
        }
        int scheme = schemeEnd(address);
        boolean web =
                address.startsWith("www.") || isScheme(address, scheme, "http") || isScheme(address, scheme, "https");
        boolean personal = isScheme(address, scheme, "mailto") || isScheme(address, scheme, "tel");
        if (!web && !personal) {
            // A page inside the portal, or worse: nothing a customer could open.
            return;
        }
        String shown = personal ? address.substring(scheme + 1) : address;
        boolean alreadyThere = out.saysSince(open.at(), shown)
                || out.saysSince(open.at(), address)
                || (web && scheme > 0 && out.saysSince(open.at(), address.substring(scheme + 3)))
                || (web
                        && address.endsWith("/")
                        && out.saysSince(open.at(), address.substring(0, address.length() - 1)));
        if (alreadyThere && !web) {
            return;
        }
        if (alreadyThere) {
            out.dropLast(out.length() - open.at());
            out.append(address, look());
            return;
        }
        addressed(open, shown);
    }

    /** What is said of an address, then the address. */
    private void addressed(Opened open, String address) {
        if (out.length() > open.at() && !out.atLineStart()) {
            String label = out.tail(2).strip();
            out.append(label.endsWith(":") ? " " : ": ", quoteLook());
        }
        out.append(address, quoteLook());
    }

    private static int schemeEnd(String address) {
        return address.indexOf(':');
    }

    private static boolean isScheme(String address, int end, String scheme) {
        return end == scheme.length()
                && address.regionMatches(true, 0, scheme, 0, end)
                && (!scheme.startsWith("http") || address.startsWith("//", end + 1));
    }

    private void single(Tag tag, String value) {
        switch (tag) {
            case HR -> {
                newLine();
                out.append(RULE, quoteLook());
                out.append("\n", quoteLook());
                dropBreak = true;
            }
            case ITEM -> item();
            case ICON -> icon(value);
            case TIMESTAMP -> timestamp(value);
            case RATING -> words("\u2b50".repeat(Math.clamp(number(value), 1, 5)));
            case LIKE -> words("\ud83d\udc4d");
            case DISLIKE -> words("\ud83d\udc4e");
            // Files travel beside the text; their numbers say nothing outside the portal.
            default -> {}
        }
    }

    private void item() {
        Numbering list = lists.peek();
        if (list == null) {
            words("[*]");
            return;
        }
        newLine();
        dropBreak = false;
        dropSpace = true;
        out.append("  ".repeat(Math.min(lists.size() - 1, DEEPEST_INDENT)) + list.next(), quoteLook());
    }

    private void icon(String value) {
        Matcher title = ICON_TITLE.matcher(value);
        if (title.find() && !title.group(1).isBlank()) {
            words("(" + title.group(1).strip() + ")");
            return;
        }
        String address = value.strip().split("\\s", 2)[0];
        if (isScheme(address, schemeEnd(address), "https") || isScheme(address, schemeEnd(address), "http")) {
            separate();
            words(address);
        }
    }

    private void timestamp(String value) {
        Matcher seconds = LEADING_NUMBER.matcher(value);
        if (!seconds.lookingAt()) {
            return;
        }
        try {
            words(TIME.format(Instant.ofEpochSecond(Long.parseLong(seconds.group()))));
        } catch (DateTimeException e) {
            words(seconds.group());
        }
    }

    private static int number(String value) {
        Matcher digits = LEADING_NUMBER.matcher(value);
        return digits.lookingAt() ? (int) Math.min(Integer.MAX_VALUE, Long.parseLong(digits.group())) : 0;
    }

    // ---- how things look

    private int look() {
        int look = quoteLook();
        if (isOpen(Tag.B) || isOpen(Tag.H1) || isOpen(Tag.H2) || isOpen(Tag.H3)) {
            look |= StyledText.BOLD;
        }
        if (isOpen(Tag.I)) {
            look |= StyledText.ITALIC;
        }
        if (isOpen(Tag.S)) {
            look |= StyledText.STRIKE;
        }
        return look;
    }

    private int quoteLook() {
        return inQuote() || arrowQuote ? StyledText.QUOTE : 0;
    }

    private boolean inQuote() {
        return dashedQuotes > 0 || isOpen(Tag.QUOTE);
    }

    private boolean isOpen(Tag tag) {
        return !openOf(tag).isEmpty();
    }

    private Deque<Opened> openOf(Tag tag) {
        return opened.computeIfAbsent(tag, any -> new ArrayDeque<>());
    }

    private void newLine() {
        if (!out.atLineStart()) {
            out.append("\n", quoteLook());
        }
        arrowQuote = false;
    }

    private void separate() {
        if (!out.atLineStart() && !out.tail(1).isBlank()) {
            out.append(" ", quoteLook());
        }
    }

    private static String withoutFirstSpace(String text) {
        return text.startsWith(" ") ? text.substring(1) : text;
    }

    private static String withoutOuterBreaks(String code) {
        int from = 0;
        int to = code.length();
        for (int i = 0; i < to && Character.isWhitespace(code.charAt(i)); i++) {
            if (code.charAt(i) == '\n') {
                from = i + 1;
            }
        }
        while (to > from && Character.isWhitespace(code.charAt(to - 1))) {
            to--;
        }
        return code.substring(from, to);
    }

    private record Opened(String value, int at) {}

    /** The signs before the items of one list. */
    private static final class Numbering {

        private final boolean numbered;
        private int count;

        private Numbering(boolean numbered) {
            this.numbered = numbered;
        }

        private String next() {
            count++;
            return numbered ? count + ". " : "- ";
        }
    }
}
