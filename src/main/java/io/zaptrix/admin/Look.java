package io.zaptrix.admin;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.UriComponentsBuilder;

/** Light, dark, or as the system has it. A cookie remembers it, so that a page comes as it is to look at once. */
enum Look {
    SYSTEM,
    LIGHT,
    DARK;

    static final String PARAMETER = "look";
    static final String COOKIE = "zaptrix_look";

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Look of(@Nullable String word) {
        return Arrays.stream(values())
                .filter(look -> look.word().equals(word))
                .findFirst()
                .orElse(SYSTEM);
    }

    /** Takes {@code ?look=} off the address of any page, and puts it into the cookie. */
    @Component
    @Order(Ordered.HIGHEST_PRECEDENCE + 100)
    static class Switch extends OncePerRequestFilter {

        @Override
        protected boolean shouldNotFilter(HttpServletRequest request) {
            String query = request.getQueryString();
            return query == null
                    || !request.getMethod().equals("GET")
                    || !(query.startsWith(PARAMETER + "=") || query.contains("&" + PARAMETER + "="))
                    || request.getRequestURI().startsWith("//");
        }

        @Override
        protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            UriComponentsBuilder address =
                    UriComponentsBuilder.fromPath(request.getRequestURI()).query(request.getQueryString());
            Look look = of(address.build().getQueryParams().getFirst(PARAMETER));
            // As the session's: within Bitrix24's frame only a partitioned cookie is kept.
            ResponseCookie cookie = ResponseCookie.from(COOKIE, look.word())
                    .path("/")
                    .httpOnly(true)
                    .secure(true)
                    .sameSite("None")
                    .partitioned(true)
                    .maxAge(look == SYSTEM ? Duration.ZERO : Duration.ofDays(365))
                    .build();
            response.addHeader(HttpHeaders.SET_COOKIE, cookie.toString());
            response.setHeader(
                    HttpHeaders.LOCATION,
                    address.replaceQueryParam(PARAMETER).build().toUriString());
            response.setStatus(HttpStatus.SEE_OTHER.value());
        }
    }
}
