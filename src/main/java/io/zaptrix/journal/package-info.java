/**
 * What happened to messages, told to people: the log of single messages, the figures of days, and who may look. It
 * reads the tables of the relay, of what was sent and of what it cost with SQL of its own, as these questions go over
 * thousands of rows; it writes none but its own.
 */
@ApplicationModule(
        displayName = "Journal",
        allowedDependencies = {"platform", "portal", "conversation", "bitrix24"})
@NullMarked
package io.zaptrix.journal;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
