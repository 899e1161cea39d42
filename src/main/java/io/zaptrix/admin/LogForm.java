package io.zaptrix.admin;

import io.zaptrix.journal.LogSearch;
import io.zaptrix.journal.LoggedMessage.Direction;
import io.zaptrix.journal.LoggedMessage.State;
import io.zaptrix.platform.CleanText;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is looked for in the message log, as it was typed. What stands in an address may have been written by anybody,
 * so what is no day, state or direction means any.
 */
record LogForm(
        @Nullable String phone,
        @Nullable String from,
        @Nullable String until,
        @Nullable String state,
        @Nullable String direction,
        @Nullable String number) {

    private static final LocalDate FIRST = LocalDate.of(2000, 1, 1);
    private static final LocalDate LAST = LocalDate.of(2999, 12, 31);

    static final LogForm EMPTY = new LogForm(null, null, null, null, null, null);

    LogForm {
        phone = blank(phone == null ? null : CleanText.of(phone).strip());
        from = day(from).map(LocalDate::toString).orElse(null);
        until = day(until).map(LocalDate::toString).orElse(null);
        state = one(State.values(), state).map(State::name).orElse(null);
        direction = one(Direction.values(), direction).map(Direction::name).orElse(null);
        number = number == null || !number.matches("[0-9]{1,30}") ? null : number;
    }

    LogSearch search(ShownTime time) {
        return new LogSearch(
                phone,
                day(from).map(time::start).orElse(null),
                day(until).map(day -> time.start(day.plusDays(1))).orElse(null),
                one(State.values(), state).orElse(null),
                one(Direction.values(), direction).orElse(null),
                number);
    }

    public boolean isEmpty() {
        return equals(EMPTY);
    }

    private static Optional<LocalDate> day(@Nullable String text) {
        try {
            return text == null || text.isBlank()
                    ? Optional.empty()
                    : Optional.of(LocalDate.parse(text)).filter(day -> !day.isBefore(FIRST) && !day.isAfter(LAST));
        } catch (DateTimeException noDay) {
            return Optional.empty();
        }
    }

    private static <T extends Enum<T>> Optional<T> one(T[] of, @Nullable String name) {
        return Arrays.stream(of).filter(one -> one.name().equals(name)).findFirst();
    }

    private static @Nullable String blank(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }
}
