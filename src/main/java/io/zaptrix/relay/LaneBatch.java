package io.zaptrix.relay;

import io.zaptrix.platform.TenantId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The next items of one lane, oldest first; durable as handed over before the handler sees them. */
public interface LaneBatch {

    TenantId tenant();

    String lane();

    List<LaneItem> items();

    /**
     * Carries the items one after the other, up to the first that holds the lane.
     *
     * @return what became of those that were carried
     */
    default List<Outcome> oneByOne(Function<LaneItem, Outcome> carry) {
        List<Outcome> outcomes = new ArrayList<>();
        for (LaneItem item : items()) {
            Outcome outcome = carry.apply(item);
            outcomes.add(outcome);
            if (!(outcome instanceof Outcome.Done
                    || outcome instanceof Outcome.Refused
                    || outcome instanceof Outcome.Dead)) {
                break;
            }
        }
        return outcomes;
    }

    /**
     * To be called right before each request that must not happen twice.
     *
     * @throws LeaseLost when this replica was out of touch for so long (paused, starved) that another may have taken
     *     the lane over; nothing may be sent then
     */
    void checkpoint();
}
