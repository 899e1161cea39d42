package io.zaptrix.meta;

import io.zaptrix.meta.GraphException.Kind;
import io.zaptrix.platform.BoundedJson;
import io.zaptrix.platform.Masked;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** What came back over HTTP, and what it means. The shape of errors is {@code GraphAPIError} in Meta's OpenAPI file. */
final class GraphAnswer {

    private static final JsonMapper JSON = BoundedJson.ofMeta();

    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    /** Minutes until an account may call again, per account; Graph API documentation, "Rate limits". */
    private static final String USAGE = "X-Business-Use-Case-Usage";

    private static final Pattern CODE_PREFIX = Pattern.compile("^\\(#\\d+\\)\\s*");
    private static final Pattern TOKEN_LIKE = Pattern.compile("\\bEA[A-Za-z0-9_-]{10,}");
    private static final Pattern NUMBER_LIKE = Pattern.compile("\\d{7,}");
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");
    private static final int LONGEST_TEXT = 500;

    private final int status;
    private final HttpHeaders headers;
    private final JsonNode json;

    GraphAnswer(int status, HttpHeaders headers, byte[] body) {
        this.status = status;
        this.headers = headers;
        this.json = read(body);
    }

    private static JsonNode read(byte[] body) {
        try {
            return body.length == 0 ? MissingNode.getInstance() : JSON.readTree(body);
        } catch (JacksonException notJson) {
            return MissingNode.getInstance();
        }
    }

    int status() {
        return status;
    }

    /** The body; missing if it was not JSON. */
    JsonNode json() {
        return json;
    }

    boolean isGood() {
        return status >= 200 && status < 300 && !hasGraphError();
    }

    boolean hasGraphError() {
        return json.path("error").isObject();
    }

    /**
     * What an answer means that carries no error of Graph's: something between here and there has spoken, or Graph in a
     * way it should not.
     *
     * @param unanswered what it means that the request may have been carried out
     */
    Kind kindWithoutError(Kind unanswered) {
        return switch (status) {
            case 429 -> Kind.LIMIT;
            case 400, 413, 414, 431 -> Kind.REFUSE;
            // Asked for too slowly, or not at all to Graph: a proxy's page, a wrong address. An operator can mend that.
            default -> status >= 300 && status < 500 ? Kind.RETRY : unanswered;
        };
    }

    /** The error that the answer carries, free of secrets. */
    GraphException error(String operation, String token) {
        JsonNode error = json.path("error");
        int code = Webhooks.integer(error.path("code"));
        int subcode = Webhooks.integer(error.path("error_subcode"));
        JsonNode data = error.path("error_data");
        Kind kind = GraphErrors.judge(
                status, code, subcode, error.path("is_transient").asBoolean(false));
        String title = Webhooks.text(error.path("message"));
        String details = Webhooks.firstText(data, data.path("details"), error.path("error_user_msg"));
        return new GraphException(
                operation,
                kind,
                status,
                code,
                subcode,
                title == null ? null : safe(CODE_PREFIX.matcher(title).replaceFirst(""), token),
                details == null ? null : safe(details, token),
                Webhooks.text(error.path("fbtrace_id")),
                retryAfter(kind == Kind.LIMIT ? GraphErrors.limit(code) : null));
    }

    /** How long Meta wants to be left alone, or {@code otherwise} if it does not say. */
    @Nullable
    Duration retryAfter(@Nullable Duration otherwise) {
        Duration asked = parseRetryAfter(headers.getFirst(HttpHeaders.RETRY_AFTER));
        if (asked == null && status >= 400) {
            asked = parseUsage(headers.getFirst(USAGE));
        }
        if (asked == null) {
            return otherwise;
        }
        if (asked.isNegative()) {
            return Duration.ZERO;
        }
        return asked.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : asked;
    }

    private static @Nullable Duration parseRetryAfter(@Nullable String value) {
        if (value == null) {
            return null;
        }
        if (value.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(value));
        }
        try {
            return Duration.between(Instant.now(), ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME));
        } catch (DateTimeException neither) {
            return null;
        }
    }

    private static @Nullable Duration parseUsage(@Nullable String value) {
        if (value == null) {
            return null;
        }
        try {
            int minutes = JSON.readTree(value).findValues("estimated_time_to_regain_access").stream()
                    .mapToInt(Webhooks::integer)
                    .max()
                    .orElse(0);
            return minutes > 0 ? Duration.ofMinutes(minutes) : null;
        } catch (JacksonException notJson) {
            return null;
        }
    }

    /** Meta quotes tokens ("Malformed access token …") and numbers; neither may reach a log or a chat. */
    private static String safe(String text, String token) {
        String safe = text.replace(token, "***");
        safe = TOKEN_LIKE.matcher(safe).replaceAll("***");
        safe = NUMBER_LIKE.matcher(safe).replaceAll(number -> Masked.phone(number.group()));
        safe = CONTROL.matcher(safe).replaceAll(" ");
        return safe.length() > LONGEST_TEXT ? safe.substring(0, LONGEST_TEXT) : safe;
    }
}
