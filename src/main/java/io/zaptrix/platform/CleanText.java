package io.zaptrix.platform;

/** Text from outside, fit to be stored and passed on. */
public final class CleanText {

    private static final char REPLACEMENT = '\ufffd';

    private CleanText() {}

    /**
     * Takes out of a text what PostgreSQL, JSON or a vendor refuses.
     *
     * @param text any sequence of UTF-16 units
     * @return the text with {@code \n} for every kind of line break, U+FFFD for half surrogate pairs, and no control
     *     characters but line breaks and tabs; an equal text if it was clean
     */
    public static String of(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\r') {
                if (!isAt(text, i + 1, '\n')) {
                    clean.append('\n');
                }
            } else if (c == '\u2028' || c == '\u2029' || c == '\u0085') {
                clean.append('\n');
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                clean.append(c).append(text.charAt(++i));
            } else if (Character.isSurrogate(c)) {
                clean.append(REPLACEMENT);
            } else if (c == '\n' || c == '\t' || !Character.isISOControl(c)) {
                clean.append(c);
            }
        }
        return clean.toString();
    }

    private static boolean isAt(String text, int at, char c) {
        return at < text.length() && text.charAt(at) == c;
    }
}
