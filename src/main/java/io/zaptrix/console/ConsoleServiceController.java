package io.zaptrix.console;

import io.zaptrix.platform.Replicas;
import io.zaptrix.relay.Relay;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The service as a whole, what nobody could take, what operators did, and the operator's own access. */
@Controller
@RequestMapping(OperatorSessions.PATH)
class ConsoleServiceController {

    private static final int ENTRIES = 50;

    private final ConsolePages pages;
    private final ServiceView service;
    private final PortalsView portals;
    private final Replicas replicas;
    private final Relay relay;
    private final OperatorAudit audit;
    private final OperatorSessions sessions;
    private final SecondFactor factor;
    private final Attempts attempts;
    private final OperatorPassword password;

    ConsoleServiceController(
            ConsolePages pages,
            ServiceView service,
            PortalsView portals,
            Replicas replicas,
            Relay relay,
            OperatorAudit audit,
            OperatorSessions sessions,
            SecondFactor factor,
            Attempts attempts,
            OperatorPassword password) {
        this.pages = pages;
        this.service = service;
        this.portals = portals;
        this.replicas = replicas;
        this.relay = relay;
        this.audit = audit;
        this.sessions = sessions;
        this.factor = factor;
        this.attempts = attempts;
        this.password = password;
    }

    @GetMapping
    ModelAndView service(HttpServletRequest request) {
        List<Replicas.Replica> alive = replicas.alive();
        ServiceView.Queue queue = service.queue();
        ConsoleWords words = pages.words(request);
        return pages.page("service", request)
                .addObject("replicas", alive)
                .addObject(
                        "versions",
                        alive.stream().map(Replicas.Replica::version).distinct().count())
                .addObject("accepting", relay.isAccepting())
                .addObject("database", service.database())
                .addObject("queue", queue)
                .addObject("waiting", words.upTo(queue.waiting(), ServiceView.COUNTED))
                .addObject("dead", words.upTo(queue.dead(), ServiceView.COUNTED))
                .addObject("states", portals.states())
                .addObject("unrouted", service.unroutedToday());
    }

    @GetMapping("/unrouted")
    ModelAndView unrouted(@RequestParam(required = false) @Nullable Long before, HttpServletRequest request) {
        ServiceView.UnroutedPage page = service.unrouted(before);
        return pages.page("unrouted", request).addObject("rows", page.rows()).addObject("before", page.before());
    }

    @GetMapping("/audit")
    ModelAndView audit(@RequestParam(required = false) @Nullable Long before, HttpServletRequest request) {
        List<OperatorAudit.Entry> entries = audit.list(null, before, ENTRIES + 1);
        boolean more = entries.size() > ENTRIES;
        return pages.page("audit", request)
                .addObject("entries", more ? entries.subList(0, ENTRIES) : entries)
                .addObject("before", more ? entries.get(ENTRIES - 1).id() : null);
    }

    @GetMapping("/access")
    ModelAndView access(@AuthenticationPrincipal Operator operator, HttpServletRequest request) {
        return pages.page("access", request)
                .addObject("sessions", sessions.of(operator))
                .addObject("codes", password.isSet() ? factor.recoveryCodesLeft() : null);
    }

    @PostMapping("/access/end-others")
    ModelAndView endOthers(@AuthenticationPrincipal Operator operator) {
        int ended = sessions.endOthers(operator);
        audit.record(operator.name(), "sessions.ended", null, Map.of("sessions", ended));
        return ConsolePages.seeOther(OperatorSessions.PATH + "/access?ended=" + ended);
    }

    /** New recovery codes, for who shows that they have the app: a session that was left open is not enough. */
    @PostMapping("/access/recovery-codes")
    ModelAndView recoveryCodes(
            @AuthenticationPrincipal Operator operator,
            @RequestParam(defaultValue = "") String code,
            HttpServletRequest request) {
        String client = Attempts.client(request.getRemoteAddr());
        if (attempts.begin(client).isPresent() || !factor.accepts(code)) {
            ModelAndView page = access(operator, request).addObject("wrong", true);
            page.setStatus(HttpStatus.UNAUTHORIZED);
            return page;
        }
        attempts.succeeded(client);
        audit.record(operator.name(), "recovery_codes.renewed", null, Map.of());
        return pages.page("recovery", request).addObject("codes", factor.renewRecoveryCodes());
    }
}
