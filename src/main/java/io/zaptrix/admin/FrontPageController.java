package io.zaptrix.admin;

import org.springframework.core.env.Environment;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

/** The page at the address itself: what this is, for whoever looks. */
@Controller
class FrontPageController {

    private final boolean sandbox;

    FrontPageController(Environment environment) {
        this.sandbox = environment.getProperty("zaptrix.sandbox.enabled", Boolean.class, false);
    }

    @GetMapping("/")
    String front(Model model) {
        model.addAttribute("sandbox", sandbox);
        return "admin/front";
    }
}
