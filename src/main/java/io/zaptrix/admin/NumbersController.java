package io.zaptrix.admin;

import io.zaptrix.channel.ChannelSettings;
import io.zaptrix.channel.Channels;
import io.zaptrix.channel.LinkRefused;
import io.zaptrix.channel.OpenLine;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.portal.PortalUser;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.util.UriComponentsBuilder;

/** Linking numbers and taking them off. */
@Controller
@RequestMapping("/admin")
class NumbersController {

    /** For the list that comes after the page: whoever looks at it has time. */
    private static final Duration PATIENCE = Duration.ofSeconds(25);

    private static final int NEWS_OF_NUMBER = 5;

    private final Channels channels;
    private final NumberDesk desk;
    private final NumbersPage page;
    private final LineList lineList;
    private final MessageSource words;

    NumbersController(Channels channels, NumberDesk desk, NumbersPage page, LineList lineList, MessageSource words) {
        this.channels = channels;
        this.desk = desk;
        this.page = page;
        this.lineList = lineList;
        this.words = words;
    }

    @GetMapping("/phone-numbers")
    ModelAndView numbers(
            CsrfToken csrf,
            @RequestParam(required = false) @Nullable String line,
            @RequestParam(required = false) @Nullable String again,
            @RequestParam(required = false) @Nullable String token,
            @RequestParam(required = false) @Nullable String linked,
            @RequestParam(required = false) @Nullable String moved,
            @RequestParam(required = false) @Nullable String unlinked) {
        String shownLine = line(line);
        NumberForm form = Optional.ofNullable(again)
                .flatMap(channels::find)
                .map(NumberForm::again)
                .orElseGet(() -> NumberForm.empty(shownLine));
        ModelAndView shown = page.show(form, null, shownLine).addObject("csrf", csrf);
        if (linked != null) {
            shown.addObject("linked", channels.find(linked).orElse(null));
        }
        if (moved != null) {
            shown.addObject("moved", channels.find(moved).orElse(null));
        }
        return shown.addObject("unlinked", unlinked != null)
                .addObject("again", again != null)
                .addObject("byToken", token != null);
    }

    @PostMapping("/phone-numbers")
    ModelAndView link(
            CsrfToken csrf,
            @AuthenticationPrincipal PortalUser user,
            @ModelAttribute NumberForm form,
            @RequestParam(required = false) @Nullable String line,
            @RequestHeader(required = false) @Nullable String accept,
            Locale language) {
        String shownLine = line(line);
        try {
            PhoneNumber number = desk.link(user, form.request());
            UriComponentsBuilder next =
                    UriComponentsBuilder.fromPath("/admin/phone-numbers").queryParam("linked", number.phoneNumberId());
            if (shownLine != null) {
                next.queryParam("line", shownLine);
            }
            // The form's address has a fragment, which would outlive the redirect.
            return new ModelAndView(SeeOther.to(next.fragment("main").build().toUriString()));
        } catch (LinkRefused refusal) {
            if (accept != null && accept.contains("json") && !accept.contains("html")) {
                throw problem(refusal, language);
            }
            return page.show(form, refusal, shownLine).addObject("csrf", csrf);
        }
    }

    /** The lines of a portal that took its time, for a page that did not wait; no content while they are not known. */
    @GetMapping("/phone-numbers/lines")
    @Nullable
    ModelAndView lines(@RequestParam(required = false) @Nullable String lineId, HttpServletResponse response) {
        Optional<List<OpenLine>> lines = lineList.within(PATIENCE);
        if (lines.isEmpty()) {
            response.setStatus(HttpStatus.NO_CONTENT.value());
            return null;
        }
        return new ModelAndView("admin/lines").addObject("lines", lines.get()).addObject("chosen", lineId);
    }

    /** What Meta told of the portal's accounts, numbers and templates. */
    @GetMapping("/phone-numbers/news")
    ModelAndView news(Locale language) {
        return new ModelAndView("admin/news").addObject("events", page.news(null, NumbersPage.MOST_NEWS, language));
    }

    @GetMapping("/phone-numbers/{id}/unlink")
    ModelAndView confirm(CsrfToken csrf, @PathVariable String id) {
        return new ModelAndView("admin/unlink").addObject("number", linked(id)).addObject("csrf", csrf);
    }

    @PostMapping("/phone-numbers/{id}/unlink")
    ModelAndView unlink(@AuthenticationPrincipal PortalUser user, @PathVariable String id) {
        desk.unlink(user, linked(id));
        return new ModelAndView(SeeOther.to("/admin/phone-numbers?unlinked"));
    }

    @GetMapping("/phone-numbers/{id}/settings")
    ModelAndView settings(
            CsrfToken csrf, @PathVariable String id, @RequestParam(required = false) @Nullable String saved) {
        PhoneNumber number = linked(id);
        return settingsPage(csrf, number, SettingsForm.of(channels.settings(id)), false)
                .addObject("saved", saved != null);
    }

