package io.zaptrix.api;

import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.platform.FailedProofs;
import io.zaptrix.portal.Flags;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * The API's door: a key in each request and nothing else. No session, no cookie, and so no forgery of requests to guard
 * against; no other site's scripts are let in (no CORS), as a key has no place in a browser.
 */
@Configuration(proxyBeanMethods = false)
class ApiConfiguration implements WebMvcConfigurer {

    static final String PATHS = "/api/**";

    @Bean
    @Order(15)
    SecurityFilterChain apiChain(
            HttpSecurity http,
            KnownKeys keys,
            Flags flags,
            RateLimits limits,
            FailedProofs failures,
            MeterRegistry metrics) {
        return http.securityMatcher(PATHS)
                .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .csrf(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .httpBasic(AbstractHttpConfigurer::disable)
                .formLogin(AbstractHttpConfigurer::disable)
                .anonymous(AbstractHttpConfigurer::disable)
                .headers(headers -> headers.contentSecurityPolicy(
                        policy -> policy.policyDirectives("default-src 'none'; frame-ancestors 'none'")))
                .addFilterBefore(new ApiKeyFilter(keys, flags, limits, failures, metrics), AuthorizationFilter.class)
                .build();
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(new ScopeCheck()).addPathPatterns(PATHS);
    }

    /** Lets a key do what its scopes say. */
    private static final class ScopeCheck implements HandlerInterceptor {

        @Override
        public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
            if (!(handler instanceof HandlerMethod method)) {
                return true;
            }
            Needs needs = method.getMethodAnnotation(Needs.class);
            Object who = SecurityContextHolder.getContext().getAuthentication() == null
                    ? null
                    : SecurityContextHolder.getContext().getAuthentication().getPrincipal();
            if (needs == null || !(who instanceof ApiCaller caller)) {
                throw ApiProblem.of(ApiProblem.Type.NOT_FOUND);
            }
            if (!caller.scopes().contains(needs.value())) {
                throw ApiProblem.missing(needs.value());
            }
            return true;
        }
    }
}
