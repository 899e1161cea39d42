/**
 * The console: pages for the operator of the service, at {@code /operator}, outside Bitrix24 and never in a frame. It
 * has a sign-in, sessions and a security chain of its own: a portal's session opens nothing here, and an operator's
 * nothing there. It shows how portals are, never what people wrote to each other, and records everything that is done
 * ({@code operator_audit}).
 *
 * <p>Without {@code ZAPTRIX_OPERATOR_PASSWORD} and without {@code ZAPTRIX_OPERATOR_OIDC_ISSUER} it does not exist
 * (404).
 */
@ApplicationModule(
        displayName = "Console",
        allowedDependencies = {"platform", "relay", "portal"})
@NullMarked
package io.zaptrix.console;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
