package io.zaptrix.meta;

import io.zaptrix.platform.Masked;
import org.jspecify.annotations.Nullable;

/**
 * A text to send to one WhatsApp user.
 *
 * @param to the user's phone number, or their business-scoped user id if the number is hidden
 * @param body 1 to {@value #MAX_BODY} characters
 * @param previewUrl whether WhatsApp shows a preview of the first link
 * @param contextWamid the message that this one answers
 * @param callbackData at most {@value #MAX_CALLBACK_DATA} characters that every status webhook of this message repeats;
 *     anybody who receives the account's webhooks can read it
 */
public record TextMessage(
        String to,
        String body,
        boolean previewUrl,
        @Nullable String contextWamid,
        @Nullable String callbackData) {

    public static final int MAX_BODY = 4096;
    public static final int MAX_CALLBACK_DATA = 512;

    /** @throws IllegalArgumentException when Meta would refuse it for its size */
    public TextMessage {
        if (to.isBlank()) {
            throw new IllegalArgumentException("a message needs a recipient");
        }
        if (body.isEmpty() || body.length() > MAX_BODY) {
            throw new IllegalArgumentException(
                    "a text has 1 to " + MAX_BODY + " characters, this one " + body.length());
        }
        if (callbackData != null && callbackData.length() > MAX_CALLBACK_DATA) {
            throw new IllegalArgumentException("callback data has at most " + MAX_CALLBACK_DATA + " characters");
        }
    }

    @Override
    public String toString() {
        return "TextMessage[to=" + Masked.phone(to) + ", characters=" + body.length() + "]";
    }
}
