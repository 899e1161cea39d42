package io.zaptrix.admin;

import java.text.NumberFormat;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.List;
import java.util.Locale;

/** How the privacy page says what it says; a test holds that each has its words. */
final class PrivacyWords {

    /** The tables that may hold something of a person, in the order in which people ask for it. */
    static final List<String> TABLES = List.of(
            "conversation_mapping",
            "customer_alias",
            "ad_referral",
            "lane_item",
            "dead_letter",
            "outbound_message",
            "media_upload",
            "item_ledger",
            "lane",
            "unrouted_event",
            "audit_entry",
            "erasure_request");

    private PrivacyWords() {}

    static String time(Instant at, Locale locale) {
        return DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT)
                        .withLocale(locale)
                        .withZone(ZoneOffset.UTC)
                        .format(at)
                + " UTC";
    }

    static String count(long rows, Locale locale) {
        return NumberFormat.getIntegerInstance(locale).format(rows);
    }
}
