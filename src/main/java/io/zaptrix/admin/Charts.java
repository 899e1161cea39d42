package io.zaptrix.admin;

import io.zaptrix.journal.Figures.Day;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Drawings of figures as SVG. They have no words in them: what is beside a drawing says what it shows, and the table
 * under it says the same in numbers. One unit of a drawing is no pixel, as it is stretched to the width of its page.
 */
final class Charts {

    /** The height of a drawing. */
    static final int HEIGHT = 100;

    private static final double DAY = 10;

    private Charts() {}

    /** A bar; its {@code tone} is a class of the style sheet. */
    public record Bar(String x, String y, String width, String height, String tone) {}

    /**
     * Bars of days.
     *
     * @param top the value that the drawing's upper edge stands for
     */
    public record Drawing(int width, List<Bar> bars, long top) {

        public String viewBox() {
            return "0 0 " + width + " " + HEIGHT;
        }
    }

    /** Some measure of a day. */
    record Series(String tone, ToLongFunction<Day> of) {}

    /** Two bars side by side for each day. */
    static Drawing pairs(List<Day> days, Series left, Series right) {
        long top = top(days, List.of(left, right));
        List<Bar> bars = new ArrayList<>();
        for (int i = 0; i < days.size(); i++) {
            bars.add(bar(i * DAY + 1, 4, left, days.get(i), top));
            bars.add(bar(i * DAY + 5, 4, right, days.get(i), top));
        }
        return drawing(days, bars, top);
    }

    /** Bars one before the other, each of which is part of the one behind it. */
    static Drawing nested(List<Day> days, List<Series> series) {
        long top = top(days, series);
        List<Bar> bars = new ArrayList<>();
        for (int i = 0; i < days.size(); i++) {
            for (Series one : series) {
                bars.add(bar(i * DAY + 1, 8, one, days.get(i), top));
            }
        }
        return drawing(days, bars, top);
    }

    /** How long a bar of a row is, in percent of the longest. */
    static long share(long value, long longest) {
        return longest == 0 ? 0 : Math.max(value == 0 ? 0 : 1, Math.round(100.0 * value / longest));
    }

    private static Drawing drawing(List<Day> days, List<Bar> bars, long top) {
        return new Drawing(
                (int) (days.size() * DAY),
                bars.stream().filter(bar -> !bar.height().equals("0")).toList(),
                top);
    }

    private static Bar bar(double x, double width, Series series, Day day, long top) {
        long value = series.of().applyAsLong(day);
        double height = top == 0 ? 0 : (double) HEIGHT * value / top;
        return new Bar(number(x), number(HEIGHT - height), number(width), number(height), series.tone());
    }

    /** A round number that is not much above the highest bar. */
    private static long top(List<Day> days, List<Series> series) {
        long highest = days.stream()
                .flatMap(day -> series.stream().map(one -> one.of().applyAsLong(day)))
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
        if (highest == 0) {
            return 0;
        }
        long step = 1;
        while (step * 10 < highest) {
            step *= 10;
        }
        for (long factor : List.of(1L, 2L, 4L, 6L, 8L, 10L)) {
            if (step * factor >= highest) {
                return step * factor;
            }
        }
        return step * 10;
    }

    private static String number(double value) {
        double rounded = Math.round(value * 100) / 100.0;
        return rounded == Math.rint(rounded) ? Long.toString((long) rounded) : Double.toString(rounded);
    }
}
