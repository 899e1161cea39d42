package io.zaptrix.relay;

import java.time.Duration;

/**
 * Notices when the database's clock is set back, by comparing it with this replica's monotonic one.
 *
 * <p>Used by one thread.
 */
final class DatabaseClock {

    /** Less than this is no step but the ordinary correction of a clock, or a slow answer. */
    private static final double STEP_SECONDS = 5;

    /** An answer that took longer says too little about when it was given. */
    private static final long PROMPT_NANOS = Duration.ofSeconds(1).toNanos();

    private double ahead = Double.NaN;

    /**
     * @param seconds what it says
     * @param asked {@link System#nanoTime()} before it was asked
     * @param answered and when it had answered
     * @return whether it was set back since it was last asked
     */
    boolean setBack(double seconds, long asked, long answered) {
        if (answered - asked > PROMPT_NANOS) {
            return false;
        }
        double now = seconds - answered / 1e9;
        boolean back = now < ahead - STEP_SECONDS;
        ahead = now;
        return back;
    }
}
