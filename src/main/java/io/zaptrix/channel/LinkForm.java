package io.zaptrix.channel;

import io.zaptrix.channel.LinkRefused.Reason;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A {@link LinkRequest} that can be meant: trimmed, and every field of a form that Meta or Bitrix24 could know. */
record LinkForm(
        String phoneNumberId,
        String wabaId,
        String accessToken,
        @Nullable String displayName,
        String lineId) {

    private static final Pattern ID = Pattern.compile("[0-9]{1,32}");
    private static final Pattern LINE = Pattern.compile("[1-9][0-9]{0,17}");
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]{1,4096}");
    private static final int LONGEST_NAME = 100;

    /** @throws LinkRefused naming the first field that is wrong, by its name in the form */
    static LinkForm of(LinkRequest request) {
        String name = request.displayName() == null ? "" : request.displayName().strip();
        require("displayName", name.length() <= LONGEST_NAME && name.chars().noneMatch(Character::isISOControl));
        return new LinkForm(
                matching("phoneNumberId", request.phoneNumberId(), ID),
                matching("wabaId", request.wabaId(), ID),
                matching("accessToken", request.accessToken(), TOKEN),
                name.isEmpty() ? null : name,
                line(request.lineId()));
    }

    /**
     * A line that can be meant.
     *
     * @throws LinkRefused when it is neither an id nor a new one
     */
    static String line(@Nullable String said) {
        String lineId = field("lineId", said);
        return lineId.equals(LinkRequest.NEW_LINE) ? lineId : matching("lineId", lineId, LINE);
    }

    /** An account and a token that can be meant, for what needs no more. */
    static void requireAccount(@Nullable String wabaId, @Nullable String accessToken) {
        matching("wabaId", wabaId, ID);
        matching("accessToken", accessToken, TOKEN);
    }

    boolean wantsNewLine() {
        return lineId.equals(LinkRequest.NEW_LINE);
    }

    @Override
    public String toString() {
        return "LinkForm[phoneNumberId=" + phoneNumberId + ", lineId=" + lineId + "]";
    }

    private static String matching(String field, @Nullable String value, Pattern pattern) {
        String text = field(field, value);
        require(field, pattern.matcher(text).matches());
        return text;
    }

    /** A form that lacks a field binds null, whatever the record says. */
    private static String field(String field, @Nullable String value) {
        require(field, value != null);
        return value == null ? "" : value.strip();
    }

    private static void require(String field, boolean fits) {
        if (!fits) {
            throw new LinkRefused(Reason.INVALID, field, null);
        }
    }
}
