package io.zaptrix.operations;

import io.zaptrix.platform.Phrases;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.LocaleResolver;
import org.springframework.web.servlet.View;
import org.springframework.web.servlet.i18n.FixedLocaleResolver;
import org.thymeleaf.spring6.view.ThymeleafViewResolver;

/** The page that people see in place of the one they asked for: what is the matter, and what they can do. */
@Component
class ErrorPage {

    private static final Phrases PHRASES = new Phrases("messages/operations");
    private static final Set<Integer> KNOWN = Set.of(400, 401, 403, 404, 405, 413, 503);

    /** A request that says by this attribute what is the matter gets those words, whatever its status. */
    static final String KIND = ErrorPage.class.getName();

    private final ThymeleafViewResolver views;
    private final LocaleResolver locales;

    ErrorPage(ThymeleafViewResolver views, LocaleResolver locales) {
        this.views = views;
        this.locales = locales;
    }

    /** Answers with the page, in the reader's language. */
    void write(HttpServletRequest request, HttpServletResponse response, HttpStatusCode status) throws Exception {
        Locale language = language(request, status);
        // So that nothing on the page asks for it again.
        request.setAttribute(DispatcherServlet.LOCALE_RESOLVER_ATTRIBUTE, new FixedLocaleResolver(language));
        String kind = request.getAttribute(KIND) instanceof String said
                ? said
                : KNOWN.contains(status.value()) ? Integer.toString(status.value()) : "other";
        Map<String, Object> model = new HashMap<>();
        model.put("status", status.value());
        model.put("title", PHRASES.say(language, "error." + kind + ".title"));
        model.put("advice", PHRASES.say(language, "error." + kind + ".advice"));
        model.put("reference", PHRASES.say(language, "error.reference"));
        model.put("correlationId", CorrelationFilter.of(request));
        wayOn(request, status, language, model);
        View page = views.resolveViewName("error", language);
        if (page == null) {
            throw new IllegalStateException("the error page is missing");
        }
        response.setStatus(status.value());
        response.setContentType(MediaType.TEXT_HTML_VALUE + ";charset=UTF-8");
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        page.render(model, request, response);
    }

    /** Where the database is away, the session that knows the language is as well. */
    private Locale language(HttpServletRequest request, HttpStatusCode status) {
        if (status.value() != HttpStatus.SERVICE_UNAVAILABLE.value()
                && request.getDispatcherType() == DispatcherType.REQUEST) {
            return locales.resolveLocale(request);
        }
        return request.getHeader(HttpHeaders.ACCEPT_LANGUAGE) == null ? Locale.ENGLISH : request.getLocale();
    }

    /** What was only asked for can be asked for again; otherwise the admin's pages have a beginning. */
    private static void wayOn(
            HttpServletRequest request, HttpStatusCode status, Locale language, Map<String, Object> model) {
        String path = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI) instanceof String uri
                ? uri
                : request.getRequestURI();
        if (status.is5xxServerError() && request.getMethod().equals("GET") && !path.startsWith("//")) {
            model.put("again", path + (request.getQueryString() == null ? "" : "?" + request.getQueryString()));
            model.put("back", PHRASES.say(language, "error.again"));
        } else if (path.startsWith("/admin/")) {
            model.put("again", "/admin");
            model.put("back", PHRASES.say(language, "error.start"));
        }
    }
}
