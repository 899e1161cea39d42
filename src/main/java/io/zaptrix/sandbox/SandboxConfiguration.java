package io.zaptrix.sandbox;

import io.zaptrix.platform.ZaptrixProperties;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;

/** The stand-ins and their page, where {@link SandboxEnvironment} lets them run. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("zaptrix.sandbox.enabled")
class SandboxConfiguration {

    private static final String CONTENT_POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self' data:; media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    @Bean
    SandboxWorld sandboxWorld(SandboxProperties properties, ZaptrixProperties zaptrix) {
        return new SandboxWorld(properties, zaptrix);
    }

    @Bean
    SandboxStage sandboxStage(SandboxWorld world) {
        return new SandboxStage(world);
    }

    @Bean
    SandboxInstall sandboxInstall(SandboxWorld world, ZaptrixProperties zaptrix) {
        return new SandboxInstall(world, zaptrix);
    }

    @Bean
    ApplicationListener<ApplicationReadyEvent> sandboxStart(SandboxInstall install) {
        return ready -> Thread.ofVirtual().name("sandbox-install").start(install::run);
    }

    /**
     * Open to whoever reaches it, which is this machine; but only the page itself may give commands: its CSRF token is
     * one for all, since there are no sessions here.
     */
    @Bean
    @Order(10)
    SecurityFilterChain sandboxSecurity(HttpSecurity http) throws Exception {
        http.securityMatcher("/sandbox", "/sandbox/**")
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .requestCache(cache -> cache.disable())
                .csrf(csrf -> csrf.csrfTokenRepository(new OneCsrfToken())
                        .csrfTokenRequestHandler(new CsrfTokenRequestAttributeHandler()))
                .headers(headers -> headers.contentSecurityPolicy(policy -> policy.policyDirectives(CONTENT_POLICY))
                        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.SAME_ORIGIN)));
        return http.build();
    }
}
