package io.zaptrix.bench;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** The machine, which one benchmark has for itself at a time. */
final class Machine implements AutoCloseable {

    private static final Semaphore FREE = new Semaphore(1, true);

    private final AtomicBoolean mine = new AtomicBoolean(true);

    private Machine() {}

    /** Waits for its turn. */
    static Machine alone() {
        FREE.acquireUninterruptibly();
        return new Machine();
    }

    /** Lets the next begin: for what from now on only waits. */
    void leave() {
        if (mine.getAndSet(false)) {
            FREE.release();
        }
    }

    @Override
    public void close() {
        leave();
    }
}
