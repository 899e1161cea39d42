package io.zaptrix.bitrix24;

import static java.util.Locale.ROOT;
import static java.util.Map.entry;

import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import java.util.Map;

/**
 * What each error code of Bitrix24 means for the caller. Codes are compared without regard to case, as Bitrix24 writes
 * some in capitals and some not.
 *
 * <p>Sources, in the REST documentation: {@code _includes/system-errors.md} (any method), {@code limits.md} (limits),
 * {@code settings/oauth/error-codes.md} (authorization server), {@code imopenlines/imconnector/*.md} (connector); the
 * official Python SDK's list of errors gives the statuses of those that the documentation leaves out.
 */
final class Bitrix24Errors {

    private static final Map<String, Kind> KINDS = Map.ofEntries(
            // system-errors.md: the access token
            entry("expired_token", Kind.REFRESH),
            entry("invalid_token", Kind.REFRESH),
            entry("no_auth_found", Kind.REFRESH),
            // limits.md
            entry("query_limit_exceeded", Kind.LIMIT),
            entry("operation_time_limit", Kind.LIMIT),
            // system-errors.md: the server's own trouble
            entry("internal_server_error", Kind.RETRY),
            entry("error_unexpected_answer", Kind.RETRY),
            entry("overload_limit", Kind.RETRY),
            entry("connection_error", Kind.RETRY),
            entry("internal_wrong_transport", Kind.RETRY),
            entry("internal_wrong_handler_class", Kind.RETRY),
            // settings/oauth/error-codes.md: grants and clients; no retry mends them
            entry("invalid_grant", Kind.SUSPEND),
            entry("bad_verification_code", Kind.SUSPEND),
            entry("invalid_client", Kind.SUSPEND),
            entry("wrong_client", Kind.SUSPEND),
            entry("not_installed", Kind.SUSPEND),
            entry("payment_required", Kind.SUSPEND),
            entry("invalid_scope", Kind.SUSPEND),
            // system-errors.md: the app or its user has lost the right to call at all
            entry("insufficient_scope", Kind.SUSPEND),
            entry("application_not_found", Kind.SUSPEND),
            entry("error_oauth", Kind.SUSPEND),
            entry("authorization_error", Kind.SUSPEND),
            entry("user_access_error", Kind.SUSPEND),
            entry("invalid_credentials", Kind.SUSPEND),
            entry("portal_deleted", Kind.SUSPEND),
            entry("method_confirm_waiting", Kind.SUSPEND),
            entry("method_confirm_denied", Kind.SUSPEND),
            entry("wrong_auth_type", Kind.SUSPEND),
            entry("https_required", Kind.SUSPEND),
            // imconnector-send-messages.md: the connector is off for the line, or no longer registered
            entry("not_active_line", Kind.SUSPEND),
            entry("imconnector_not_active_line", Kind.SUSPEND),
            entry("imconnector_no_correct_provider", Kind.SUSPEND),
            // imconnector-register.md: the app itself is not known to the portal
            entry("no_application_id", Kind.SUSPEND),
            // im-message-add.md, imopenlines-session-*.md: this message or chat
            entry("message_empty", Kind.REFUSE),
            entry("chat_id", Kind.REFUSE),
            entry("dialog_id", Kind.REFUSE),
            entry("user_id", Kind.REFUSE),
            entry("user_id_empty", Kind.REFUSE),
            entry("user_not_found", Kind.REFUSE),
            entry("user_code", Kind.REFUSE),
            entry("session_id", Kind.REFUSE),
            entry("invalid_session_id", Kind.REFUSE),
            entry("missing_required_param", Kind.REFUSE),
            entry("params_error", Kind.REFUSE),
            entry("chat_type", Kind.REFUSE),
            entry("chat_not_in_crm", Kind.REFUSE),
            entry("canceled", Kind.REFUSE),
            entry("attach_error", Kind.REFUSE),
            entry("attach_oversize", Kind.REFUSE),
            entry("keyboard_error", Kind.REFUSE),
            entry("menu_error", Kind.REFUSE),
            entry("reply_access_error", Kind.REFUSE),
            entry("reply_from_other_chat_error", Kind.REFUSE),
            // imconnector-*.md: what is given of the connector or of a message
            entry("connector", Kind.REFUSE),
            entry("line", Kind.REFUSE),
            entry("connector_id_required", Kind.REFUSE),
            entry("name_required", Kind.REFUSE),
            entry("icon_required", Kind.REFUSE),
            entry("no_placement_handler", Kind.REFUSE),
            entry("general_connector_registration_error", Kind.REFUSE),
            entry("application_registration_error", Kind.REFUSE),
            entry("application_registration_error_point", Kind.REFUSE),
            entry("imconnector_not_specified_correct_command", Kind.REFUSE),
            entry("error_manifest_is_not_available", Kind.REFUSE),
            // the call itself is wrong
            entry("invalid_request", Kind.REFUSE),
            entry("invalid_arg_value", Kind.REFUSE),
            entry("error_argument", Kind.REFUSE),
            entry("error_core", Kind.REFUSE),
            entry("error_not_found", Kind.REFUSE),
            entry("error_method_not_found", Kind.REFUSE),
            entry("error_event_not_found", Kind.REFUSE),
            entry("error_batch_method_not_allowed", Kind.REFUSE),
            entry("error_batch_length_exceeded", Kind.REFUSE),
            entry("access_error", Kind.REFUSE));

    private Bitrix24Errors() {}

    static Kind kindOf(int httpStatus, String code, String description) {
        String known = code.strip().toLowerCase(ROOT);
        if (known.equals("access_denied")) {
            // One code for "this user may not do that" and for "this portal's plan has no REST at all".
            String why = description.toLowerCase(ROOT);
            return why.contains("plan") || why.contains("context") ? Kind.SUSPEND : Kind.REFUSE;
        }
        if (known.equals("invalid_request") && description.toLowerCase(ROOT).contains("https")) {
            return Kind.SUSPEND;
        }
        Kind kind = KINDS.get(known);
        return kind != null ? kind : kindOf(httpStatus);
    }

    /** Whether the code is one of those whose meaning is written down. */
    static boolean isKnown(String code) {
        String known = code.strip().toLowerCase(ROOT);
        return KINDS.containsKey(known) || known.equals("access_denied");
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
