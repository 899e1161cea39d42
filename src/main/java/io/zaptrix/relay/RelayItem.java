package io.zaptrix.relay;

import io.zaptrix.platform.TenantId;
import java.time.Instant;

/**
 * Something to be carried once and in order.
 *
 * @param tenant whose it is
 * @param lane the unit of order, {@code flow:rest}; what stands before the first colon chooses the {@link LaneHandler}
 * @param key what makes it the same thing when it comes again, unique within tenant and flow
 * @param orderedAt when it was written, by its sender's clock; items of a lane that wait together go in this order, and
 *     in the order of their acceptance where it is equal
 * @param payload what the handler needs
 * @param correlationId follows it through the logs
 */
public record RelayItem(
        TenantId tenant, String lane, String key, Instant orderedAt, byte[] payload, String correlationId) {

    public RelayItem {
        if (lane.indexOf(':') < 1) {
            throw new IllegalArgumentException("a lane is named flow:rest, not " + lane);
        }
    }

    /** Which handler carries it. */
    public String flow() {
        return lane.substring(0, lane.indexOf(':'));
    }
}
