package io.zaptrix.console;

import io.zaptrix.platform.Secrets;
import io.zaptrix.platform.TenantId;
import io.zaptrix.platform.ZaptrixProperties;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.security.config.ObjectPostProcessor;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.SupplierClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.AuthorizationRequestRepository;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestRedirectFilter;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;
import org.springframework.security.oauth2.core.oidc.OidcIdToken;
import org.springframework.security.oauth2.core.oidc.StandardClaimAccessor;
import org.springframework.security.oauth2.core.oidc.endpoint.OidcParameterNames;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.stereotype.Component;

/**
 * Signing in by an identity provider (OpenID Connect, code flow with PKCE and nonce). Apart in everything from signing
 * in by Bitrix24: another registration, which nobody else sees, other addresses, and nothing kept in a session. What
 * must be known when the browser comes back lies sealed in a cookie of its own; the session's cookie would not come
 * along from another site.
 */
@Component
class OidcSignIn {

    private static final Logger log = LoggerFactory.getLogger(OidcSignIn.class);

    private static final String PATH = OperatorSessions.PATH + "/oidc";
    private static final String START = PATH + "/start";
    private static final String CALLBACK = PATH + "/callback";
    private static final String NOT_ALLOWED = "not_allowed";

    /** The provider says nothing when it is asked how it is to be used. */
    private static final String AWAY = "provider_away";

    private static final String REGISTRATION = "operator";

    private final OidcProperties properties;
    private final String publicUrl;
    private final Secrets secrets;
    private final OperatorSessions sessions;
    private final OperatorAudit audit;
    private final ConsolePages pages;

    OidcSignIn(
            OidcProperties properties,
            ZaptrixProperties zaptrix,
            Secrets secrets,
            OperatorSessions sessions,
            OperatorAudit audit,
            ConsolePages pages) {
        this.properties = properties;
        this.publicUrl = zaptrix.publicUrl().toString();
        this.secrets = secrets;
        this.sessions = sessions;
        this.audit = audit;
        this.pages = pages;
    }

    void configure(HttpSecurity http) {
        // Asked when somebody wants to sign in, not at the start: the service does not wait for the provider.
        ClientRegistrationRepository known = new SupplierClientRegistrationRepository(
                () -> new InMemoryClientRegistrationRepository(registration()));
        ClientRegistrationRepository registrations = id -> {
            try {
                return known.findByRegistrationId(id);
            } catch (RuntimeException noAnswer) {
                throw new OAuth2AuthenticationException(new OAuth2Error(AWAY), noAnswer);
            }
        };
        DefaultOAuth2AuthorizationRequestResolver requests =
                new DefaultOAuth2AuthorizationRequestResolver(registrations, START);
        requests.setAuthorizationRequestCustomizer(OAuth2AuthorizationRequestCustomizers.withPkce());
        http.oauth2Login(login -> login.clientRegistrationRepository(registrations)
                .authorizedClientRepository(new NoTokensKept())
                .authorizationEndpoint(endpoint -> endpoint.authorizationRequestResolver(requests)
                        .authorizationRequestRepository(new Pending(registrations)))
                .redirectionEndpoint(endpoint -> endpoint.baseUri(CALLBACK))
                .tokenEndpoint(endpoint ->
                        endpoint.accessTokenResponseClient(new RestClientAuthorizationCodeTokenResponseClient()))
                .userInfoEndpoint(endpoint -> endpoint.oidcUserService(this::allowed))
                .loginPage(ConsoleSignInController.PATH)
                .successHandler(this::succeeded)
                .failureHandler(this::failed)
                .addObjectPostProcessor(new ObjectPostProcessor<OAuth2AuthorizationRequestRedirectFilter>() {
                    @Override
                    public <O extends OAuth2AuthorizationRequestRedirectFilter> O postProcess(O starting) {
                        starting.setAuthenticationFailureHandler(OidcSignIn.this::failed);
                        return starting;
                    }
                }));
    }

    private ClientRegistration registration() {
        return ClientRegistrations.fromIssuerLocation(Objects.requireNonNull(properties.issuer()))
                .registrationId(REGISTRATION)
                .clientId(Objects.requireNonNull(properties.clientId()))
                .clientSecret(Objects.requireNonNull(properties.clientSecret()))
                .scope("openid", "email")
                .redirectUri(publicUrl + CALLBACK)
                .build();
    }

    private OidcUser allowed(OidcUserRequest request) {
        OidcIdToken token = request.getIdToken();
        if (!properties.allows(Objects.requireNonNull(token.getSubject()), verifiedAddress(token))) {
            throw new OAuth2AuthenticationException(new OAuth2Error(NOT_ALLOWED));
        }
        return new DefaultOidcUser(List.of(), token);
    }

    private static @Nullable String verifiedAddress(StandardClaimAccessor claims) {
        return Boolean.TRUE.equals(claims.getEmailVerified()) ? claims.getEmail() : null;
    }

