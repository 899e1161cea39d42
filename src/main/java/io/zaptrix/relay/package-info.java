/**
 * The durable lanes: accept, order, dispatch, retry, give up. Knows neither Meta nor Bitrix24, only items that must
 * arrive once and in order, and handlers that carry them.
 */
@ApplicationModule(
        displayName = "Relay",
        allowedDependencies = {"platform"})
@NullMarked
package io.zaptrix.relay;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
