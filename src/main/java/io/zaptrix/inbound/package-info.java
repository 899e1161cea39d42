/** WhatsApp to Bitrix24: takes Meta's webhooks, and brings what customers write into the open line's chat. */
@ApplicationModule(
        displayName = "Inbound",
        allowedDependencies = {"platform", "relay", "portal", "channel", "conversation", "media", "meta", "bitrix24"})
@NullMarked
package io.zaptrix.inbound;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
