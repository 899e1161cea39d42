package io.zaptrix.portal;

import io.zaptrix.platform.TenantId;

/**
 * Published when a portal has removed the app, inside the transaction that says so and with the tenant bound: what a
 * listener changes is changed together with it.
 */
public record PortalUninstalled(TenantId tenant) {}
