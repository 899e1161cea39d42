/** Who talks with whom: a WhatsApp user on a number, and the chat in the portal that is the other end. */
@ApplicationModule(
        displayName = "Conversation",
        allowedDependencies = {"platform", "portal"})
@NullMarked
package io.zaptrix.conversation;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
