package io.zaptrix.portal;

import io.zaptrix.platform.TenantId;

/** Published after a portal that was suspended, or gone, works again. */
public record PortalResumed(TenantId tenant) {}
