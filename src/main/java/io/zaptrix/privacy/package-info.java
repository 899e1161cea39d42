/**
 * What people may ask of their data (LGPD, GDPR): to see it, to take it along, to have it erased, and that it does not
 * stay longer than it must. The rooms say what they hold ({@link io.zaptrix.platform.PersonalData}); what is done with
 * it is here.
 */
@ApplicationModule(
        displayName = "Privacy",
        allowedDependencies = {"platform", "portal", "conversation", "operations"})
@NullMarked
package io.zaptrix.privacy;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
