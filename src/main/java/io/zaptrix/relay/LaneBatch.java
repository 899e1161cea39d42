package io.zaptrix.relay;

import io.zaptrix.platform.TenantId;
import java.util.List;

/** The next items of one lane, oldest first; durable as handed over before the handler sees them. */
public interface LaneBatch {

    TenantId tenant();

    String lane();

    List<LaneItem> items();

    /**
     * To be called right before each request that must not happen twice.
     *
     * @throws LeaseLost when this replica was out of touch for so long (paused, starved) that another may have taken
     *     the lane over; nothing may be sent then
     */
    void checkpoint();
}
