package io.zaptrix.relay;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.NonTransientDataAccessException;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Makes accepted items durable, many requests to a commit: while one commit waits for the disk, the requests that
 * arrive gather for the next. So the rate of acceptance is not bound to one flush a request, and a lone request waits
 * for nobody.
 */
@Component
class GroupCommit implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);
    private static final int REQUESTS_WAITING = 4_096;
    private static final int REQUESTS_A_COMMIT = 512;

    /** What is more waits for the next commit; a request stays whole. */
    private static final int ITEMS_A_COMMIT = 2_000;

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /** A commit takes milliseconds; one that takes this long is held up. */
    private static final Duration HELD_UP = Duration.ofSeconds(2);

    private static final String DISK_FULL = "53100";

    private final LaneStore store;
    private final Dispatcher dispatcher;
    private final BlockingQueue<Request> queue = new ArrayBlockingQueue<>(REQUESTS_WAITING);
    private volatile boolean running;

    /** When the commit under way began; 0: none is. */
    private volatile long began;

    private volatile Thread committer = new Thread();

    GroupCommit(LaneStore store, Dispatcher dispatcher) {
        this.store = store;
        this.dispatcher = dispatcher;
    }

    private record Request(Collection<RelayItem> items, CompletableFuture<@Nullable Void> accepted) {}

    /**
     * Returns when the items are durable.
     *
     * @throws RelayUnavailable when they are not
     */
    void commit(Collection<RelayItem> items) {
        Request request = new Request(items, new CompletableFuture<>());
        try {
            if (!running || !queue.offer(request, 2, TimeUnit.SECONDS)) {
                throw new RelayUnavailable("too many requests wait for the database", null);
            }
            // Longer than any commit takes that still succeeds; the sender has given up before.
            request.accepted.get(30, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new RelayUnavailable("interrupted", interrupted);
        } catch (ExecutionException failed) {
            throw new RelayUnavailable("the database did not take it", failed.getCause());
        } catch (TimeoutException late) {
            throw new RelayUnavailable("the database does not answer", late);
        }
    }

    /** Whether what is accepted now would wait, and perhaps in vain. */
    boolean isHeldUp() {
        long since = began;
        return since != 0 && System.nanoTime() - since > HELD_UP.toNanos();
    }

    private void run() {
        List<Request> requests = new ArrayList<>();
        while (running || !queue.isEmpty()) {
            try {
                Request first = queue.poll(200, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                requests.add(first);
                gather(requests);
                began = System.nanoTime() | 1;
                commitTogether(requests);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException bug) {
                requests.forEach(request -> request.accepted.completeExceptionally(bug));
            } finally {
                began = 0;
                requests.clear();
            }
        }
    }

    /** Adds to the first request what else has come. */
    private void gather(List<Request> requests) {
        int items = requests.getFirst().items.size();
        while (requests.size() < REQUESTS_A_COMMIT && items < ITEMS_A_COMMIT) {
            Request next = queue.poll();
            if (next == null) {
                return;
            }
            requests.add(next);
            items += next.items.size();
        }
    }

    private void commitTogether(List<Request> requests) throws InterruptedException {
        List<RelayItem> items =
                requests.stream().flatMap(request -> request.items.stream()).toList();
        try {
            persist(items);
            requests.forEach(request -> request.accepted.complete(null));
        } catch (DataAccessException | TransactionException failed) {
            if (requests.size() == 1 || !isAboutData(failed)) {
                log.warn("{} requests not accepted: {}", requests.size(), failed.getMessage());
                requests.forEach(request -> request.accepted.completeExceptionally(failed));
                return;
            }
            // One of them carries what the database cannot take; the others must not pay for it.
            for (Request request : requests) {
                commitTogether(List.of(request));
            }
        }
    }

    private static boolean isDiskFull(Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && DISK_FULL.equals(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAboutData(RuntimeException failed) {
        return failed instanceof NonTransientDataAccessException
                && !(failed instanceof NonTransientDataAccessResourceException);
    }

    /**
     * Two replicas that take the same redelivered messages at once can deadlock; and a database that is away for a
     * moment comes back. Bitrix24 sends an event only once, so it is worth waiting for while the sender does. What was
     * committed although the answer was lost is dropped as known. A full disk does not empty itself while the sender
     * waits.
     */
    private void persist(List<RelayItem> items) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                dispatcher.accept(items);
                return;
            } catch (TransientDataAccessException
                    | NonTransientDataAccessResourceException
                    | RecoverableDataAccessException
                    | TransactionException passing) {
                if (!running || isDiskFull(passing) || System.nanoTime() > deadline) {
                    throw passing;
                }
                Thread.sleep(200);
            }
        }
    }

    @Override
    public void start() {
        running = true;
        committer = Thread.ofVirtual().name("relay-commit").start(this::run);
    }

    @Override
    public void stop() {
        running = false;
        try {
            committer.join(10_000);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Starts before the web server takes requests, stops after it, and before the lanes do. */
    @Override
    public int getPhase() {
        return Dispatcher.PHASE + 1;
    }
}
