package io.zaptrix.relay;

import io.zaptrix.platform.TenantId;
import java.util.Collection;

/** The durable lanes. */
public interface Relay {

    /**
     * Takes items over. When this returns they are durable, and each will be carried once, in its lane's order; one
     * whose key was accepted before is dropped. Concurrent callers share a commit.
     *
     * @throws RelayUnavailable when the database did not take them; nothing is then promised, and the sender should be
     *     told to come again
     */
    void accept(Collection<RelayItem> items);

    /** Whether the database takes items just now: a connection is to be had, and no commit is held up. May wait. */
    boolean isAccepting();

    /** Makes the tenant's lanes whose name begins with {@code lanePrefix} try again now, whatever they waited for. */
    void wake(TenantId tenant, String lanePrefix);
}
