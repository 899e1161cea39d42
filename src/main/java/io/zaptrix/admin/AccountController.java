package io.zaptrix.admin;

import io.zaptrix.channel.AccountNumbers;
import io.zaptrix.channel.AccountNumbers.Candidate;
import io.zaptrix.channel.AccountNumbers.Offer;
import io.zaptrix.channel.AccountNumbers.Result;
import io.zaptrix.channel.AccountNumbers.SignUp;
import io.zaptrix.channel.AccountNumbers.Standing;
import io.zaptrix.channel.LinkRefused;
import io.zaptrix.channel.LinkRequest;
import io.zaptrix.channel.OpenLine;
import io.zaptrix.platform.CorrelationId;
import io.zaptrix.platform.ZaptrixProperties;
import io.zaptrix.portal.Flag;
import io.zaptrix.portal.Flags;
import io.zaptrix.portal.PortalUser;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.Serializable;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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

/**
 * Linking numbers by their account: by Embedded Signup, or by an account's id and token. Either leads to the list of
 * the account's numbers, from which the admin chooses. What proves the account waits in the session, sealed.
 */
@Controller
@RequestMapping("/admin/phone-numbers")
class AccountController {

    private static final String OFFER = "zaptrix.offer";
    private static final String PREFERRED = "zaptrix.offer.number";
    private static final String RESULTS = "zaptrix.offer.results";

    private static final String CHOOSE = "/admin/phone-numbers/choose";
    private static final String BUSINESS_APP = "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING";

    /** Facebook's names of the pages' languages. */
    private static final java.util.Map<String, String> SDK_LANGUAGES =
            java.util.Map.of("pt", "pt_BR", "es", "es_LA", "ru", "ru_RU");

    private final AccountNumbers accounts;
    private final NumberDesk desk;
    private final NumbersPage page;
    private final Flags flags;
    private final ZaptrixProperties.Meta meta;

    AccountController(
            AccountNumbers accounts, NumberDesk desk, NumbersPage page, Flags flags, ZaptrixProperties properties) {
        this.flags = flags;
        this.accounts = accounts;
        this.desk = desk;
        this.page = page;
        this.meta = properties.meta();
    }

    /** A number of the list. */
    public record Row(
            String id,
            String display,
            String name,
            Standing standing,
            boolean chosen,
            boolean registers,
            boolean businessApp) {

        public boolean choosable() {
            return standing == Standing.FREE || standing == Standing.LINKED;
        }
    }

    /**
     * What became of a number, as the session keeps it.
     *
     * @param correlationId by which the log knows why it was refused; the page of it is another request's
     */
    public record Outcome(
            String name,
            @Nullable String linked,
            @Nullable String reason,
            @Nullable String said,
            boolean behind,
            @Nullable String correlationId)
            implements Serializable {

        static Outcome of(Result result) {
            LinkRefused refused = result.refused();
            return new Outcome(
                    result.name(),
                    result.linked() == null ? null : result.linked().phoneNumberId(),
                    refused == null ? null : refused.reason().name(),
                    refused == null ? null : Refusals.said(refused),
                    result.behind(),
                    refused == null ? null : CorrelationId.current());
        }
    }

    // ---------------------------------------------------------------- Embedded Signup

    @GetMapping("/sign-up")
    ModelAndView signUp(
            CsrfToken csrf, @AuthenticationPrincipal PortalUser user, Locale language, HttpServletResponse response) {
        return signUpPage(csrf, user, language, response, null, null);
    }

    @PostMapping("/sign-up")
    ModelAndView signUp(
            CsrfToken csrf,
            @AuthenticationPrincipal PortalUser user,
            Locale language,
            HttpServletResponse response,
            HttpSession session,
            @RequestParam(required = false) @Nullable String code,
            @RequestParam(required = false) @Nullable String wabaId,
            @RequestParam(required = false) @Nullable String phoneNumberId,
            @RequestParam(required = false) @Nullable String event,
            @RequestParam(required = false) @Nullable String how) {
        if (!flags.isOn(user.tenant(), Flag.EMBEDDED_SIGNUP)) {
            return signUpPage(csrf, user, language, response, how, null);
        }
        try {
            Offer offer = accounts.signUp(new SignUp(code == null ? "" : code, wabaId, BUSINESS_APP.equals(event)));
            keep(session, offer, phoneNumberId);
            return new ModelAndView(SeeOther.to(CHOOSE));
        } catch (LinkRefused refusal) {
            return signUpPage(csrf, user, language, response, how, refusal);
        }
    }

    /** @param how where the number is to be used, as the form says it; whoever tries again has chosen already */
    private ModelAndView signUpPage(
            CsrfToken csrf,
            PortalUser user,
            Locale language,
            HttpServletResponse response,
            @Nullable String how,
            @Nullable LinkRefused refusal) {
        String configId = meta.configId();
        boolean configured = configId != null && !configId.isBlank() && flags.isOn(user.tenant(), Flag.EMBEDDED_SIGNUP);
        URI sdk = meta.sdkUrl();
        ModelAndView shown = refusable(new ModelAndView("admin/sign-up"), refusal)
                .addObject("csrf", csrf)
                .addObject("how", how)
                .addObject("configured", configured);
        if (configured) {
            PageHeaders.signUp(response, user.portalUrl(), sdk);
            shown.addObject("appId", meta.appId())
                    .addObject("configId", configId)
                    .addObject("version", meta.graphVersion())
                    .addObject("origin", sdk.getScheme() + "://" + sdk.getAuthority())
                    .addObject(
                            "sdk", sdk + "/" + SDK_LANGUAGES.getOrDefault(language.getLanguage(), "en_US") + "/sdk.js");
        }
        return shown;
    }

    // ---------------------------------------------------------------- an account's id and token

