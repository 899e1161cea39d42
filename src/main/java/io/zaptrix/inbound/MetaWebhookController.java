package io.zaptrix.inbound;

import io.micrometer.core.instrument.MeterRegistry;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.zaptrix.meta.MalformedWebhook;
import io.zaptrix.meta.WebhookSignature;
import io.zaptrix.meta.Webhooks;
import io.zaptrix.platform.Shortcut;
import io.zaptrix.platform.ZaptrixProperties;
import io.zaptrix.relay.RelayUnavailable;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Where Meta's webhooks arrive: proves the sender, accepts durably, answers. */
@RestController
@RequestMapping("/webhooks/meta")
@Tag(name = "Webhooks")
class MetaWebhookController {

    private final WebhookSignature signature;
    private final WebhookIntake intake;
    private final byte[] verifyToken;
    private final MeterRegistry metrics;

    MetaWebhookController(
            WebhookSignature signature, WebhookIntake intake, ZaptrixProperties properties, MeterRegistry metrics) {
        this.signature = signature;
        this.intake = intake;
        this.verifyToken = properties.meta().verifyToken().getBytes(StandardCharsets.UTF_8);
        this.metrics = metrics;
    }

    @Operation(summary = "Meta's verification handshake: echoes the challenge when the token is ours")
    @GetMapping(produces = MediaType.TEXT_PLAIN_VALUE)
    ResponseEntity<String> verify(
            @RequestParam(name = "hub.mode", required = false) @Nullable String mode,
            @RequestParam(name = "hub.verify_token", required = false) @Nullable String token,
            @RequestParam(name = "hub.challenge", required = false) @Nullable String challenge) {
        boolean ours = token != null && MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), verifyToken);
        if (!"subscribe".equals(mode) || !ours || challenge == null) {
            return ResponseEntity.status(HttpStatus.FORBIDDEN).body("");
        }
        return ResponseEntity.ok(challenge);
    }

    @Operation(summary = "Meta's events, signed with the app secret over the raw body")
    @PostMapping
    ResponseEntity<?> receive(
            @RequestHeader(name = WebhookSignature.HEADER, required = false) @Nullable String header,
            HttpServletRequest request)
            throws IOException {
        ResponseEntity<?> answered = Shortcut.answered(request);
        return answered == null ? take(header, request) : answered;
    }

    /** For {@link Shortcut}. */
    ResponseEntity<?> take(HttpServletRequest request) throws IOException {
        return take(request.getHeader(WebhookSignature.HEADER), request);
    }

    private ResponseEntity<?> take(@Nullable String header, HttpServletRequest request) throws IOException {
        if (!WebhookSignature.isOne(header)) {
            // Not even read: three megabytes cost more than a look at a header.
            count("unsigned");
            return problem(HttpStatus.UNAUTHORIZED, "There is no signature.");
        }
        // The stream itself: whatever the sender calls the body, its signature is over these bytes.
        byte[] body = Shortcut.body(request);
        if (!signature.proves(body, header)) {
            count("unsigned");
            return problem(HttpStatus.UNAUTHORIZED, "The signature does not match the body.");
        }
        try {
            intake.take(Webhooks.parse(body));
            count("accepted");
            return ResponseEntity.ok().build();
        } catch (MalformedWebhook malformed) {
            count("malformed");
            return problem(HttpStatus.BAD_REQUEST, "The body is no webhook: " + malformed.getMessage() + ".");
        } catch (RelayUnavailable | DataAccessException | TransactionException unavailable) {
            count("unavailable");
            return problem(HttpStatus.SERVICE_UNAVAILABLE, "Not accepted; please deliver it again.");
        }
    }

    private void count(String outcome) {
        metrics.counter("zaptrix.meta.webhooks", "outcome", outcome).increment();
    }

    private static ResponseEntity<ProblemDetail> problem(HttpStatus status, String detail) {
        return ResponseEntity.of(ProblemDetail.forStatusAndDetail(status, detail))
                .build();
    }
}
