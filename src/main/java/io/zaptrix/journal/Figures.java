package io.zaptrix.journal;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a portal's last days were like.
 *
 * @param zone in which its days begin and end
 * @param zoneKnown whether that is the portal's; else it is UTC
 * @param asOf when today was counted; null: not yet
 * @param days thirty, today last; those that were not counted yet are all zero
 * @param refusals why messages did not arrive in these days, the most frequent first
 * @param answers how long customers waited for the first answer of a person, in these days
 * @param costs messages that Meta has priced, in these days (UTC)
 */
public record Figures(
        ZoneId zone,
        boolean zoneKnown,
        @Nullable Instant asOf,
        List<Day> days,
        List<Refusal> refusals,
        Answers answersToday,
        Answers answers,
        List<Cost> costs) {

    /** How many days they tell of. */
    public static final int DAYS = 30;

    /** Today. */
    public Day today() {
        return days.getLast();
    }

    /** All days together, by the day of today. */
    public Day together() {
        Day sum = Day.empty(today().day());
        for (Day day : days) {
            sum = sum.and(day);
        }
        return sum;
    }

    /**
     * A day.
     *
     * @param in messages of customers
     * @param out messages to customers
     * @param sent WhatsApp messages that these went as, as far as Meta has taken them
     * @param delivered how many of those arrived; {@code read}: were read; {@code failed}: did not arrive
     * @param refused messages of either direction that were refused, failed or given up
     */
    public record Day(
            LocalDate day, long in, long out, long sent, long delivered, long read, long failed, long refused) {

        static Day empty(LocalDate day) {
            return new Day(day, 0, 0, 0, 0, 0, 0, 0);
        }

        static Day of(LocalDate day, Map<String, Long> measures) {
            return new Day(
                    day,
                    measures.getOrDefault("in", 0L),
                    measures.getOrDefault("out", 0L),
                    measures.getOrDefault("sent", 0L),
                    measures.getOrDefault("delivered", 0L),
                    measures.getOrDefault("read", 0L),
                    measures.getOrDefault("failed", 0L),
                    measures.getOrDefault("refused", 0L));
        }

        private Day and(Day other) {
            return new Day(
                    day,
                    in + other.in,
                    out + other.out,
                    sent + other.sent,
                    delivered + other.delivered,
                    read + other.read,
                    failed + other.failed,
                    refused + other.refused);
        }

        /** In percent of what was sent; null: nothing was. */
        public @Nullable Integer deliveredPercent() {
            return percent(delivered);
        }

        /** In percent of what was sent; null: nothing was. */
        public @Nullable Integer readPercent() {
            return percent(read);
        }

        private @Nullable Integer percent(long part) {
            return sent == 0 ? null : Math.toIntExact(Math.round(100.0 * part / sent));
        }
    }

    /** @param reason a word of ours or a vendor's code */
    public record Refusal(String reason, long messages) {}

    /**
     * Times to the first answer of a person after a customer has written, within the 24 hours in which one may answer
     * freely. Kept on a scale of steps a fifth apart, so that they are about right.
     *
     * @param count how many answers
     * @param median half came within this; null: there was none
     * @param ninetieth nine of ten came within this
     * @param spread how many came within a minute, five minutes, fifteen, an hour, four hours, and later
     */
    public record Answers(
            long count, @Nullable Duration median, @Nullable Duration ninetieth, List<Long> spread) {

        /** The upper ends of all but the last of {@link #spread}. */
        public static final List<Duration> ENDS = List.of(
                Duration.ofMinutes(1),
                Duration.ofMinutes(5),
                Duration.ofMinutes(15),
                Duration.ofHours(1),
                Duration.ofHours(4));

        /** @param steps how many answers are on each step of the scale */
        static Answers of(Map<Integer, Long> steps) {
            long count = steps.values().stream().mapToLong(Long::longValue).sum();
            long[] spread = new long[ENDS.size() + 1];
            steps.forEach((step, answers) -> {
                Duration time = time(step);
                int i = 0;
                while (i < ENDS.size() && time.compareTo(ENDS.get(i)) > 0) {
                    i++;
                }
                spread[i] += answers;
            });
            return new Answers(
                    count,
                    count == 0 ? null : quantile(steps, count, 0.5),
                    count == 0 ? null : quantile(steps, count, 0.9),
                    java.util.Arrays.stream(spread).boxed().toList());
        }

        private static Duration quantile(Map<Integer, Long> steps, long count, double share) {
            long rank = Math.max(1, (long) Math.ceil(share * count));
            long seen = 0;
            for (Map.Entry<Integer, Long> step : new java.util.TreeMap<>(steps).entrySet()) {
                seen += step.getValue();
                if (seen >= rank) {
                    return time(step.getKey());
                }
            }
            throw new IllegalStateException("fewer than there are");
        }

        /** The middle of a step: step n begins at 2^(n/4) seconds. */
        private static Duration time(int step) {
            return Duration.ofSeconds(Math.round(Math.pow(2, (step + 0.5) / 4)));
        }
    }

    /**
     * What messages of a price have come to.
     *
     * @param category Meta's word
     * @param billable whether Meta charges for them
     * @param price of one, as the admin has said; null: not said
     * @param currency of that price
     */
    public record Cost(
            String category,
            boolean billable,
            long messages,
            @Nullable BigDecimal price,
            @Nullable String currency) {

        /** What they cost by that price: nothing where Meta does not charge; null where no price was said. */
        public @Nullable BigDecimal estimate() {
            return !billable ? BigDecimal.ZERO : price == null ? null : price.multiply(BigDecimal.valueOf(messages));
        }
    }
}
