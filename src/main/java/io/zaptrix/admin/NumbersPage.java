package io.zaptrix.admin;

import io.zaptrix.channel.Channels;
import io.zaptrix.channel.LinkRefused;
import io.zaptrix.channel.OpenLine;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.relay.DeadLetters;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.ModelAndView;

/** The page of a portal's numbers. */
@Component
class NumbersPage {

    /** Longer than a portal that is well takes, and no longer than a person waits for a page. */
    private static final Duration PATIENCE = Duration.ofMillis(2500);

    /** How many undelivered messages are counted one by one. */
    private static final int MOST_COUNTED = 999;

    private final Channels channels;
    private final LineList lineList;
    private final DeadLetters letters;

    NumbersPage(Channels channels, LineList lineList, DeadLetters letters) {
        this.channels = channels;
        this.lineList = lineList;
        this.letters = letters;
    }

    /** A number as its row shows it. */
    public record Row(PhoneNumber number, String lineName) {}

    /**
     * @param refusal why the form came back
     * @param line the open line whose settings are shown; null for the page of all
     */
    ModelAndView show(NumberForm form, @Nullable LinkRefused refusal, @Nullable String line) {
        // The page is of use without them: the numbers are ours.
        Optional<List<OpenLine>> listed = lineList.within(PATIENCE);
        List<OpenLine> lines = listed.orElse(List.of());
        Map<String, String> names = lines.stream().collect(Collectors.toMap(OpenLine::id, OpenLine::name, (a, b) -> a));
        List<Row> rows = channels.list().stream()
                .map(number -> new Row(number, names.getOrDefault(number.lineId(), "#" + number.lineId())))
                .toList();
        ModelAndView page = new ModelAndView("admin/numbers")
                .addObject("form", form)
                .addObject("rows", rows)
                .addObject("lines", lines)
                .addObject("linesKnown", listed.isPresent())
                .addObject("undelivered", letters.count(DeadLetters.Filter.ALL, MOST_COUNTED + 1))
                .addObject("mostCounted", MOST_COUNTED)
                .addObject(
                        "languages",
                        PageLanguage.SPOKEN.stream().map(Locale::toLanguageTag).toList());
        if (refusal != null) {
            page.addObject("refusal", refusal.reason());
            page.addObject("wrong", Refusals.field(refusal));
            page.addObject("said", Refusals.said(refusal));
            page.addObject("advice", refusal.advice().orElse(null));
            page.setStatus(Refusals.status(refusal.reason()));
        }
        if (line != null) {
            page.addObject("line", line);
        }
        return page;
    }
}
