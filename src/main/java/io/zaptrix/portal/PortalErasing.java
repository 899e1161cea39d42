package io.zaptrix.portal;

import io.zaptrix.platform.TenantId;

/**
 * Published when the rows of a portal that is gone are about to be erased, inside the transaction that does it and with
 * the tenant bound: a listener erases what bears no tenant's name.
 */
public record PortalErasing(TenantId tenant) {}
