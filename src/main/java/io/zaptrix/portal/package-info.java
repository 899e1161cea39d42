/** The tenant: a Bitrix24 portal, its OAuth tokens, its coming and going, and whoever signs in from it. */
@ApplicationModule(
        displayName = "Portal",
        allowedDependencies = {"platform", "relay", "bitrix24"})
@NullMarked
package io.zaptrix.portal;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
