package io.zaptrix.admin;

import io.zaptrix.portal.SignInRefused;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.LocaleResolver;
import org.springframework.web.servlet.View;
import org.thymeleaf.spring6.view.ThymeleafViewResolver;
import tools.jackson.databind.json.JsonMapper;

/** What those see who are not signed in, or may not do what they tried: a page for people, a problem for programs. */
@Component
class SignInPage implements AuthenticationEntryPoint, AccessDeniedHandler {

    private final ThymeleafViewResolver views;
    private final LocaleResolver locales;
    private final JsonMapper json;
    private final RefusalLog refusals;

    SignInPage(ThymeleafViewResolver views, LocaleResolver locales, JsonMapper json, RefusalLog refusals) {
        this.views = views;
        this.locales = locales;
        this.json = json;
        this.refusals = refusals;
    }

    @Override
    public void commence(HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
            throws IOException {
        answer(request, response, HttpStatus.UNAUTHORIZED, "sign-in", null, "not signed in");
    }

    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response, AccessDeniedException failure)
            throws IOException {
        answer(
                request,
                response,
                HttpStatus.FORBIDDEN,
                "denied",
                null,
                failure.getClass().getSimpleName());
    }

    /** Bitrix24 sent the browser back, but not with what opens the door. */
    void signInFailed(HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
            throws IOException {
        SignInRefused.Reason reason = SignInRefused.Reason.NOT_PROVED;
        if (failure instanceof OAuth2AuthenticationException oauth) {
            for (SignInRefused.Reason known : SignInRefused.Reason.values()) {
                if (known.name().equalsIgnoreCase(oauth.getError().getErrorCode())) {
                    reason = known;
                }
            }
        }
        refused(request, response, reason);
    }

    void refused(HttpServletRequest request, HttpServletResponse response, SignInRefused.Reason reason)
            throws IOException {
        answer(request, response, Refusals.status(reason), "refused", reason, reason.name());
    }

    private void answer(
            HttpServletRequest request,
            HttpServletResponse response,
            HttpStatus status,
            String view,
            SignInRefused.@Nullable Reason reason,
            String why)
            throws IOException {
        response.setStatus(status.value());
        String accept = request.getHeader("Accept");
        if (accept == null || !accept.contains("html")) {
            response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
            json.writeValue(
                    response.getOutputStream(),
                    ProblemDetail.forStatusAndDetail(
                            status,
                            status == HttpStatus.UNAUTHORIZED
                                    ? "Open Zaptrix from your Bitrix24, or sign in first."
                                    : "You may not do this, or the page was too old: open it again."));
            return;
        }
        refusals.note(request, why);
        // A frame cannot sign in: nothing is offered there, and so no frame is refused the explanation.
        boolean framed = "iframe".equals(request.getHeader("Sec-Fetch-Dest"));
        if (framed) {
            PageHeaders.framedByAnyone(response);
        }
        Locale language = locales.resolveLocale(request);
        response.setContentType(MediaType.TEXT_HTML_VALUE + ";charset=UTF-8");
        response.setHeader("Cache-Control", "no-store");
        Map<String, Object> model = new HashMap<>();
        model.put("framed", framed);
        model.put("correlationId", MDC.get("correlation_id"));
        model.put("reason", reason);
        try {
            View page = views.resolveViewName("admin/" + view, language);
            if (page == null) {
                throw new IllegalStateException("the page " + view + " is missing");
            }
            page.render(model, request, response);
        } catch (IOException | RuntimeException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new IOException(failed);
        }
    }
}
