package io.zaptrix.operations;

import io.zaptrix.platform.CorrelationId;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import tools.jackson.databind.json.JsonMapper;

/** How errors look from outside: RFC 9457 for programs, a page for people, and never what happened inside. */
public final class Problems {

    /** Begins the type of every problem of the API; what follows is a stable name. */
    public static final String TYPE = "urn:zaptrix:problem:";

    /** Called by programs, whatever they say they accept. */
    private static final List<String> PROGRAMS =
            List.of("/webhooks/", "/api/", "/media/", "/actuator/", "/health", "/v3/");

    /** What the framework refuses by itself. */
    private static final Map<Integer, String> NAMES = Map.of(
            400, "malformed",
            404, "not-found",
            405, "method-not-allowed",
            406, "not-acceptable",
            408, "too-slow",
            413, "too-large",
            415, "unsupported-media-type",
            500, "internal",
            503, "unavailable");

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Problems() {}

    /** Whether a browser shows the answer to somebody. */
    static boolean wantsPage(HttpServletRequest request, String path) {
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        return accept != null
                && accept.toLowerCase(Locale.ROOT).contains(MediaType.TEXT_HTML_VALUE)
                && PROGRAMS.stream().noneMatch(path::startsWith);
    }

    /** Adds by which name the request is found in the logs, and a type where the API has given none. */
    static ProblemDetail named(HttpServletRequest request, ProblemDetail problem) {
        if (isUntyped(problem) && request.getRequestURI().startsWith("/api/")) {
            problem.setType(URI.create(TYPE + NAMES.getOrDefault(problem.getStatus(), "refused")));
        }
        @Nullable String id = CorrelationFilter.of(request);
        if (id != null) {
            problem.setProperty(CorrelationId.KEY, id);
        }
        return problem;
    }

    private static boolean isUntyped(ProblemDetail problem) {
        return problem.getType() == null || problem.getType().toString().equals("about:blank");
    }

    /** Answers with {@code problem}, for those who stand outside Spring MVC. */
    public static void write(HttpServletRequest request, HttpServletResponse response, ProblemDetail problem)
            throws IOException {
        named(request, problem);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", problem.getType() == null ? URI.create("about:blank") : problem.getType());
        body.put("title", String.valueOf(problem.getTitle()));
        body.put("status", problem.getStatus());
        if (problem.getDetail() != null) {
            body.put("detail", problem.getDetail());
        }
        body.put("instance", request.getRequestURI());
        if (problem.getProperties() != null) {
            body.putAll(problem.getProperties());
        }
        byte[] json = JSON.writeValueAsString(body).getBytes(StandardCharsets.UTF_8);
        response.setStatus(problem.getStatus());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.setContentLength(json.length);
        response.getOutputStream().write(json);
    }
}
