/** Everything spoken with Meta: the webhook's signature and wire types, the Graph client, its errors. */
@ApplicationModule(
        displayName = "Meta",
        allowedDependencies = {"platform"})
@NullMarked
package io.zaptrix.meta;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
