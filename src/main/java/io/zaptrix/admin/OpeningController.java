package io.zaptrix.admin;

import io.zaptrix.bitrix24.MalformedEvent;
import io.zaptrix.bitrix24.PortalEvent;
import io.zaptrix.journal.People;
import io.zaptrix.platform.FailedProofs;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.portal.InstallEvents;
import io.zaptrix.portal.PageGrant;
import io.zaptrix.portal.PortalUser;
import io.zaptrix.portal.Portals;
import io.zaptrix.portal.SignInRefused;
import io.zaptrix.portal.SignInRefused.Reason;
import io.zaptrix.relay.RelayUnavailable;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.security.web.csrf.CsrfTokenRepository;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.view.RedirectView;

/**
 * The pages that Bitrix24 opens in its frame by a post: the installer, the app itself, the connector's settings in an
 * open line. Each proves its opener at the authorization server and begins a session.
 */
@Controller
class OpeningController {

    private static final Logger log = LoggerFactory.getLogger(OpeningController.class);

    /** Openings of one address that nobody vouched for, in a minute: each has asked the authorization server. */
    static final int MOST_FAILURES = 20;

    private static final String DOOR = "opening";

    private final Portals portals;
    private final People people;
    private final InstallEvents installs;
    private final FailedProofs failures;
    private final RefusalLog refusals;
    private final SecurityContextRepository contexts;
    private final CsrfTokenRepository csrfTokens;

    OpeningController(
            Portals portals,
            People people,
            InstallEvents installs,
            FailedProofs failures,
            RefusalLog refusals,
            SecurityContextRepository contexts,
            CsrfTokenRepository csrfTokens) {
        this.portals = portals;
        this.people = people;
        this.installs = installs;
        this.failures = failures;
        this.refusals = refusals;
        this.contexts = contexts;
        this.csrfTokens = csrfTokens;
    }

    @PostMapping("/bitrix24/install")
    @Nullable
    ModelAndView install(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Opening opening = read(request);
        if (opening == null) {
            return malformed(request, response);
        }
        if (opening.isEvent()) {
            installByEvent(opening, request, response);
            return null;
        }
        return open(opening, request, response, portals::install, user -> new ModelAndView("admin/installed"));
    }

    @PostMapping("/bitrix24/local-app")
    ModelAndView installLocalApp(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Opening opening = read(request);
        if (opening == null) {
            return malformed(request, response);
        }
        String secret = opening.field("clientSecret");
        return open(
                opening,
                request,
                response,
                grant -> portals.installLocalApp(grant, secret == null ? "" : secret),
                user -> new ModelAndView("admin/installed"));
    }

    /**
     * What is not posted is somebody who has the address, or Bitrix24's catalog, which asks by {@code HEAD} whether
     * there is a page before it takes the address ("FAQ about Publishing Solutions").
     */
    @GetMapping({"/bitrix24/install", "/bitrix24/app", "/bitrix24/connector"})
    ModelAndView notOpenedByBitrix24() {
        return new ModelAndView("admin/sign-in");
    }

    @PostMapping("/bitrix24/app")
    ModelAndView app(HttpServletRequest request, HttpServletResponse response) throws IOException {
        return enter(request, response, opening -> "/admin");
    }

    @PostMapping("/bitrix24/connector")
    ModelAndView connector(HttpServletRequest request, HttpServletResponse response) throws IOException {
        return enter(
                request,
                response,
                opening -> opening.line() == null ? "/admin" : ConnectorController.PATH + opening.line());
    }

    /**
     * Opens a session and leads on, so that the page that is shown can be reloaded, and has an address that its
     * switches keep.
     */
    private ModelAndView enter(
            HttpServletRequest request, HttpServletResponse response, Function<Opening, String> where)
            throws IOException {
        Opening opening = read(request);
        if (opening == null) {
            return malformed(request, response);
        }
        return open(opening, request, response, portals::signIn, user -> {
            // Who is no admin sees the message log, if an admin has said so, and nothing else.
            if (!user.admin()
                    && TenantContext.call(user.tenant(), () -> people.viewer(user.userId()))
                            .isEmpty()) {
                throw new SignInRefused(Reason.NOT_ADMIN, "the user may not administer the portal");
            }
            return new ModelAndView(SeeOther.to(user.admin() ? where.apply(opening) : LogController.PATH));
        });
    }

