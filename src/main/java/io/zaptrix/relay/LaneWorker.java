package io.zaptrix.relay;

import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.platform.CorrelationId;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.relay.LaneStore.Claim;
import io.zaptrix.relay.LaneStore.Pause;
import io.zaptrix.relay.LaneStore.Settled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.dao.UncategorizedDataAccessException;
import org.springframework.transaction.TransactionException;

/** Carries one claimed lane, batch by batch, until nothing waits, the lane must pause, or others should have a turn. */
final class LaneWorker {

    private static final Logger log = LoggerFactory.getLogger(LaneWorker.class);

    /** How long one lane may keep its worker while others may wait for one. */
    private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** A handler that throws so often for one item has a bug that this item meets: it must not stop the lane. */
    private static final int ATTEMPTS_BEFORE_POISON = 8;

    private final LaneStore store;
    private final LaneHandler handler;
    private final Claim claim;
    private final Lease lease;
    private final Duration giveUpAfter;
    private final MeterRegistry metrics;
    private final BooleanSupplier goOn;
    private final long claimedAt = System.nanoTime();
    private long handedOverAt;
    private boolean threw;

    LaneWorker(
            LaneStore store,
            LaneHandler handler,
            Claim claim,
            Lease lease,
            Duration giveUpAfter,
            MeterRegistry metrics,
            BooleanSupplier goOn) {
        this.store = store;
        this.handler = handler;
        this.claim = claim;
        this.lease = lease;
        this.giveUpAfter = giveUpAfter;
        this.metrics = metrics;
        this.goOn = goOn;
    }

    /** @return whether the lane was left with more to do, only because its turn was over */
    boolean run() {
        List<LaneItem> items = store.begin(claim, handler.batchSize());
        boolean another = true;
        while (!items.isEmpty()) {
            handedOverAt = System.nanoTime();
            List<Outcome> outcomes = deliver(items);
            List<Settled> settled = new ArrayList<>(items.size());
            Pause pause = null;
            // Those beyond the outcomes were not touched, and stay as they are; but of a handler that threw nobody
            // knows
            // how far it came.
            for (int i = 0; i < Math.min(items.size(), outcomes.size()); i++) {
                Outcome outcome = expire(items.get(i), outcomes.get(i));
                settled.add(settle(items.get(i), outcome));
                pause = longer(pause, pauseOf(outcome));
            }
            for (int i = outcomes.size(); threw && i < items.size(); i++) {
                settled.add(new Settled(items.get(i), "uncertain", "handler_failed", false, null));
            }
            another = goOn.getAsBoolean() && System.nanoTime() - claimedAt < TURN_NANOS;
            items = store.settle(claim, settled, pause, another ? handler.batchSize() : 0);
        }
        return !another;
    }

    private List<Outcome> deliver(List<LaneItem> items) {
        threw = false;
        try {
            MDC.put(CorrelationId.KEY, items.getFirst().correlationId());
            List<Outcome> outcomes = TenantContext.call(claim.tenant(), () -> handler.deliver(new Batch(items)));
            for (int i = 0; i < Math.min(items.size(), outcomes.size()); i++) {
                report(items.get(i), outcomes.get(i));
            }
            return outcomes;
        } catch (LeaseLost lost) {
            throw lost;
        } catch (RuntimeException bug) {
            log.error("{} failed", claim.flow(), bug);
            metrics.counter("zaptrix.relay.handler.failed", "flow", claim.flow())
                    .increment();
            LaneItem first = items.getFirst();
            threw = true;
            return List.of(
                    first.attempts() + 1 >= ATTEMPTS_BEFORE_POISON && !isOfTheDatabase(bug)
                            ? new Outcome.Dead("handler_failed", true)
                            : new Outcome.Uncertain("handler_failed", null));
        } finally {
            MDC.remove(CorrelationId.KEY);
        }
    }

    /** What passes, and is no fault of the item's: it must not make a dead letter of it. */
    private static boolean isOfTheDatabase(RuntimeException failed) {
        return failed instanceof TransientDataAccessException
                || failed instanceof RecoverableDataAccessException
                || failed instanceof NonTransientDataAccessResourceException
                || failed instanceof UncategorizedDataAccessException
                || failed instanceof TransactionException;
    }

