package io.zaptrix.relay;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What became of an item. */
public sealed interface Outcome {

    /** It arrived. */
    record Done() implements Outcome {}

    /** The other side will never take it, and whoever must know was told; what follows it flows on. */
    record Refused(String reason) implements Outcome {}

    /**
     * It cannot be carried as it is and somebody should look: a dead letter. What follows it flows on.
     *
     * @param uncertain it may have arrived after all: replayed, it comes as {@link LaneItem#uncertain()}
     */
    record Dead(String reason, boolean uncertain) implements Outcome {

        /** It has certainly not arrived. */
        public Dead(String reason) {
            this(reason, false);
        }
    }

    /**
     * It certainly did not arrive and may later: the lane waits, longer with every failure in a row, and for at least
     * {@code atLeast}. After a day of this the item is a dead letter.
     */
    record Retry(String reason, @Nullable Duration atLeast) implements Outcome {}

    /** As {@link Retry}, but it may have arrived: it comes again as {@link LaneItem#uncertain()}. */
    record Uncertain(String reason, @Nullable Duration atLeast) implements Outcome {}

    /** It is not its turn by the other side's pace: the lane waits exactly so long, and nothing is counted. */
    record Wait(String reason, Duration time) implements Outcome {}

    /** Like {@link Wait} for this item alone; those behind it go on. For flows whose order does not matter. */
    record Park(String reason, Duration time) implements Outcome {}

    /**
     * The portal or the number is broken until a person mends it: the lane is held, looked at now and then, and woken
     * by {@link Relay#wake}. Nothing is counted.
     */
    record Suspended(String reason) implements Outcome {}

    /** It arrived. */
    Outcome DONE = new Done();
}
