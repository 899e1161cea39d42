package io.zaptrix.bitrix24;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code zaptrix_bitrix24_request_seconds}, by family of methods and outcome. Both are small fixed sets: no portal, and
 * no method that somebody could invent.
 */
final class RequestMetrics {

    private static final Set<String> FAMILIES =
            Set.of("imconnector", "imopenlines", "im", "crm", "user", "profile", "event", "app", "batch", "oauth");

    private static final Logger log = LoggerFactory.getLogger(RequestMetrics.class);

    /** Of answers that are none of Bitrix24's. */
    private static final Set<String> OURS =
            Set.of(Pacer.BUCKET_FULL, Answers.PORTAL_MOVED, Answers.UNEXPECTED_ANSWER, "UNKNOWN");

    private final MeterRegistry registry;

    RequestMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    <T> T timed(String method, Supplier<T> request) {
        long start = System.nanoTime();
        String outcome = "error";
        try {
            T answer = request.get();
            outcome = "ok";
            return answer;
        } catch (Bitrix24Exception e) {
            outcome = e.code().equals(Pacer.BUCKET_FULL)
                    ? "paced"
                    : e.kind().name().toLowerCase(Locale.ROOT);
            if (e.httpStatus() > 0
                    && !OURS.contains(e.code())
                    && !e.code().startsWith("HTTP_")
                    && !Bitrix24Errors.isKnown(e.code())) {
                registry.counter("zaptrix.bitrix24.unknown.error").increment();
                log.warn("{}: {} is not in the table of codes", family(method), e.getMessage());
            }
            throw e;
        } finally {
            registry.timer("zaptrix.bitrix24.request", "family", family(method), "outcome", outcome)
                    .record(Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private static String family(String method) {
        int dot = method.indexOf('.');
        String family = dot < 0 ? method : method.substring(0, dot);
        return FAMILIES.contains(family) ? family : "other";
    }
}
