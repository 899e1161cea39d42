package io.zaptrix.admin;

import io.zaptrix.portal.PortalUser;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.UriComponentsBuilder;
import org.thymeleaf.spring6.view.ThymeleafViewResolver;

/**
 * What is around every page, as {@code shell} in the templates: the navigation, the switches of language and look, and
 * the look itself. Answers about the request that the thread is at.
 */
@Component
class Shell {

    private final ObjectProvider<RequestMappingHandlerMapping> pages;
    private volatile @Nullable Set<String> paths;

    Shell(ThymeleafViewResolver views, ObjectProvider<RequestMappingHandlerMapping> pages) {
        this.pages = pages;
        views.addStaticVariable("shell", this);
    }

    /** A place in the navigation. */
    public record Place(String word, String path, boolean current) {}

    /** A language or a look that can be switched to; {@code path} is this same page with it. */
    public record Choice(String name, String path, boolean current) {}

    /** The sections that the reader may open and that are there; none where nobody is signed in. */
    public List<Place> places() {
        Authentication who = SecurityContextHolder.getContext().getAuthentication();
        if (who == null || !(who.getPrincipal() instanceof PortalUser user) || !user.admin()) {
            return List.of();
        }
        String here = request().getRequestURI();
        Section current = Arrays.stream(Section.values())
                .filter(section -> section.holds(here))
                .max(Comparator.comparingInt(section -> section.path().length()))
                .orElse(null);
        return Arrays.stream(Section.values())
                .filter(this::exists)
                .map(section -> new Place(section.name(), section.path(), section == current))
                .toList();
    }

    /** What people see every day. */
    String home() {
        return (exists(Section.OVERVIEW) ? Section.OVERVIEW : Section.NUMBERS).path();
    }

    /** This page in each language; none where the page's address would not show it again. */
    public List<Choice> languages(Locale spoken) {
        return PageLanguage.SPOKEN.stream()
                .map(Locale::toLanguageTag)
                .map(tag -> new Choice(tag, here("lang", tag), tag.equals(spoken.toLanguageTag())))
                .toList();
    }

    /** This page in each look. */
    public List<Choice> looks() {
        Look chosen = look();
        return Arrays.stream(Look.values())
                .map(look -> new Choice(look.word(), here(Look.PARAMETER, look.word()), look == chosen))
                .toList();
    }

    /** Whether the switches have somewhere to lead: what Bitrix24 has posted cannot be asked for again. */
    public boolean switchable() {
        return request().getDispatcherType() == DispatcherType.REQUEST
                && !request().getRequestURI().startsWith("/bitrix24/");
    }

    /** The look as the style sheet knows it; null: the system's. */
    public @Nullable String theme() {
        Look chosen = look();
        return chosen == Look.SYSTEM ? null : chosen.word();
    }

    private Look look() {
        Cookie[] cookies = request().getCookies();
        return cookies == null
                ? Look.SYSTEM
                : Arrays.stream(cookies)
                        .filter(cookie -> cookie.getName().equals(Look.COOKIE))
                        .findFirst()
                        .map(cookie -> Look.of(cookie.getValue()))
                        .orElse(Look.SYSTEM);
    }

    /** The page's own address; where a form was sent to, that of the section. */
    private String here(String parameter, String value) {
        HttpServletRequest request = request();
        boolean again = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
        UriComponentsBuilder address;
        if (again) {
            address = UriComponentsBuilder.fromPath(request.getRequestURI());
            if (request.getQueryString() != null) {
                address.query(request.getQueryString());
            }
        } else {
            address = UriComponentsBuilder.fromPath(places().stream()
                    .filter(Place::current)
                    .map(Place::path)
                    .findFirst()
                    .orElse("/"));
        }
        return address.replaceQueryParam(parameter, value).build().toUriString();
    }

    private boolean exists(Section section) {
        Set<String> known = paths;
        if (known == null) {
            known = pages.stream()
                    .flatMap(mapping -> mapping.getHandlerMethods().keySet().stream())
                    .flatMap(mapping -> mapping.getPatternValues().stream())
                    .collect(Collectors.toSet());
            paths = known;
        }
        return known.contains(section.path());
    }

    private static HttpServletRequest request() {
        return ((ServletRequestAttributes) RequestContextHolder.currentRequestAttributes()).getRequest();
    }
}
