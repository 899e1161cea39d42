package io.zaptrix.relay;

import java.util.List;
import java.util.Optional;

/** Carries the items of one flow. One bean a flow; called with the lane's tenant bound, one call a lane at a time. */
public interface LaneHandler {

    /** The flow it carries: what stands before the colon in the names of its lanes. */
    String flow();

    /** How many items it takes at once. */
    int batchSize();

    /**
     * Carries a batch.
     *
     * @return what became of each item, in the batch's order; items beyond the list's end were not touched and come
     *     again at once, unless the last outcome makes the lane wait
     */
    List<Outcome> deliver(LaneBatch batch);

    /** Told when an item became a dead letter after its time was over; not told when the handler itself said so. */
    default void gaveUp(LaneItem item) {}

    /**
     * Whom an item is from or for, so that a person can tell one from another: a phone number or the other side's id of
     * a user, unmasked. May throw for a payload that it cannot read.
     *
     * @return empty when the item does not say
     */
    default Optional<String> counterpart(String lane, byte[] payload) {
        return Optional.empty();
    }
}
