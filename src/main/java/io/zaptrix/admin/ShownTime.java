package io.zaptrix.admin;

import io.zaptrix.platform.TenantContext;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.Portals;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Times as a page shows them: in the portal's time zone, or in UTC where that is not known.
 *
 * @param known whether it is the portal's
 */
record ShownTime(ZoneId zone, boolean known, Locale language) {

    /** For the bound tenant's pages. */
    static ShownTime of(Portals portals, Locale language) {
        @Nullable
        ZoneId zone =
                portals.find(TenantContext.require()).map(Portal::timeZone).orElse(null);
        return new ShownTime(zone == null ? ZoneOffset.UTC : zone, zone != null, language);
    }

    /** Such as Europe/Berlin, or UTC. */
    public String name() {
        return known ? zone.getId() : "UTC";
    }

    /** Day and minute. */
    public String at(Instant at) {
        return DateTimeFormatter.ofLocalizedDateTime(FormatStyle.SHORT)
                .withLocale(language)
                .withZone(zone)
                .format(at);
    }

    /** Day and second. */
    public String exactly(Instant at) {
        return DateTimeFormatter.ofLocalizedDateTime(FormatStyle.SHORT, FormatStyle.MEDIUM)
                .withLocale(language)
                .withZone(zone)
                .format(at);
    }

    /** The minute alone. */
    public String clock(Instant at) {
        return DateTimeFormatter.ofLocalizedTime(FormatStyle.SHORT)
                .withLocale(language)
                .withZone(zone)
                .format(at);
    }

    public String day(LocalDate day) {
        return day(day, language);
    }

    static String day(LocalDate day, Locale language) {
        return DateTimeFormatter.ofLocalizedDate(FormatStyle.SHORT)
                .withLocale(language)
                .format(day);
    }

    Instant start(LocalDate day) {
        return day.atStartOfDay(zone).toInstant();
    }

    /** Such as 45 s, 12 min, 3 h 5 min: units that are understood in all four languages. */
    static String span(@Nullable Duration span, Locale language) {
        if (span == null) {
            return "–";
        }
        boolean russian = language.getLanguage().equals("ru");
        String s = russian ? " с" : " s";
        String min = russian ? " мин" : " min";
        String h = russian ? " ч" : " h";
        return span.compareTo(Duration.ofMinutes(2)) < 0
                ? span.toSeconds() + s
                : span.compareTo(Duration.ofMinutes(100)) < 0
                        ? Math.round(span.toSeconds() / 60.0) + min
                        : span.toHours() + h + (span.toMinutesPart() == 0 ? "" : " " + span.toMinutesPart() + min);
    }
}
