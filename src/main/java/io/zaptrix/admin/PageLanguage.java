package io.zaptrix.admin;

import io.zaptrix.portal.PortalUser;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.servlet.LocaleResolver;

/**
 * The language of a page: the one that was switched to ({@code ?lang=}, remembered in the session), or that in which
 * Bitrix24 opened it, or the browser's.
 */
class PageLanguage implements LocaleResolver {

    static final List<Locale> SPOKEN =
            List.of(Locale.forLanguageTag("pt-BR"), Locale.ENGLISH, Locale.of("es"), Locale.of("ru"));

    private static final String CHOSEN = PageLanguage.class.getName();

    /** Spring MVC finds it by this name. */
    @Configuration(proxyBeanMethods = false)
    static class Language {

        @Bean
        LocaleResolver localeResolver() {
            return new PageLanguage();
        }
    }

    /** Says the language of this one request, before anybody is signed in. */
    static void say(HttpServletRequest request, Locale language) {
        request.setAttribute(CHOSEN, language);
    }

    /** What {@code user} has switched to in the session at hand; empty where that session is somebody else's. */
    static Optional<Locale> chosenBy(PortalUser user, HttpServletRequest request) {
        Authentication who = SecurityContextHolder.getContext().getAuthentication();
        return who != null
                        && who.getPrincipal() instanceof PortalUser owner
                        && owner.tenant().equals(user.tenant())
                        && owner.userId().equals(user.userId())
                ? remembered(request).flatMap(PageLanguage::nearest)
                : Optional.empty();
    }

    /** Remembers a language as if somebody had switched to it. */
    static void remember(HttpSession session, Locale language) {
        session.setAttribute(CHOSEN, language);
    }

    @Override
    public Locale resolveLocale(HttpServletRequest request) {
        if (request.getAttribute(CHOSEN) instanceof Locale said) {
            return nearest(said).orElse(Locale.ENGLISH);
        }
        return switched(request)
                .or(() -> remembered(request))
                .or(PageLanguage::ofUser)
                .or(() -> request.getHeader("Accept-Language") == null
                        ? Optional.empty()
                        : java.util.Collections.list(request.getLocales()).stream()
                                .flatMap(locale -> nearest(locale).stream())
                                .findFirst())
                .orElse(Locale.ENGLISH);
    }

    @Override
    public void setLocale(HttpServletRequest request, @Nullable HttpServletResponse response, @Nullable Locale locale) {
        throw new UnsupportedOperationException("a page's language is switched by its address");
    }

    /** From the address alone: the body of a post is not to be touched here. */
    private static Optional<Locale> switched(HttpServletRequest request) {
        String query = request.getQueryString();
        Optional<Locale> switched = query == null
                ? Optional.empty()
                : Arrays.stream(query.split("&"))
                        .filter(parameter -> parameter.startsWith("lang="))
                        .flatMap(parameter -> nearest(Locale.forLanguageTag(parameter.substring(5))).stream())
                        .findFirst();
        HttpSession session = request.getSession(false);
        if (switched.isPresent() && session != null) {
            remember(session, switched.get());
        }
        return switched;
    }

    private static Optional<Locale> remembered(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        return session != null && session.getAttribute(CHOSEN) instanceof Locale chosen
                ? Optional.of(chosen)
                : Optional.empty();
    }

    private static Optional<Locale> ofUser() {
        Authentication who = SecurityContextHolder.getContext().getAuthentication();
        return who != null && who.getPrincipal() instanceof PortalUser user
                ? nearest(user.language())
                : Optional.empty();
    }

    private static Optional<Locale> nearest(Locale locale) {
        return SPOKEN.stream()
                .filter(spoken -> spoken.getLanguage().equals(locale.getLanguage()))
                .findFirst();
    }
}
