package io.zaptrix.relay;

import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.platform.ZaptrixProperties;
import io.zaptrix.relay.LaneStore.Claim;
import io.zaptrix.relay.LaneStore.Portion;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration FINISH = Duration.ofSeconds(20);

    private final LaneStore store;
    private final Bell bell;
    private final ZaptrixProperties.Relay settings;
    private final MeterRegistry metrics;
    private final Map<String, LaneHandler> handlers;
    private final UUID replica = UUID.randomUUID();
    private final Map<Claim, Lease> held = new ConcurrentHashMap<>();

    private volatile boolean running;
    private volatile ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    Dispatcher(
            LaneStore store,
            Bell bell,
            ZaptrixProperties properties,
            MeterRegistry metrics,
            List<LaneHandler> handlers) {
        this.store = store;
        this.bell = bell;
        this.settings = properties.relay();
        this.metrics = metrics;
        this.handlers = handlers.stream().collect(Collectors.toMap(LaneHandler::flow, Function.identity()));
    }

    private void dispatch() {
        while (running) {
            try {
                int free = settings.lanesInFlight() - held.size();
                long asked = System.nanoTime();
                List<Claim> claims = free > 0
                        ? store.claim(replica, settings.lease(), free, settings.lanesPerPortal(), portions())
                        : List.of();
                claims.forEach(claim -> carry(claim, new Lease(settings.lease(), asked)));
                if (claims.isEmpty()) {
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

    private Map<Portion, Integer> portions() {
        Map<Portion, Integer> portions = new HashMap<>();
        held.keySet().forEach(claim -> portions.merge(new Portion(claim.tenant(), claim.flow()), 1, Integer::sum));
        return portions;
    }

    private void carry(Claim claim, Lease lease) {
        LaneHandler handler = handlers.get(claim.flow());
        held.put(claim, lease);
        threads.execute(() -> {
            try {
                if (handler == null) {
                    log.error("nobody carries the flow {}", claim.flow());
                    store.settle(claim, List.of(), new LaneStore.Pause(LaneStore.SUSPENDED_LOOK, false), 0);
                } else {
                    new LaneWorker(store, handler, claim, lease, settings.giveUpAfter(), metrics, () -> running).run();
                }
            } catch (LeaseLost lost) {
                metrics.counter("zaptrix.relay.lease.lost").increment();
                log.warn("{}", lost.getMessage());
            } catch (RuntimeException failed) {
                // No longer held, its lease runs out and the lane comes again; what was in hand comes as uncertain.
                log.warn("lane left to its lease: {}", failed.getMessage());
            } finally {
                held.remove(claim);
                bell.ring();
            }
        });
    }

    private void renew() {
        Duration every = settings.lease().dividedBy(4);
        while (running || !held.isEmpty()) {
            try {
                long asked = System.nanoTime();
                for (Claim renewed : store.renew(settings.lease(), List.copyOf(held.keySet()))) {
                    held.computeIfPresent(renewed, (claim, lease) -> {
                        lease.renewed(asked);
                        return lease;
                    });
                }
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
            store.giveBack(replica);
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
