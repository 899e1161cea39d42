package io.zaptrix.portal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.MeterRegistry;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.zaptrix.bitrix24.MalformedEvent;
import io.zaptrix.bitrix24.PortalEvent;
import io.zaptrix.platform.FailedProofs;
import io.zaptrix.platform.Shortcut;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.relay.RelayUnavailable;
import io.zaptrix.relay.Unrouted;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where every portal sends every event. Bitrix24 does not repeat one (REST documentation,
 * {@code api-reference/events/index.md}), so what cannot be taken now is answered 503 only when there is nothing
 * better.
 */
@RestController
@Tag(name = "Webhooks")
class PortalEventController {

    private static final Logger log = LoggerFactory.getLogger(PortalEventController.class);

    /** Proved by their access token: they bring the application token by which all others are proved. */
    private static final Set<String> PROVED_BY_TOKEN = Set.of("ONAPPINSTALL", "ONAPPUPDATE");

    private static final String UNINSTALL = "ONAPPUNINSTALL";

    /**
     * What may be a portal's id. Bitrix24's are 32 hexadecimal digits; as nothing has proved it yet, it is nothing that
     * would fill a log line or a page.
     */
    private static final Pattern MEMBER_ID = Pattern.compile("[0-9A-Za-z._-]{1,64}");

    private static final String UNKNOWN_PORTAL = "unknown_portal";

    /**
     * Events of portals that nobody knows which are kept within a minute from one address: enough for the operator to
     * see that something is wrong, and too few to push everything else out of what is kept.
     */
    static final int MOST_KEPT = 30;

    private final InstallEvents installs;
    private final PortalStore store;
    private final Senders senders;
    private final FreshPortalRest portalRest;
    private final Unrouted unrouted;
    private final FailedProofs failures;
    private final ObjectProvider<PortalEventHandler> handlers;
    private final MeterRegistry meters;

    PortalEventController(
            InstallEvents installs,
            PortalStore store,
            Senders senders,
            FreshPortalRest portalRest,
            Unrouted unrouted,
            FailedProofs failures,
            ObjectProvider<PortalEventHandler> handlers,
            MeterRegistry meters) {
        this.installs = installs;
        this.store = store;
        this.senders = senders;
        this.portalRest = portalRest;
        this.unrouted = unrouted;
        this.failures = failures;
        this.handlers = handlers;
        this.meters = meters;
    }

    @Operation(summary = "Events of portals, form-encoded or JSON, proved by the portal's application token")
    @PostMapping("/webhooks/bitrix24/outbound")
    ResponseEntity<?> accept(HttpServletRequest request) throws IOException {
        ResponseEntity<?> answered = Shortcut.answered(request);
        return answered == null ? take(request) : answered;
    }

    /** For {@link Shortcut}. */
    ResponseEntity<?> take(HttpServletRequest request) throws IOException {
        // The stream, not a parameter: the form's nesting and its encoding are Bitrix24's own.
        byte[] body = Shortcut.body(request);
        PortalEvent event;
        try {
            event = PortalEvent.parse(body, request.getContentType());
        } catch (MalformedEvent e) {
            return answer("malformed", HttpStatus.BAD_REQUEST, e.getMessage());
        }
        String memberId = event.memberId();
        if (memberId == null) {
            return answer("malformed", HttpStatus.BAD_REQUEST, "The event names no portal.");
        }
        if (!MEMBER_ID.matcher(memberId).matches()) {
            return answer("malformed", HttpStatus.BAD_REQUEST, "The event's member_id is no portal's.");
        }
        String client = FailedProofs.client(request);
        try {
            return PROVED_BY_TOKEN.contains(event.event())
                    ? install(event, client)
                    : TenantContext.call(TenantId.ofMember(memberId), () -> proved(memberId, event, client));
        } catch (RelayUnavailable | DataAccessException | TransactionException e) {
            log.warn("{} of {} not taken: {}", event.event(), TenantId.ofMember(memberId), e.getMessage());
            return answer("unavailable", HttpStatus.SERVICE_UNAVAILABLE, "Try again later.");
        }
    }

