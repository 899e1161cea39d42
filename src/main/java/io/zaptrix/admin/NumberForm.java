package io.zaptrix.admin;

import io.zaptrix.channel.LinkRequest;
import io.zaptrix.channel.PhoneNumber;
import org.jspecify.annotations.Nullable;

/** The form that links a number, as it was typed; the token is never shown again. */
record NumberForm(
        @Nullable String phoneNumberId,
        @Nullable String wabaId,
        @Nullable String accessToken,
        @Nullable String displayName,
        @Nullable String lineId) {

    static NumberForm empty(@Nullable String lineId) {
        return new NumberForm("", "", "", "", lineId == null ? LinkRequest.NEW_LINE : lineId);
    }

    /** What is known of a linked number, all but its token: to give it another token or line. */
    static NumberForm again(PhoneNumber number) {
        return new NumberForm(number.phoneNumberId(), number.wabaId(), "", number.displayName(), number.lineId());
    }

    LinkRequest request() {
        return new LinkRequest(text(phoneNumberId), text(wabaId), text(accessToken), text(displayName), text(lineId));
    }

    private static String text(@Nullable String typed) {
        return typed == null ? "" : typed.strip();
    }

    @Override
    public String toString() {
        return "NumberForm[phoneNumberId=" + phoneNumberId + "]";
    }
}
