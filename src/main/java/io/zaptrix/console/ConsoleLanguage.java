package io.zaptrix.console;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.web.filter.OncePerRequestFilter;

/** The language of the console: the one that was switched to ({@code ?lang=}, kept in a cookie), or the browser's. */
class ConsoleLanguage extends OncePerRequestFilter {

    static final List<Locale> SPOKEN =
            List.of(Locale.ENGLISH, Locale.forLanguageTag("pt-BR"), Locale.of("es"), Locale.of("ru"));

    private static final String CHOSEN = ConsoleLanguage.class.getName();
    private static final String COOKIE = "zaptrix_operator_language";

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String query = request.getQueryString();
        Stream.of(query == null ? new String[0] : query.split("&"))
                .filter(parameter -> parameter.startsWith("lang="))
                .flatMap(parameter -> nearest(parameter.substring(5)).stream())
                .findFirst()
                .ifPresent(language -> {
                    request.setAttribute(CHOSEN, language);
                    response.addHeader(
                            HttpHeaders.SET_COOKIE,
                            ResponseCookie.from(COOKIE, language.toLanguageTag())
                                    .path(OperatorSessions.PATH)
                                    .httpOnly(true)
                                    .secure(true)
                                    .sameSite("Strict")
                                    .maxAge(Duration.ofDays(365))
                                    .build()
                                    .toString());
                });
        chain.doFilter(request, response);
    }

    static Locale of(HttpServletRequest request) {
        if (request.getAttribute(CHOSEN) instanceof Locale chosen) {
            return chosen;
        }
        Cookie[] cookies = request.getCookies();
        return Stream.of(cookies == null ? new Cookie[0] : cookies)
                .filter(cookie -> cookie.getName().equals(COOKIE))
                .flatMap(cookie -> nearest(cookie.getValue()).stream())
                .findFirst()
                .or(() -> request.getHeader(HttpHeaders.ACCEPT_LANGUAGE) == null
                        ? Optional.empty()
                        : Collections.list(request.getLocales()).stream()
                                .flatMap(locale -> nearest(locale.toLanguageTag()).stream())
                                .findFirst())
                .orElse(Locale.ENGLISH);
    }

    private static Optional<Locale> nearest(String tag) {
        String language = Locale.forLanguageTag(tag).getLanguage();
        return SPOKEN.stream()
                .filter(spoken -> spoken.getLanguage().equals(language))
                .findFirst();
    }
}
