package io.zaptrix.admin;

import io.zaptrix.channel.Channels;
import io.zaptrix.channel.PhoneNumber;
import java.time.Duration;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
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

    private final Channels channels;
    private final LineList lines;

    ConnectorController(Channels channels, LineList lines) {
        this.channels = channels;
        this.lines = lines;
    }

    @GetMapping(PATH + "{line}")
    ModelAndView line(CsrfToken csrf, @PathVariable String line) {
        if (!line.matches("[1-9][0-9]{0,17}")) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        List<PhoneNumber> all = channels.list();
        return new ModelAndView("admin/connector")
                .addObject("csrf", csrf)
                .addObject("line", line)
                .addObject("lineName", lines.nameOf(line, PATIENCE))
                .addObject(
                        "numbers",
                        all.stream()
                                .filter(number -> number.lineId().equals(line))
                                .toList())
                .addObject(
                        "others",
                        all.stream()
                                .filter(number -> !number.lineId().equals(line))
                                .toList());
    }
}
