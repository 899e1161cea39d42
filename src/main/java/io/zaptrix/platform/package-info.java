/**
 * What every room stands on and nobody else may provide: the configuration, the database (embedded or given), the
 * tenant that a transaction is bound to, and encryption at rest. Knows no other room.
 */
@ApplicationModule(
        displayName = "Platform",
        allowedDependencies = {})
@NullMarked
package io.zaptrix.platform;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
