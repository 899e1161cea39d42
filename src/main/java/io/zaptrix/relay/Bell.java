package io.zaptrix.relay;

import io.zaptrix.platform.NotificationListener;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * Wakes the dispatcher when lanes became due that nobody carries: rung by this replica, or by another's notification. A
 * ring that is lost costs one polling interval, no more.
 */
@Component
class Bell implements NotificationListener {

    private final Semaphore rings = new Semaphore(0);

    void ring() {
        if (rings.availablePermits() == 0) {
            rings.release();
        }
    }

    /** Waits for the bell, but not longer than {@code atMost}; rings in between are one. */
    void await(Duration atMost) throws InterruptedException {
        rings.tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS);
        rings.drainPermits();
    }

    @Override
    public String channel() {
        return "zaptrix_lane";
    }

    @Override
    public void heard(String payload) {
        ring();
    }

    @Override
    public void missed() {
        ring();
    }
}
