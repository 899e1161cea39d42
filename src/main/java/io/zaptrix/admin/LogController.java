package io.zaptrix.admin;

import io.zaptrix.channel.Channels;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.conversation.CanonicalPhone;
import io.zaptrix.journal.LoggedMessage;
import io.zaptrix.journal.LoggedMessage.Direction;
import io.zaptrix.journal.LoggedMessage.State;
import io.zaptrix.journal.MessageLife;
import io.zaptrix.journal.MessageLife.Kind;
import io.zaptrix.journal.MessageLife.Step;
import io.zaptrix.journal.MessageLog;
import io.zaptrix.journal.MessageLog.Place;
import io.zaptrix.journal.People;
import io.zaptrix.operations.Audit;
import io.zaptrix.platform.Masked;
import io.zaptrix.portal.PortalUser;
import io.zaptrix.portal.Portals;
import io.zaptrix.relay.DeadLetters;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import org.springframework.web.servlet.view.RedirectView;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * The message log, for admins and for those whom they let see it: who wrote when, and what became of it. It never shows
 * what a message says, and phone numbers only masked until somebody who may asks for one, which is recorded.
 */
@Controller
@RequestMapping(LogController.PATH)
class LogController {

    static final String PATH = "/admin/messages";

    private static final int ROWS = 50;
    private static final String REVEALED = "revealed";

    /** Types of customers' messages that have a word of their own; what else there may be is a message. */
    static final Set<String> KINDS = Set.of(
            "text",
            "image",
            "video",
            "audio",
            "document",
            "sticker",
            "location",
            "contacts",
            "reaction",
            "system",
            "automatic",
            "program");

    private final MessageLog log;
    private final People people;
    private final Channels channels;
    private final DeadLetters letters;
    private final Portals portals;
    private final Audit audit;
    private final LogReason.Texts reasons;
    private final SealedPhone sealed;

    LogController(
            MessageLog log,
            People people,
            Channels channels,
            DeadLetters letters,
            Portals portals,
            Audit audit,
            LogReason.Texts reasons,
            SealedPhone sealed) {
        this.log = log;
        this.people = people;
        this.channels = channels;
        this.letters = letters;
        this.portals = portals;
        this.audit = audit;
        this.reasons = reasons;
        this.sealed = sealed;
    }

    /**
     * A message as its row shows it.
     *
     * @param customer masked
     * @param way {@code in} or {@code out}, which words of its state are chosen by
     * @param reason in words; empty: there is none to tell
     */
    public record Row(
            String day,
            UUID id,
            Direction direction,
            String way,
            String customer,
            String kind,
            String number,
            String at,
            Instant since,
            State state,
            String tone,
            String reason,
            int attempts) {}

    /** A step as it is shown. */
    public record ShownStep(
            Kind kind,
            String at,
            Instant since,
            int part,
            int parts,
            int attempt,
            String reason,
            @Nullable String code,
            boolean uncertain,
            String tone) {}

    @GetMapping
    ModelAndView list(
            CsrfToken csrf,
            @AuthenticationPrincipal PortalUser user,
            Locale language,
            @RequestParam(required = false) @Nullable String who,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String until,
            @RequestParam(required = false) @Nullable String state,
            @RequestParam(required = false) @Nullable String direction,
            @RequestParam(required = false) @Nullable String number,
            @RequestParam(required = false) @Nullable String after) {
        return page(
                        user,
                        language,
                        new LogForm(sealed.open(who).orElse(null), from, until, state, direction, number),
                        Place.read(after).orElse(null))
                .addObject("csrf", csrf);
    }

    /** A post, since the address of the page that follows must not tell the number. */
    @PostMapping
    RedirectView search(
            @RequestParam(required = false) @Nullable String phone,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String until,
            @RequestParam(required = false) @Nullable String state,
            @RequestParam(required = false) @Nullable String direction,
            @RequestParam(required = false) @Nullable String number) {
        return SeeOther.to(address(new LogForm(phone, from, until, state, direction, number), null));
    }

    /** The page, for somebody whose session has just begun, too. */
    ModelAndView page(PortalUser user, Locale language, LogForm form, @Nullable Place after) {
        ShownTime time = ShownTime.of(portals, language);
        MessageLog.Page found = log.search(form.search(time), after, ROWS);
        Map<String, String> numbers = numbers();
        return new ModelAndView("admin/log")
                .addObject("form", form)
                .addObject(
                        "rows",
                        found.messages().stream()
                                .map(message -> row(message, time, numbers, language))
                                .toList())
                .addObject("older", found.next() == null ? null : address(form, found.next()))
                .addObject("searchedTo", found.searchedTo() == null ? null : time.at(found.searchedTo()))
                .addObject("later", after != null)
                .addObject("numbers", numbers)
                .addObject("states", State.values())
                .addObject("directions", Direction.values())
                .addObject("admin", user.admin())
                .addObject("zone", time.name());
    }

