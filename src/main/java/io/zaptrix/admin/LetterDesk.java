package io.zaptrix.admin;

import io.zaptrix.operations.Audit;
import io.zaptrix.platform.Sha256;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.PortalUser;
import io.zaptrix.relay.DeadLetters;
import io.zaptrix.relay.DeadLetters.Filter;
import io.zaptrix.relay.DeadLetters.Letter;
import io.zaptrix.relay.DeadLetters.Opened;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What people do with dead letters, and the audit's lines about it. What is done to one is one transaction with its
 * line.
 */
@Component
class LetterDesk {

    private static final Logger log = LoggerFactory.getLogger(LetterDesk.class);

    private final DeadLetters letters;
    private final Audit audit;
    private final TransactionTemplate transaction;
    private final Map<Sweep, CompletableFuture<Long>> sweeps = new ConcurrentHashMap<>();

    LetterDesk(DeadLetters letters, Audit audit, PlatformTransactionManager transactions) {
        this.letters = letters;
        this.audit = audit;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** What a second click asks for again. */
    private record Sweep(TenantId tenant, Filter filter, long upTo) {}

    /** @return whether it was still there */
    boolean replay(PortalUser user, long id) {
        return Boolean.TRUE.equals(transaction.execute(status -> {
            Optional<Letter> letter = letters.find(id);
            if (letter.isEmpty() || letters.replay(List.of(id)) == 0) {
                return false;
            }
            audit.record(user.userId(), "letter.replayed", Long.toString(id), about(letter.get()));
            return true;
        }));
    }

    /** @return whether it was still there */
    boolean drop(PortalUser user, long id) {
        return Boolean.TRUE.equals(transaction.execute(status -> {
            Optional<Letter> letter = letters.find(id);
            if (letter.isEmpty() || letters.drop(List.of(id)) == 0) {
                return false;
            }
            audit.record(user.userId(), "letter.dropped", Long.toString(id), about(letter.get()));
            return true;
        }));
    }

    /** A letter for somebody to read. */
    Optional<Opened> open(PortalUser user, long id) {
        Optional<Opened> opened = transaction.execute(status -> {
            Optional<Opened> found = letters.open(id);
            found.ifPresent(one -> audit.record(user.userId(), "letter.shown", Long.toString(id), about(one.letter())));
            return found;
        });
        return opened == null ? Optional.empty() : opened;
    }

    long export(PortalUser user, Filter filter, OutputStream out) throws IOException {
        // Before: what a reader breaks off has been read, too.
        audit.record(user.userId(), "letters.exported", "", about(filter, null));
        return letters.export(filter, out);
    }

    /**
     * Replays all that match, as far as {@code upTo}. Whoever asks for the same while that is under way waits for the
     * same.
     *
     * @return how many; empty when it takes longer than {@code patience}: it goes on then
     */
    Optional<Long> replayAll(PortalUser user, Filter filter, long upTo, Duration patience) {
        Sweep sweep = new Sweep(TenantContext.require(), filter, upTo);
        try {
            return Optional.of(sweeps.computeIfAbsent(sweep, begun -> begin(user, begun))
                    .get(patience.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException late) {
            return Optional.empty();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(failed);
        }
    }

    private CompletableFuture<Long> begin(PortalUser user, Sweep sweep) {
        CompletableFuture<Long> answer = new CompletableFuture<>();
        Map<String, String> logged = MDC.getCopyOfContextMap();
        Thread.ofVirtual().name("replay").start(() -> {
            if (logged != null) {
                MDC.setContextMap(logged);
            }
            try {
                long replayed = TenantContext.call(sweep.tenant(), () -> {
                    audit.record(user.userId(), "letters.replay.started", "", about(sweep.filter(), sweep.upTo()));
                    long count = letters.replayAll(sweep.filter(), sweep.upTo());
                    audit.record(user.userId(), "letters.replay.finished", "", Map.of("replayed", count));
                    return count;
                });
                sweeps.remove(sweep);
                answer.complete(replayed);
            } catch (Throwable failed) {
                // What was not reached is still there, to be asked for again.
                log.error("not all dead letters were replayed", failed);
                sweeps.remove(sweep);
                answer.completeExceptionally(failed);
            }
        });
        return answer;
    }

    /** Which item it was the ledger's digest tells; the key itself may hold the customer's number, as a wamid does. */
    private static Map<String, ?> about(Letter letter) {
        return Map.of(
                "flow", letter.flow(),
                "item", Sha256.uuid(letter.flow() + ':' + letter.key()),
                "reason", letter.reason());
    }

    private static Map<String, ?> about(Filter filter, @Nullable Long upTo) {
        Map<String, Object> detail = new LinkedHashMap<>();
        if (filter.flow() != null) {
            detail.put("flow", filter.flow());
        }
        if (upTo != null) {
            detail.put("up_to", upTo);
        }
        return detail;
    }
}
