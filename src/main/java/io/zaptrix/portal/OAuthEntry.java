package io.zaptrix.portal;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.bitrix24.Bitrix24OAuth;
import io.zaptrix.bitrix24.TokenPair;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.platform.ZaptrixProperties;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserRequest;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserService;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.user.OAuth2User;
import org.springframework.stereotype.Component;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * Bitrix24's OAuth as Spring Security's client speaks it (REST documentation, {@code settings/oauth/index.md}). It
 * departs from the standard in three places: everybody's authorize page is on their own portal, the address to come
 * back to is not said in the request, and the token answer carries the portal.
 */
final class OAuthEntry {

    static final String REGISTRATION = "bitrix24";
    static final String PATH = "/oauth2/authorization/" + REGISTRATION;
    static final String CALLBACK = "/login/oauth2/code/" + REGISTRATION;

    private static final String TENANT = "zaptrix.tenant";
    private static final String CLIENT_ID = "client_id";
    private static final String CLIENT_ENDPOINT = "client_endpoint";
    private static final String MEMBER_ID = "member_id";
    private static final String REFRESH_TOKEN = "refresh_token";
    private static final String STATUS = "status";

    private OAuthEntry() {}

    /** The one registration; which client it really is depends on the portal, see {@link Resolver}. */
    @Component
    static class Registrations implements ClientRegistrationRepository {

        private final ClientRegistration registration;

        Registrations(ZaptrixProperties properties) {
            String clientId = properties.bitrix24().clientId();
            this.registration = ClientRegistration.withRegistrationId(REGISTRATION)
                    .clientName("Bitrix24")
                    // Absent where only local apps are served; those have their own.
                    .clientId(clientId == null || clientId.isBlank() ? "local-apps-only" : clientId)
                    .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
                    .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
                    .redirectUri(properties.publicUrl() + CALLBACK)
                    .authorizationUri("https://portal.invalid/oauth/authorize/")
                    .tokenUri(properties.bitrix24().oauthUrl() + "/oauth/token/")
                    .build();
        }

        @Override
        public @Nullable ClientRegistration findByRegistrationId(String registrationId) {
            return registrationId.equals(REGISTRATION) ? registration : null;
        }
    }

    /**
     * Sends the browser to the authorize page of the portal that {@code domain} names: an installed one, or any of
     * Bitrix24's cloud. Other hosts are not redirected to, or this page would send its visitors anywhere; a Bitrix24 on
     * premises is installed from its own pages first.
     */
    @Component
    static class Resolver implements OAuth2AuthorizationRequestResolver {

        /** Bitrix24's own domains; a list, as anybody could register the next top-level domain's bitrix24. */
        private static final Pattern CLOUD = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.bitrix24\\."
                + "(?:com|com\\.br|com\\.tr|ru|de|es|fr|it|pl|eu|uk|in|id|vn|jp|cn|mx|co|ua|by|kz|tech|site)");

        private static final Pattern HOST = Pattern.compile("[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?");

        private static final SecureRandom RANDOM = new SecureRandom();

        private final PortalDirectory directory;
        private final PortalStore store;
        private final String callback;

        Resolver(PortalDirectory directory, PortalStore store, ZaptrixProperties properties) {
            this.directory = directory;
            this.store = store;
            this.callback = properties.publicUrl() + CALLBACK;
        }

        @Override
        public @Nullable OAuth2AuthorizationRequest resolve(HttpServletRequest request) {
            String path =
                    request.getRequestURI().substring(request.getContextPath().length());
            return path.equals(PATH) ? resolve(request, REGISTRATION) : null;
        }

