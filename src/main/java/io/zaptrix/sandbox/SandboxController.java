package io.zaptrix.sandbox;

import io.zaptrix.platform.Phrases;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
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

    private static final Phrases PHRASES = new Phrases("messages/sandbox");
    private static final List<Locale> LANGUAGES =
            List.of(Locale.ENGLISH, Locale.of("pt", "BR"), Locale.of("es"), Locale.of("ru"));

    /** What the page says, and what its script says. */
    private static final List<String> TEXTS = List.of(
            "title",
            "intro",
            "phone",
            "agent",
            "faults",
            "wire",
            "customer",
            "write",
            "reply",
            "send",
            "sendOther",
            "attach",
            "tooLarge",
            "type.image",
            "type.video",
            "type.audio",
            "type.document",
            "type.sticker",
            "type.location",
            "type.contacts",
            "type.reaction",
            "type.unreaction",
            "type.reply",
            "type.forwarded",
            "type.edit",
            "type.delete",
            "type.button",
            "type.list",
            "type.form",
            "type.quickReply",
            "type.order",
            "type.product",
            "type.ad",
            "type.poll",
            "type.appReply",
            "type.unsupported",
            "crowd",
            "dialogs",
            "noDialogs",
            "noDialog",
            "noMessages",
            "bold",
            "italic",
            "link",
            "mark.SENDING",
            "mark.DELIVERED",
            "mark.READ",
            "tick.NONE",
            "tick.DELIVERED",
            "tick.READ",
            "metaTitle",
            "portalTitle",
            "metaSlow",
            "metaTwice",
            "metaReorder",
            "portalLimit",
            "portalHang",
            "refuse",
            "refuseNext",
            "refuse.131026",
            "refuse.131047",
            "refuse.131000",
            "refuse.130429",
            "fail.131026",
            "expire",
            "window",
            "clear",
            "refusalsLeft",
            "openInPortal",
            "connecting",
            "live",
            "lost",
            "toApp",
            "fromApp",
            "noAnswer",
            "noWire",
            "underWay",
            "language");

    private final SandboxWorld world;
    private final SandboxStage stage;

    SandboxController(SandboxWorld world, SandboxStage stage) {
        this.world = world;
        this.stage = stage;
    }

    @GetMapping("/sandbox")
    String page(HttpServletRequest request, CsrfToken csrf, @RequestParam @Nullable String lang, Model model) {
        Locale language = language(request, lang);
        Map<String, String> texts = new LinkedHashMap<>();
        TEXTS.forEach(key -> texts.put(key, PHRASES.say(language, key)));
        model.addAttribute("t", texts);
        model.addAttribute("texts", SandboxJson.MAPPER.writeValueAsString(texts));
        model.addAttribute("state", stage.snapshot().toString());
        model.addAttribute("lang", language.toLanguageTag());
        model.addAttribute("languages", LANGUAGES);
        model.addAttribute("csrf", csrf.getToken());
        model.addAttribute("csrfHeader", csrf.getHeaderName());
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

    /** A customer writes a text, sends something of a type, or all write at once. */
    @PostMapping("/sandbox/customer")
    ResponseEntity<Void> customer(
            @RequestParam String waId,
            @RequestParam(defaultValue = "") String text,
            @RequestParam(defaultValue = "text") String type) {
        if (type.equals("crowd")) {
            int number = 0;
            for (int round = 1; round <= 3; round++) {
                for (SandboxWorld.Customer customer : SandboxWorld.CUSTOMERS) {
                    number++;
                    world.meta()
                            .customerWrites(
                                    SandboxWorld.PHONE_NUMBER_ID, customer.waId(), customer.name(), "#" + number);
                }
            }
            return ResponseEntity.noContent().build();
        }
        SandboxWorld.Customer customer = SandboxWorld.CUSTOMERS.stream()
                .filter(known -> known.waId().equals(waId))
                .findFirst()
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        try {
            if (!type.equals("text")) {
                world.meta().customerSends(SandboxWorld.PHONE_NUMBER_ID, waId, customer.name(), type);
            } else if (!text.isBlank()) {
                world.meta().customerWrites(SandboxWorld.PHONE_NUMBER_ID, waId, customer.name(), text);
            }
        } catch (IllegalArgumentException unknownType) {
            throw new ResponseStatusException(HttpStatus.BAD_REQUEST, null, unknownType);
        }
        return ResponseEntity.noContent().build();
    }

    /** The agent answers in a chat. */
    @PostMapping("/sandbox/agent")
    ResponseEntity<Void> agent(@RequestParam String chat, @RequestParam String text) {
        if (!text.isBlank()) {
            try {
                world.portal().agentWrites(chat, text);
            } catch (IllegalArgumentException unknownChat) {
                throw new ResponseStatusException(HttpStatus.NOT_FOUND, null, unknownChat);
            }
        }
        return ResponseEntity.noContent().build();
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
