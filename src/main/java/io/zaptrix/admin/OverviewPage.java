package io.zaptrix.admin;

import io.zaptrix.admin.Charts.Series;
import io.zaptrix.admin.NumberCards.Card;
import io.zaptrix.channel.AccountEvent;
import io.zaptrix.channel.AccountEvents;
import io.zaptrix.journal.DailyFigures;
import io.zaptrix.journal.Figures;
import io.zaptrix.journal.Figures.Answers;
import io.zaptrix.journal.Figures.Cost;
import io.zaptrix.journal.Figures.Day;
import io.zaptrix.journal.MessagePrices;
import io.zaptrix.platform.Phrases;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.Portals;
import io.zaptrix.relay.DeadLetters;
import java.math.BigDecimal;
import java.text.NumberFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.ModelAndView;

/** The page that an admin comes to: what needs attention, how today and the last thirty days went. */
@Component
class OverviewPage {

    private static final String NUMBERS = "/admin/phone-numbers";
    private static final Phrases ACCOUNT = new Phrases("messages/account");
    private static final Duration NEWS = Duration.ofDays(7);
    private static final int NEWS_READ = 50;
    private static final int MOST_COUNTED = 999;
    private static final int REASONS = 8;

    /** So many sent messages make a share worth a warning. */
    private static final long ENOUGH = 20;

    private final DailyFigures figures;
    private final MessagePrices prices;
    private final NumberCards cards;
    private final AccountEvents events;
    private final DeadLetters letters;
    private final Portals portals;
    private final LogReason.Texts reasons;
    private final MessageSource words;

    OverviewPage(
            DailyFigures figures,
            MessagePrices prices,
            NumberCards cards,
            AccountEvents events,
            DeadLetters letters,
            Portals portals,
            LogReason.Texts reasons,
            MessageSource words) {
        this.figures = figures;
        this.prices = prices;
        this.cards = cards;
        this.events = events;
        this.letters = letters;
        this.portals = portals;
        this.reasons = reasons;
        this.words = words;
    }

    /**
     * Something that an admin should look at.
     *
     * @param act what the link says; null: there is none
     */
    public record Attention(
            String tone,
            String text,
            @Nullable String href,
            @Nullable String act) {}

    /** A row of a table whose first column is a name, with a bar. */
    public record Bar(
            String name, long value, long share, @Nullable String more) {}

    /** Messages of a category, and about what they cost. */
    public record CostRow(
            String category,
            boolean known,
            boolean billable,
            long messages,
            long share,
            @Nullable String estimate) {}

    ModelAndView show(Locale language) {
        Figures shown = figures.look();
        ShownTime time = new ShownTime(shown.zone(), shown.zoneKnown(), language);
        // Of their lines nothing is shown, so that nobody waits for Bitrix24 here.
        List<Card> numbers = cards.all(List.of(), language);
        Portal portal = portals.find(TenantContext.require()).orElseThrow();
        List<Day> days = shown.days();
        return new ModelAndView("admin/overview")
                .addObject("attention", attention(shown, numbers, portal, language))
                .addObject("portal", portal)
                .addObject("host", portal.portalUrl().getHost())
                .addObject("numbers", numbers)
                .addObject("time", time)
                .addObject("asOf", shown.asOf() == null ? null : time.clock(shown.asOf()))
                .addObject("today", shown.today())
                .addObject("month", shown.together())
                .addObject("days", days)
                .addObject("first", time.day(days.getFirst().day()))
                .addObject("last", time.day(days.getLast().day()))
                .addObject("traffic", Charts.pairs(days, new Series("c1", Day::in), new Series("c2", Day::out)))
                .addObject(
                        "reached",
                        Charts.nested(
                                days,
                                List.of(
                                        new Series("back", Day::sent),
                                        new Series("middle", Day::delivered),
                                        new Series("front", Day::read))))
                .addObject("refusals", refusals(shown, language))
                .addObject("answers", answers(shown.answers(), language))
                .addObject("answered", shown.answers().count())
                .addObject("medianToday", ShownTime.span(shown.answersToday().median(), language))
                .addObject("ninetiethToday", ShownTime.span(shown.answersToday().ninetieth(), language))
                .addObject("median", ShownTime.span(shown.answers().median(), language))
                .addObject("ninetieth", ShownTime.span(shown.answers().ninetieth(), language))
                .addObject("costs", costs(shown.costs(), language))
                .addObject("total", total(shown.costs(), language))
                .addObject("priced", prices.get().currency() != null);
    }

