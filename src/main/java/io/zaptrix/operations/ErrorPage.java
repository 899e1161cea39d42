package io.zaptrix.operations;

import io.zaptrix.platform.Phrases;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.View;
import org.thymeleaf.spring6.view.ThymeleafViewResolver;

/** The page that people see in place of the one they asked for: what is the matter, and what they can do. */
@Component
class ErrorPage {

    private static final Phrases PHRASES = new Phrases("messages/operations");
    private static final Set<Integer> KNOWN = Set.of(400, 401, 403, 404, 405, 413, 503);

    private final ThymeleafViewResolver views;

    ErrorPage(ThymeleafViewResolver views) {
        this.views = views;
    }

    /** Answers with the page, in the reader's language. */
    void write(HttpServletRequest request, HttpServletResponse response, HttpStatusCode status) throws Exception {
        Locale language = request.getHeader(HttpHeaders.ACCEPT_LANGUAGE) == null ? Locale.ENGLISH : request.getLocale();
        String kind = KNOWN.contains(status.value()) ? Integer.toString(status.value()) : "other";
        Map<String, Object> model = new HashMap<>();
        model.put("language", language.getLanguage());
        model.put("status", status.value());
        model.put("title", PHRASES.say(language, "error." + kind + ".title"));
        model.put("advice", PHRASES.say(language, "error." + kind + ".advice"));
        model.put("reference", PHRASES.say(language, "error.reference"));
        model.put("correlationId", CorrelationFilter.of(request));
        View page = views.resolveViewName("error", language);
        if (page == null) {
            throw new IllegalStateException("the error page is missing");
        }
        response.setStatus(status.value());
        response.setContentType(MediaType.TEXT_HTML_VALUE + ";charset=UTF-8");
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        page.render(model, request, response);
    }
}
