/**
 * A stand-in Meta and a stand-in Bitrix24 with a page to play both ends, so that the gateway runs with no account
 * anywhere. No other room knows it.
 */
@ApplicationModule(
        displayName = "Sandbox",
        allowedDependencies = {"platform", "meta", "bitrix24"})
@NullMarked
package io.zaptrix.sandbox;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
