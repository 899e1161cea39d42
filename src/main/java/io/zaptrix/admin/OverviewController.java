package io.zaptrix.admin;

import io.zaptrix.journal.MessagePrices;
import io.zaptrix.journal.MessagePrices.Prices;
import io.zaptrix.operations.Audit;
import io.zaptrix.portal.PortalUser;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** How things went, and what an admin says that messages cost. */
@Controller
@RequestMapping(OverviewController.PATH)
class OverviewController {

    static final String PATH = "/admin/overview";

    private static final String PRICES = PATH + "/prices";

    private final OverviewPage page;
    private final MessagePrices prices;
    private final Audit audit;

    OverviewController(OverviewPage page, MessagePrices prices, Audit audit) {
        this.page = page;
        this.prices = prices;
        this.audit = audit;
    }

    @GetMapping
    ModelAndView overview(CsrfToken csrf, Locale language) {
        return page.show(language).addObject("csrf", csrf);
    }

    @GetMapping("/prices")
    ModelAndView prices(CsrfToken csrf, @RequestParam(required = false) @Nullable String saved) {
        Prices known = prices.get();
        Map<String, String> typed = new LinkedHashMap<>();
        for (String category : MessagePrices.CATEGORIES) {
            BigDecimal price = known.of().get(category);
            typed.put(category, price == null ? "" : price.toPlainString());
        }
        return form(csrf, known.currency() == null ? "" : known.currency(), typed, null)
                .addObject("saved", saved != null);
    }

    @PostMapping("/prices")
    ModelAndView change(
            CsrfToken csrf,
            @AuthenticationPrincipal PortalUser user,
            @RequestParam(defaultValue = "") String currency,
            @RequestParam Map<String, String> fields) {
        Map<String, String> typed = new LinkedHashMap<>();
        MessagePrices.CATEGORIES.forEach(category ->
                typed.put(category, fields.getOrDefault("price." + category, "").strip()));
        String code = currency.strip().toUpperCase(Locale.ROOT);
        Map<String, BigDecimal> read = new TreeMap<>();
        String wrong = null;
        for (Map.Entry<String, String> one : typed.entrySet()) {
            String price = one.getValue().replace(',', '.');
            if (price.isEmpty()) {
                continue;
            }
            if (price.matches("\\d{1,6}(\\.\\d{1,4})?")) {
                read.put(one.getKey(), new BigDecimal(price));
            } else {
                wrong = one.getKey();
            }
        }
        if (wrong == null && !read.isEmpty() && !code.matches("[A-Z]{3}")) {
            wrong = "currency";
        }
        if (wrong != null) {
            ModelAndView again = form(csrf, currency, typed, wrong);
            again.setStatus(HttpStatus.UNPROCESSABLE_CONTENT);
            return again;
        }
        prices.set(new Prices(code, read));
        audit.record(user.userId(), "prices.changed", "", Map.of("currency", code, "prices", read));
        return new ModelAndView(SeeOther.to(PRICES + "?saved"));
    }

    private static ModelAndView form(
            CsrfToken csrf, String currency, Map<String, String> typed, @Nullable String wrong) {
        return new ModelAndView("admin/prices")
                .addObject("currency", currency)
                .addObject("prices", typed)
                .addObject("wrong", wrong)
                .addObject("saved", false)
                .addObject("csrf", csrf);
    }
}
