package io.zaptrix.admin;

import io.zaptrix.conversation.CustomerSearch.Unclear;
import io.zaptrix.portal.PortalUser;
import io.zaptrix.privacy.Privacy;
import io.zaptrix.privacy.Privacy.Found;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/**
 * What a portal's admin can do for the rights of those who write to it, and with the portal's own data. A phone number
 * is never in an address, which browsers and proxies keep: it comes by post, and the page that shows a person is the
 * answer to one.
 */
@Controller
@RequestMapping(PrivacyController.PATH)
class PrivacyController {

    static final String PATH = "/admin/privacy";

    private static final int RECORDED = 10;

    private final Privacy privacy;

    PrivacyController(Privacy privacy) {
        this.privacy = privacy;
    }

    /** A line about what is held: the table, for its words, and how many rows. */
    record Held(String table, String rows) {}

    /** A line about what was done. */
    record Done(String action, String subject, String actor, String at) {}

    @GetMapping
    ModelAndView overview(
            CsrfToken csrf,
            Locale locale,
            @RequestParam(required = false) @Nullable String saved,
            @RequestParam(required = false) @Nullable String erasing) {
        return page(csrf, locale).addObject("saved", saved != null).addObject("erasing", erasing != null);
    }

    @PostMapping("/retention")
    ModelAndView retain(
            CsrfToken csrf,
            Locale locale,
            @AuthenticationPrincipal PortalUser user,
            @RequestParam(defaultValue = "") String days) {
        try {
            privacy.retain(user, Integer.parseInt(days.strip()));
            return seeOther("saved");
        } catch (IllegalArgumentException outOfBounds) {
            return refused(page(csrf, locale).addObject("days", days).addObject("wrongDays", true));
        }
    }

    @PostMapping("/person")
    ModelAndView find(CsrfToken csrf, Locale locale, @RequestParam(defaultValue = "") String phone) {
        try {
            Found found = privacy.find(phone);
            return found.held().isEmpty()
                    ? page(csrf, locale).addObject("phone", phone).addObject("nobody", true)
                    : person("admin/privacy-person", csrf, locale, phone, found);
        } catch (Unclear unclear) {
            return unclear(csrf, locale, phone, unclear);
        }
    }

    @PostMapping("/person/export")
    @Nullable
    ModelAndView export(
            CsrfToken csrf,
            Locale locale,
            @AuthenticationPrincipal PortalUser user,
            @RequestParam(defaultValue = "") String phone,
            HttpServletResponse response)
            throws IOException {
        try {
            // Before the answer is one that cannot be a page any more.
            privacy.find(phone);
        } catch (Unclear unclear) {
            return unclear(csrf, locale, phone, unclear);
        }
        download(response, "whatsapp-user.json");
        privacy.exportPerson(user, phone, response.getOutputStream());
        return null;
    }

    /** What erasing means; nothing is done yet. */
    @PostMapping("/person/erasure")
    ModelAndView confirm(CsrfToken csrf, Locale locale, @RequestParam(defaultValue = "") String phone) {
        try {
            return person("admin/privacy-erase-person", csrf, locale, phone, privacy.find(phone));
        } catch (Unclear unclear) {
            return unclear(csrf, locale, phone, unclear);
        }
    }

    @PostMapping("/person/erase")
    ModelAndView erase(
            CsrfToken csrf,
            Locale locale,
            @AuthenticationPrincipal PortalUser user,
            @RequestParam(defaultValue = "") String phone) {
        try {
            privacy.erasePerson(user, phone);
            return seeOther("erasing");
        } catch (Unclear unclear) {
            return unclear(csrf, locale, phone, unclear);
        }
    }

    @PostMapping("/export")
    void export(@AuthenticationPrincipal PortalUser user, HttpServletResponse response) throws IOException {
        download(response, "portal-data.json");
        privacy.exportPortal(user, response.getOutputStream());
    }

    @GetMapping("/erase")
    ModelAndView danger(CsrfToken csrf, @AuthenticationPrincipal PortalUser user) {
        return danger(csrf, user, "", false);
    }

    @PostMapping("/erase")
    ModelAndView erasePortal(
            CsrfToken csrf,
            @AuthenticationPrincipal PortalUser user,
            @RequestParam(defaultValue = "") String host,
            HttpServletRequest request) {
        String typed = host.strip()
                .toLowerCase(Locale.ROOT)
                .replaceFirst("^https?://", "")
                .replaceFirst("/$", "");
        if (!typed.equals(host(user))) {
            return refused(danger(csrf, user, host, true));
        }
        privacy.erasePortal(user);
        HttpSession session = request.getSession(false);
        if (session != null) {
            session.invalidate();
        }
        SecurityContextHolder.clearContext();
        return new ModelAndView("admin/privacy-gone");
    }

    private ModelAndView page(CsrfToken csrf, Locale locale) {
        Privacy.Retention retention = privacy.retention();
        List<Done> recorded = privacy.recorded(RECORDED).stream()
                .map(entry ->
                        new Done(entry.action(), entry.subject(), entry.actor(), PrivacyWords.time(entry.at(), locale)))
                .toList();
        return new ModelAndView("admin/privacy")
                .addObject("csrf", csrf)
                .addObject("retention", retention)
                .addObject("days", String.valueOf(retention.days()))
                .addObject("phone", "")
                .addObject("underWay", privacy.underWay())
                .addObject("recorded", recorded);
    }

    private static ModelAndView person(String view, CsrfToken csrf, Locale locale, String phone, Found found) {
        List<Held> held = PrivacyWords.TABLES.stream()
                .flatMap(table -> Optional.ofNullable(found.held().get(table))
                        .map(rows -> new Held(table, PrivacyWords.count(rows, locale)))
                        .stream())
                .toList();
        return new ModelAndView(view).addAllObjects(Map.of("csrf", csrf, "phone", phone, "found", found, "held", held));
    }

    private ModelAndView unclear(CsrfToken csrf, Locale locale, String phone, Unclear unclear) {
        return refused(page(csrf, locale)
                .addObject("phone", phone)
                .addObject("unclear", unclear.reason().name()));
    }

    private static ModelAndView danger(CsrfToken csrf, PortalUser user, String typed, boolean wrong) {
        return new ModelAndView("admin/privacy-erase-portal")
                .addAllObjects(Map.of("csrf", csrf, "host", host(user), "typed", typed, "wrong", wrong));
    }

    private static String host(PortalUser user) {
        URI portal = URI.create(user.portalUrl());
        return String.valueOf(portal.getHost()).toLowerCase(Locale.ROOT);
    }

    private static void download(HttpServletResponse response, String name) {
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        response.setHeader(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + name + "\"");
    }

    private static ModelAndView refused(ModelAndView shown) {
        shown.setStatus(HttpStatus.UNPROCESSABLE_CONTENT);
        return shown;
    }

    private static ModelAndView seeOther(String what) {
        return new ModelAndView(SeeOther.to(PATH + "?" + what));
    }
}
