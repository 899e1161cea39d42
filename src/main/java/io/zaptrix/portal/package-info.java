/**
 * The tenant: a Bitrix24 portal, its OAuth tokens, its coming and going, and whoever signs in from it.
 *
 * <p>Signing in outside the iframe is {@code GET /oauth2/authorization/bitrix24?domain=acme.bitrix24.com}. The beans
 * for it are found by {@code oauth2Login} by their types: a {@code ClientRegistrationRepository} with the one
 * registration {@code bitrix24}, an {@code OAuth2AuthorizationRequestResolver} that sends the browser to the portal
 * named by {@code domain}, the {@code OAuth2AccessTokenResponseClient} and {@code OAuth2UserService} that speak with
 * Bitrix24, and the {@code OAuth2AuthorizedClientRepository} that reads {@code portal_config}. The principal is a
 * {@link io.zaptrix.portal.PortalUser}; a refusal's {@code OAuth2Error} code is a
 * {@link io.zaptrix.portal.SignInRefused.Reason} in lower case. Bitrix24 sends the browser back to the address in the
 * app's settings, not to one that the request names: {@code GET /bitrix24/app} with a {@code code} therefore passes on
 * to {@code /login/oauth2/code/bitrix24}, and needs no session, as does {@code GET /oauth2/authorization/bitrix24}.
 *
 * <p>{@code POST /webhooks/bitrix24/outbound} proves its senders itself; it needs neither a session nor a CSRF token,
 * and no filter before it may read the request's parameters.
 */
@ApplicationModule(
        displayName = "Portal",
        allowedDependencies = {"platform", "relay", "bitrix24"})
@NullMarked
package io.zaptrix.portal;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
