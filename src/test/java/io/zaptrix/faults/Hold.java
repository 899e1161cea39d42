package io.zaptrix.faults;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A stand-in that stands still in the middle of one call. */
final class Hold {

    final String method;
    private final boolean taking;
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);

    /**
     * @param method which call is held: how its path ends
     * @param taking whether it stands still when it has taken the call and not yet answered; else before that
     */
    Hold(String method, boolean taking) {
        this.method = method;
        this.taking = taking;
    }

    /** What the stand-in does with the call, as it is held. */
    <T> T during(Supplier<T> work) throws InterruptedException {
        if (!taking) {
            stand();
        }
        T answer = work.get();
        if (taking) {
            stand();
        }
        return answer;
    }

    private void stand() throws InterruptedException {
        reached.countDown();
        open.await();
    }

    /** Waits until a call is in its hands. */
    void awaitCall() throws InterruptedException {
        if (!reached.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError("no call came");
        }
    }

    void release() {
        open.countDown();
    }
}
