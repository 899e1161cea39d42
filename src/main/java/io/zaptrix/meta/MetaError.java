package io.zaptrix.meta;

import org.jspecify.annotations.Nullable;

/**
 * What Meta says went wrong with a message after it was accepted, as status and message webhooks carry it ("Error
 * codes" in Meta's WhatsApp documentation).
 *
 * @param code Meta's error code, or {@link GraphException#NO_CODE} if there was none
 * @param title the code's name, such as {@code Re-engagement message}
 * @param message mostly the title again
 * @param details what happened this time, in English
 */
public record MetaError(
        int code,
        @Nullable String title,
        @Nullable String message,
        @Nullable String details) {

    /** What can be done about it, by the same table that answers of the Graph API are judged by. */
    public GraphException.Kind kind() {
        return GraphErrors.kindOf(code).orElse(GraphException.Kind.REFUSE);
    }
}
