package io.zaptrix.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.channel.Channels;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.portal.PortalUser;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.view.RedirectView;
import org.springframework.web.util.UriUtils;

/** Where people come in, and the guide to the first message. */
@Controller
@RequestMapping("/admin")
class GuideController {

    /** What htmx takes as: look no further. */
    private static final HttpStatusCode STOP = HttpStatusCode.valueOf(286);

    /** After that a message that was sent would have come. */
    private static final Duration LATE = Duration.ofSeconds(60);

    /** Later than any clock says; what stands in the address may have been written by anybody. */
    private static final long LAST = 1L << 40;

    private final Guide guide;
    private final Channels channels;
    private final Shell shell;
    private final MessageSource words;

    GuideController(Guide guide, Channels channels, Shell shell, MessageSource words) {
        this.guide = guide;
        this.channels = channels;
        this.shell = shell;
        this.words = words;
    }

    /** The guide while there is something left to do; then what is seen every day. */
    @GetMapping({"", "/"})
    RedirectView start(@AuthenticationPrincipal PortalUser user) {
        String where = !user.admin() ? LogController.PATH : guide.finished() ? shell.home() : "/admin/start";
        return SeeOther.to(where);
    }

    @GetMapping("/start")
    ModelAndView guide(
            @AuthenticationPrincipal PortalUser user,
            @RequestParam(required = false) @Nullable String number,
            @RequestParam(required = false) @Nullable Long after,
            Locale language) {
        Guide.Progress progress = guide.progress(number);
        ModelAndView page = new ModelAndView("admin/start")
                .addObject("progress", progress)
                .addObject("since", Instant.now().getEpochSecond());
        if (progress.number() != null) {
            String link = chat(progress.number(), words.getMessage("guide.message.sample", null, language));
            page.addObject("link", link).addObject("qr", QrPicture.of(link));
            watching(page, user, progress.number().phoneNumberId(), Instant.now(), after);
        }
        return page;
    }

    /**
     * What the guide asks every few seconds: whether a message has come since it was opened.
     *
     * @param after when the message came that was seen before somebody wanted to try again
     */
    @GetMapping("/start/arrival")
    ModelAndView arrival(
            @AuthenticationPrincipal PortalUser user,
            @RequestParam String number,
            @RequestParam long since,
            @RequestParam(required = false) @Nullable Long after) {
        if (channels.find(number).isEmpty()) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        ModelAndView part = new ModelAndView("admin/start-arrival").addObject("since", since);
        boolean arrived = watching(part, user, number, Instant.ofEpochSecond(Math.clamp(since, 0, LAST)), after);
        if (arrived) {
            part.setStatus(STOP);
        }
        return part;
    }

    /** Where WhatsApp opens a chat with the number, with something to send written already. */
    private static String chat(PhoneNumber number, String text) {
        return "https://wa.me/" + number.displayPhoneNumber().replaceAll("[^0-9]", "") + "?text="
                + UriUtils.encode(text, UTF_8);
    }

    private boolean watching(ModelAndView page, PortalUser user, String number, Instant since, @Nullable Long after) {
        Guide.Arrival arrival = guide.arrival(number, since, after).orElse(null);
        page.addObject("watched", number)
                .addObject("after", after)
                .addObject("arrival", arrival)
                .addObject("late", Duration.between(since, Instant.now()).compareTo(LATE) > 0)
                .addObject("home", shell.home());
        if (arrival != null && arrival.chatId() != null) {
            page.addObject("chat", user.portalUrl() + "/online/?IM_DIALOG=chat" + arrival.chatId());
        }
        return arrival != null;
    }
}
