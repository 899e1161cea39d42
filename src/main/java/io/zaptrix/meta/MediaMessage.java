package io.zaptrix.meta;

import io.zaptrix.platform.Masked;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A file to send to one WhatsApp user.
 *
 * @param to the user's phone number, or their business-scoped user id if the number is hidden
 * @param voice shown as a voice message: fetched at once, with the company's picture and a microphone, and Meta tells
 *     when it was played; only of audio, and only of Ogg with Opus ("Audio messages" in Meta's documentation)
 * @param mediaId what {@link GraphClient#uploadMedia} gave; absent if there is a link
 * @param link where Meta fetches it instead; absent if there is an id
 * @param caption words that go with it, at most {@value #MAX_CAPTION} characters; only where the kind takes them
 * @param filename what a document is called; only for documents
 * @param contextWamid the message that this one answers
 * @param callbackData as in {@link TextMessage}
 */
public record MediaMessage(
        String to,
        MediaKind kind,
        boolean voice,
        @Nullable String mediaId,
        @Nullable URI link,
        @Nullable String caption,
        @Nullable String filename,
        @Nullable String contextWamid,
        @Nullable String callbackData) {

    public static final int MAX_CAPTION = 1024;

    /** @throws IllegalArgumentException when Meta would refuse it for its form */
    public MediaMessage {
        if (to.isBlank()) {
            throw new IllegalArgumentException("a message needs a recipient");
        }
        if ((mediaId == null) == (link == null)) {
            throw new IllegalArgumentException("a file has an id or a link");
        }
        if (caption != null && (!kind.takesCaption() || caption.isEmpty() || caption.length() > MAX_CAPTION)) {
            throw new IllegalArgumentException("no caption of " + caption.length() + " characters for " + kind);
        }
        if (voice && kind != MediaKind.AUDIO) {
            throw new IllegalArgumentException("only audio is a voice message");
        }
        if (filename != null && kind != MediaKind.DOCUMENT) {
            throw new IllegalArgumentException("only a document has a name");
        }
        if (callbackData != null && callbackData.length() > TextMessage.MAX_CALLBACK_DATA) {
            throw new IllegalArgumentException(
                    "callback data has at most " + TextMessage.MAX_CALLBACK_DATA + " characters");
        }
    }

    @Override
    public String toString() {
        return "MediaMessage[to=" + Masked.phone(to) + ", kind=" + kind + "]";
    }
}