    private ResponseEntity<?> proved(String memberId, PortalEvent event, String client) {
        Optional<Senders.Sender> found = senders.find(TenantContext.require());
        if (found.isEmpty()) {
            return unknown(memberId, event, client);
        }
        Senders.Sender sender = found.get();
        if (!sender.proves(event.applicationToken())) {
            return answer("forbidden", HttpStatus.FORBIDDEN, "The application token is not this portal's.");
        }
        if (event.event().equals(UNINSTALL)) {
            uninstall(event);
            return answer("accepted", HttpStatus.OK, null);
        }
        List<PortalEventHandler> takers = handlers.orderedStream()
                .filter(handler -> handler.events().contains(event.event()))
                .toList();
        takers.forEach(handler -> handler.accept(sender.portal(), event));
        return answer(takers.isEmpty() ? "ignored" : "accepted", HttpStatus.OK, null);
    }

    /** Nobody is refused here, as Bitrix24's own addresses send many portals' events: only less is kept. */
    private ResponseEntity<?> unknown(String memberId, PortalEvent event, String client) {
        if (failures.tooMany(UNKNOWN_PORTAL, client, MOST_KEPT)) {
            return answer("not_kept", HttpStatus.OK, null);
        }
        failures.count(UNKNOWN_PORTAL, client);
        unrouted.keep("bitrix24", UNKNOWN_PORTAL, memberId, withoutTokens(event));
        return answer("unrouted", HttpStatus.OK, null);
    }

    private ResponseEntity<?> install(PortalEvent event, String client) {
        try {
            installs.install(event, client);
            return answer("accepted", HttpStatus.OK, null);
        } catch (SignInRefused e) {
            log.warn("{} refused: {}", event.event(), e.getMessage());
            return switch (e.reason()) {
                case NOT_PROVED, NOT_ADMIN -> answer("forbidden", HttpStatus.FORBIDDEN, "The event is not proved.");
                case TOO_MANY_TRIES -> answer("throttled", HttpStatus.TOO_MANY_REQUESTS, "Try again in a minute.");
                case BITRIX24_FAILED -> answer("unavailable", HttpStatus.SERVICE_UNAVAILABLE, "Try again later.");
                // A local app's event: the page that asks for its secret does the rest.
                case NOT_INSTALLED, LOCAL_APP_SECRET_NEEDED, LOCAL_APP_SECRET_WRONG ->
                    answer("ignored", HttpStatus.OK, null);
            };
        }
    }

    private void uninstall(PortalEvent event) {
        boolean clean = event.data().path("CLEAN").asString("0").equals("1");
        TenantId tenant = TenantContext.require();
        store.locked(found -> {
            found.ifPresent(row -> store.uninstall(
                    row,
                    clean ? PortalStore.KEPT_AFTER_CLEAN_UNINSTALL : PortalStore.KEPT_AFTER_UNINSTALL,
                    Instant.now()));
            return true;
        });
        portalRest.forget(tenant);
        log.info("portal {} has uninstalled the app{}", tenant, clean ? " and wants its data gone" : "");
    }

    private ResponseEntity<?> answer(String outcome, HttpStatus status, @Nullable String detail) {
        meters.counter("zaptrix.bitrix24.events", "outcome", outcome).increment();
        return detail == null
                ? ResponseEntity.status(status).build()
                : ResponseEntity.of(ProblemDetail.forStatusAndDetail(status, detail))
                        .build();
    }

    /** What the operator may look at: the event, but not the tokens that came with it. */
    private static byte[] withoutTokens(PortalEvent event) {
        Map<String, Object> kept = new LinkedHashMap<>();
        kept.put("event", event.event());
        kept.put("domain", event.domain() == null ? "" : event.domain());
        kept.put("ts", event.ts() == null ? "" : event.ts().toString());
        kept.put("data", event.data());
        return JsonMapper.shared().writeValueAsString(kept).getBytes(UTF_8);
    }
}
