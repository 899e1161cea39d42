package io.zaptrix.channel;

import io.zaptrix.platform.TenantId;

/** Published after a number was linked, or linked again: what waited for it may go on. */
public record NumberResumed(TenantId tenant, String phoneNumberId) {}
