package io.zaptrix.bitrix24;

import io.zaptrix.bitrix24.BatchResult.Outcome;
import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.ContentType;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@link Bitrix24Rest} over HTTP: JSON bodies with the token in them, so that no log of URLs can hold it. */
final class HttpBitrix24Rest implements Bitrix24Rest, AutoCloseable {

    private static final Pattern METHOD = Pattern.compile("[a-zA-Z0-9_]+(\\.[a-zA-Z0-9_]+)*");
    private static final Pattern IDENTIFIER = Pattern.compile("[a-zA-Z][a-zA-Z0-9_]*");

    private final Http http;
    private final ExternalAddressGuard guard;
    private final Pacer pacer;
    private final RequestMetrics metrics;

    HttpBitrix24Rest(Http http, ExternalAddressGuard guard, Pacer pacer, RequestMetrics metrics) {
        this.http = http;
        this.guard = guard;
        this.pacer = pacer;
        this.metrics = metrics;
    }

    @Override
    public JsonNode call(URI clientEndpoint, String accessToken, String method, Map<String, ?> params) {
        requireMethod(method);
        return metrics.timed(method, () -> {
            Optional<Bitrix24Exception> blocked = pacer.blocked(clientEndpoint, method);
            if (blocked.isPresent()) {
                throw blocked.get();
            }
            JsonNode result = post(clientEndpoint, accessToken, method, params);
            Bitrix24Exception failure = Answers.inResult(result, List.of(accessToken));
            if (failure != null) {
                throw failure;
            }
            return result;
        });
    }

    @Override
    public BatchResult batch(URI clientEndpoint, String accessToken, SequencedMap<String, RestCall> calls) {
        if (calls.size() > BATCH_SIZE) {
            throw new IllegalArgumentException("A batch carries at most " + BATCH_SIZE + " calls, not " + calls.size());
        }
        SequencedMap<String, Outcome> outcomes = new LinkedHashMap<>();
        SequencedMap<String, String> wireKeys = new LinkedHashMap<>();
        Map<String, String> commands = new LinkedHashMap<>();
        calls.forEach((key, call) -> {
            requireMethod(call.method());
            Optional<Bitrix24Exception> blocked = pacer.blocked(clientEndpoint, call.method());
            if (blocked.isPresent()) {
                outcomes.put(key, new Outcome.Failure(blocked.get()));
            } else {
                // Keys 0, 1, 2 … would make PHP answer with lists, whose gaps it closes when a call fails.
                String wireKey = IDENTIFIER.matcher(key).matches() ? key : "_" + wireKeys.size();
                String query = PhpForm.encode(call.params());
                wireKeys.put(key, wireKey);
                commands.put(wireKey, query.isEmpty() ? call.method() : call.method() + "?" + query);
                outcomes.put(key, new Outcome.Failure(notExecuted()));
            }
        });
        if (!commands.isEmpty()) {
            metrics.timed("batch", () -> {
                JsonNode result = post(clientEndpoint, accessToken, "batch", Map.of("halt", 0, "cmd", commands));
                wireKeys.forEach((key, wireKey) -> {
                    RestCall call = calls.get(key);
                    if (call != null) {
                        outcomes.put(key, outcome(clientEndpoint, accessToken, call, wireKey, result));
                    }
                });
                return result;
            });
        }
        return new BatchResult(outcomes);
    }

    @Override
    public void close() throws Exception {
        http.close();
    }

    private Outcome outcome(
            URI clientEndpoint, String accessToken, RestCall call, String wireKey, JsonNode batchResult) {
        JsonNode time = batchResult.path("result_time").get(wireKey);
        JsonNode error = batchResult.path("result_error").get(wireKey);
        if (error != null && !error.isNull()) {
            Bitrix24Exception failure = Answers.inBatch(error, List.of(accessToken));
            return new Outcome.Failure(withWait(clientEndpoint, call.method(), failure, time));
        }
        JsonNode result = batchResult.path("result").get(wireKey);
        if (result == null) {
            return new Outcome.Failure(notExecuted());
        }
        remember(clientEndpoint, call.method(), time);
        Bitrix24Exception failure = Answers.inResult(result, List.of(accessToken));
        return failure == null ? new Outcome.Success(result) : new Outcome.Failure(failure);
    }

    private JsonNode post(URI clientEndpoint, String accessToken, String method, Map<String, ?> params) {
        URI uri = methodUri(clientEndpoint, method);
        pacer.take(clientEndpoint);
        Map<String, Object> body = new LinkedHashMap<>(params);
        body.put("auth", accessToken);
        Http.Answer answer = http.post(uri, ContentType.APPLICATION_JSON, Json.MAPPER.writeValueAsBytes(body));
        ObjectNode json;
        try {
            json = Answers.good(answer, List.of(accessToken));
        } catch (Bitrix24Exception e) {
            throw withWait(clientEndpoint, method, e, time(answer));
        }
        remember(clientEndpoint, method, json.get("time"));
        JsonNode result = json.get("result");
        if (result == null) {
            throw Answers.unexpected("The answer has no result.", answer.status());
        }
        return result;
    }

    /** Teaches the pacer what a limit says, and tells the caller how long it lasts. */
    private Bitrix24Exception withWait(
            URI clientEndpoint, String method, Bitrix24Exception e, @Nullable JsonNode time) {
        if (e.kind() != Kind.LIMIT) {
            return e;
        }
        Duration wait = e.code().equalsIgnoreCase(Pacer.METHOD_BLOCKED)
                ? pacer.block(clientEndpoint, method, Answers.operatingResetAt(time))
                : pacer.full(clientEndpoint, e.retryAfter().orElse(null));
        return new Bitrix24Exception(Kind.LIMIT, e.code(), e.description(), e.httpStatus(), wait, false, null);
    }

    private void remember(URI clientEndpoint, String method, @Nullable JsonNode time) {
        Instant resetAt = Answers.operatingResetAt(time);
        if (resetAt != null) {
            pacer.operatingResetsAt(clientEndpoint, method, resetAt);
        }
    }

    private URI methodUri(URI clientEndpoint, String method) {
        try {
            guard.checkForm(clientEndpoint);
        } catch (ExternalAddressGuard.AddressRefused e) {
            throw new Bitrix24Exception(
                    Kind.SUSPEND, Http.ADDRESS_REFUSED, "The portal's address is refused.", 0, null, false, e);
        }
        String base = clientEndpoint.toString();
        return URI.create((base.endsWith("/") ? base : base + "/") + method);
    }

    private static @Nullable JsonNode time(Http.Answer answer) {
        try {
            return Json.MAPPER.readTree(answer.body()).get("time");
        } catch (RuntimeException noJson) {
            return null;
        }
    }

    private static void requireMethod(String method) {
        if (!METHOD.matcher(method).matches()) {
            throw new IllegalArgumentException("No method's name: " + method);
        }
    }

    private static Bitrix24Exception notExecuted() {
        return new Bitrix24Exception(
                Kind.RETRY, "NOT_EXECUTED", "The batch did not get to this call.", 200, null, false, null);
    }
}
