package io.zaptrix.api;

import io.zaptrix.conversation.WhatsAppUser;
import java.util.Optional;
import java.util.regex.Pattern;

/** Who a message is to, as programs write it. */
final class Recipients {

    private static final Pattern PUNCTUATION = Pattern.compile("[\\s().-]");
    private static final Pattern PHONE = Pattern.compile("\\+?[1-9][0-9]{6,14}");
    private static final Pattern USER_ID = Pattern.compile("[A-Z]{2}\\.[A-Za-z0-9]{1,120}");

    private Recipients() {}

    /** A phone number with its country's code, a {@code wa_id}, or a business-scoped user id; empty if it is none. */
    static Optional<WhatsAppUser> read(String text) {
        if (USER_ID.matcher(text).matches()) {
            return Optional.of(new WhatsAppUser(null, text));
        }
        String digits = PUNCTUATION.matcher(text).replaceAll("");
        return PHONE.matcher(digits).matches()
                ? Optional.of(new WhatsAppUser(digits.replace("+", ""), null))
                : Optional.empty();
    }
}