    private void succeeded(HttpServletRequest request, HttpServletResponse response, Authentication who)
            throws IOException {
        OidcUser user = (OidcUser) Objects.requireNonNull(who.getPrincipal());
        String address = verifiedAddress(user);
        String name = address == null ? Objects.requireNonNull(user.getSubject()) : address;
        String client = Attempts.client(request.getRemoteAddr());
        sessions.begin(name, true, client, request, response);
        audit.record(name, "signed_in", null, Map.of("by", "oidc", "from", client));
        // By a page, not by a redirect: that would still be the other site's, and the new cookie would not go with it.
        pages.write("welcome", HttpStatus.OK, request, response);
    }

    private void failed(HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
            throws IOException {
        String code = code(failure);
        log.warn("an operator's sign-in by the identity provider failed: {}", code);
        switch (code) {
            case NOT_ALLOWED -> pages.write("not-allowed", HttpStatus.FORBIDDEN, request, response);
            case AWAY -> pages.write("provider-away", HttpStatus.BAD_GATEWAY, request, response);
            default -> pages.write("provider-failed", HttpStatus.UNAUTHORIZED, request, response);
        }
    }

    private static String code(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof OAuth2AuthenticationException oauth) {
                return oauth.getError().getErrorCode();
            }
        }
        return "failed";
    }

    /** What was asked of the provider, until it answers: state, nonce and PKCE verifier, sealed in a cookie. */
    private final class Pending implements AuthorizationRequestRepository<OAuth2AuthorizationRequest> {

        private static final String COOKIE = "zaptrix_operator_oidc";
        private static final String PURPOSE = "operator_oidc";

        private final ClientRegistrationRepository registrations;

        Pending(ClientRegistrationRepository registrations) {
            this.registrations = registrations;
        }

        @Override
        public @Nullable OAuth2AuthorizationRequest loadAuthorizationRequest(HttpServletRequest request) {
            Cookie[] cookies = request.getCookies();
            String state = request.getParameter(OAuth2ParameterNames.STATE);
            if (cookies == null || state == null) {
                return null;
            }
            for (Cookie cookie : cookies) {
                if (cookie.getName().equals(COOKIE)) {
                    OAuth2AuthorizationRequest asked = open(cookie.getValue());
                    return asked != null && state.equals(asked.getState()) ? asked : null;
                }
            }
            return null;
        }

        @Override
        public void saveAuthorizationRequest(
                @Nullable OAuth2AuthorizationRequest asked, HttpServletRequest request, HttpServletResponse response) {
            if (asked != null) {
                String kept = String.join(
                        "\n",
                        asked.getState(),
                        asked.getAttribute(OidcParameterNames.NONCE),
                        asked.getAttribute(PkceParameterNames.CODE_VERIFIER));
                set(
                        Base64.getUrlEncoder()
                                .withoutPadding()
                                .encodeToString(secrets.seal(TenantId.NOBODY, PURPOSE, kept)),
                        Duration.ofMinutes(10),
                        response);
            }
        }

        @Override
        public @Nullable OAuth2AuthorizationRequest removeAuthorizationRequest(
                HttpServletRequest request, HttpServletResponse response) {
            OAuth2AuthorizationRequest asked = loadAuthorizationRequest(request);
            set("", Duration.ZERO, response);
            return asked;
        }

        private @Nullable OAuth2AuthorizationRequest open(String sealed) {
            try {
                String[] kept = secrets.open(
                                TenantId.NOBODY, PURPOSE, Base64.getUrlDecoder().decode(sealed))
                        .split("\n", 3);
                ClientRegistration registration =
                        Objects.requireNonNull(registrations.findByRegistrationId(REGISTRATION));
                return OAuth2AuthorizationRequest.authorizationCode()
                        .authorizationUri(Objects.requireNonNull(
                                registration.getProviderDetails().getAuthorizationUri()))
                        .clientId(registration.getClientId())
                        .redirectUri(publicUrl + CALLBACK)
                        .scopes(registration.getScopes())
                        .state(kept[0])
                        .attributes(Map.of(
                                OAuth2ParameterNames.REGISTRATION_ID, REGISTRATION,
                                OidcParameterNames.NONCE, kept[1],
                                PkceParameterNames.CODE_VERIFIER, kept[2]))
                        .build();
            } catch (IllegalStateException | IllegalArgumentException foreign) {
                return null;
            }
        }

        private void set(String value, Duration age, HttpServletResponse response) {
            response.addHeader(
                    HttpHeaders.SET_COOKIE,
                    ResponseCookie.from(COOKIE, value)
                            .path(PATH)
                            .httpOnly(true)
                            .secure(true)
                            // It must come along when the provider's site leads back here.
                            .sameSite("Lax")
                            .maxAge(age)
                            .build()
                            .toString());
        }
    }

    /** The provider's tokens have said who it is; there is no other use for them. */
    private static final class NoTokensKept implements OAuth2AuthorizedClientRepository {

        @Override
        public <T extends OAuth2AuthorizedClient> @Nullable T loadAuthorizedClient(
                String registration, @Nullable Authentication who, HttpServletRequest request) {
            return null;
        }

        @Override
        public void saveAuthorizedClient(
                OAuth2AuthorizedClient client,
                @Nullable Authentication who,
                HttpServletRequest request,
                HttpServletResponse response) {}

        @Override
        public void removeAuthorizedClient(
                String registration,
                @Nullable Authentication who,
                HttpServletRequest request,
                HttpServletResponse response) {}
    }
}
