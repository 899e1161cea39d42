package io.zaptrix.console;

import io.zaptrix.platform.ZaptrixProperties;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer.FrameOptionsConfig;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.csrf.CsrfFilter;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;
import org.springframework.security.web.header.writers.CrossOriginOpenerPolicyHeaderWriter.CrossOriginOpenerPolicy;
import org.springframework.security.web.header.writers.CrossOriginResourcePolicyHeaderWriter.CrossOriginResourcePolicy;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;

/** The console's own door: who has no session of the console's sees its sign-in, whatever else they are. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(OidcProperties.class)
class ConsoleSecurity {

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static final String EVERYTHING = OperatorSessions.PATH + "/**";

    @Bean
    @Order(16)
    SecurityFilterChain consoleChain(
            HttpSecurity http,
            OperatorSessions sessions,
            OperatorPassword password,
            OidcProperties oidc,
            OidcSignIn provider,
            ConsolePages pages,
            ZaptrixProperties properties) {
        http.securityMatcher(OperatorSessions.PATH, EVERYTHING)
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .httpBasic(AbstractHttpConfigurer::disable)
                .formLogin(AbstractHttpConfigurer::disable)
                .anonymous(anonymous -> {})
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .headers(headers -> headers.frameOptions(FrameOptionsConfig::deny)
                        .contentSecurityPolicy(policy -> policy.policyDirectives(POLICY))
                        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.NO_REFERRER))
                        .crossOriginOpenerPolicy(opener -> opener.policy(CrossOriginOpenerPolicy.SAME_ORIGIN))
                        .crossOriginResourcePolicy(resource -> resource.policy(CrossOriginResourcePolicy.SAME_ORIGIN))
                        .httpStrictTransportSecurity(transport -> {
                            if (!"https".equals(properties.publicUrl().getScheme())) {
                                transport.disable();
                            }
                        }));
        if (!password.isSet() && !oidc.isSet()) {
            return http.authorizeHttpRequests(requests -> requests.anyRequest().denyAll())
                    .csrf(AbstractHttpConfigurer::disable)
                    .exceptionHandling(errors -> errors.authenticationEntryPoint(
                                    (request, response, failure) -> response.sendError(HttpStatus.NOT_FOUND.value()))
                            .accessDeniedHandler(
                                    (request, response, failure) -> response.sendError(HttpStatus.NOT_FOUND.value())))
                    .build();
        }
        http.securityContext(context -> context.securityContextRepository(sessions.contexts()))
                .csrf(csrf -> csrf.csrfTokenRepository(sessions.csrfTokens())
                        .csrfTokenRequestHandler(new CsrfTokenRequestAttributeHandler()))
                .authorizeHttpRequests(requests -> requests.requestMatchers(ConsoleSignInController.PATH)
                        .permitAll()
                        .requestMatchers(ConsoleSignInController.CODE)
                        .hasAnyRole(OperatorSessions.HALF, OperatorSessions.FULL)
                        .anyRequest()
                        .hasRole(OperatorSessions.FULL))
                .exceptionHandling(errors -> errors.authenticationEntryPoint((request, response, failure) ->
                                pages.write("sign-in", HttpStatus.UNAUTHORIZED, request, response))
                        .accessDeniedHandler((request, response, failure) -> denied(request, response, failure, pages)))
                .addFilterBefore(new ConsoleLanguage(), CsrfFilter.class);
        if (oidc.isSet()) {
            provider.configure(http);
        }
        return http.build();
    }

    /** Whoever has only given the password is led on; a form that is too old is said to be. */
    private static void denied(
            HttpServletRequest request, HttpServletResponse response, AccessDeniedException failure, ConsolePages pages)
            throws IOException {
        Authentication who = SecurityContextHolder.getContext().getAuthentication();
        if (who != null
                && who.getPrincipal() instanceof Operator
                && request.getMethod().equals(HttpMethod.GET.name())) {
            response.setStatus(HttpStatus.SEE_OTHER.value());
            response.setHeader("Location", ConsoleSignInController.CODE);
            return;
        }
        pages.write("denied", HttpStatus.FORBIDDEN, request, response);
    }
}
