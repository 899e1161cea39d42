package io.zaptrix.outbound;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What goes with a message as {@code biz_opaque_callback_data} and comes back in each of its status webhooks: says
 * which message it was even where the answer to the send was lost, and with it the wamid.
 */
record CallbackData(String imMessageId, int part) {

    private static final String PREFIX = "zaptrix.";

    String encoded() {
        return PREFIX + part + "." + imMessageId;
    }

    static Optional<CallbackData> parse(@Nullable String encoded) {
        if (encoded == null || !encoded.startsWith(PREFIX)) {
            return Optional.empty();
        }
        int dot = encoded.indexOf('.', PREFIX.length());
        try {
            return dot < 0
                    ? Optional.empty()
                    : Optional.of(new CallbackData(
                            encoded.substring(dot + 1), Integer.parseInt(encoded.substring(PREFIX.length(), dot))));
        } catch (NumberFormatException notOurs) {
            return Optional.empty();
        }
    }
}
