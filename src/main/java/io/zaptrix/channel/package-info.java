/** A WhatsApp number linked to a portal and one of its open lines. */
@ApplicationModule(
        displayName = "Channel",
        allowedDependencies = {"platform", "portal", "meta", "bitrix24"})
@NullMarked
package io.zaptrix.channel;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
