package io.zaptrix.admin;

import io.zaptrix.portal.PortalUser;
import io.zaptrix.relay.DeadLetters;
import io.zaptrix.relay.DeadLetters.Filter;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.view.RedirectView;
import org.springframework.web.util.UriComponentsBuilder;

/** Messages that were given up: an admin sends them again, drops them, or takes them along as a file. */
@Controller
@RequestMapping(UndeliveredController.PATH)
class UndeliveredController {

    static final String PATH = "/admin/messages/undelivered";

    /** Most sweeps are over by then; the others go on by themselves. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final DeadLetters letters;
    private final LetterDesk desk;
    private final UndeliveredPage page;

    UndeliveredController(DeadLetters letters, LetterDesk desk, UndeliveredPage page) {
        this.letters = letters;
        this.desk = desk;
        this.page = page;
    }

    @GetMapping
    ModelAndView list(
            CsrfToken csrf,
            @RequestParam(required = false) @Nullable String direction,
            @RequestParam(required = false) @Nullable Long before,
            @RequestParam(required = false) @Nullable Long again,
            @RequestParam(required = false) @Nullable String underway,
            @RequestParam(required = false) @Nullable String dropped) {
        return page.show(UndeliveredPage.direction(direction), before)
                .addObject("csrf", csrf)
                .addObject("again", again)
                .addObject("underway", underway != null)
                .addObject("dropped", dropped != null);
    }

    @PostMapping("/replay")
    RedirectView replayAll(
            @AuthenticationPrincipal PortalUser user,
            @RequestParam(required = false) @Nullable String direction,
            @RequestParam long upTo) {
        String chosen = UndeliveredPage.direction(direction);
        Optional<Long> replayed = desk.replayAll(user, Filter.ofFlow(chosen), upTo, PATIENCE);
        UriComponentsBuilder next =
                replayed.map(count -> to().queryParam("again", count)).orElseGet(() -> to().queryParam("underway"));
        if (chosen != null) {
            next.queryParam("direction", chosen);
        }
        return seeOther(next);
    }

    @PostMapping("/{id}/replay")
    ModelAndView replay(CsrfToken csrf, @AuthenticationPrincipal PortalUser user, @PathVariable long id) {
        return desk.replay(user, id) ? new ModelAndView(seeOther(to().queryParam("again", 1))) : gone(csrf);
    }

    @GetMapping("/{id}/drop")
    ModelAndView confirm(CsrfToken csrf, @PathVariable long id) {
        return letters.find(id)
                .map(letter -> new ModelAndView("admin/undelivered-drop")
                        .addObject("row", UndeliveredPage.row(letter))
                        .addObject("csrf", csrf))
                .orElseGet(() -> gone(csrf));
    }

    @PostMapping("/{id}/drop")
    ModelAndView drop(CsrfToken csrf, @AuthenticationPrincipal PortalUser user, @PathVariable long id) {
        return desk.drop(user, id) ? new ModelAndView(seeOther(to().queryParam("dropped"))) : gone(csrf);
    }

    /** What the message says. By a post, as it leaves a trace: that somebody has read it. */
    @PostMapping("/{id}/show")
    ModelAndView content(CsrfToken csrf, @AuthenticationPrincipal PortalUser user, @PathVariable long id) {
        return desk.open(user, id)
                .map(opened -> page.content(opened).addObject("csrf", csrf))
                .orElseGet(() -> gone(csrf));
    }

    @PostMapping("/export")
    void export(
            @AuthenticationPrincipal PortalUser user,
            @RequestParam(required = false) @Nullable String direction,
            HttpServletResponse response)
            throws IOException {
        response.setContentType("application/x-ndjson");
        response.setHeader(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"undelivered.jsonl\"");
        desk.export(user, Filter.ofFlow(UndeliveredPage.direction(direction)), response.getOutputStream());
    }

    /** Another portal's, or no more there: the same to whoever asks. */
    private ModelAndView gone(CsrfToken csrf) {
        ModelAndView shown = page.show(null, null).addObject("csrf", csrf).addObject("gone", true);
        shown.setStatus(HttpStatus.NOT_FOUND);
        return shown;
    }

    private static UriComponentsBuilder to() {
        return UriComponentsBuilder.fromPath(PATH);
    }

    private static RedirectView seeOther(UriComponentsBuilder path) {
        return SeeOther.to(path.build().toUriString());
    }
}
