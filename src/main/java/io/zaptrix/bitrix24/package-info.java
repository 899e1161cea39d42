/** Everything spoken with Bitrix24: OAuth, the REST client and its limits, the events' wire types, their errors. */
@ApplicationModule(
        displayName = "Bitrix24",
        allowedDependencies = {"platform"})
@NullMarked
package io.zaptrix.bitrix24;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