        @Override
        public @Nullable OAuth2AuthorizationRequest resolve(HttpServletRequest request, String registrationId) {
            String domain = request.getParameter("domain");
            if (!registrationId.equals(REGISTRATION) || domain == null) {
                return null;
            }
            String host = domain.strip().toLowerCase(Locale.ROOT);
            if (!HOST.matcher(host).matches()) {
                return null;
            }
            Optional<PortalDirectory.Entry> portal = directory.atHost(host);
            if (portal.isEmpty() && !CLOUD.matcher(host).matches()) {
                return null;
            }
            String clientId = portal.map(PortalDirectory.Entry::clientId)
                    .or(() -> store.configuredKeys().map(AppKeys::clientId))
                    .orElse(null);
            if (clientId == null) {
                return null;
            }
            String authorize =
                    portal.map(PortalDirectory.Entry::portalUrl).orElse("https://" + host) + "/oauth/authorize/";
            String state = state();
            Map<String, Object> attributes = portal.map(entry -> Map.<String, Object>of(
                            OAuth2ParameterNames.REGISTRATION_ID,
                            REGISTRATION,
                            TENANT,
                            entry.tenant().toString()))
                    .orElse(Map.of(OAuth2ParameterNames.REGISTRATION_ID, REGISTRATION));
            return OAuth2AuthorizationRequest.authorizationCode()
                    .authorizationUri(authorize)
                    .clientId(clientId)
                    .redirectUri(callback)
                    .state(state)
                    .attributes(all -> all.putAll(attributes))
                    .authorizationRequestUri(UriComponentsBuilder.fromUriString(authorize)
                            .queryParam(CLIENT_ID, clientId)
                            .queryParam("state", state)
                            .encode(StandardCharsets.UTF_8)
                            .toUriString())
                    .build();
        }

