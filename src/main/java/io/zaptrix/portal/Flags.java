package io.zaptrix.portal;

import io.zaptrix.platform.TenantId;
import java.util.Map;

/** Which {@link Flag}s are on for a portal. A change counts on all replicas within a moment. */
public interface Flags {

    /**
     * Costs nothing but a look into memory, as a rule.
     *
     * @throws IllegalStateException when it must be read inside a transaction that is another tenant's
     */
    boolean isOn(TenantId tenant, Flag flag);

    /** All of them, as they are now. */
    Map<Flag, Boolean> of(TenantId tenant);

    void set(TenantId tenant, Flag flag, boolean on);
}
