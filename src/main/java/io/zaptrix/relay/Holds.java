package io.zaptrix.relay;

import io.zaptrix.platform.TenantId;
import java.time.Instant;
import java.util.Optional;

/**
 * Portals that the operator of the service has suspended. Their lanes are held: what comes for them is accepted,
 * durably, and answered, and nothing is carried, nor does it age, until they are released.
 */
public interface Holds {

    /**
     * A suspension.
     *
     * @param reason the operator's words, which the portal's admins read
     */
    record Hold(Instant since, String reason) {}

    Optional<Hold> find(TenantId tenant);

    /** Holds a portal's lanes, on all replicas; what is in a handler's hands is carried to its end. */
    void hold(TenantId tenant, String reason);

    /** Lets the lanes move again, at once. */
    void release(TenantId tenant);
}
