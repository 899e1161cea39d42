package io.zaptrix.admin;

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

    private final Channels channels;
    private final Map<TenantId, CompletableFuture<List<OpenLine>>> asked = new ConcurrentHashMap<>();

    LineList(Channels channels) {
        this.channels = channels;
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
                answer.complete(lines);
            } catch (Throwable failed) {
                asked.remove(tenant);
                answer.completeExceptionally(failed);
            }
        });
        return answer;
    }
}
