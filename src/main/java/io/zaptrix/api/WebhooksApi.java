package io.zaptrix.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** A portal's own webhooks. */
@RestController
@RequestMapping(WebhooksApi.PATH)
@Tag(name = ApiDocumentation.WEBHOOKS)
class WebhooksApi {

    static final String PATH = "/api/v1/webhooks";

    private final StoredWebhooks webhooks;
    private final WebhookClient client;
    private final RequestBodies bodies;
    private final JsonMapper json;

    WebhooksApi(StoredWebhooks webhooks, WebhookClient client, RequestBodies bodies, JsonMapper json) {
        this.webhooks = webhooks;
        this.client = client;
        this.bodies = bodies;
        this.json = json;
    }

    /** The body of a post. */
    @Schema(name = "NewWebhook", additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
    record NewWebhook(
            @NotNull
            @Size(min = 1, max = 2048)
            @Schema(
                    description = "An https address on the public internet, without credentials in it.",
                    example = "https://integrator.example.com/zaptrix",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String url,

            @NotEmpty
            @Size(max = 4)
            @Schema(
                    description = "`message.received`: a customer has written; `message.status`: a message that was"
                            + " sent got further, or failed; `dialog.started` and `dialog.finished`: a session of"
                            + " the open line began or ended.",
                    example = "[\"message.received\", \"message.status\"]",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            List<
                            @NotNull
                            @Pattern(
                                    regexp = "^(message\\.(received|status)|dialog\\.(started|finished))$",
                                    message = "is message.received, message.status, dialog.started or dialog.finished")
                            String>
                    events,

            @JsonProperty("include_text")
            @Schema(
                    description = "Whether `message.received` carries the customer's words and name. They are kept here"
                            + " until the event has arrived, and no longer. The key needs `conversations:read` for it.",
                    defaultValue = "false")
            @Nullable
            Boolean includeText) {}

    /** A webhook as programs see it. */
    @Schema(name = "Webhook")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record WebhookView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            UUID id,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            String url,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<String> events,

            @JsonProperty("include_text") @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            boolean includeText,

            @JsonProperty("created_at") @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Instant createdAt,

            @JsonProperty("failing_since")
            @Schema(description = "Since when nothing has arrived; absent while all is well.")
            @Nullable
            Instant failingSince,

            @Schema(
                    description =
                            "What the last attempt met: `http_500`, `timeout`, `no_answer`, `tls`, `unknown_host`,"
                                    + " `address_refused`.")
            @Nullable
            String failure,

            @JsonProperty("off_since")
            @Schema(
                    description =
                            "Since when it is switched off, because nothing had arrived for 3 days or the key that"
                                    + " made it was revoked: nothing is posted to it until an admin of the portal switches it"
                                    + " on. Absent while it is on.")
            @Nullable
            Instant offSince,

            @Schema(
                    description =
                            "What signs the events (`whsec_` and Base64); only in the answer to the post that made"
                                    + " the webhook.")
            @Nullable
            String secret) {

        static WebhookView of(Webhooks.Webhook webhook, @Nullable String secret) {
            return new WebhookView(
                    webhook.id(),
                    webhook.url().toString(),
                    webhook.events().stream().map(Webhooks.Event::word).toList(),
                    webhook.withText(),
                    webhook.madeAt(),
                    webhook.failingSince(),
                    webhook.failure(),
                    webhook.offSince(),
                    secret);
        }

        /** Leaves the secret out. */
        @Override
        public String toString() {
            return "WebhookView[id=" + id + ", url=" + url + ", events=" + events + "]";
        }
    }

    /** All of them: there are few. */
    @Schema(name = "WebhookList")
    record WebhookList(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<WebhookView> data) {}

    /** What became of a test. */
    @Schema(name = "WebhookTest")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record TestView(
            @Schema(description = "Whether the server took it.", requiredMode = Schema.RequiredMode.REQUIRED)
            boolean delivered,

            @Schema(description = "The status of the server's answer, if it gave one.", example = "204") @Nullable
            Integer status,

            @Schema(description = "As `failure` of a webhook.") @Nullable
            String failure) {}

    @Operation(operationId = "listWebhooks", summary = "Lists the webhooks of the portal")
    @ApiResponse(responseCode = "200", description = "All of them, without their secrets.")
    @GetMapping(produces = MediaType.APPLICATION_JSON_VALUE)
    @Needs(Scope.WEBHOOKS_MANAGE)
    WebhookList list() {
        return new WebhookList(webhooks.list().stream()
                .map(webhook -> WebhookView.of(webhook, null))
                .toList());
    }

    @Operation(
            operationId = "createWebhook",
            summary = "Makes a webhook",
            description = "A portal may have 10 of them. They go on until they are deleted or the key that made them is"
                    + " revoked. With `include_text` the key needs `conversations:read` too.",
            requestBody =
                    @RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                                            schema = @Schema(implementation = NewWebhook.class))))
    @ApiResponse(
            responseCode = "201",
            description = "Made. Keep `secret`: it is not told again.",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = WebhookView.class)))
    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE, produces = MediaType.APPLICATION_JSON_VALUE)
    @Needs(Scope.WEBHOOKS_MANAGE)
    ResponseEntity<WebhookView> make(
            @Parameter(hidden = true) @AuthenticationPrincipal ApiCaller caller,
            @Parameter(hidden = true) @org.springframework.web.bind.annotation.RequestBody(required = false)
                    byte @Nullable [] body) {
        NewWebhook wanted = bodies.read(body == null ? new byte[0] : body, NewWebhook.class);
        boolean withText = Boolean.TRUE.equals(wanted.includeText());
        // Whoever may be told that something happens may not therefore read what customers write.
        if (withText && !caller.scopes().contains(Scope.CONVERSATIONS_READ)) {
            throw ApiProblem.missing(Scope.CONVERSATIONS_READ);
        }
        URI url = address(wanted.url());
        Set<Webhooks.Event> events = EnumSet.noneOf(Webhooks.Event.class);
        Arrays.stream(Webhooks.Event.values())
                .filter(event -> wanted.events().contains(event.word()))
                .forEach(events::add);
        StoredWebhooks.Made made = webhooks.make(url, events, withText, caller);
        return ResponseEntity.status(HttpStatus.CREATED)
                .header("Cache-Control", "no-store")
                .body(WebhookView.of(made.webhook(), made.secret()));
    }

    /** Looked at now, so that whoever makes it knows; and again whenever it is dialled, as names change. */
    private URI address(String text) {
        try {
            URI url = new URI(text);
            if (url.getFragment() == null) {
                client.check(url);
                return url;
            }
        } catch (java.net.URISyntaxException | UnknownHostException refused) {
            // One answer for all: what stands inside this network is not told apart from what is not there.
        }
        throw ApiProblem.invalid("url", "is no https address of a known host on the public internet");
    }

    @Operation(
            operationId = "deleteWebhook",
            summary = "Takes a webhook away",
            description = "What waits for it is dropped.")
    @ApiResponse(responseCode = "204", description = "It is gone.", content = @Content)
    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Needs(Scope.WEBHOOKS_MANAGE)
    void remove(
            @Parameter(hidden = true) @AuthenticationPrincipal ApiCaller caller,
            @Parameter(schema = @Schema(type = "string", format = "uuid")) @PathVariable String id) {
        if (Ids.read(id).filter(known -> webhooks.remove(known, caller.actor())).isEmpty()) {
            throw ApiProblem.of(ApiProblem.Type.NOT_FOUND);
        }
    }

    @Operation(
            operationId = "testWebhook",
            summary = "Posts a signed test event to a webhook",
            description = "At once and once: an event of the type `webhook.test`, and what the server made of it.")
    @ApiResponse(responseCode = "200", description = "What became of it.")
    @PostMapping(path = "/{id}/test", produces = MediaType.APPLICATION_JSON_VALUE)
    @Needs(Scope.WEBHOOKS_MANAGE)
    TestView test(@Parameter(schema = @Schema(type = "string", format = "uuid")) @PathVariable String id) {
        Webhooks.Webhook webhook =
                Ids.read(id).flatMap(webhooks::find).orElseThrow(() -> ApiProblem.of(ApiProblem.Type.NOT_FOUND));
        byte[] secret = webhooks.secret(webhook.id()).orElseThrow(() -> ApiProblem.of(ApiProblem.Type.NOT_FOUND));
        byte[] body = json.writeValueAsString(
                        new WebhookEvents.Envelope("webhook.test", Instant.now(), Map.of("webhook_id", webhook.id())))
                .getBytes(StandardCharsets.UTF_8);
        WebhookClient.Attempt attempt = client.post(webhook.url(), secret, "msg_" + UUID.randomUUID(), body);
        if (attempt.failure() == null) {
            webhooks.arrives(webhook.id());
        } else {
            webhooks.fails(webhook.id(), attempt.failure());
        }
        return new TestView(attempt.arrived(), attempt.status() == 0 ? null : attempt.status(), attempt.failure());
    }
}