    @GetMapping("/account")
    ModelAndView account(CsrfToken csrf, @RequestParam(required = false) @Nullable String ended) {
        return accountPage(csrf, "", null).addObject("ended", ended != null);
    }

    @PostMapping("/account")
    ModelAndView account(
            CsrfToken csrf,
            HttpSession session,
            @RequestParam(required = false) @Nullable String wabaId,
            @RequestParam(required = false) @Nullable String accessToken) {
        try {
            Offer offer = accounts.offer(wabaId, accessToken);
            accounts.list(offer);
            keep(session, offer, null);
            return new ModelAndView(SeeOther.to(CHOOSE));
        } catch (LinkRefused refusal) {
            return accountPage(csrf, wabaId, refusal).addObject("ended", false);
        }
    }

    private static ModelAndView accountPage(CsrfToken csrf, @Nullable String wabaId, @Nullable LinkRefused refusal) {
        return refusable(new ModelAndView("admin/account"), refusal)
                .addObject("csrf", csrf)
                .addObject("wabaId", wabaId);
    }

    // ---------------------------------------------------------------- choosing

    @GetMapping("/choose")
    ModelAndView choose(CsrfToken csrf, HttpSession session) {
        Optional<Offer> offer = kept(session);
        return offer.isEmpty() ? ended() : choosePage(csrf, offer.get(), session, List.of(), null, false);
    }

    @PostMapping("/choose")
    ModelAndView choose(
            CsrfToken csrf,
            @AuthenticationPrincipal PortalUser user,
            HttpSession session,
            @RequestParam(required = false) @Nullable List<String> number,
            @RequestParam(required = false) @Nullable String lineId,
            @RequestParam(required = false) @Nullable String wabaId) {
        // The list of another account may have been opened in another window since.
        Optional<Offer> offer = kept(session).filter(kept -> kept.wabaId().equals(wabaId));
        if (offer.isEmpty()) {
            return ended();
        }
        if (number == null || number.isEmpty()) {
            ModelAndView again = choosePage(csrf, offer.get(), session, List.of(), lineId, true);
            again.setStatus(HttpStatus.UNPROCESSABLE_CONTENT);
            return again;
        }
        boolean together = !"each".equals(lineId);
        String line = lineId == null || lineId.equals("each") || lineId.equals("one") ? LinkRequest.NEW_LINE : lineId;
        try {
            List<Result> results = desk.link(user, offer.get(), number, line, together);
            results.stream().map(Result::refused).filter(Objects::nonNull).forEach(Refusals::note);
            session.setAttribute(
                    RESULTS, new ArrayList<>(results.stream().map(Outcome::of).toList()));
            return new ModelAndView(SeeOther.to("/admin/phone-numbers/chosen"));
        } catch (LinkRefused refusal) {
            return accountPage(csrf, offer.get().wabaId(), refusal).addObject("ended", false);
        }
    }

    @GetMapping("/chosen")
    ModelAndView chosen(HttpSession session) {
        List<?> results = session.getAttribute(RESULTS) instanceof List<?> list ? list : List.of();
        return results.isEmpty()
                ? new ModelAndView(SeeOther.to("/admin/phone-numbers"))
                : new ModelAndView("admin/chosen")
                        .addObject("results", results)
                        .addObject("more", kept(session).isPresent());
    }

    private ModelAndView choosePage(
            CsrfToken csrf,
            Offer offer,
            HttpSession session,
            List<String> ticked,
            @Nullable String lineId,
            boolean nothing) {
        List<Candidate> candidates;
        try {
            candidates = accounts.list(offer);
        } catch (LinkRefused refusal) {
            return accountPage(csrf, offer.wabaId(), refusal).addObject("ended", false);
        }
        String preferred = Objects.toString(session.getAttribute(PREFERRED), "");
        long free = candidates.stream()
                .filter(candidate -> candidate.standing() == Standing.FREE)
                .count();
        Set<String> chosen = Set.copyOf(ticked);
        List<Row> rows = candidates.stream()
                .map(candidate -> row(candidate, chosen, preferred, free))
                .toList();
        Optional<List<OpenLine>> lines = page.lines();
        return new ModelAndView("admin/choose")
                .addObject("csrf", csrf)
                .addObject("wabaId", offer.wabaId())
                .addObject("rows", rows)
                .addObject("lines", lines.orElse(List.of()))
                .addObject("linesKnown", lines.isPresent())
                .addObject("lineId", lineId)
                .addObject("nothing", nothing);
    }

    private static Row row(Candidate candidate, Set<String> chosen, String preferred, long free) {
        String id = candidate.state().id();
        boolean alone = preferred.isEmpty() && free == 1 && candidate.standing() == Standing.FREE;
        return new Row(
                id,
                candidate.state().displayPhoneNumber(),
                Objects.toString(candidate.state().verifiedName(), ""),
                candidate.standing(),
                chosen.contains(id) || id.equals(preferred) || alone,
                candidate.state().needsRegistration(),
                candidate.state().onBusinessApp());
    }

    private static ModelAndView ended() {
        return new ModelAndView(SeeOther.to("/admin/phone-numbers/account?ended"));
    }

    private static void keep(HttpSession session, Offer offer, @Nullable String preferred) {
        session.setAttribute(OFFER, offer.sealed());
        session.setAttribute(PREFERRED, preferred == null ? "" : preferred);
        session.removeAttribute(RESULTS);
    }

    private Optional<Offer> kept(HttpSession session) {
        return session.getAttribute(OFFER) instanceof String sealed ? accounts.offer(sealed) : Optional.empty();
    }

    private static ModelAndView refusable(ModelAndView page, @Nullable LinkRefused refusal) {
        if (refusal != null) {
            Refusals.show(page, refusal);
        }
        return page;
    }
}
