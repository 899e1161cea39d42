package io.zaptrix.admin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.channel.Channels;
import io.zaptrix.channel.OpenLine;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;

/**
 * The portal's open lines, for pages that do not wait for them: a portal may take a minute over an answer. Whoever asks
 * while a question is under way shares its answer, so that reloading asks no more often.
 */
@Component
class LineList {

    private static final Logger log = LoggerFactory.getLogger(LineList.class);

    /** How long a list is shown without asking; what is chosen from it is looked at anew. */
    private static final Duration FRESH = Duration.ofMinutes(1);

    /** How long it is shown while it is asked for anew. */
    private static final Duration KEPT = Duration.ofMinutes(30);

    private final Channels channels;
    private final Map<TenantId, CompletableFuture<List<OpenLine>>> asked = new ConcurrentHashMap<>();
    private final Cache<TenantId, Listed> known =
            Caffeine.newBuilder().expireAfterWrite(KEPT).maximumSize(10_000).build();

    LineList(Channels channels) {
        this.channels = channels;
    }

    private record Listed(List<OpenLine> lines, long at) {

        boolean isFresh() {
            return System.nanoTime() - at < FRESH.toNanos();
        }
    }

    /**
     * The lines of the bound tenant's portal as they were a while ago, without waiting where that is known; what is old
     * is asked for meanwhile.
     *
     * @return empty as {@link #within}
     */
    Optional<List<OpenLine>> lately(Duration patience) {
        TenantId tenant = TenantContext.require();
        Listed listed = known.getIfPresent(tenant);
        if (listed == null) {
            return within(patience);
        }
        if (!listed.isFresh()) {
            asked.computeIfAbsent(tenant, this::ask);
        }
        return Optional.of(listed.lines());
    }

    /** What the portal calls a line; its id where it does not say so within {@code patience}. */
    String nameOf(String lineId, Duration patience) {
        return name(lineId, lately(patience).orElse(List.of()));
    }

    /** What a line is called in {@code lines}; its id where it is not among them. */
    static String name(String lineId, List<OpenLine> lines) {
        return lines.stream()
                .filter(line -> line.id().equals(lineId))
                .map(OpenLine::name)
                .findFirst()
                .orElse("#" + lineId);
    }

    /** Something was done to the lines: the next look asks. */
    void forget() {
        known.invalidate(TenantContext.require());
    }

    /**
     * The lines of the bound tenant's portal.
     *
     * @return empty when the portal refuses to list them, or has not done so within {@code patience}
     */
    Optional<List<OpenLine>> within(Duration patience) {
        TenantId tenant = TenantContext.require();
        try {
            return Optional.of(
                    asked.computeIfAbsent(tenant, this::ask).get(patience.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException late) {
            log.info("open lines not listed within {}", patience);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException failed) {
            if (!(failed.getCause() instanceof Bitrix24Exception silent)) {
                throw failed.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(failed);
            }
            log.info("open lines not listed: {}", silent.getMessage());
        }
        return Optional.empty();
    }

    private CompletableFuture<List<OpenLine>> ask(TenantId tenant) {
        CompletableFuture<List<OpenLine>> answer = new CompletableFuture<>();
        Map<String, String> logged = MDC.getCopyOfContextMap();
        Thread.ofVirtual().name("open-lines").start(() -> {
            if (logged != null) {
                MDC.setContextMap(logged);
            }
            try {
                List<OpenLine> lines = TenantContext.call(tenant, channels::openLines);
                // Before anybody is told: who asks after that asks anew.
                asked.remove(tenant);
                known.put(tenant, new Listed(lines, System.nanoTime()));
                answer.complete(lines);
            } catch (Throwable failed) {
                asked.remove(tenant);
                answer.completeExceptionally(failed);
            }
        });
        return answer;
    }
}