    private List<Attention> attention(Figures shown, List<Card> numbers, Portal portal, Locale language) {
        List<Attention> all = new ArrayList<>();
        if (portal.status() == Portal.Status.SUSPENDED) {
            all.add(attention("bad", "portal", Objects.requireNonNullElse(portal.problem(), "–"), null, language));
        }
        String act = words.getMessage("overview.attention.number.do", null, language);
        for (Card number : numbers) {
            if (!number.inUse()) {
                all.add(attention("bad", "number", name(number), NUMBERS, language));
            }
            number.attention()
                    .forEach(sentence -> all.add(new Attention("bad", name(number) + ": " + sentence, NUMBERS, act)));
        }
        int undelivered = letters.count(DeadLetters.Filter.ALL, MOST_COUNTED + 1);
        if (undelivered > 0) {
            all.add(attention(
                    "bad",
                    "letters",
                    undelivered > MOST_COUNTED ? MOST_COUNTED + "+" : Integer.toString(undelivered),
                    UndeliveredController.PATH,
                    language));
        }
        Day today = shown.today();
        if (today.sent() >= ENOUGH && today.failed() * 10 > today.sent()) {
            all.add(attention(
                    "warn", "failing", Long.toString(today.failed()), LogController.PATH + "?state=FAILED", language));
        }
        Instant since = Instant.now().minus(NEWS);
        Map<String, AccountEvent> latest = new LinkedHashMap<>();
        // Of what happened to one thing only the last counts: a number that was flagged may be well again.
        events.recent(NEWS_READ).stream()
                .filter(event -> event.at().isAfter(since))
                .forEach(event -> latest.putIfAbsent(event.field() + ":" + event.subject(), event));
        latest.values().stream()
                .filter(AccountEvent::needsAction)
                .forEach(event -> all.add(
                        new Attention("warn", ACCOUNT.say(language, event.what(), event.subject()), null, null)));
        return all;
    }

    private Attention attention(String tone, String what, String detail, @Nullable String href, Locale language) {
        String key = "overview.attention." + what;
        return new Attention(
                tone,
                words.getMessage(key, new Object[] {detail}, language),
                href,
                href == null ? null : words.getMessage(key + ".do", null, language));
    }

    private static String name(Card card) {
        String name = card.number().displayName();
        return name.isBlank() ? card.number().displayPhoneNumber() : name;
    }

    private List<Bar> refusals(Figures shown, Locale language) {
        long longest = shown.refusals().stream()
                .mapToLong(Figures.Refusal::messages)
                .max()
                .orElse(0);
        return shown.refusals().stream()
                .limit(REASONS)
                .map(refusal -> new Bar(
                        reasons.brief(refusal.reason(), language),
                        refusal.messages(),
                        Charts.share(refusal.messages(), longest),
                        LogReason.code(refusal.reason())))
                .toList();
    }

    private static List<Bar> answers(Answers answers, Locale language) {
        long longest =
                answers.spread().stream().mapToLong(Long::longValue).max().orElse(0);
        List<Bar> bars = new ArrayList<>();
        for (int i = 0; i < answers.spread().size(); i++) {
            boolean last = i == Answers.ENDS.size();
            long count = answers.spread().get(i);
            bars.add(new Bar(
                    (last ? "> " : "≤ ") + ShownTime.span(Answers.ENDS.get(last ? i - 1 : i), language),
                    count,
                    Charts.share(count, longest),
                    null));
        }
        return bars;
    }

    private static List<CostRow> costs(List<Cost> costs, Locale language) {
        long longest = costs.stream().mapToLong(Cost::messages).max().orElse(0);
        return costs.stream()
                .map(cost -> new CostRow(
                        cost.category(),
                        MessagePrices.CATEGORIES.contains(cost.category()),
                        cost.billable(),
                        cost.messages(),
                        Charts.share(cost.messages(), longest),
                        cost.estimate() == null || cost.currency() == null
                                ? null
                                : money(cost.estimate(), cost.currency(), language)))
                .toList();
    }

    /** Of all that has a price; null where nothing has. */
    private static @Nullable String total(List<Cost> costs, Locale language) {
        Optional<String> currency =
                costs.stream().map(Cost::currency).filter(Objects::nonNull).findFirst();
        return currency.map(of -> money(
                        costs.stream()
                                .map(Cost::estimate)
                                .filter(Objects::nonNull)
                                .reduce(BigDecimal.ZERO, BigDecimal::add),
                        of,
                        language))
                .orElse(null);
    }

    private static String money(BigDecimal amount, String currency, Locale language) {
        NumberFormat format = NumberFormat.getNumberInstance(language);
        format.setMinimumFractionDigits(2);
        format.setMaximumFractionDigits(2);
        return format.format(amount) + " " + currency;
    }
}
