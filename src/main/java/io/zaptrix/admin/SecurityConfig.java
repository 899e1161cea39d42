package io.zaptrix.admin;

import io.zaptrix.journal.People;
import io.zaptrix.platform.FailedProofs;
import io.zaptrix.portal.Portals;
import io.zaptrix.relay.Holds;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer.FrameOptionsConfig;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestRedirectFilter;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.AuthenticationSuccessHandler;
import org.springframework.security.web.authentication.SimpleUrlAuthenticationSuccessHandler;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.security.web.csrf.CsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;

/**
 * Who may open what. Three doors: senders who prove themselves in each request (webhooks, and Bitrix24 opening a page
 * of the app), people with a session ({@code /admin}), and everybody (a few files and the front page). What is behind
 * none of them does not exist.
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfig {

    private static final String[] EVERYBODY = {
        "/", "/privacy", "/terms", "/css/**", "/js/**", "/img/**", "/webjars/**", "/favicon.ico"
    };

    @Bean
    SecurityContextRepository securityContexts() {
        return new HttpSessionSecurityContextRepository();
    }

    @Bean
    CsrfTokenRepository csrfTokens() {
        return new CsrfTokensOfSessions();
    }

    /** Nobody has a password here; without this bean Spring Boot would invent a user. */
    @Bean
    UserDetailsService nobody() {
        return name -> {
            throw new UsernameNotFoundException(name);
        };
    }

    @Bean
    @Order(20)
    SecurityFilterChain selfProving(HttpSecurity http) {
        return common(http.securityMatcher("/webhooks/**", "/bitrix24/**", "/media/**"))
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                // Posts from other sites are the point here; each proves itself, and opens its session by hand.
                .csrf(AbstractHttpConfigurer::disable)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.NEVER))
                .build();
    }

    @Bean
    @Order(30)
    SecurityFilterChain signedIn(
            HttpSecurity http,
            SecurityContextRepository contexts,
            CsrfTokenRepository csrfTokens,
            Portals portals,
            People people,
            Holds holds,
            SignInPage signInPage,
            FailedProofs failures) {
        SimpleUrlAuthenticationSuccessHandler home = new SimpleUrlAuthenticationSuccessHandler("/admin");
        home.setAlwaysUseDefaultTargetUrl(true);
        AuthenticationSuccessHandler signedIn = (request, response, who) -> {
            SessionLife.ofSomebody(request.getSession());
            home.onAuthenticationSuccess(request, response, who);
        };
        return common(http.securityMatcher("/admin/**", "/oauth2/**", "/login/**"))
                .authorizeHttpRequests(requests -> requests.requestMatchers("/oauth2/**", "/login/**")
                        .permitAll()
                        .requestMatchers(UndeliveredController.PATH, UndeliveredController.PATH + "/**")
                        .hasRole("PORTAL_ADMIN")
                        // The log: and only for those whom an admin has let see it (TenantFilter).
                        .requestMatchers("/admin", "/admin/", LogController.PATH, LogController.PATH + "/**")
                        .hasRole("PORTAL_USER")
                        .anyRequest()
                        .hasRole("PORTAL_ADMIN"))
                .securityContext(context -> context.securityContextRepository(contexts))
                .csrf(csrf -> csrf.csrfTokenRepository(csrfTokens)
                        .csrfTokenRequestHandler(new CsrfTokenRequestAttributeHandler()))
                .oauth2Login(login -> login.successHandler(signedIn)
                        .failureHandler(signInPage::signInFailed)
                        // Never shown; without it Spring Security would make a page of its own.
                        .loginPage("/admin/sign-in"))
                .exceptionHandling(
                        errors -> errors.authenticationEntryPoint(signInPage).accessDeniedHandler(signInPage))
                .addFilterBefore(new SignInStart(failures, signInPage), OAuth2AuthorizationRequestRedirectFilter.class)
                .addFilterAfter(new TenantFilter(portals, people, holds, signInPage), AuthorizationFilter.class)
                .build();
    }

    @Bean
    @Order(100)
    SecurityFilterChain everybody(HttpSecurity http) {
        AuthenticationEntryPoint notThere =
                (request, response, failure) -> response.sendError(HttpServletResponse.SC_NOT_FOUND);
        AccessDeniedHandler notThereEither =
                (request, response, failure) -> response.sendError(HttpServletResponse.SC_NOT_FOUND);
        return common(http)
                .authorizeHttpRequests(requests -> requests.requestMatchers(EVERYBODY)
                        .permitAll()
                        .anyRequest()
                        .denyAll())
                .csrf(AbstractHttpConfigurer::disable)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .exceptionHandling(
                        errors -> errors.authenticationEntryPoint(notThere).accessDeniedHandler(notThereEither))
                .build();
    }

    private HttpSecurity common(HttpSecurity http) {
        return http.requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .httpBasic(AbstractHttpConfigurer::disable)
                .formLogin(AbstractHttpConfigurer::disable)
                .headers(headers -> headers
                        // Pages that may be framed say by whom, instead (PageHeaders).
                        .frameOptions(FrameOptionsConfig::disable)
                        .contentSecurityPolicy(
                                policy -> policy.policyDirectives(PageHeaders.policy(PageHeaders.NOBODY)))
                        // Besides, whoever came by https is told to come by nothing else, which is the default.
                        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.NO_REFERRER)));
    }
}