        private static String state() {
            byte[] bytes = new byte[24];
            RANDOM.nextBytes(bytes);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        }
    }

    /** Redeems the code at the authorization server, within the 30 seconds that it lives. */
    @Component
    static class CodeExchange implements OAuth2AccessTokenResponseClient<OAuth2AuthorizationCodeGrantRequest> {

        private final Bitrix24OAuth oauth;
        private final PortalStore store;

        CodeExchange(Bitrix24OAuth oauth, PortalStore store) {
            this.oauth = oauth;
            this.store = store;
        }

        @Override
        public OAuth2AccessTokenResponse getTokenResponse(OAuth2AuthorizationCodeGrantRequest grant) {
            OAuth2AuthorizationRequest request =
                    grant.getAuthorizationExchange().getAuthorizationRequest();
            String tenant = request.getAttribute(TENANT);
            AppKeys keys = keys(request.getClientId(), tenant);
            String secret = keys.clientSecret();
            if (secret == null) {
                throw new OAuth2AuthorizationException(error("not_installed", "The app's secret is not known."));
            }
            String code =
                    grant.getAuthorizationExchange().getAuthorizationResponse().getCode();
            if (code == null) {
                throw new OAuth2AuthorizationException(error("not_proved", "No code came back."));
            }
            try {
                TokenPair pair = oauth.exchange(keys.clientId(), secret, code);
                Duration life = Duration.between(Instant.now(), pair.expiresAt());
                return OAuth2AccessTokenResponse.withToken(pair.accessToken())
                        .tokenType(OAuth2AccessToken.TokenType.BEARER)
                        .expiresIn(Math.max(1, life.toSeconds()))
                        .refreshToken(pair.refreshToken())
                        .additionalParameters(Map.of(
                                MEMBER_ID,
                                pair.memberId(),
                                CLIENT_ENDPOINT,
                                pair.clientEndpoint().toString(),
                                CLIENT_ID,
                                keys.clientId(),
                                REFRESH_TOKEN,
                                pair.refreshToken(),
                                OAuth2ParameterNames.SCOPE,
                                pair.scope() == null ? "" : pair.scope(),
                                STATUS,
                                pair.status() == null ? "" : pair.status()))
                        .build();
            } catch (Bitrix24Exception e) {
                throw new OAuth2AuthorizationException(
                        error(e.kind() == Bitrix24Exception.Kind.SUSPEND ? "not_proved" : "bitrix24_failed", e.code()),
                        e);
            }
        }

        private AppKeys keys(String clientId, @Nullable String tenant) {
            return store.configuredKeys()
                    .filter(keys -> keys.clientId().equals(clientId))
                    .or(() -> tenant == null
                            ? Optional.empty()
                            : TenantContext.call(
                                    new TenantId(UUID.fromString(tenant)),
                                    () -> store.read(row -> row.flatMap(store::keys)
                                            .filter(keys -> keys.clientId().equals(clientId)))))
                    .orElseThrow(() ->
                            new OAuth2AuthorizationException(error("not_installed", "The portal has another app.")));
        }
    }

    /** Asks the portal who it is, and installs the app where an admin comes first in this way. */
    @Component
    static class Users implements OAuth2UserService<OAuth2UserRequest, OAuth2User> {

        private final InstalledPortals portals;
        private final PortalStore store;

        Users(InstalledPortals portals, PortalStore store) {
            this.portals = portals;
            this.store = store;
        }

        @Override
        public OAuth2User loadUser(OAuth2UserRequest request) {
            Map<String, Object> answer = request.getAdditionalParameters();
            String clientId = String.valueOf(answer.get(CLIENT_ID));
            TokenPair pair = new TokenPair(
                    request.getAccessToken().getTokenValue(),
                    String.valueOf(answer.get(REFRESH_TOKEN)),
                    Optional.ofNullable(request.getAccessToken().getExpiresAt()).orElse(Instant.now()),
                    String.valueOf(answer.get(MEMBER_ID)),
                    URI.create(String.valueOf(answer.get(CLIENT_ENDPOINT))),
                    null,
                    blankToNull(answer.get(OAuth2ParameterNames.SCOPE)),
                    blankToNull(answer.get(STATUS)),
                    null);
            try {
                return portals.signIn(pair, keys(clientId, pair.memberId()));
            } catch (SignInRefused e) {
                throw new OAuth2AuthenticationException(
                        error(e.reason().name().toLowerCase(Locale.ROOT), e.getMessage()), e);
            }
        }

        private AppKeys keys(String clientId, String memberId) {
            return store.configuredKeys()
                    .filter(keys -> keys.clientId().equals(clientId))
                    .or(() -> TenantContext.call(
                            TenantId.ofMember(memberId), () -> store.read(row -> row.flatMap(store::keys))))
                    .orElseThrow(
                            () -> new SignInRefused(SignInRefused.Reason.NOT_INSTALLED, "the portal is not known"));
        }

        private static @Nullable String blankToNull(@Nullable Object text) {
            return text == null || text.toString().isBlank() ? null : text.toString();
        }
    }

    /**
     * The authorized client is the portal's: one pair of tokens for all who sign in from there, which
     * {@link InstalledPortals} has stored when it let the user in and {@link FreshPortalRest} keeps fresh.
     */
    @Component
    static class Clients implements OAuth2AuthorizedClientRepository {

        private final Registrations registrations;
        private final PortalStore store;

        Clients(Registrations registrations, PortalStore store) {
            this.registrations = registrations;
            this.store = store;
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // The interface's own signature.
        public <T extends OAuth2AuthorizedClient> @Nullable T loadAuthorizedClient(
                String registrationId, Authentication principal, HttpServletRequest request) {
            ClientRegistration registration = registrations.findByRegistrationId(registrationId);
            if (registration == null || !(principal.getPrincipal() instanceof PortalUser user)) {
                return null;
            }
            return (T) TenantContext.call(
                    user.tenant(),
                    () -> store.read(found -> found.flatMap(row -> store.credentials(row)
                                    .map(tokens -> client(registration, user, tokens, store.refreshToken(row))))
                            .orElse(null)));
        }

        @Override
        public void saveAuthorizedClient(
                OAuth2AuthorizedClient client,
                Authentication principal,
                HttpServletRequest request,
                HttpServletResponse response) {
            // Stored already, in one transaction with the check that the portal has installed this app.
        }

        @Override
        public void removeAuthorizedClient(
                String registrationId,
                Authentication principal,
                HttpServletRequest request,
                HttpServletResponse response) {
            // Who signs out does not take the portal's tokens away.
        }

        private static OAuth2AuthorizedClient client(
                ClientRegistration registration, PortalUser user, Credentials tokens, @Nullable String refreshToken) {
            return new OAuth2AuthorizedClient(
                    registration,
                    user.getName(),
                    new OAuth2AccessToken(
                            OAuth2AccessToken.TokenType.BEARER, tokens.accessToken(), null, tokens.expiresAt()),
                    refreshToken == null ? null : new OAuth2RefreshToken(refreshToken, null));
        }
    }

    private static OAuth2Error error(String code, @Nullable String description) {
        return new OAuth2Error(code, description, null);
    }
}
