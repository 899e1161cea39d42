package io.zaptrix.channel;

import org.jspecify.annotations.Nullable;

/**
 * What the admin's form says.
 *
 * @param accessToken a token of Meta's that may send from the number
 * @param displayName empty: Meta's verified name is taken
 * @param lineId an open line's id, or {@link #NEW_LINE}
 */
public record LinkRequest(
        String phoneNumberId,
        String wabaId,
        String accessToken,
        @Nullable String displayName,
        String lineId) {

    /** Asks for a line to be made. */
    public static final String NEW_LINE = "new";

    @Override
    public String toString() {
        return "LinkRequest[phoneNumberId=" + phoneNumberId + ", wabaId=" + wabaId + ", lineId=" + lineId + "]";
    }
}
