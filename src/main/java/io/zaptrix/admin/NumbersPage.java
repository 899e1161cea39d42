package io.zaptrix.admin;

import io.zaptrix.channel.AccountEvent;
import io.zaptrix.channel.AccountEvents;
import io.zaptrix.channel.LinkRefused;
import io.zaptrix.channel.OpenLine;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.platform.Phrases;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.ZaptrixProperties;
import io.zaptrix.portal.Flag;
import io.zaptrix.portal.Flags;
import io.zaptrix.relay.DeadLetters;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.ModelAndView;

/** The page of a portal's numbers. */
@Component
class NumbersPage {

    /** Longer than a portal that is well takes, and no longer than a person waits for a page. */
    private static final Duration PATIENCE = Duration.ofMillis(2500);

    /** How many undelivered messages are counted one by one. */
    private static final int MOST_COUNTED = 999;

    static final int MOST_NEWS = 50;

    private static final Phrases ACCOUNT = new Phrases("messages/account");

    private final LineList lineList;
    private final DeadLetters letters;
    private final NumberCards cards;
    private final NumberWords words;
    private final AccountEvents events;
    private final Flags flags;
    private final boolean signUp;

    NumbersPage(
            LineList lineList,
            DeadLetters letters,
            NumberCards cards,
            NumberWords words,
            AccountEvents events,
            Flags flags,
            ZaptrixProperties properties) {
        this.lineList = lineList;
        this.letters = letters;
        this.cards = cards;
        this.words = words;
        this.events = events;
        this.flags = flags;
        String configId = properties.meta().configId();
        this.signUp = configId != null && !configId.isBlank();
    }

    /** Something that Meta told, as a sentence. */
    public record News(Instant at, String ago, boolean needsAction, String sentence, String reason) {}

    /** @param about only what concerns that number or its account; null: everything */
    List<News> news(@Nullable PhoneNumber about, int most, Locale language) {
        return events.recent(MOST_NEWS).stream()
                .filter(event -> about == null || concerns(event, about))
                .limit(most)
                .map(event -> new News(
                        event.at(),
                        words.ago(event.at(), language),
                        event.needsAction(),
                        ACCOUNT.say(language, event.what(), event.subject()),
                        event.reason()))
                .toList();
    }

    private static boolean concerns(AccountEvent event, PhoneNumber number) {
        return event.wabaId().equals(number.wabaId())
                && (event.phoneNumberId() == null || event.phoneNumberId().equals(number.phoneNumberId()));
    }

    /** The portal's lines; empty when they are not known soon enough. */
    Optional<List<OpenLine>> lines() {
        return lineList.lately(PATIENCE);
    }

    /**
     * @param refusal why the form came back
     * @param line the open line whose settings are shown; null for the page of all
     */
    ModelAndView show(NumberForm form, @Nullable LinkRefused refusal, @Nullable String line) {
        // The page is of use without them: the numbers are ours.
        Optional<List<OpenLine>> listed = lines();
        List<OpenLine> lines = listed.orElse(List.of());
        ModelAndView page = new ModelAndView("admin/numbers")
                .addObject("form", form)
                .addObject("cards", cards.all(lines, LocaleContextHolder.getLocale()))
                .addObject("signUp", signUp && flags.isOn(TenantContext.require(), Flag.EMBEDDED_SIGNUP))
                .addObject("lines", lines)
                .addObject("linesKnown", listed.isPresent())
                .addObject("undelivered", letters.count(DeadLetters.Filter.ALL, MOST_COUNTED + 1))
                .addObject("mostCounted", MOST_COUNTED);
        if (refusal != null) {
            Refusals.show(page, refusal);
            page.addObject("advice", refusal.advice().orElse(null));
        }
        if (line != null) {
            page.addObject("line", line);
        }
        return page;
    }
}
