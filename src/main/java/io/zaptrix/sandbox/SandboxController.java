package io.zaptrix.sandbox;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** The page with the phone and the agent's chat, and what its buttons do. */
@Controller
@ConditionalOnProperty("zaptrix.sandbox.enabled")
class SandboxController {

    private static final List<Locale> LANGUAGES =
            List.of(Locale.ENGLISH, Locale.of("pt", "BR"), Locale.of("es"), Locale.of("ru"));

    private final SandboxWorld world;
    private final SandboxStage stage;
    private final SandboxInstall install;

    SandboxController(SandboxWorld world, SandboxStage stage, SandboxInstall install) {
        this.world = world;
        this.stage = stage;
        this.install = install;
    }

    @GetMapping("/sandbox")
    String page(HttpServletRequest request, CsrfToken csrf, @RequestParam @Nullable String lang, Model model) {
        Locale language = language(request, lang);
        if (lang != null || request.getHeader("Accept-Language") != null) {
            install.portalSpeaks(language);
        }
        Map<String, String> texts = SandboxTexts.in(language);
        model.addAttribute("t", texts);
        model.addAttribute("texts", SandboxJson.MAPPER.writeValueAsString(texts));
        model.addAttribute("state", stage.snapshot().toString());
        model.addAttribute("lang", language.toLanguageTag());
        model.addAttribute("languages", LANGUAGES);
        model.addAttribute("csrf", csrf.getToken());
        model.addAttribute("csrfHeader", csrf.getHeaderName());
        model.addAttribute("templates", SandboxWorld.COMMANDS);
        model.addAttribute("customers", SandboxWorld.CUSTOMERS);
        model.addAttribute("business", SandboxWorld.BUSINESS);
        model.addAttribute("businessPhone", SandboxWorld.DISPLAY_PHONE_NUMBER);
        model.addAttribute("portalApp", world.portal().url() + "app");
        return "sandbox/page";
    }

    @GetMapping(path = "/sandbox/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter stream() {
        return stage.open();
    }

    /** A switch of the faults panel. */
    @PostMapping("/sandbox/faults")
    ResponseEntity<Void> faults(
            @RequestParam String fault,
            @RequestParam(defaultValue = "false") boolean on,
            @RequestParam(defaultValue = "131000") int code,
            @RequestParam(defaultValue = "") String waId) {
        StandInMeta.Faults meta = world.meta().faults();
        StandInPortal portal = world.portal();
        switch (fault) {
            case "metaSlow" -> meta.slow(on ? Duration.ofSeconds(4) : Duration.ZERO);
            case "metaTwice" -> meta.deliverTwice(on);
            case "metaReorder" -> meta.reorder(on);
            case "refuse" -> meta.refuseNext(1, code);
            case "fail" -> meta.failNext(1, code);
            case "window" -> world.meta().closeWindow(SandboxWorld.PHONE_NUMBER_ID, waId);
            case "expire" -> portal.expireAccessTokens();
            case "portalHang" -> portal.faults().hang(on);
            case "portalLimit" -> {
                if (on) {
                    portal.limit(3, 2);
                } else {
                    portal.noLimit();
                }
            }
            case "clear" -> {
                meta.clear();
                portal.faults().clear();
                portal.noLimit();
            }
            default -> throw new ResponseStatusException(HttpStatus.BAD_REQUEST);
        }
        stage.changed();
        return ResponseEntity.noContent().build();
    }

    private static Locale language(HttpServletRequest request, @Nullable String wanted) {
        if (wanted != null && !wanted.isBlank()) {
            Locale chosen = Locale.forLanguageTag(wanted.replace('_', '-'));
            return LANGUAGES.stream()
                    .filter(language -> language.getLanguage().equals(chosen.getLanguage()))
                    .findFirst()
                    .orElse(Locale.ENGLISH);
        }
        for (Locale accepted : java.util.Collections.list(request.getLocales())) {
            for (Locale language : LANGUAGES) {
                if (language.getLanguage().equals(accepted.getLanguage())) {
                    return language;
                }
            }
        }
        return Locale.ENGLISH;
    }
}
