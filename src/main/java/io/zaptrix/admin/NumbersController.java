package io.zaptrix.admin;

import io.zaptrix.channel.Channels;
import io.zaptrix.channel.LinkRefused;
import io.zaptrix.channel.PhoneNumber;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.view.RedirectView;
import org.springframework.web.util.UriComponentsBuilder;

/** Linking numbers and taking them off. */
@Controller
@RequestMapping("/admin")
class NumbersController {

    private final Channels channels;
    private final NumbersPage page;

    NumbersController(Channels channels, NumbersPage page) {
        this.channels = channels;
        this.page = page;
    }

    @GetMapping({"", "/"})
    RedirectView start() {
        return seeOther("/admin/phone-numbers");
    }

    @GetMapping("/phone-numbers")
    ModelAndView numbers(
            CsrfToken csrf,
            @RequestParam(required = false) @Nullable String line,
            @RequestParam(required = false) @Nullable String linked,
            @RequestParam(required = false) @Nullable String unlinked) {
        String shownLine = line(line);
        ModelAndView shown =
                page.show(NumberForm.empty(shownLine), null, shownLine).addObject("csrf", csrf);
        if (linked != null) {
            shown.addObject("linked", channels.find(linked).orElse(null));
        }
        return shown.addObject("unlinked", unlinked != null);
    }

    @PostMapping("/phone-numbers")
    ModelAndView link(
            CsrfToken csrf, @ModelAttribute NumberForm form, @RequestParam(required = false) @Nullable String line) {
        String shownLine = line(line);
        try {
            PhoneNumber number = channels.link(form.request());
            UriComponentsBuilder next =
                    UriComponentsBuilder.fromPath("/admin/phone-numbers").queryParam("linked", number.phoneNumberId());
            if (shownLine != null) {
                next.queryParam("line", shownLine);
            }
            // The form's address has a fragment, which would outlive the redirect.
            return new ModelAndView(seeOther(next.fragment("main").build().toUriString()));
        } catch (LinkRefused refusal) {
            return page.show(form, refusal, shownLine).addObject("csrf", csrf);
        }
    }

    @GetMapping("/phone-numbers/{id}/unlink")
    ModelAndView confirm(CsrfToken csrf, @PathVariable String id) {
        return new ModelAndView("admin/unlink").addObject("number", linked(id)).addObject("csrf", csrf);
    }

    @PostMapping("/phone-numbers/{id}/unlink")
    ModelAndView unlink(@PathVariable String id) {
        channels.unlink(linked(id).phoneNumberId());
        return new ModelAndView(seeOther("/admin/phone-numbers?unlinked"));
    }

    /** The portal's own number; any other is not there, whoever has it. */
    private PhoneNumber linked(String id) {
        return channels.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    /** What stands in the address may have been written by anybody. */
    private static @Nullable String line(@Nullable String said) {
        return said != null && said.matches("[1-9][0-9]{0,17}") ? said : null;
    }

    private static RedirectView seeOther(String path) {
        RedirectView view = new RedirectView(path, true, true, false);
        view.setStatusCode(HttpStatus.SEE_OTHER);
        return view;
    }
}
