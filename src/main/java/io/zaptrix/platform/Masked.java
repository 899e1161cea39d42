package io.zaptrix.platform;

import org.jspecify.annotations.Nullable;

/** Personal data as logs may show it. */
public final class Masked {

    private Masked() {}

    /**
     * A phone number or WhatsApp id with only its first two and last two characters left: enough to tell two customers
     * apart, not enough to call one.
     */
    public static String phone(@Nullable String phone) {
        if (phone == null || phone.length() < 7) {
            return "***";
        }
        return phone.substring(0, 2) + "***" + phone.substring(phone.length() - 2);
    }
}
