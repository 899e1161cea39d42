package io.zaptrix.bitrix24;

import static java.util.Locale.ROOT;
import static java.util.Map.entry;

import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import java.util.Map;
import java.util.Set;

/**
 * What each error code of Bitrix24 means for the caller, and what a person can do about it: the one place where that is
 * decided. Codes are compared without regard to case, as Bitrix24 writes some in capitals and some not.
 *
 * <p>Sources, in the REST documentation: {@code _includes/system-errors.md} (any method), {@code limits.md} (limits),
 * {@code settings/oauth/error-codes.md} (authorization server), {@code imopenlines/imconnector/*.md} (connector); the
 * official Python SDK's list of errors gives the statuses of those that the documentation leaves out.
 */
public final class Bitrix24Errors {

    /** What a person can do about it; the words for it are with whoever shows them. */
    public enum Advice {
        /** Nothing: tokens are renewed by themselves. */
        TOKEN,
        /** Nothing: it goes on when Bitrix24's limits allow. */
        BUSY,
        /** Nothing: it is tried again. */
        TEMPORARY,
        /** Install the app again. */
        REINSTALL,
        /** The service itself is set up wrongly. */
        OPERATOR,
        /** The portal's plan or subscription has no more room for apps. */
        PLAN,
        /** The app, or whoever installed it, has lost a right. */
        PERMISSION,
        /** An administrator must allow the call in the portal. */
        CONFIRM,
        PORTAL_GONE,
        /** The channel is off in its open line. */
        CONNECTOR,
        /** This message; others go through. */
        MESSAGE,
        /** The chat or its users are no longer there. */
        CHAT,
        /** The service asked in a way that Bitrix24 does not take. */
        CALL,
        /** Of codes that are not in the table. */
        UNKNOWN
    }

    private record Meaning(Kind kind, Advice advice) {}

    private static final String ACCESS_DENIED = "access_denied";