    @PostMapping("/phone-numbers/{id}/settings")
    ModelAndView changeSettings(
            CsrfToken csrf,
            @AuthenticationPrincipal PortalUser user,
            @PathVariable String id,
            @ModelAttribute SettingsForm form) {
        PhoneNumber number = linked(id);
        ChannelSettings settings;
        try {
            settings = form.settings();
        } catch (IllegalArgumentException wrong) {
            ModelAndView again = settingsPage(csrf, number, form, true).addObject("saved", false);
            again.setStatus(HttpStatus.UNPROCESSABLE_CONTENT);
            return again;
        }
        desk.change(user, number, settings);
        return new ModelAndView(SeeOther.to("/admin/phone-numbers/" + number.phoneNumberId() + "/settings?saved"));
    }

    @GetMapping("/phone-numbers/{id}/move")
    ModelAndView move(CsrfToken csrf, @PathVariable String id) {
        PhoneNumber number = linked(id);
        return movePage(csrf, number, number.lineId(), null);
    }

    @PostMapping("/phone-numbers/{id}/move")
    ModelAndView move(
            CsrfToken csrf,
            @AuthenticationPrincipal PortalUser user,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String lineId) {
        PhoneNumber number = linked(id);
        try {
            desk.move(user, number, lineId == null ? "" : lineId);
            return new ModelAndView(SeeOther.to("/admin/phone-numbers?moved=" + number.phoneNumberId()));
        } catch (LinkRefused refusal) {
            return movePage(csrf, number, lineId, refusal);
        }
    }

    private ModelAndView movePage(
            CsrfToken csrf, PhoneNumber number, @Nullable String lineId, @Nullable LinkRefused refusal) {
        Optional<List<OpenLine>> lines = page.lines();
        ModelAndView shown = new ModelAndView("admin/move")
                .addObject("number", number)
                .addObject("lines", lines.orElse(List.of()))
                .addObject("linesKnown", lines.isPresent())
                .addObject("lineId", lineId)
                .addObject("csrf", csrf);
        if (refusal != null) {
            Refusals.show(shown, refusal);
        }
        return shown;
    }

    @PostMapping("/phone-numbers/{id}/reconnect")
    ModelAndView reconnect(
            CsrfToken csrf,
            @AuthenticationPrincipal PortalUser user,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String line) {
        PhoneNumber number = linked(id);
        String shownLine = line(line);
        try {
            desk.reconnect(user, number);
            // Back to where it was pressed: in the settings of a line, the other numbers are beside the point.
            String pressedOn = shownLine == null ? "/admin/phone-numbers" : ConnectorController.PATH + shownLine;
            return new ModelAndView(SeeOther.to(pressedOn + "?linked=" + number.phoneNumberId()));
        } catch (LinkRefused refusal) {
            // The form with all but the token: a new one is what helps most often.
            return page.show(NumberForm.again(number), refusal, shownLine).addObject("csrf", csrf);
        }
    }

    /** By a post, as it leaves a trace: that somebody has seen it. */
    @PostMapping("/phone-numbers/{id}/pin")
    ModelAndView pin(CsrfToken csrf, @AuthenticationPrincipal PortalUser user, @PathVariable String id) {
        PhoneNumber number = linked(id);
        return settingsPage(csrf, number, SettingsForm.of(channels.settings(id)), false)
                .addObject("saved", false)
                .addObject("pin", desk.pin(user, number).orElse(null));
    }

    private ModelAndView settingsPage(CsrfToken csrf, PhoneNumber number, SettingsForm form, boolean wrong) {
        return new ModelAndView("admin/settings")
                .addObject("number", number)
                .addObject("form", form)
                .addObject("wrong", wrong)
                .addObject("events", page.news(number, NEWS_OF_NUMBER, LocaleContextHolder.getLocale()))
                .addObject("hasPin", channels.pin(number.phoneNumberId()).isPresent())
                .addObject("csrf", csrf);
    }

    /** The portal's own number; any other is not there, whoever has it. */
    private PhoneNumber linked(String id) {
        return channels.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    /** What the page says, for programs. */
    private ErrorResponseException problem(LinkRefused refusal, Locale language) {
        Refusals.note(refusal);
        String key = "link." + refusal.reason();
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(
                Refusals.status(refusal.reason()), words.getMessage(key + ".next", null, language));
        problem.setTitle(words.getMessage(key, null, language));
        problem.setProperty("reason", refusal.reason().name());
        String field = Refusals.field(refusal);
        if (field != null) {
            problem.setProperty("field", field);
        }
        String said = Refusals.said(refusal);
        if (said != null) {
            problem.setProperty("said", said);
        }
        return new ErrorResponseException(Refusals.status(refusal.reason()), problem, refusal);
    }

    /** What stands in the address may have been written by anybody. */
    private static @Nullable String line(@Nullable String said) {
        return said != null && said.matches("[1-9][0-9]{0,17}") ? said : null;
    }
}
