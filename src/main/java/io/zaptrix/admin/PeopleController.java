package io.zaptrix.admin;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.journal.People;
import io.zaptrix.journal.People.Candidate;
import io.zaptrix.journal.People.Person;
import io.zaptrix.operations.Audit;
import io.zaptrix.platform.CleanText;
import io.zaptrix.portal.PortalUser;
import io.zaptrix.portal.Portals;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.view.RedirectView;

/** Who may see the message log besides the admins, and who has done what. A change is one transaction with its line. */
@Controller
@RequestMapping(PeopleController.PATH)
class PeopleController {

    static final String PATH = "/admin/people";

    private static final int ENTRIES = 50;
    private static final int SHORTEST_SEARCH = 2;

    private final People people;
    private final Audit audit;
    private final Portals portals;
    private final MessageSource words;
    private final TransactionTemplate transaction;

    PeopleController(
            People people, Audit audit, Portals portals, MessageSource words, PlatformTransactionManager transactions) {
        this.people = people;
        this.audit = audit;
        this.portals = portals;
        this.words = words;
        this.transaction = new TransactionTemplate(transactions);
    }

    /**
     * Somebody as the page shows them.
     *
     * @param seen when they last opened the app; null: never
     */
    public record Row(
            String userId,
            String name,
            boolean reveal,
            @Nullable String seen) {}

    /** An entry of the audit as it is shown. */
    public record Entry(String at, java.time.Instant since, String who, String what, String detail) {}

    @GetMapping
    ModelAndView list(
            CsrfToken csrf,
            Locale language,
            @RequestParam(required = false) @Nullable String find,
            @RequestParam(required = false) @Nullable String done) {
        ModelAndView page = page(csrf, language).addObject("done", done(done));
        if (find == null || find.isBlank()) {
            return page;
        }
        String looked = CleanText.of(find).strip();
        page.addObject("find", looked);
        if (looked.codePointCount(0, looked.length()) < SHORTEST_SEARCH) {
            return page.addObject("problem", "short");
        }
        try {
            Set<String> known = people.viewers().stream().map(Person::userId).collect(Collectors.toSet());
            List<Candidate> found = people.search(looked).stream()
                    .filter(candidate -> !known.contains(candidate.userId()))
                    .toList();
            return page.addObject("found", found);
        } catch (Bitrix24Exception silent) {
            return page.addObject("problem", "silent");
        }
    }

    /** Asks the portal who that is: nobody who does not work there is let in. */
    @PostMapping
    ModelAndView allow(
            CsrfToken csrf,
            @AuthenticationPrincipal PortalUser user,
            Locale language,
            @RequestParam(defaultValue = "") String userId,
            @RequestParam(required = false) @Nullable String reveal) {
        String id = userId.strip();
        String problem = "nobody";
        if (id.matches("[1-9][0-9]{0,17}")) {
            try {
                Optional<Candidate> asked = people.ask(id);
                if (asked.isPresent()) {
                    allow(user, asked.get(), reveal != null);
                    return new ModelAndView(seeOther("allowed"));
                }
            } catch (Bitrix24Exception failed) {
                problem = failed.kind() == Bitrix24Exception.Kind.REFUSE ? "nobody" : "silent";
            }
        }
        ModelAndView again = page(csrf, language)
                .addObject("problem", problem)
                .addObject("typed", id)
                .addObject("revealing", reveal != null);
        again.setStatus(problem.equals("silent") ? HttpStatus.BAD_GATEWAY : HttpStatus.UNPROCESSABLE_CONTENT);
        return again;
    }

    private void allow(PortalUser user, Candidate asked, boolean reveal) {
        transaction.executeWithoutResult(status -> {
            if (people.allow(asked.userId(), asked.name(), reveal)) {
                audit.record(
                        user.userId(),
                        "viewer.allowed",
                        asked.userId(),
                        Map.of("name", asked.name(), "reveal", reveal));
            }
        });
    }

    @PostMapping("/{userId}/reveal")
    RedirectView reveal(
            @AuthenticationPrincipal PortalUser user,
            @PathVariable String userId,
            @RequestParam(defaultValue = "false") boolean reveal) {
        transaction.executeWithoutResult(status -> people.viewer(userId).ifPresent(person -> {
            if (people.allow(userId, person.name(), reveal)) {
                audit.record(user.userId(), "viewer.allowed", userId, Map.of("name", person.name(), "reveal", reveal));
            }
        }));
        return seeOther("changed");
    }

    @PostMapping("/{userId}/remove")
    RedirectView remove(@AuthenticationPrincipal PortalUser user, @PathVariable String userId) {
        transaction.executeWithoutResult(status -> people.viewer(userId).ifPresent(person -> {
            if (people.forbid(userId)) {
                audit.record(user.userId(), "viewer.removed", userId, Map.of("name", person.name()));
            }
        }));
        return seeOther("removed");
    }

    @GetMapping("/audit")
    ModelAndView audit(Locale language, @RequestParam(required = false) @Nullable Long before) {
        ShownTime time = ShownTime.of(portals, language);
        List<Audit.Entry> found = audit.list(before, ENTRIES + 1);
        List<Audit.Entry> shown = found.stream().limit(ENTRIES).toList();
        Map<String, String> names =
                people.names(shown.stream().map(Audit.Entry::actor).distinct().toList());
        return new ModelAndView("admin/audit")
                .addObject(
                        "entries",
                        shown.stream()
                                .map(entry -> entry(entry, time, names, language))
                                .toList())
                .addObject("older", found.size() > ENTRIES ? shown.getLast().id() : null)
                .addObject("later", before != null)
                .addObject("zone", time.name());
    }

    private Entry entry(Audit.Entry entry, ShownTime time, Map<String, String> names, Locale language) {
        AuditWords.Said said = AuditWords.of(entry, words, language);
        return new Entry(
                time.exactly(entry.at()),
                entry.at(),
                names.getOrDefault(entry.actor(), "#" + entry.actor()),
                said.what(),
                said.detail());
    }

    private ModelAndView page(CsrfToken csrf, Locale language) {
        ShownTime time = ShownTime.of(portals, language);
        return new ModelAndView("admin/people")
                .addObject(
                        "viewers",
                        people.viewers().stream().map(one -> row(one, time)).toList())
                .addObject(
                        "admins",
                        people.admins().stream().map(one -> row(one, time)).toList())
                .addObject("zone", time.name())
                .addObject("csrf", csrf);
    }

    private static Row row(Person person, ShownTime time) {
        return new Row(
                person.userId(),
                person.name(),
                person.reveal(),
                person.seenAt() == null ? null : time.at(person.seenAt()));
    }

    /** What stands in the address may have been written by anybody. */
    private static @Nullable String done(@Nullable String said) {
        return said != null && Set.of("allowed", "changed", "removed").contains(said) ? said : null;
    }

    private static RedirectView seeOther(String done) {
        return SeeOther.to(PATH + "?done=" + done);
    }
}
