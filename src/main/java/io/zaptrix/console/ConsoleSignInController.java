package io.zaptrix.console;

import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.platform.ZaptrixProperties;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** Coming in by password and one-time code, and going out again. */
@Controller
class ConsoleSignInController {

    static final String PATH = OperatorSessions.PATH + "/sign-in";
    static final String CODE = OperatorSessions.PATH + "/code";

    private static final Logger log = LoggerFactory.getLogger(ConsoleSignInController.class);

    private final ConsolePages pages;
    private final OperatorPassword password;
    private final SecondFactor factor;
    private final OperatorSessions sessions;
    private final Attempts attempts;
    private final OperatorAudit audit;
    private final MeterRegistry meters;
    private final String host;

    ConsoleSignInController(
            ConsolePages pages,
            OperatorPassword password,
            SecondFactor factor,
            OperatorSessions sessions,
            Attempts attempts,
            OperatorAudit audit,
            MeterRegistry meters,
            ZaptrixProperties properties) {
        this.pages = pages;
        this.password = password;
        this.factor = factor;
        this.sessions = sessions;
        this.attempts = attempts;
        this.audit = audit;
        this.meters = meters;
        this.host = properties.publicUrl().getHost();
    }

    @GetMapping(PATH)
    ModelAndView signIn(HttpServletRequest request) {
        return pages.page("sign-in", request);
    }

    @PostMapping(PATH)
    ModelAndView password(
            @RequestParam(name = "password", defaultValue = "") String given,
            HttpServletRequest request,
            HttpServletResponse response) {
        String client = Attempts.client(request.getRemoteAddr());
        ModelAndView refused = refused(client, request, response);
        if (refused != null) {
            return refused;
        }
        if (!password.matches(given)) {
            return wrong("sign-in", "password", client, request);
        }
        attempts.takeBack(client);
        sessions.begin(Operator.BY_PASSWORD, false, client, request, response);
        return ConsolePages.seeOther(CODE);
    }

    /** The code of the authenticator app; at the very first sign-in the page that sets it up. */
    @GetMapping(CODE)
    ModelAndView code(HttpServletRequest request) {
        return factor.isSetUp() ? pages.page("code", request) : settingUp(request);
    }

    @PostMapping(CODE)
    ModelAndView code(
            @AuthenticationPrincipal Operator operator,
            @RequestParam(defaultValue = "") String code,
            HttpServletRequest request,
            HttpServletResponse response) {
        String client = Attempts.client(request.getRemoteAddr());
        ModelAndView refused = refused(client, request, response);
        if (refused != null) {
            return refused;
        }
        if (factor.isSetUp()) {
            if (!factor.accepts(code)) {
                return wrong("code", "code", client, request);
            }
            enter(operator, client, request, response);
            return ConsolePages.seeOther(OperatorSessions.PATH);
        }
        Optional<List<String>> recovery = factor.confirm(code);
        if (recovery.isEmpty()) {
            return wrong("set-up", "code", client, request);
        }
        enter(operator, client, request, response);
        audit.record(operator.name(), "second_factor.set_up", null, Map.of("from", client));
        return pages.page("recovery", request).addObject("codes", recovery.get());
    }

    @PostMapping(OperatorSessions.PATH + "/sign-out")
    ModelAndView signOut(
            @AuthenticationPrincipal Operator operator, HttpServletRequest request, HttpServletResponse response) {
        sessions.end(request, response);
        audit.record(operator.name(), "signed_out", null, Map.of());
        return ConsolePages.seeOther(PATH + "?out");
    }

    private void enter(Operator operator, String client, HttpServletRequest request, HttpServletResponse response) {
        attempts.succeeded(client);
        sessions.begin(operator.name(), true, client, request, response);
        counted("signed_in");
        audit.record(operator.name(), "signed_in", null, Map.of("by", "password", "from", client));
    }

    private @Nullable ModelAndView refused(String client, HttpServletRequest request, HttpServletResponse response) {
        Optional<Attempts.Refused> refused = attempts.begin(client);
        if (refused.isEmpty()) {
            return null;
        }
        counted("refused");
        if (refused.get().first()) {
            audit.record("-", "sign_in.locked", null, Map.of("from", client));
        }
        long seconds = refused.get().until().toSeconds();
        response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
        ModelAndView page = pages.page("wait", request)
                .addObject("wait", pages.words(request).span(refused.get().until()));
        page.setStatus(HttpStatus.TOO_MANY_REQUESTS);
        return page;
    }

    private ModelAndView wrong(String view, String what, String client, HttpServletRequest request) {
        counted("wrong_" + what);
        log.warn("an operator's sign-in from {} failed: wrong {}", client, what);
        ModelAndView page =
                (view.equals("set-up") ? settingUp(request) : pages.page(view, request)).addObject("wrong", true);
        page.setStatus(HttpStatus.UNAUTHORIZED);
        return page;
    }

    private ModelAndView settingUp(HttpServletRequest request) {
        String secret = factor.offered();
        String uri = "otpauth://totp/Zaptrix:" + host + "?secret=" + secret
                + "&issuer=Zaptrix&algorithm=SHA1&digits=6&period=30";
        return pages.page("set-up", request)
                .addObject("secret", String.join(" ", secret.split("(?<=\\G.{4})")))
                .addObject("uri", uri)
                .addObject("qr", Qr.of(uri));
    }

    private void counted(String outcome) {
        meters.counter("zaptrix.operator.sign.in", "outcome", outcome).increment();
    }
}
