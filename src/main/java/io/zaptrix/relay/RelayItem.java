package io.zaptrix.relay;

import io.zaptrix.platform.TenantId;

/**
 * Something to be carried once and in order.
 *
 * @param tenant whose it is
 * @param lane the unit of order, {@code flow:rest}; what stands before the first colon chooses the {@link LaneHandler}
 * @param key what makes it the same thing when it comes again, unique within tenant and flow
 * @param position where it stands among those that wait in its lane: any number that grows as its sender writes (a
 *     time, a message id); where it is equal, acceptance decides
 * @param payload what the handler needs
 * @param correlationId follows it through the logs
 */
public record RelayItem(TenantId tenant, String lane, String key, long position, byte[] payload, String correlationId) {

    public RelayItem {
        if (lane.indexOf(':') < 1) {
            throw new IllegalArgumentException("a lane is named flow:rest, not " + lane);
        }
    }

    /** Which handler carries it. */
    public String flow() {
        return flowOf(lane);
    }

    static String flowOf(String lane) {
        return lane.substring(0, lane.indexOf(':'));
    }
}
