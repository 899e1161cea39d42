package io.zaptrix.api;

import io.zaptrix.operations.Problems;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** Why the API does not do something: RFC 9457, with a type that programs can go by. */
final class ApiProblem extends ErrorResponseException {

    private static final long serialVersionUID = 1L;

    /** The types, by the names that end their URNs; they never change. */
    enum Type {
        UNAUTHORIZED(HttpStatus.UNAUTHORIZED, "The API key is missing, or is not one that can be used."),
        MISSING_SCOPE(HttpStatus.FORBIDDEN, "The API key does not allow this."),
        SWITCHED_OFF(HttpStatus.FORBIDDEN, "The operator of the service has switched the API off for this portal."),
        NOT_FOUND(HttpStatus.NOT_FOUND, "There is none with this id."),
        MALFORMED(HttpStatus.BAD_REQUEST, "The body is not the JSON that is expected here."),
        TOO_LARGE(HttpStatus.CONTENT_TOO_LARGE, "The body is larger than 64 KB."),
        INVALID(HttpStatus.UNPROCESSABLE_CONTENT, "Some values cannot be used."),
        IDEMPOTENCY_KEY_MISSING(
                HttpStatus.BAD_REQUEST,
                "Give an Idempotency-Key of 1 to 255 visible ASCII characters, new for each message."),
        IDEMPOTENCY_KEY_REUSED(
                HttpStatus.UNPROCESSABLE_CONTENT, "This Idempotency-Key stands for another request already."),
        IDEMPOTENCY_IN_PROGRESS(
                HttpStatus.CONFLICT,
                "The request with this Idempotency-Key is being carried out; ask again in a moment."),
        WINDOW_CLOSED(
                HttpStatus.UNPROCESSABLE_CONTENT,
                "The customer has not written within 24 hours: WhatsApp takes nothing but an approved template now."),
        TOO_MANY_WEBHOOKS(HttpStatus.CONFLICT, "There are as many webhooks as there may be; delete one first."),
        RATE_LIMITED(HttpStatus.TOO_MANY_REQUESTS, "This API key has asked too often; wait as Retry-After says."),
        UNAVAILABLE(HttpStatus.SERVICE_UNAVAILABLE, "The service cannot do this now; please try again.");

        private final HttpStatus status;
        private final String detail;

        Type(HttpStatus status, String detail) {
            this.status = status;
            this.detail = detail;
        }

        HttpStatus status() {
            return status;
        }

        URI uri() {
            return URI.create(
                    Problems.TYPE + name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
        }

        ProblemDetail problem() {
            ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
            problem.setType(uri());
            return problem;
        }
    }

    /**
     * What is wrong with one value.
     *
     * @param field its place in the body, such as {@code text.body}; or a parameter's or header's name
     */
    record Wrong(String field, String message) {}

    private ApiProblem(Type type, ProblemDetail problem) {
        super(type.status(), problem, null);
    }

    static ApiProblem of(Type type) {
        return new ApiProblem(type, type.problem());
    }

    /** A key that does not have what it needs, as RFC 6750 says it. */
    static ApiProblem missing(Scope scope) {
        return of(Type.MISSING_SCOPE)
                .with(Map.of("scope", scope.word()))
                .header(
                        "WWW-Authenticate",
                        "Bearer realm=\"zaptrix\", error=\"insufficient_scope\", scope=\"" + scope.word() + "\"");
    }

    static ApiProblem invalid(List<Wrong> errors) {
        ProblemDetail problem = Type.INVALID.problem();
        problem.setProperty("errors", errors);
        return new ApiProblem(Type.INVALID, problem);
    }

    static ApiProblem invalid(String field, String message) {
        return invalid(List.of(new Wrong(field, message)));
    }

    /** The same with something to read beside it. */
    ApiProblem with(Map<String, ?> properties) {
        properties.forEach((name, value) -> getBody().setProperty(name, value));
        return this;
    }

    ApiProblem header(String name, String value) {
        getHeaders().set(name, value);
        return this;
    }
}
