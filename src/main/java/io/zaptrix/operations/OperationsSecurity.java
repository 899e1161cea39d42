package io.zaptrix.operations;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;

/** What monitors and developers read needs no sign-in and opens no session; nothing here is a tenant's. */
@Configuration(proxyBeanMethods = false)
class OperationsSecurity {

    private static final String[] OPEN = {
        "/health",
        "/actuator/health/**",
        "/actuator/prometheus",
        "/documentation",
        "/documentation/**",
        "/v3/api-docs",
        "/v3/api-docs/**",
        // Where errors are told, whoever met them.
        "/error"
    };

    @Bean
    @Order(10)
    SecurityFilterChain operationsChain(HttpSecurity http) {
        return http.securityMatcher(OPEN)
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .csrf(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .headers(headers -> headers.contentSecurityPolicy(
                        policy -> policy.policyDirectives("default-src 'none'; frame-ancestors 'none'")))
                .build();
    }
}
