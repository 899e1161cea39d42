/**
 * What programs of a portal's company may do with it by {@code /api/v1}: send, look, and be told. A program is known by
 * its key, which an admin makes; a key is one portal's, and so is all that it reaches.
 */
@ApplicationModule(
        displayName = "API",
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
            "operations"
        })
@NullMarked
package io.zaptrix.api;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
