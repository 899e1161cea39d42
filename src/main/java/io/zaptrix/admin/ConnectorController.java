package io.zaptrix.admin;

import io.zaptrix.admin.NumberCards.Card;
import io.zaptrix.channel.OpenLine;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;

/**
 * The settings of the connector in one open line, as the Contact Center shows them in its slider: which numbers lead
 * there, how they are, and how to add one.
 */
@Controller
class ConnectorController {

    static final String PATH = "/admin/connector/";

    private static final Duration PATIENCE = Duration.ofMillis(1500);

    private final NumberCards cards;
    private final LineList lines;

    ConnectorController(NumberCards cards, LineList lines) {
        this.cards = cards;
        this.lines = lines;
    }

    @GetMapping(PATH + "{line}")
    ModelAndView line(
            CsrfToken csrf,
            @PathVariable String line,
            @RequestParam(required = false) @Nullable String linked,
            Locale language) {
        if (!line.matches("[1-9][0-9]{0,17}")) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        List<OpenLine> known = lines.lately(PATIENCE).orElse(List.of());
        List<Card> all = cards.all(known, language);
        List<Card> here =
                all.stream().filter(card -> card.number().lineId().equals(line)).toList();
        return new ModelAndView("admin/connector")
                .addObject("csrf", csrf)
                .addObject("line", line)
                .addObject("lineName", LineList.name(line, known))
                .addObject("cards", here)
                .addObject(
                        "linked",
                        here.stream()
                                .map(Card::number)
                                .filter(number -> number.phoneNumberId().equals(linked))
                                .findFirst()
                                .orElse(null))
                .addObject(
                        "others",
                        all.stream()
                                .map(Card::number)
                                .filter(number -> !number.lineId().equals(line))
                                .toList());
    }
}
