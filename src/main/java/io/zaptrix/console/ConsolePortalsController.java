package io.zaptrix.console;

import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.Flag;
import io.zaptrix.portal.Flags;
import io.zaptrix.relay.Holds;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.util.UriComponentsBuilder;

/** The portals, and what an operator may do to one: suspend and resume it, switch features. */
@Controller
@RequestMapping(ConsolePortalsController.PATH)
class ConsolePortalsController {

    static final String PATH = OperatorSessions.PATH + "/portals";

    private static final int REASON = 200;
    private static final int ENTRIES = 20;

    private final ConsolePages pages;
    private final PortalsView portals;
    private final Holds holds;
    private final Flags flags;
    private final OperatorAudit audit;

    ConsolePortalsController(ConsolePages pages, PortalsView portals, Holds holds, Flags flags, OperatorAudit audit) {
        this.pages = pages;
        this.portals = portals;
        this.holds = holds;
        this.flags = flags;
        this.audit = audit;
    }

    @GetMapping
    ModelAndView list(
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "") String show,
            @RequestParam(required = false) @Nullable String after,
            HttpServletRequest request) {
        boolean troubled = show.equals("attention");
        PortalsView.Page page = portals.list(new PortalsView.Search(q, troubled, after));
        return pages.page("portals", request)
                .addObject("q", q)
                .addObject("troubled", troubled)
                .addObject("rows", page.rows())
                .addObject("counted", PortalsView.COUNTED)
                .addObject(
                        "next",
                        page.after() == null
                                ? null
                                : UriComponentsBuilder.fromPath(PATH)
                                        .queryParam("q", "{q}")
                                        .queryParam("show", "{show}")
                                        .queryParam("after", "{after}")
                                        .encode()
                                        .buildAndExpand(q, troubled ? "attention" : "", page.after())
                                        .toUriString());
    }

    @GetMapping("/{tenant}")
    ModelAndView portal(
            @PathVariable String tenant,
            @RequestParam(required = false) @Nullable String done,
            HttpServletRequest request) {
        return found(tenant)
                .map(row -> page(row, request).addObject("done", done))
                .orElseGet(() -> gone(request));
    }

    @PostMapping("/{tenant}/suspend")
    ModelAndView suspend(
            @AuthenticationPrincipal Operator operator,
            @PathVariable String tenant,
            @RequestParam(defaultValue = "") String reason,
            HttpServletRequest request) {
        Optional<PortalsView.Row> row = found(tenant);
        if (row.isEmpty()) {
            return gone(request);
        }
        String said = reason.strip();
        if (said.isEmpty() || said.length() > REASON) {
            ModelAndView page =
                    page(row.get(), request).addObject("reason", reason).addObject("wrong", true);
            page.setStatus(HttpStatus.UNPROCESSABLE_CONTENT);
            return page;
        }
        TenantId portal = new TenantId(row.get().tenant());
        if (holds.find(portal).filter(hold -> hold.reason().equals(said)).isEmpty()) {
            // On record before it is done: what was tried and failed is seen, too.
            audit.record(operator.name(), "portal.suspended", portal, Map.of("reason", said));
            holds.hold(portal, said);
        }
        return back(portal, "suspended");
    }

    @PostMapping("/{tenant}/resume")
    ModelAndView resume(
            @AuthenticationPrincipal Operator operator, @PathVariable String tenant, HttpServletRequest request) {
        Optional<PortalsView.Row> row = found(tenant);
        if (row.isEmpty()) {
            return gone(request);
        }
        TenantId portal = new TenantId(row.get().tenant());
        if (holds.find(portal).isPresent()) {
            audit.record(operator.name(), "portal.resumed", portal, Map.of());
            holds.release(portal);
        }
        return back(portal, "resumed");
    }

    /** @param on those that are to be on; what is not named is to be off */
    @PostMapping("/{tenant}/flags")
    ModelAndView flags(
            @AuthenticationPrincipal Operator operator,
            @PathVariable String tenant,
            @RequestParam(defaultValue = "") List<String> on,
            HttpServletRequest request) {
        Optional<PortalsView.Row> row = found(tenant);
        if (row.isEmpty()) {
            return gone(request);
        }
        TenantId portal = new TenantId(row.get().tenant());
        Map<String, Boolean> changed = new LinkedHashMap<>();
        flags.of(portal).forEach((flag, before) -> {
            if (before != on.contains(flag.key())) {
                changed.put(flag.key(), !before);
            }
        });
        if (!changed.isEmpty()) {
            audit.record(operator.name(), "portal.flags", portal, changed);
            for (Flag flag : Flag.values()) {
                Boolean wanted = changed.get(flag.key());
                if (wanted != null) {
                    flags.set(portal, flag, wanted);
                }
            }
        }
        return back(portal, "flags");
    }

    private Optional<PortalsView.Row> found(String tenant) {
        return PortalsView.uuid(tenant).flatMap(portals::find);
    }

    private ModelAndView page(PortalsView.Row row, HttpServletRequest request) {
        UUID tenant = row.tenant();
        return pages.page("portal", request)
                .addObject("row", row)
                .addObject("counted", PortalsView.COUNTED)
                .addObject("numbers", portals.numbers(tenant))
                .addObject("flags", flags.of(new TenantId(tenant)))
                .addObject("entries", audit.list(tenant, null, ENTRIES));
    }

    private ModelAndView gone(HttpServletRequest request) {
        ModelAndView page = pages.page("gone", request);
        page.setStatus(HttpStatus.NOT_FOUND);
        return page;
    }

    private static ModelAndView back(TenantId portal, String done) {
        return ConsolePages.seeOther(PATH + "/" + portal.value() + "?done=" + done);
    }
}
