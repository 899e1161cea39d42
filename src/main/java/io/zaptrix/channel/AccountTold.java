package io.zaptrix.channel;

import io.zaptrix.platform.TenantId;

/** Published when something new was kept of what Meta tells of an account. */
record AccountTold(TenantId tenant, String wabaId) {}
