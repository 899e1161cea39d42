package io.zaptrix.console;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.View;
import org.springframework.web.servlet.view.RedirectView;
import org.thymeleaf.spring6.view.ThymeleafViewResolver;

/** Makes the console's pages, in the console's language, with what they all have. */
@Component
class ConsolePages {

    private final ThymeleafViewResolver views;
    private final OperatorPassword password;
    private final OidcProperties oidc;

    ConsolePages(ThymeleafViewResolver views, OperatorPassword password, OidcProperties oidc) {
        this.views = views;
        this.password = password;
        this.oidc = oidc;
    }

    ConsoleWords words(HttpServletRequest request) {
        return new ConsoleWords(ConsoleLanguage.of(request), Instant.now());
    }

    /** @param name the template in {@code console/} */
    ModelAndView page(String name, HttpServletRequest request) {
        return new ModelAndView(view(name, ConsoleLanguage.of(request)), common(name, request));
    }

    /** Answers with a page from within a filter. */
    void write(String name, HttpStatus status, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        response.setStatus(status.value());
        response.setContentType(MediaType.TEXT_HTML_VALUE + ";charset=UTF-8");
        try {
            view(name, ConsoleLanguage.of(request)).render(common(name, request), request, response);
        } catch (IOException | RuntimeException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new IOException(failed);
        }
    }

    static ModelAndView seeOther(String path) {
        RedirectView view = new RedirectView(path, true, true, false);
        view.setStatusCode(HttpStatus.SEE_OTHER);
        return new ModelAndView(view);
    }

    private Map<String, Object> common(String name, HttpServletRequest request) {
        Map<String, Object> model = new HashMap<>();
        model.put("operator", signedIn());
        model.put("section", name);
        model.put("csrf", OperatorSessions.csrf(request));
        model.put("words", words(request));
        model.put("languages", ConsoleLanguage.SPOKEN);
        model.put("here", request.getMethod().equals("GET") ? request.getRequestURI() : OperatorSessions.PATH);
        model.put("byPassword", password.isSet());
        model.put("byProvider", oidc.isSet());
        model.put("correlationId", MDC.get("correlation_id"));
        return model;
    }

    private static @Nullable String signedIn() {
        Authentication who = SecurityContextHolder.getContext().getAuthentication();
        return who != null
                        && who.getPrincipal() instanceof Operator operator
                        && who.getAuthorities().stream()
                                .anyMatch(right -> ("ROLE_" + OperatorSessions.FULL).equals(right.getAuthority()))
                ? operator.name()
                : null;
    }

    private View view(String name, Locale language) {
        try {
            View view = views.resolveViewName("console/" + name, language);
            if (view == null) {
                throw new IllegalStateException("the page " + name + " is missing");
            }
            return view;
        } catch (RuntimeException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }
}
