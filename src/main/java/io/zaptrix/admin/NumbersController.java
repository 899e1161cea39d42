package io.zaptrix.admin;

import io.zaptrix.channel.Channels;
import io.zaptrix.channel.LinkRefused;
import io.zaptrix.channel.PhoneNumber;
import java.util.Optional;
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
        ModelAndView shown = page.show(NumberForm.empty(line), null, line).addObject("csrf", csrf);
        if (linked != null) {
            shown.addObject("linked", channels.find(linked).orElse(null));
        }
        return shown.addObject("unlinked", unlinked != null);
    }

    @PostMapping("/phone-numbers")
    ModelAndView link(
            CsrfToken csrf, @ModelAttribute NumberForm form, @RequestParam(required = false) @Nullable String line) {
        try {
            PhoneNumber number = channels.link(form.request());
            UriComponentsBuilder next =
                    UriComponentsBuilder.fromPath("/admin/phone-numbers").queryParam("linked", number.phoneNumberId());
            if (line != null && line.matches("[0-9]{1,18}")) {
                next.queryParam("line", line);
            }
            return new ModelAndView(seeOther(next.build().toUriString()));
        } catch (LinkRefused refusal) {
            return page.show(form, refusal, line).addObject("csrf", csrf);
        }
    }

    @GetMapping("/phone-numbers/{id}/unlink")
    ModelAndView confirm(CsrfToken csrf, @PathVariable String id) {
        Optional<PhoneNumber> number = channels.find(id);
        if (number.isEmpty()) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        return new ModelAndView("admin/unlink")
                .addObject("number", number.get())
                .addObject("csrf", csrf);
    }

    @PostMapping("/phone-numbers/{id}/unlink")
    ModelAndView unlink(@PathVariable String id) {
        if (channels.find(id).isPresent()) {
            channels.unlink(id);
        }
        return new ModelAndView(seeOther("/admin/phone-numbers?unlinked"));
    }

    private static RedirectView seeOther(String path) {
        RedirectView view = new RedirectView(path, true, true, false);
        view.setStatusCode(HttpStatus.SEE_OTHER);
        return view;
    }
}
