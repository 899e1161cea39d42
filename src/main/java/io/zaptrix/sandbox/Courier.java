package io.zaptrix.sandbox;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries what a vendor has to tell the application: in order within a key, again and again until it is taken. Can be
 * told to behave as badly as the vendors do.
 */
final class Courier implements AutoCloseable {

    private static final int AT_ONCE = 256;

    private final IntPredicate taken;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .executor(threads)
            .build();
    private final Map<String, CompletableFuture<Void>> tails = new ConcurrentHashMap<>();
    private final Semaphore atOnce = new Semaphore(AT_ONCE);
    private final AtomicInteger underWay = new AtomicInteger();

    private volatile boolean closed;
    private volatile boolean redeliver = true;
    private volatile int attempts = Integer.MAX_VALUE;
    private volatile Duration firstRetry = Duration.ofMillis(100);
    private volatile Duration longestRetry = Duration.ofSeconds(5);
    private volatile Duration patience = Duration.ofSeconds(10);
    private volatile boolean twice;
    private volatile boolean reorder;
    private volatile Duration delay = Duration.ZERO;

    /** @param taken which HTTP statuses the vendor takes for success */
    Courier(IntPredicate taken) {
        this.taken = taken;
    }

    void redeliver(boolean again) {
        redeliver = again;
    }

    void attempts(int most) {
        attempts = most;
    }

    void retryBetween(Duration first, Duration longest) {
        firstRetry = first;
        longestRetry = longest;
    }

    void patience(Duration perAttempt) {
        patience = perAttempt;
    }

    void twice(boolean on) {
        twice = on;
    }

    boolean twice() {
        return twice;
    }

    void reorder(boolean on) {
        reorder = on;
    }

    boolean reorder() {
        return reorder;
    }

    void delay(Duration each) {
        delay = each;
    }

    /** How many parcels are on their way. */
    int underWay() {
        return underWay.get();
    }

    /** Whether everything was taken or given up within the time. */
    boolean awaitIdle(Duration most) throws InterruptedException {
        long end = System.nanoTime() + most.toNanos();
        while (underWay.get() > 0) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.sleep(5);
        }
        return true;
    }

    /**
     * Sends a parcel off; returns at once.
     *
     * @param key parcels of the same key arrive in order, unless told otherwise
     */
    void send(String key, Parcel parcel) {
        if (closed) {
            return;
        }
        int copies = twice ? 2 : 1;
        underWay.addAndGet(copies);
        try {
            if (reorder) {
                for (int copy = 0; copy < copies; copy++) {
                    threads.execute(() -> carry(parcel, Duration.ofMillis(random(400))));
                }
                return;
            }
            tails.compute(
                    key,
                    (k, tail) -> (tail == null || tail.isDone() ? CompletableFuture.<Void>completedFuture(null) : tail)
                            .exceptionally(failure -> null)
                            .thenRunAsync(() -> carry(parcel, Duration.ZERO), threads));
            if (copies == 2) {
                threads.execute(() -> carry(parcel, Duration.ofMillis(random(200))));
            }
        } catch (RejectedExecutionException closing) {
            underWay.addAndGet(-copies);
        }
    }

    @Override
    public void close() {
        closed = true;
        threads.shutdownNow();
        http.shutdownNow();
    }

    private void carry(Parcel parcel, Duration before) {
        try {
            Thread.sleep(before.plus(delay));
            Duration wait = firstRetry;
            for (int attempt = 1; !closed; attempt++) {
                int status = post(parcel);
                parcel.attempted().accept(new Attempt(attempt, status, Instant.now()));
                if (taken.test(status) || !redeliver || attempt >= attempts) {
                    return;
                }
                Thread.sleep(wait);
                wait = wait.multipliedBy(2).compareTo(longestRetry) > 0 ? longestRetry : wait.multipliedBy(2);
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } finally {
            underWay.decrementAndGet();
        }
    }

    /** The answer's status, or 0 for none. */
    private int post(Parcel parcel) throws InterruptedException {
        URI to = parcel.to().get();
        if (to == null) {
            return 0;
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(to)
                .timeout(patience)
                .header("Content-Type", parcel.contentType())
                .POST(BodyPublishers.ofByteArray(parcel.body()));
        parcel.headers().forEach(request::header);
        atOnce.acquire();
        try {
            return http.send(request.build(), BodyHandlers.discarding()).statusCode();
        } catch (IOException unanswered) {
            return 0;
        } finally {
            atOnce.release();
        }
    }

    private static long random(int millis) {
        return ThreadLocalRandom.current().nextLong(millis);
    }

    /**
     * What is to be carried.
     *
     * @param to asked anew for each attempt, since the application may come back at another address
     * @param attempted is told of each attempt
     */
    record Parcel(
            Supplier<@Nullable URI> to,
            String contentType,
            Map<String, String> headers,
            byte[] body,
            Consumer<Attempt> attempted) {}

    /** One try: the how-manieth, and the status of the answer or 0. */
    record Attempt(int number, int status, Instant at) {}
}
