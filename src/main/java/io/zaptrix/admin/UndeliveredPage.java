package io.zaptrix.admin;

import io.zaptrix.bitrix24.Bitrix24Errors;
import io.zaptrix.platform.Masked;
import io.zaptrix.relay.DeadLetters;
import io.zaptrix.relay.DeadLetters.Filter;
import io.zaptrix.relay.DeadLetters.Letter;
import io.zaptrix.relay.DeadLetters.Opened;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.ModelAndView;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The page of a portal's dead letters. */
@Component
class UndeliveredPage {

    /** The flows that have words of their own. */
    static final List<String> DIRECTIONS = List.of("inbound", "outbound", "status", "notice", "account", "webhook");

    static final String OTHER = "other";

    private static final int ROWS = 50;

    private final DeadLetters letters;
    private final JsonMapper json;

    UndeliveredPage(DeadLetters letters, JsonMapper json) {
        this.letters = letters;
        this.json = json;
    }

    /**
     * A letter as its row shows it.
     *
     * @param customer masked
     * @param age since the message came, in {@code unit}: {@code minutes}, {@code hours} or {@code days}
     * @param advice what can be done, where Bitrix24 is the reason
     * @param code what the reason says beyond its words
     */
    public record Row(
            long id,
            String direction,
            String customer,
            Instant since,
            long age,
            String unit,
            LetterReason reason,
            Bitrix24Errors.@Nullable Advice advice,
            @Nullable String code,
            int attempts,
            boolean uncertain) {}

    /** What stands in the address may have been written by anybody. */
    static @Nullable String direction(@Nullable String said) {
        return said != null && DIRECTIONS.contains(said) ? said : null;
    }

    ModelAndView show(@Nullable String direction, @Nullable Long before) {
        // First, so that replaying all means no more than was to be seen.
        long upTo = letters.newest();
        DeadLetters.Page found = letters.list(Filter.ofFlow(direction), before, ROWS);
        return new ModelAndView("admin/undelivered")
                .addObject(
                        "rows",
                        found.letters().stream().map(UndeliveredPage::row).toList())
                .addObject("more", found.before())
                .addObject("later", before != null)
                .addObject("upTo", upTo)
                .addObject("direction", direction)
                .addObject("directions", DIRECTIONS);
    }

    ModelAndView content(Opened opened) {
        return new ModelAndView("admin/undelivered-content")
                .addObject("row", row(opened.letter()))
                .addObject("payload", text(opened.payload()));
    }

    private String text(byte[] payload) {
        try {
            return json.writerWithDefaultPrettyPrinter().writeValueAsString(json.readTree(payload));
        } catch (JacksonException noJson) {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    static Row row(Letter letter) {
        Duration age = Duration.between(letter.acceptedAt(), Instant.now());
        String unit = age.toHours() < 1 ? "minutes" : age.toHours() < 48 ? "hours" : "days";
        long count = switch (unit) {
            case "minutes" -> Math.max(age.toMinutes(), 1);
            case "hours" -> age.toHours();
            default -> age.toDays();
        };
        return new Row(
                letter.id(),
                DIRECTIONS.contains(letter.flow()) ? letter.flow() : OTHER,
                letter.counterpart() == null ? "" : Masked.phone(letter.counterpart()),
                letter.acceptedAt(),
                count,
                unit,
                LetterReason.of(letter.reason()),
                LetterReason.advice(letter.reason()),
                LetterReason.code(letter.reason()),
                letter.attempts(),
                letter.uncertain());
    }
}
