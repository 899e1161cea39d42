package io.zaptrix.relay;

import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.platform.TenantId;
import io.zaptrix.platform.ZaptrixProperties;
import io.zaptrix.relay.LaneStore.Claim;
import io.zaptrix.relay.LaneStore.Portion;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Claims lanes that are ready and has each carried by a virtual thread. Claims are leases, renewed while this process
 * lives; when it dies, others take the lanes over once the lease is out. At its end the process finishes what is in
 * hand and gives the rest back.
 */
@Component
class Dispatcher implements SmartLifecycle {

    /** Starts before and stops after the web server (whose graceful phase is {@code DEFAULT_PHASE - 1024}). */
    static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 8_192;

    private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

    /** How exactly a sleeping lane's time is kept, and how late a ring that was lost is noticed. */
    private static final Duration POLL = Duration.ofMillis(100);

    private static final Duration FINISH = Duration.ofSeconds(20);

    private final LaneStore store;
    private final LeaseStore leases;
    private final Bell bell;
    private final ZaptrixProperties.Relay settings;
    private final MeterRegistry metrics;
    private final ObjectProvider<LaneHandler> handlerBeans;
    private final UUID replica = UUID.randomUUID();
    private final HeldLanes held;
    private final HeldTenants tenants;

    private volatile Map<String, LaneHandler> handlers = Map.of();

    /** Whether the last round found nothing to claim; then a lane that ends need not start another. */
    private volatile boolean nothingDue;

    private volatile boolean running;
    private volatile ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    Dispatcher(
            LaneStore store,
            LeaseStore leases,
            Bell bell,
            ZaptrixProperties properties,
            MeterRegistry metrics,
            HeldTenants tenants,
            ObjectProvider<LaneHandler> handlers) {
        this.store = store;
        this.leases = leases;
        this.tenants = tenants;
        this.bell = bell;
        this.settings = properties.relay();
        this.metrics = metrics;
        this.held = new HeldLanes(settings.lanesInFlight(), settings.lanesPerPortal());
        // Looked for at the start only: handlers accept items in their turn.
        this.handlerBeans = handlers;
    }

    /**
     * Makes items durable, and begins to carry the lanes that begin with them, as far as there is room: so that what
     * arrives at a quiet time is on its way with the commit, without anybody having to look for it.
     *
     * @return how many were new
     */
    void accept(Collection<RelayItem> items) {
        long asked = System.nanoTime();
        LaneStore.Accepted accepted =
                store.accept(items, replica, settings.lease(), lanes -> running ? held.room(lanes) : Set.of());
        accepted.claims().forEach(claim -> carry(claim, new Lease(settings.lease(), asked)));
        if (accepted.due() > 0) {
            bell.ring();
        }
    }

    private void dispatch() {
        // Each replica begins its rounds elsewhere, so that they seldom reach for the same lanes.
        @Nullable Portion after = new Portion(new TenantId(replica), "");
        LeaseWatch watch = new LeaseWatch(settings.lease());
        DatabaseClock clock = new DatabaseClock();
        long looked = System.nanoTime() - POLL.toNanos();
        while (running) {
            try {
                if (System.nanoTime() - looked >= POLL.toNanos()) {
                    wakeDue(clock);
                    freeLeftBehind(watch);
                    looked = System.nanoTime();
                }
                int free = held.free();
                long asked = System.nanoTime();
                List<Claim> claims =
                        free > 0 ? store.claim(replica, settings.lease(), free, after, held.full()) : List.of();
                claims.forEach(claim -> carry(claim, new Lease(settings.lease(), asked)));
                boolean wholeRound = after == null;
                after = claims.size() == free ? last(claims) : null;
                nothingDue = free > 0 && claims.isEmpty() && wholeRound;
                if (nothingDue || free == 0) {
                    bell.await(POLL);
                }
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException failed) {
                log.warn("cannot claim lanes: {}", failed.getMessage());
                pause();
            }
        }
    }

    private void wakeDue(DatabaseClock clock) {
        long asked = System.nanoTime();
        double seconds = store.wakeDue();
        if (clock.setBack(seconds, asked, System.nanoTime())) {
            log.warn("the database's clock was set back: everything that waits for a time is looked at");
            store.wakeAll();
        }
    }

    private void freeLeftBehind(LeaseWatch watch) {
        List<LeaseWatch.Overdue> gone = watch.gone(leases.overdue(settings.lease()), System.nanoTime());
        if (!gone.isEmpty()) {
            log.warn("{} lanes are taken from replicas that are gone", gone.size());
            leases.free(gone);
        }
    }

    /** The portal at which the round stopped, by the database's order of ids. */
    private static @Nullable Portion last(List<Claim> claims) {
        return claims.stream()
                .map(Claim::portion)
                .max(Comparator.comparing(Portion::tenant, LaneStore.BY_TENANT).thenComparing(Portion::flow))
                .orElse(null);
    }

    private void carry(Claim claim, Lease lease) {
        LaneHandler handler = handlers.get(claim.flow());
        held.take(claim, lease);
        threads.execute(() -> {
            boolean more = false;
            try {
                if (handler == null) {
                    log.error("nobody carries the flow {}", claim.flow());
                    store.settle(claim, List.of(), new LaneStore.Pause(LaneStore.SUSPENDED_LOOK, false), 0);
                } else if (tenants.contain(claim.tenant())) {
                    store.settle(claim, List.of(), new LaneStore.Pause(LaneStore.SUSPENDED_LOOK, false), 0);
                } else {
                    more = new LaneWorker(
                                    store,
                                    handler,
                                    claim,
                                    lease,
                                    settings.giveUpAfter(),
                                    metrics,
                                    () -> running && !tenants.contain(claim.tenant()))
                            .run();
                }
            } catch (LeaseLost lost) {
                metrics.counter("zaptrix.relay.lease.lost").increment();
                log.warn("{}", lost.getMessage());
            } catch (RuntimeException failed) {
                // No longer held, its lease runs out and the lane comes again; what was in hand comes as uncertain.
                log.warn("lane left to its lease: {}", failed.getMessage());
            } finally {
                boolean wasFull = held.release(claim);
                if (more || wasFull || !nothingDue) {
                    bell.ring();
                }
            }
        });
    }

    private void renew() {
        Duration every = settings.lease().dividedBy(4);
        while (running || !held.isEmpty()) {
            try {
                long asked = System.nanoTime();
                leases.renew(settings.lease(), held.claims()).forEach(claim -> held.renewed(claim, asked));
                Thread.sleep(every);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException failed) {
                log.warn("cannot renew leases: {}", failed.getMessage());
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(500);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void start() {
        handlers = handlerBeans.stream().collect(Collectors.toMap(LaneHandler::flow, Function.identity()));
        running = true;
        threads = Executors.newVirtualThreadPerTaskExecutor();
        Thread.ofVirtual().name("relay-renew").start(this::renew);
        Thread.ofVirtual().name("relay-dispatch").start(this::dispatch);
    }

    @Override
    public void stop() {
        running = false;
        bell.ring();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(FINISH.toMillis(), TimeUnit.MILLISECONDS)) {
                threads.shutdownNow();
            }
            leases.giveBack(replica);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException failed) {
            log.warn("lanes left to their lease: {}", failed.getMessage());
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
