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
