/** Bitrix24 to WhatsApp: takes what agents write, sends it, and brings back what became of it. */
@ApplicationModule(
        displayName = "Outbound",
        allowedDependencies = {"platform", "relay", "portal", "channel", "conversation", "meta", "bitrix24", "media"})
@NullMarked
package io.zaptrix.outbound;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
