package io.zaptrix.bitrix24;

import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tells good answers from errors, in all the ways in which Bitrix24 writes them. */
final class Answers {

    static final String PORTAL_MOVED = "PORTAL_MOVED";
    static final String UNEXPECTED_ANSWER = "UNEXPECTED_ANSWER";

    private Answers() {}

    /**
     * A good answer's JSON object.
     *
     * @param secrets what was sent and must not come back in an exception
     */
    static ObjectNode good(Http.Answer answer, List<String> secrets) {
        ObjectNode json = object(answer.body());
        if (answer.status() >= 300 && answer.status() < 400) {
            // The redirect of a portal whose address has changed (how-to-call-rest-api/change-domen.md).
            throw error(Kind.REFRESH, PORTAL_MOVED, "The server redirects.", answer, json);
        }
        Error error = json == null ? null : error(json);
        if (error != null) {
            Kind kind = Bitrix24Errors.kindOf(answer.status(), error.code(), error.description());
            throw error(kind, error.code(), redacted(error.description(), secrets), answer, json);
        }
        if (json == null || answer.status() >= 300) {
            Kind kind = Bitrix24Errors.kindOf(answer.status());
            // An error page of a proxy says nothing about the call, so the call must not be given up for it.
            throw error(
                    kind == Kind.LIMIT || kind == Kind.SUSPEND ? kind : Kind.RETRY,
                    answer.status() >= 300 ? "HTTP_" + answer.status() : UNEXPECTED_ANSWER,
                    answer.body().length == 0 ? "The answer is empty." : "The answer is no JSON object.",
                    answer,
                    null);
        }
        return json;
    }

    /** An error inside a batch's answer. */
    static Bitrix24Exception inBatch(JsonNode node, List<String> secrets) {
        Error error = node instanceof ObjectNode object ? error(object) : null;
        if (error == null) {
            error = new Error(UNEXPECTED_ANSWER, "");
        }
        Kind kind = Bitrix24Errors.kindOf(400, error.code(), error.description());
        return new Bitrix24Exception(
                kind, error.code(), redacted(error.description(), secrets), 200, null, false, null);
    }

    /** The error that imconnector.register and its like put into a result: {@code result: false, error: CODE}. */
    static @Nullable Bitrix24Exception inResult(JsonNode result, List<String> secrets) {
        if (result instanceof ObjectNode object && "false".equals(Json.text(object.get("result")))) {
            Error error = error(object);
            if (error != null) {
                Kind kind = Bitrix24Errors.kindOf(400, error.code(), error.description());
                return new Bitrix24Exception(
                        kind, error.code(), redacted(error.description(), secrets), 200, null, false, null);
            }
        }
        return null;
    }

    static @Nullable Instant operatingResetAt(@Nullable JsonNode time) {
        Long seconds = Json.number(time, "operating_reset_at");
        return seconds == null || seconds <= 0 || seconds > Instant.MAX.getEpochSecond()
                ? null
                : Instant.ofEpochSecond(seconds);
    }

    /** An address from an answer, ending in a slash; null where it is none. */
    static @Nullable URI endpoint(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            URI uri = new URI(text.endsWith("/") ? text : text + "/");
            return uri.getHost() == null ? null : uri;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    static Bitrix24Exception unexpected(String description, int status) {
        return new Bitrix24Exception(Kind.RETRY, UNEXPECTED_ANSWER, description, status, null, true, null);
    }

    private record Error(String code, String description) {}

    private static @Nullable Error error(ObjectNode json) {
        JsonNode error = json.get("error");
        if (error instanceof ObjectNode nested) {
            // The form of REST 3.0: error: {code, message}.
            String code = Json.text(nested, "code");
            String message = Json.text(nested, "message");
            return new Error(code == null ? "UNKNOWN" : code, message == null ? "" : message);
        }
        String code = Json.text(error);
        String description = Json.text(json, "error_description");
        if (code == null || code.isBlank() && description == null) {
            return null;
        }
        return new Error(code.isBlank() ? "UNKNOWN" : code.strip(), description == null ? "" : description);
    }

    private static Bitrix24Exception error(
            Kind kind, String code, String description, Http.Answer answer, @Nullable ObjectNode json) {
        Duration retryAfter = answer.retryAfter();
        // A server that broke off, or a page that only says that something is wrong, may have done its work before.
        boolean outcomeUnknown = kind == Kind.RETRY && (json == null || answer.status() >= 500);
        return new Bitrix24Exception(kind, code, description, answer.status(), retryAfter, outcomeUnknown, null);
    }

    private static @Nullable ObjectNode object(byte[] body) {
        try {
            return body.length > 0 && Json.MAPPER.readTree(body) instanceof ObjectNode object ? object : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    private static String redacted(String text, List<String> secrets) {
        String redacted = text;
        for (String secret : secrets) {
            if (!secret.isEmpty()) {
                redacted = redacted.replace(secret, "***");
            }
        }
        return redacted;
    }
}
