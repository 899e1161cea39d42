package io.zaptrix.inbound;

import io.zaptrix.meta.ContactProfile;
import org.jspecify.annotations.Nullable;

/**
 * A customer's name as {@code imconnector.send.messages} takes it: letters, spaces, hyphens and apostrophes, at most 25
 * characters in each part. WhatsApp names hold anything.
 */
record CustomerName(String first, String last) {

    private static final int LONGEST = 25;

    /**
     * The name, or the username of somebody without one.
     *
     * @param whatsappId stands in where no letter of either is left
     */
    static CustomerName of(@Nullable ContactProfile contact, String whatsappId) {
        String name = contact == null ? "" : tidy(contact.name());
        if (name.isEmpty() && contact != null) {
            name = tidy(contact.username());
        }
        if (name.isEmpty()) {
            boolean phone = !whatsappId.isEmpty() && whatsappId.chars().allMatch(Character::isDigit);
            String digits = phone ? "+" + whatsappId : whatsappId;
            return new CustomerName(cut(digits), "");
        }
        int space = name.indexOf(' ');
        return space < 0
                ? new CustomerName(cut(name), "")
                : new CustomerName(cut(name.substring(0, space)), cut(name.substring(space + 1)));
    }

    private static String tidy(@Nullable String name) {
        if (name == null) {
            return "";
        }
        StringBuilder tidy = new StringBuilder();
        name.codePoints()
                .map(c -> Character.isLetter(c) || isMark(c) || c == '-' || c == '\'' ? c : c == '\u2019' ? '\'' : ' ')
                .forEach(tidy::appendCodePoint);
        return tidy.toString().strip().replaceAll(" +", " ");
    }

    private static boolean isMark(int c) {
        int type = Character.getType(c);
        return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK;
    }

    private static String cut(String part) {
        if (part.length() <= LONGEST) {
            return part;
        }
        int end = Character.isHighSurrogate(part.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
        return part.substring(0, end).strip();
    }
}
