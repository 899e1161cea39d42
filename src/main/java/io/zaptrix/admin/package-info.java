/** The pages: inside Bitrix24 for the portal's admins, and who may open them. */
@ApplicationModule(
        displayName = "Admin",
        allowedDependencies = {
            "platform",
            "relay",
            "portal",
            "channel",
            "conversation",
            "inbound",
            "outbound",
            "meta",
            "bitrix24",
            "operations",
            "api",
            "journal",
            "media",
            "privacy"
        })
@NullMarked
package io.zaptrix.admin;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