    @GetMapping("/{day}/{id}")
    ModelAndView life(
            CsrfToken csrf,
            @AuthenticationPrincipal PortalUser user,
            Locale language,
            @PathVariable LocalDate day,
            @PathVariable UUID id,
            org.springframework.ui.Model flashed) {
        Optional<MessageLife> life = log.life(day, id);
        if (life.isEmpty()) {
            ModelAndView gone = page(user, language, LogForm.EMPTY, null)
                    .addObject("csrf", csrf)
                    .addObject("gone", true);
            gone.setStatus(HttpStatus.NOT_FOUND);
            return gone;
        }
        ShownTime time = ShownTime.of(portals, language);
        LoggedMessage message = life.get().message();
        boolean revealed = id.equals(flashed.getAttribute(REVEALED)) && mayReveal(user);
        ModelAndView page = new ModelAndView("admin/log-message")
                .addObject("row", row(message, time, numbers(), language))
                .addObject(
                        "customer",
                        revealed ? CanonicalPhone.dialable(message.customer()).orElse(message.customer()) : null)
                .addObject("mayReveal", mayReveal(user) && !revealed)
                .addObject(
                        "steps",
                        life.get().steps().stream()
                                .map(step -> step(step, time, language))
                                .toList())
                .addObject(
                        "next",
                        life.get().nextAttempt() == null
                                ? null
                                : time.exactly(life.get().nextAttempt()))
                .addObject(
                        "waitsFor",
                        life.get().waitsFor() == null
                                ? null
                                : reasons.brief(life.get().waitsFor(), language))
                .addObject("zone", time.name())
                .addObject("admin", user.admin())
                .addObject("csrf", csrf);
        if (user.admin() && message.state() == State.GIVEN_UP) {
            letters.of(message.lane(), message.key()).ifPresent(letter -> page.addObject("letter", letter.id()));
        }
        return page;
    }

    /** Shows the number once, on the page that follows. */
    @PostMapping("/{day}/{id}/reveal")
    RedirectView reveal(
            @AuthenticationPrincipal PortalUser user,
            @PathVariable LocalDate day,
            @PathVariable UUID id,
            RedirectAttributes flash) {
        if (!mayReveal(user)) {
            throw new AccessDeniedException("the user may not see whole numbers");
        }
        log.life(day, id).ifPresent(life -> {
            audit.record(
                    user.userId(),
                    "phone.revealed",
                    Masked.phone(life.message().customer()),
                    Map.of("day", day.toString(), "id", id.toString()));
            flash.addFlashAttribute(REVEALED, id);
        });
        return SeeOther.to(PATH + "/" + day + "/" + id);
    }

    private boolean mayReveal(PortalUser user) {
        return user.admin()
                || people.viewer(user.userId()).filter(People.Person::reveal).isPresent();
    }

    private Map<String, String> numbers() {
        return channels.list().stream()
                .collect(Collectors.toMap(
                        PhoneNumber::phoneNumberId,
                        number -> number.displayName().isBlank() ? number.displayPhoneNumber() : number.displayName(),
                        (one, other) -> one,
                        java.util.LinkedHashMap::new));
    }

    private Row row(LoggedMessage message, ShownTime time, Map<String, String> numbers, Locale language) {
        boolean trouble = message.state() == State.FAILED || message.state() == State.GIVEN_UP;
        String reason = message.reason();
        return new Row(
                message.writtenOn().toString(),
                message.id(),
                message.direction(),
                message.direction() == Direction.OUT ? "out" : "in",
                Masked.phone(message.customer()),
                KINDS.contains(message.kind()) ? message.kind() : "message",
                numbers.getOrDefault(message.numberId(), "#" + message.numberId()),
                time.at(message.acceptedAt()),
                message.acceptedAt(),
                message.state(),
                tone(message.state()),
                trouble && reason != null && !reason.isBlank() ? reasons.brief(reason, language) : "",
                message.attempts());
    }

    private ShownStep step(Step step, ShownTime time, Locale language) {
        String reason = step.reason() == null ? "" : step.reason();
        boolean said = !reason.isBlank();
        return new ShownStep(
                step.kind(),
                time.exactly(step.at()),
                step.at(),
                step.part(),
                step.parts(),
                step.attempt(),
                said
                        ? step.kind() == Kind.RETRIED
                                ? reasons.brief(reason, language)
                                : reasons.whole(reason, language)
                        : "",
                said ? LogReason.code(reason) : null,
                step.uncertain(),
                switch (step.kind()) {
                    case FAILED, REFUSED, GIVEN_UP -> "bad";
                    case RETRIED, UNCERTAIN -> "warn";
                    case DROPPED, ACCEPTED -> "none";
                    case IN_CHAT, SENT, DELIVERED, READ -> "ok";
                });
    }

    private static String tone(State state) {
        return switch (state) {
            case FAILED, GIVEN_UP -> "bad";
            case UNCERTAIN, WAITING -> "warn";
            case SENT, DROPPED -> "none";
            case DELIVERED, READ -> "ok";
        };
    }

    private String address(LogForm form, @Nullable Place after) {
        UriComponentsBuilder address = UriComponentsBuilder.fromPath(PATH);
        Map<String, String> parameters = new java.util.LinkedHashMap<>();
        put(parameters, "who", form.phone() == null ? null : sealed.seal(form.phone()));
        put(parameters, "from", form.from());
        put(parameters, "until", form.until());
        put(parameters, "state", form.state());
        put(parameters, "direction", form.direction());
        put(parameters, "number", form.number());
        put(parameters, "after", after == null ? null : after.written());
        parameters.forEach(address::queryParam);
        return address.build().toUriString();
    }

    private static void put(Map<String, String> parameters, String name, @Nullable String value) {
        if (value != null) {
            parameters.put(name, value);
        }
    }
}
