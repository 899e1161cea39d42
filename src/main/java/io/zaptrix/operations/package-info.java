/** What the operator of the service sees: health, metrics, API documentation. */
@ApplicationModule(
        displayName = "Operations",
        allowedDependencies = {"platform", "relay", "portal", "channel", "conversation", "meta", "bitrix24"})
@NullMarked
package io.zaptrix.operations;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