    private static final Map<String, Meaning> TABLE = Map.ofEntries(
            // system-errors.md: the access token
            entry("expired_token", new Meaning(Kind.REFRESH, Advice.TOKEN)),
            entry("invalid_token", new Meaning(Kind.REFRESH, Advice.TOKEN)),
            entry("no_auth_found", new Meaning(Kind.REFRESH, Advice.TOKEN)),
            // limits.md
            entry("query_limit_exceeded", new Meaning(Kind.LIMIT, Advice.BUSY)),
            entry("operation_time_limit", new Meaning(Kind.LIMIT, Advice.BUSY)),
            // system-errors.md: the server's own trouble
            entry("internal_server_error", new Meaning(Kind.RETRY, Advice.TEMPORARY)),
            entry("error_unexpected_answer", new Meaning(Kind.RETRY, Advice.TEMPORARY)),
            entry("overload_limit", new Meaning(Kind.RETRY, Advice.TEMPORARY)),
            entry("connection_error", new Meaning(Kind.RETRY, Advice.TEMPORARY)),
            entry("internal_wrong_transport", new Meaning(Kind.RETRY, Advice.TEMPORARY)),
            entry("internal_wrong_handler_class", new Meaning(Kind.RETRY, Advice.TEMPORARY)),
            // settings/oauth/error-codes.md: grants and clients; no retry mends them
            entry("invalid_grant", new Meaning(Kind.SUSPEND, Advice.REINSTALL)),
            entry("bad_verification_code", new Meaning(Kind.SUSPEND, Advice.REINSTALL)),
            entry("invalid_client", new Meaning(Kind.SUSPEND, Advice.OPERATOR)),
            entry("wrong_client", new Meaning(Kind.SUSPEND, Advice.OPERATOR)),
            entry("not_installed", new Meaning(Kind.SUSPEND, Advice.REINSTALL)),
            entry("payment_required", new Meaning(Kind.SUSPEND, Advice.PLAN)),
            entry("invalid_scope", new Meaning(Kind.SUSPEND, Advice.PERMISSION)),
            // system-errors.md: the app or its user has lost the right to call at all
            entry("insufficient_scope", new Meaning(Kind.SUSPEND, Advice.PERMISSION)),
            entry("application_not_found", new Meaning(Kind.SUSPEND, Advice.REINSTALL)),
            entry("error_oauth", new Meaning(Kind.SUSPEND, Advice.REINSTALL)),
            entry("authorization_error", new Meaning(Kind.SUSPEND, Advice.PERMISSION)),
            entry("user_access_error", new Meaning(Kind.SUSPEND, Advice.PERMISSION)),
            entry("invalid_credentials", new Meaning(Kind.SUSPEND, Advice.OPERATOR)),
            entry("portal_deleted", new Meaning(Kind.SUSPEND, Advice.PORTAL_GONE)),
            entry("method_confirm_waiting", new Meaning(Kind.SUSPEND, Advice.CONFIRM)),
            entry("method_confirm_denied", new Meaning(Kind.SUSPEND, Advice.CONFIRM)),
            entry("wrong_auth_type", new Meaning(Kind.SUSPEND, Advice.OPERATOR)),
            entry("https_required", new Meaning(Kind.SUSPEND, Advice.OPERATOR)),
            // imconnector-send-messages.md: the connector is off for the line, or no longer registered
            entry("not_active_line", new Meaning(Kind.SUSPEND, Advice.CONNECTOR)),
            entry("imconnector_not_active_line", new Meaning(Kind.SUSPEND, Advice.CONNECTOR)),
            entry("imconnector_no_correct_provider", new Meaning(Kind.SUSPEND, Advice.CONNECTOR)),
            // imconnector-register.md: the app itself is not known to the portal
            entry("no_application_id", new Meaning(Kind.SUSPEND, Advice.REINSTALL)),
            // im-message-add.md, imopenlines-session-*.md: this message or chat
            entry("message_empty", new Meaning(Kind.REFUSE, Advice.MESSAGE)),
            entry("chat_id", new Meaning(Kind.REFUSE, Advice.CHAT)),
            entry("dialog_id", new Meaning(Kind.REFUSE, Advice.CHAT)),
            entry("user_id", new Meaning(Kind.REFUSE, Advice.CHAT)),
            entry("user_id_empty", new Meaning(Kind.REFUSE, Advice.CHAT)),
            entry("user_not_found", new Meaning(Kind.REFUSE, Advice.CHAT)),
            entry("user_code", new Meaning(Kind.REFUSE, Advice.CHAT)),
            entry("session_id", new Meaning(Kind.REFUSE, Advice.CHAT)),
            entry("invalid_session_id", new Meaning(Kind.REFUSE, Advice.CHAT)),
            entry("missing_required_param", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("params_error", new Meaning(Kind.REFUSE, Advice.MESSAGE)),
            entry("chat_type", new Meaning(Kind.REFUSE, Advice.CHAT)),
            entry("chat_not_in_crm", new Meaning(Kind.REFUSE, Advice.CHAT)),
            entry("canceled", new Meaning(Kind.REFUSE, Advice.MESSAGE)),
            entry("attach_error", new Meaning(Kind.REFUSE, Advice.MESSAGE)),
            entry("attach_oversize", new Meaning(Kind.REFUSE, Advice.MESSAGE)),
            entry("keyboard_error", new Meaning(Kind.REFUSE, Advice.MESSAGE)),
            entry("menu_error", new Meaning(Kind.REFUSE, Advice.MESSAGE)),
            entry("reply_access_error", new Meaning(Kind.REFUSE, Advice.MESSAGE)),
            entry("reply_from_other_chat_error", new Meaning(Kind.REFUSE, Advice.MESSAGE)),
            // imconnector-*.md: what is given of the connector or of a message
            entry("connector", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("line", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("connector_id_required", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("name_required", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("icon_required", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("no_placement_handler", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("general_connector_registration_error", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("application_registration_error", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("application_registration_error_point", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("imconnector_not_specified_correct_command", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("error_manifest_is_not_available", new Meaning(Kind.REFUSE, Advice.CALL)),
            // the call itself is wrong
            entry("invalid_request", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("invalid_arg_value", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("error_argument", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("error_core", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("error_not_found", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("error_method_not_found", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("error_event_not_found", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("error_batch_method_not_allowed", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("error_batch_length_exceeded", new Meaning(Kind.REFUSE, Advice.CALL)),
            entry("access_error", new Meaning(Kind.REFUSE, Advice.CHAT)));

    private Bitrix24Errors() {}

    static Kind kindOf(int httpStatus, String code, String description) {
        String known = code.strip().toLowerCase(ROOT);
        if (known.equals(ACCESS_DENIED)) {
            // One code for "this user may not do that" and for "this portal's plan has no REST at all".
            String why = description.toLowerCase(ROOT);
            return why.contains("plan") || why.contains("context") ? Kind.SUSPEND : Kind.REFUSE;
        }
        if (known.equals("invalid_request") && description.toLowerCase(ROOT).contains("https")) {
            return Kind.SUSPEND;
        }
        Meaning meaning = TABLE.get(known);
        return meaning != null ? meaning.kind() : kindOf(httpStatus);
    }

    /** @param code as the server wrote it, in any case; any text */
    public static Advice advice(String code) {
        String known = code.strip().toLowerCase(ROOT);
        if (known.equals(ACCESS_DENIED)) {
            return Advice.PERMISSION;
        }
        Meaning meaning = TABLE.get(known);
        return meaning != null ? meaning.advice() : Advice.UNKNOWN;
    }

    /** All codes of the table, in lower case. */
    public static Set<String> codes() {
        return TABLE.keySet();
    }

    /** Whether the code is one of those whose meaning is written down. */
    static boolean isKnown(String code) {
        String known = code.strip().toLowerCase(ROOT);
        return TABLE.containsKey(known) || known.equals(ACCESS_DENIED);
    }

    /** For an answer whose code is unknown or that has none, such as a proxy's error page. */
    static Kind kindOf(int httpStatus) {
        return switch (httpStatus) {
            case 401 -> Kind.REFRESH;
            case 402, 410 -> Kind.SUSPEND;
            case 408, 425 -> Kind.RETRY;
            case 429 -> Kind.LIMIT;
            default -> httpStatus >= 500 ? Kind.RETRY : Kind.REFUSE;
        };
    }
}