    private ModelAndView open(
            Opening opening,
            HttpServletRequest request,
            HttpServletResponse response,
            Function<PageGrant, PortalUser> prove,
            Function<PortalUser, ModelAndView> page) {
        if (opening.saysLanguage()) {
            PageLanguage.say(request, opening.language());
        }
        PageGrant grant = opening.grant();
        if (grant == null) {
            refusals.note(request, "no token");
            return refused(HttpStatus.BAD_REQUEST, Reason.NOT_PROVED, opening, response);
        }
        String client = FailedProofs.client(request);
        if (failures.tooMany(DOOR, client, MOST_FAILURES)) {
            refusals.note(request, Reason.TOO_MANY_TRIES.name());
            return refused(Refusals.status(Reason.TOO_MANY_TRIES), Reason.TOO_MANY_TRIES, opening, response);
        }
        try {
            PortalUser user = prove.apply(grant);
            ModelAndView shown = page.apply(user);
            CsrfToken csrf = begin(user, request, response);
            TenantContext.run(user.tenant(), () -> people.seen(user.userId(), user.name(), user.admin()));
            PageHeaders.framedBy(response, user.portalUrl());
            request.setAttribute(
                    TenantFilter.PORTAL_HOST, URI.create(user.portalUrl()).getHost());
            return shown.getView() instanceof RedirectView ? shown : shown.addObject("csrf", csrf);
        } catch (SignInRefused refusal) {
            log.info("not opened: {}", refusal.getMessage());
            if (refusal.reason() == Reason.NOT_PROVED || refusal.reason() == Reason.LOCAL_APP_SECRET_WRONG) {
                failures.count(DOOR, client);
            }
            if (refusal.reason() == Reason.LOCAL_APP_SECRET_NEEDED
                    || refusal.reason() == Reason.LOCAL_APP_SECRET_WRONG) {
                return localApp(refusal.reason(), opening, response);
            }
            return refused(Refusals.status(refusal.reason()), refusal.reason(), opening, response);
        }
    }

    /**
     * A new session in place of whatever the browser brought, so that nobody can have chosen its id. Of the old one
     * nothing is taken over but the language, and that only where it was the same user's.
     */
    private CsrfToken begin(PortalUser user, HttpServletRequest request, HttpServletResponse response) {
        Optional<Locale> language = PageLanguage.chosenBy(user, request);
        if (request.getSession(false) != null) {
            request.getSession().invalidate();
        }
        HttpSession session = request.getSession(true);
        language.ifPresent(chosen -> PageLanguage.remember(session, chosen));
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(UsernamePasswordAuthenticationToken.authenticated(user, null, user.getAuthorities()));
        SecurityContextHolder.setContext(context);
        contexts.saveContext(context, request, response);
        CsrfToken csrf = csrfTokens.generateToken(request);
        csrfTokens.saveToken(csrf, request, response);
        return csrf;
    }

    private void installByEvent(Opening opening, HttpServletRequest request, HttpServletResponse response) {
        try {
            installs.install(PortalEvent.parse(opening.body(), opening.contentType()), FailedProofs.client(request));
            response.setStatus(HttpStatus.OK.value());
        } catch (MalformedEvent malformed) {
            response.setStatus(HttpStatus.BAD_REQUEST.value());
        } catch (RelayUnavailable unavailable) {
            response.setStatus(HttpStatus.SERVICE_UNAVAILABLE.value());
        } catch (SignInRefused refusal) {
            log.warn("not installed by its event: {}", refusal.getMessage());
            response.setStatus(
                    switch (refusal.reason()) {
                        case NOT_PROVED, NOT_ADMIN -> HttpStatus.FORBIDDEN.value();
                        case BITRIX24_FAILED -> HttpStatus.SERVICE_UNAVAILABLE.value();
                        case TOO_MANY_TRIES -> HttpStatus.TOO_MANY_REQUESTS.value();
                        // The page that asks for the local app's secret does the rest.
                        case NOT_INSTALLED, LOCAL_APP_SECRET_NEEDED, LOCAL_APP_SECRET_WRONG -> HttpStatus.OK.value();
                    });
        }
    }

    private static @Nullable Opening read(HttpServletRequest request) throws IOException {
        try {
            return Opening.of(request);
        } catch (MalformedEvent malformed) {
            return null;
        }
    }

    private ModelAndView malformed(HttpServletRequest request, HttpServletResponse response) {
        refusals.note(request, "a form that is none");
        return refused(HttpStatus.BAD_REQUEST, Reason.NOT_PROVED, new Opening(Map.of(), new byte[0], null), response);
    }

    private static ModelAndView refused(
            HttpStatus status, Reason reason, Opening opening, HttpServletResponse response) {
        PageHeaders.framedByClaimed(response, opening.field("DOMAIN"), opening.field("PROTOCOL"));
        String correlationId = MDC.get("correlation_id");
        return new ModelAndView(
                "admin/refused",
                Map.of("reason", reason, "correlationId", correlationId == null ? "" : correlationId),
                status);
    }

    private static ModelAndView localApp(Reason reason, Opening opening, HttpServletResponse response) {
        PageHeaders.framedByClaimed(response, opening.field("DOMAIN"), opening.field("PROTOCOL"));
        Map<String, String> again = opening.fields().entrySet().stream()
                .filter(field -> !field.getKey().equals("clientSecret"))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        return new ModelAndView(
                "admin/local-app",
                Map.of("fields", again, "wrong", reason == Reason.LOCAL_APP_SECRET_WRONG),
                Refusals.status(reason));
    }
}
