package io.zaptrix.admin;

import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.servlet.ModelAndView;

/** What is there to be read: privacy and terms, which are everybody's, also within a portal's frame, and help. */
@Controller
class ReadingController {

    static final List<String> PRIVACY =
            List.of("what", "why", "kept", "given", "guarded", "rights", "cookies", "changes");
    static final List<String> TERMS =
            List.of("service", "licence", "needs", "use", "messages", "liability", "end", "changes");
    static final List<String> HELP = List.of("start", "token", "window", "undelivered", "lines", "echo", "uninstall");

    private final About about;

    ReadingController(About about) {
        this.about = about;
    }

    @GetMapping("/privacy")
    ModelAndView privacy(HttpServletResponse response) {
        PageHeaders.framedByAnyone(response);
        return new ModelAndView("admin/privacy-notice")
                .addObject("about", about)
                .addObject("chapters", PRIVACY);
    }

    @GetMapping("/terms")
    ModelAndView terms(HttpServletResponse response) {
        PageHeaders.framedByAnyone(response);
        return new ModelAndView("admin/terms").addObject("about", about).addObject("chapters", TERMS);
    }

    @GetMapping("/admin/help")
    ModelAndView help() {
        return new ModelAndView("admin/help").addObject("about", about).addObject("topics", HELP);
    }
}
