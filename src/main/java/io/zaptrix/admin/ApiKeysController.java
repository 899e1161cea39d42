package io.zaptrix.admin;

import io.zaptrix.api.ApiKeys;
import io.zaptrix.api.ApiKeys.ApiKey;
import io.zaptrix.api.Scope;
import io.zaptrix.api.Webhooks;
import io.zaptrix.api.Webhooks.Webhook;
import io.zaptrix.portal.PortalUser;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.view.RedirectView;

/** The keys of programs, and where those programs want to be told what happens. */
@Controller
@RequestMapping(ApiKeysController.PATH)
class ApiKeysController {

    static final String PATH = "/admin/api-keys";

    private final ApiKeys keys;
    private final Webhooks webhooks;

    ApiKeysController(ApiKeys keys, Webhooks webhooks) {
        this.keys = keys;
        this.webhooks = webhooks;
    }

    /**
     * A key as its row shows it.
     *
     * @param life {@code usable}, {@code soon} (it ends within two weeks), {@code expired} or {@code revoked}
     */
    public record Row(
            UUID id,
            String name,
            String hint,
            List<String> scopes,
            String made,
            String expires,
            @Nullable String used,
            String life) {}

    /** A webhook as its row shows it. */
    public record WebhookRow(
            UUID id,
            String host,
            List<String> events,
            boolean withText,
            String made,
            @Nullable String failing,
            @Nullable String failure,
            @Nullable String off) {}

    @GetMapping
    ModelAndView list(
            CsrfToken csrf,
            Locale language,
            @RequestParam(required = false) @Nullable String revoked,
            @RequestParam(required = false) @Nullable String removed,
            @RequestParam(required = false) @Nullable String on,
            @RequestParam(required = false) @Nullable String again) {
        return page(csrf, language, ApiKeyForm.empty(), null)
                .addObject("revoked", revoked != null)
                .addObject("removed", removed != null)
                .addObject("on", on != null)
                .addObject("again", again != null);
    }

    /**
     * Answers with the key itself. A redirect could only lead to a page that has the key from somewhere, and it is kept
     * nowhere; so it is the form's id that keeps a form that is sent again from making another key.
     */
    @PostMapping
    ModelAndView make(
            CsrfToken csrf,
            Locale language,
            @AuthenticationPrincipal PortalUser user,
            @ModelAttribute ApiKeyForm form) {
        Optional<String> wrong = form.wrong();
        if (wrong.isPresent()) {
            return refused(csrf, language, form, wrong.get());
        }
        int days = form.days() == null ? 0 : form.days();
        Optional<String> made;
        try {
            made = keys.make(form.formId(), user.userId(), form.cleanName(), form.scopes(), Duration.ofDays(days));
        } catch (ApiKeys.TooManyKeys full) {
            return refused(csrf, language, form, "full");
        }
        return made.map(key -> new ModelAndView("admin/api-key-made")
                        .addObject("key", key)
                        .addObject("name", form.cleanName()))
                .orElseGet(() -> new ModelAndView(SeeOther.to(PATH + "?again#main")));
    }

    @GetMapping("/{id}/revoke")
    ModelAndView confirm(CsrfToken csrf, Locale language, @PathVariable UUID id) {
        return keys.find(id)
                .filter(key -> key.revokedAt() == null)
                .map(key -> new ModelAndView("admin/api-key-revoke")
                        .addObject("row", row(key, language))
                        .addObject("told", told(id))
                        .addObject("csrf", csrf))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    /** Where the webhooks that a key made lead, as far as they are on. */
    private String told(UUID key) {
        return webhooks.list().stream()
                .filter(webhook -> webhook.isOn() && webhook.keyId().equals(key))
                .map(webhook -> webhook.url().getHost())
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
    }

    @PostMapping("/{id}/revoke")
    RedirectView revoke(@AuthenticationPrincipal PortalUser user, @PathVariable UUID id) {
        if (keys.find(id).isEmpty()) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        keys.revoke(id, user.userId());
        return SeeOther.to(PATH + "?revoked");
    }

    @GetMapping("/webhooks/{id}/remove")
    ModelAndView confirmRemoval(CsrfToken csrf, Locale language, @PathVariable UUID id) {
        return webhooks.list().stream()
                .filter(webhook -> webhook.id().equals(id))
                .findFirst()
                .map(webhook -> new ModelAndView("admin/webhook-remove")
                        .addObject("row", row(webhook, language))
                        .addObject("csrf", csrf))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    @PostMapping("/webhooks/{id}/remove")
    RedirectView remove(@AuthenticationPrincipal PortalUser user, @PathVariable UUID id) {
        webhooks.remove(id, user.userId());
        return SeeOther.to(PATH + "?removed");
    }

    /** Whoever's page is older than that finds it on. */
    @PostMapping("/webhooks/{id}/on")
    RedirectView switchOn(@AuthenticationPrincipal PortalUser user, @PathVariable UUID id) {
        webhooks.switchOn(id, user.userId());
        return SeeOther.to(PATH + "?on");
    }

    private ModelAndView refused(CsrfToken csrf, Locale language, ApiKeyForm form, String wrong) {
        ModelAndView page = page(csrf, language, form, wrong);
        page.setStatus(HttpStatus.UNPROCESSABLE_CONTENT);
        return page;
    }

    private ModelAndView page(CsrfToken csrf, Locale language, ApiKeyForm form, @Nullable String wrong) {
        return new ModelAndView("admin/api-keys")
                .addObject(
                        "rows",
                        keys.list().stream().map(key -> row(key, language)).toList())
                .addObject(
                        "webhooks",
                        webhooks.list().stream()
                                .map(webhook -> row(webhook, language))
                                .toList())
                .addObject(
                        "scopes", Arrays.stream(Scope.values()).map(Scope::word).toList())
                .addObject("lives", ApiKeyForm.LIVES)
                .addObject("form", form)
                .addObject("chosen", form.scopes().stream().map(Scope::word).toList())
                .addObject("fault", wrong)
                .addObject("csrf", csrf);
    }

    private static Row row(ApiKey key, Locale language) {
        Instant now = Instant.now();
        String life = key.revokedAt() != null
                ? "revoked"
                : !key.isUsable(now) ? "expired" : key.isUsable(now.plus(Duration.ofDays(14))) ? "usable" : "soon";
        return new Row(
                key.id(),
                key.name(),
                key.hint(),
                key.scopes().stream().map(Scope::word).toList(),
                day(key.madeAt(), language),
                day(key.expiresAt(), language),
                key.lastUsedAt() == null ? null : minute(key.lastUsedAt(), language),
                life);
    }

    private static WebhookRow row(Webhook webhook, Locale language) {
        return new WebhookRow(
                webhook.id(),
                webhook.url().getHost(),
                webhook.events().stream().map(Webhooks.Event::word).toList(),
                webhook.withText(),
                day(webhook.madeAt(), language),
                webhook.failingSince() == null ? null : minute(webhook.failingSince(), language),
                webhook.failure(),
                webhook.offSince() == null ? null : minute(webhook.offSince(), language));
    }

    private static String day(Instant at, Locale language) {
        return DateTimeFormatter.ofLocalizedDate(FormatStyle.MEDIUM)
                .withLocale(language)
                .withZone(ZoneOffset.UTC)
                .format(at);
    }

    /** A server does not know where its reader is, so it says whose time it is. */
    private static String minute(Instant at, Locale language) {
        return DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT)
                        .withLocale(language)
                        .withZone(ZoneOffset.UTC)
                        .format(at)
                + " UTC";
    }
}
