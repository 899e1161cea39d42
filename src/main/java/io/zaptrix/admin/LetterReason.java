package io.zaptrix.admin;

import io.zaptrix.bitrix24.Bitrix24Errors;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Why a message was given up, as far as there are words for it. */
enum LetterReason {
    BITRIX24_SILENT,
    WHATSAPP_SILENT,
    GAVE_UP,
    BITRIX24_REFUSED,
    FAILED,
    UNREADABLE,
    RESTORED,
    SET_ASIDE,
    OTHER;

    private static final String GAVE_UP_AFTER = "gave_up: ";
    private static final String BITRIX24 = "bitrix24_";

    /** Codes and short words of the vendors; nothing that might quote a message. */
    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9_.:; -]{1,80}");

    static LetterReason of(String reason) {
        if (reason.startsWith(GAVE_UP_AFTER)) {
            String last = reason.substring(GAVE_UP_AFTER.length());
            return last.startsWith(BITRIX24)
                    ? BITRIX24_SILENT
                    : last.startsWith("meta_") ? WHATSAPP_SILENT : last.equals("handler_failed") ? FAILED : GAVE_UP;
        }
        if (reason.startsWith(BITRIX24)) {
            return BITRIX24_REFUSED;
        }
        return switch (reason) {
            case "handler_failed" -> FAILED;
            case "unreadable_payload", "no_address" -> UNREADABLE;
            case "restored" -> RESTORED;
            case "dropped" -> SET_ASIDE;
            default -> OTHER;
        };
    }

    /** What can be done about an error of Bitrix24's; null: it was none. */
    static Bitrix24Errors.@Nullable Advice advice(String reason) {
        String last = reason.startsWith(GAVE_UP_AFTER) ? reason.substring(GAVE_UP_AFTER.length()) : reason;
        return last.startsWith(BITRIX24) ? Bitrix24Errors.advice(last.substring(BITRIX24.length())) : null;
    }

    /** What support may ask for; null: nothing that the words do not say, or nothing that can be shown. */
    static @Nullable String code(String reason) {
        String code = switch (of(reason)) {
            case FAILED, UNREADABLE, RESTORED, SET_ASIDE -> "";
            case BITRIX24_SILENT, WHATSAPP_SILENT, GAVE_UP -> reason.substring(GAVE_UP_AFTER.length());
            case BITRIX24_REFUSED, OTHER -> reason;
        };
        return CODE.matcher(code).matches() ? code : null;
    }
}