    private void report(LaneItem item, Outcome outcome) {
        String name = outcome.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
        metrics.counter("zaptrix.relay.settled", "flow", claim.flow(), "outcome", name)
                .increment();
        MDC.put(CorrelationId.KEY, item.correlationId());
        if (outcome instanceof Outcome.Done) {
            Duration time = item.waited().plusNanos(System.nanoTime() - handedOverAt);
            metrics.timer("zaptrix.relay.delivery", "flow", claim.flow()).record(time);
            log.info("{} done after {} ms", claim.flow(), time.toMillis());
        } else {
            log.info("{} {}: {}", claim.flow(), name, reasonOf(outcome));
        }
    }

    /** A day of retries is enough: what has had it becomes a dead letter. */
    private Outcome expire(LaneItem item, Outcome outcome) {
        boolean failed = outcome instanceof Outcome.Retry || outcome instanceof Outcome.Uncertain;
        Duration since = item.failingFor();
        if (!failed || since == null || since.compareTo(giveUpAfter) < 0) {
            return outcome;
        }
        metrics.counter("zaptrix.relay.dead", "flow", claim.flow()).increment();
        try {
            TenantContext.run(claim.tenant(), () -> handler.gaveUp(item));
        } catch (RuntimeException untold) {
            log.error("nobody was told of a dead letter", untold);
        }
        return new Outcome.Dead("gave_up: " + reasonOf(outcome), outcome instanceof Outcome.Uncertain);
    }

    private static Settled settle(LaneItem item, Outcome outcome) {
        String asItWas = item.uncertain() ? "uncertain" : "waiting";
        String reason = reasonOf(outcome);
        return switch (outcome) {
            case Outcome.Done done -> new Settled(item, "done", null, false, null);
            case Outcome.Refused refused -> new Settled(item, "refused", reason, true, null);
            case Outcome.Dead dead ->
                new Settled(item, dead.uncertain() ? "dead_uncertain" : "dead", reason, true, null);
            case Outcome.Retry retry -> new Settled(item, "waiting", reason, true, null);
            case Outcome.Uncertain uncertain -> new Settled(item, "uncertain", reason, true, null);
            case Outcome.Park park -> new Settled(item, asItWas, reason, false, park.time());
            case Outcome.Wait wait -> new Settled(item, asItWas, reason, false, null);
            case Outcome.Suspended held -> new Settled(item, asItWas, reason, false, null);
        };
    }

    private static @Nullable Pause pauseOf(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Retry retry -> new Pause(retry.atLeast() == null ? Duration.ZERO : retry.atLeast(), true);
            case Outcome.Uncertain uncertain ->
                new Pause(uncertain.atLeast() == null ? Duration.ZERO : uncertain.atLeast(), true);
            case Outcome.Wait wait -> new Pause(wait.time(), false);
            case Outcome.Suspended suspended -> new Pause(LaneStore.SUSPENDED_LOOK, false);
            default -> null;
        };
    }

    private static @Nullable Pause longer(@Nullable Pause one, @Nullable Pause other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return other.time().compareTo(one.time()) > 0 ? other : one;
    }

    private static @Nullable String reasonOf(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done done -> null;
            case Outcome.Refused refused -> refused.reason();
            case Outcome.Dead dead -> dead.reason();
            case Outcome.Retry retry -> retry.reason();
            case Outcome.Uncertain uncertain -> uncertain.reason();
            case Outcome.Wait wait -> wait.reason();
            case Outcome.Park park -> park.reason();
            case Outcome.Suspended suspended -> suspended.reason();
        };
    }

    private final class Batch implements LaneBatch {

        private final List<LaneItem> items;

        Batch(List<LaneItem> items) {
            this.items = items;
        }

        @Override
        public TenantId tenant() {
            return claim.tenant();
        }

        @Override
        public String lane() {
            return claim.lane();
        }

        @Override
        public List<LaneItem> items() {
            return items;
        }

        @Override
        public void checkpoint() {
            if (!lease.holds()) {
                throw new LeaseLost(claim.lane());
            }
        }
    }
}
