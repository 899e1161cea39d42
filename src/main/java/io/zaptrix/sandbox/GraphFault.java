package io.zaptrix.sandbox;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * An error as the Graph API answers it, and as a status webhook carries it (Meta's "Error codes" page of the WhatsApp
 * Cloud API).
 */
record GraphFault(
        int code,
        @Nullable Integer subcode,
        int status,
        String type,
        String title,
        @Nullable String details,
        boolean isTransient) {

    private static final Map<Integer, GraphFault> KNOWN = Map.ofEntries(
            known(0, 401, "AuthException", "We were unable to authenticate the app user."),
            known(1, 400, "API Unknown", "Possibly invalid request or server error."),
            known(2, 503, "API Service", "Temporary due to downtime or due to being overloaded."),
            known(3, 500, "API Method", "Capability or permissions issue."),
            known(4, 429, "API Too Many Calls", "The app has reached its API call rate limit."),
            known(10, 403, "Permission Denied", "Permission is either not granted or has been removed."),
            known(
                    100,
                    400,
                    "Invalid parameter",
                    "The request included one or more unsupported or misspelled parameters."),
            known(104, 401, "Missing access token", null),
            known(190, 401, "Error validating access token: The session has been invalidated.", null),
            known(368, 403, "Temporarily blocked for policies violations", null),
            known(80007, 429, "Rate limit issues", "The WhatsApp Business Account has reached its rate limit."),
            known(130429, 429, "Rate limit hit", "Cloud API message throughput has been reached."),
            known(130472, 400, "User's number is part of an experiment", null),
            known(131000, 500, "Something went wrong", "Message failed to send due to an unknown error."),
            known(131005, 403, "Access denied", "Permission is either not granted or has been removed."),
            known(131008, 400, "Required parameter is missing", null),
            known(131009, 400, "Parameter value is not valid", null),
            known(131016, 503, "Service unavailable", "A service is temporarily unavailable."),
            known(131021, 400, "Recipient cannot be sender", null),
            known(131026, 400, "Message undeliverable", "Message Undeliverable."),
            known(131030, 400, "Recipient phone number not in allowed list", null),
            known(131031, 403, "Business Account locked", null),
            known(131042, 400, "Business eligibility payment issue", null),
            known(
                    131047,
                    400,
                    "Re-engagement message",
                    "Message failed to send because more than 24 hours have passed since the customer last replied to"
                            + " this number."),
            known(131048, 429, "Spam rate limit hit", null),
            known(131051, 400, "Message type unknown", "Message type is currently not supported."),
            known(131056, 429, "(Business Account, Consumer Account) pair rate limit hit", null),
            known(131057, 500, "Account in maintenance mode", null),
            known(132000, 400, "Template Param Count Mismatch", null),
            known(132001, 404, "Template does not exist", null),
            known(132012, 400, "Parameter format does not match format in the created template", null),
            known(132015, 400, "Template is Paused", null),
            known(132016, 400, "Template is Disabled", null),
            known(133010, 400, "Account not registered", null),
            known(135000, 400, "Generic user error", null));

    /** The error of a code; an unknown code gets a plain one of HTTP 400. */
    static GraphFault of(int code) {
        return Optional.ofNullable(KNOWN.get(code))
                .orElseGet(() -> new GraphFault(code, null, 400, "OAuthException", "Error " + code, null, false));
    }

    static GraphFault parameter(String details) {
        return of(100).details(details);
    }

    /** What Meta says of an object that is not there, or that the token may not see: it does not tell which. */
    static GraphFault unknownObject(String id) {
        return new GraphFault(
                100,
                33,
                400,
                "GraphMethodException",
                "Unsupported request. Object with ID '" + id + "' does not exist, cannot be loaded due to missing"
                        + " permissions, or does not support this operation",
                null,
                false);
    }

    GraphFault details(String text) {
        return new GraphFault(code, subcode, status, type, title, text, isTransient);
    }

    GraphFault subcode(int number) {
        return new GraphFault(code, number, status, type, title, details, isTransient);
    }

    /** As a person would name it. */
    String words() {
        return code + " " + title;
    }

    /** The body of an HTTP answer. */
    ObjectNode body() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode error = body.putObject("error");
        error.put("message", code == 190 || subcode != null ? title : "(#" + code + ") " + title);
        error.put("type", type);
        error.put("code", code);
        if (subcode != null) {
            error.put("error_subcode", subcode);
        }
        if (details != null) {
            error.putObject("error_data").put("messaging_product", "whatsapp").put("details", details);
        }
        if (isTransient) {
            error.put("is_transient", true);
        }
        error.put(
                "fbtrace_id",
                "A" + UUID.randomUUID().toString().replace("-", "").substring(0, 22));
        return body;
    }

    /** An element of {@code errors} in a webhook. */
    ObjectNode inWebhook() {
        ObjectNode error = JsonNodeFactory.instance.objectNode();
        error.put("code", code).put("title", title).put("message", title);
        if (details != null) {
            error.putObject("error_data").put("details", details);
        }
        error.put("href", "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/");
        return error;
    }

    private static Map.Entry<Integer, GraphFault> known(int code, int status, String title, @Nullable String details) {
        boolean passes = code == 2 || code == 131016;
        return Map.entry(code, new GraphFault(code, null, status, "OAuthException", title, details, passes));
    }
}
