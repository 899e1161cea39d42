package io.zaptrix.admin;

import io.zaptrix.meta.GraphErrors;
import io.zaptrix.platform.Phrases;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.stereotype.Component;

/** Why a message did not arrive, or not at once, in words; and the code that stands behind them. */
enum LogReason {
    WINDOW_CLOSED,
    NO_TEMPLATE,
    NOTHING_TO_SEND,
    FILE_LOST,
    BITRIX24,
    WHATSAPP,
    NUMBER_NOT_LINKED,
    LINE_NOT_ACTIVE,
    INTERRUPTED,
    FAILED,
    UNREADABLE,
    RESTORED,
    OTHER;

    private static final String GAVE_UP = "gave_up: ";
    private static final String META = "meta_";
    private static final Pattern META_CODE = Pattern.compile("meta_(\\d{1,9})");
    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9_.:; -]{1,80}");

    static LogReason of(String reason) {
        String last = last(reason);
        if (last.startsWith("bitrix24_")) {
            return BITRIX24;
        }
        if (last.startsWith(META)) {
            return WHATSAPP;
        }
        return switch (last) {
            case "window_closed" -> WINDOW_CLOSED;
            case "no_template" -> NO_TEMPLATE;
            case "nothing_to_send" -> NOTHING_TO_SEND;
            case "file_lost", "no_file_arrived", "portal_file", "upload_forgotten" -> FILE_LOST;
            case "number_not_linked" -> NUMBER_NOT_LINKED;
            case "line_not_active" -> LINE_NOT_ACTIVE;
            case "awaiting_status", "being_sent_elsewhere" -> INTERRUPTED;
            case "handler_failed" -> FAILED;
            case "unreadable_payload", "no_address" -> UNREADABLE;
            case "restored", "dropped" -> RESTORED;
            default -> OTHER;
        };
    }

    private static String last(String reason) {
        return reason.startsWith(GAVE_UP) ? reason.substring(GAVE_UP.length()) : reason;
    }

    /** What support may ask for; null: nothing that could be shown, or nothing beyond the words. */
    static @Nullable String code(String reason) {
        String code = last(reason);
        return switch (of(reason)) {
            case BITRIX24, WHATSAPP, OTHER -> CODE.matcher(code).matches() ? code : null;
            default -> null;
        };
    }

    /** The words. */
    @Component
    static class Texts {

        /** What agents are told of the same codes. */
        private static final Phrases TO_AGENTS = new Phrases("messages/outbound");

        private final MessageSource words;

        Texts(MessageSource words) {
            this.words = words;
        }

        /** Why an attempt failed, or a short name for why many messages did. */
        String brief(String reason, Locale language) {
            return words.getMessage("reason." + of(reason), null, language);
        }

        /** Why a message did not arrive: for WhatsApp's codes, what its agent was told. */
        String whole(String reason, Locale language) {
            var meta = META_CODE.matcher(last(reason));
            return meta.matches() && !reason.startsWith(GAVE_UP)
                    ? TO_AGENTS.say(
                            language,
                            GraphErrors.advice(Integer.parseInt(meta.group(1))).key())
                    : brief(reason, language);
        }
    }
}
