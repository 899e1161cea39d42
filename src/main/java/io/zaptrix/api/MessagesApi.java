package io.zaptrix.api;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.zaptrix.outbound.DirectMessages;
import java.net.URI;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Sending, and what became of it. */
@RestController
@RequestMapping(MessagesApi.PATH)
@Tag(name = ApiDocumentation.MESSAGES)
class MessagesApi {

    static final String PATH = "/api/v1/messages";

    private static final String KEY = "Idempotency-Key";
    private static final Pattern KEY_FORM = Pattern.compile("[\\x21-\\x7e]{1,255}");

    private final MessageDesk desk;
    private final DirectMessages messages;
    private final RequestBodies bodies;

    MessagesApi(MessageDesk desk, DirectMessages messages, RequestBodies bodies) {
        this.desk = desk;
        this.messages = messages;
        this.bodies = bodies;
    }

    /** Spring MVC gives the body as it came; what it is read as is said for the description. */
    @Operation(
            operationId = "sendMessage",
            summary = "Sends a message",
            description = """
                    Accepts a message durably and answers; it goes out in the order of its conversation, behind what \
                    agents wrote before. What becomes of it is told by `GET /api/v1/messages/{id}` and by the webhook \
                    event `message.status`. In the customer's chat in Bitrix24, where there is one, it appears as a line \
                    for agents.

                    `Idempotency-Key` makes repeating safe: the same key with the same body gives the same answer for 24 \
                    hours, and nothing is sent again. A request that was refused (4xx) is not remembered.""",
            requestBody =
                    @RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                                            schema = @Schema(implementation = SendMessage.class),
                                            examples = {
                                                @ExampleObject(name = "text", value = """
                                                                {"from": "106540352242922", "to": "+55 11 98765-4321",
                                                                 "text": {"body": "Hello! Your order 1042 is on its way."}}"""),
                                                @ExampleObject(name = "media", value = """
                                                                {"from": "106540352242922", "to": "5511987654321",
                                                                 "media": {"kind": "document",
                                                                           "link": "https://files.example.com/invoice-1042.pdf",
                                                                           "filename": "invoice-1042.pdf", "caption": "Your invoice"}}"""),
                                                @ExampleObject(name = "template", value = """
                                                                {"from": "106540352242922", "to": "5511987654321",
                                                                 "template": {"name": "order_update", "language": "en",
                                                                              "body": [{"text": "1042"}, {"text": "shipped"}]}}""")
                                            })))
    @ApiResponse(
            responseCode = "202",
            description = "Accepted; or accepted before with the same `Idempotency-Key`.",
            headers = {
                @Header(
                        name = "Location",
                        description = "Where its state is.",
                        schema = @Schema(type = "string", format = "uri-reference")),
                @Header(
                        name = "Idempotent-Replayed",
                        description = "`true` where nothing was done now.",
                        schema = @Schema(type = "string", allowableValues = "true"))
            },
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = AcceptedMessage.class)))
    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE, produces = MediaType.APPLICATION_JSON_VALUE)
    @Needs(Scope.MESSAGES_SEND)
    ResponseEntity<AcceptedMessage> send(
            @Parameter(hidden = true) @AuthenticationPrincipal ApiCaller caller,
            @Parameter(
                            name = KEY,
                            in = ParameterIn.HEADER,
                            required = true,
                            description = "New for each message, the same for each attempt at it: a UUID, say.",
                            example = "6f1c1d1e-9f0a-4b5e-8a55-0f3c2b1f9a10",
                            schema = @Schema(type = "string", minLength = 1, maxLength = 255))
                    @RequestHeader(name = KEY, required = false)
                    @Nullable
                    String idempotencyKey,
            @Parameter(hidden = true) @org.springframework.web.bind.annotation.RequestBody(required = false)
                    byte @Nullable [] body) {
        if (idempotencyKey == null || !KEY_FORM.matcher(idempotencyKey).matches()) {
            throw ApiProblem.of(ApiProblem.Type.IDEMPOTENCY_KEY_MISSING);
        }
        SendMessage request = bodies.read(body == null ? new byte[0] : body, SendMessage.class);
        MessageDesk.Taken taken = desk.take(caller, idempotencyKey, request);
        ResponseEntity.BodyBuilder answer =
                ResponseEntity.accepted().location(URI.create(PATH + "/" + taken.messageId()));
        if (taken.repeated()) {
            answer.header("Idempotent-Replayed", "true");
        }
        return answer.body(new AcceptedMessage(taken.messageId(), "accepted"));
    }

    /** The answer to a message that was accepted: the same, however far the message is. */
    @Schema(name = "AcceptedMessage")
    record AcceptedMessage(
            @Schema(description = "By which it is asked for.", requiredMode = Schema.RequiredMode.REQUIRED)
            UUID id,

            @Schema(allowableValues = "accepted", requiredMode = Schema.RequiredMode.REQUIRED)
            String state) {}

    @Operation(
            operationId = "getMessage",
            summary = "Tells what became of a message",
            description = "Known for 30 days, of messages that were sent by this API with any key of the portal.")
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = MessageView.class)))
    @GetMapping(path = "/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
    @Needs(Scope.MESSAGES_READ)
    MessageView find(@Parameter(schema = @Schema(type = "string", format = "uuid")) @PathVariable String id) {
        return Ids.read(id)
                .flatMap(messages::find)
                .map(MessageView::of)
                .orElseThrow(() -> ApiProblem.of(ApiProblem.Type.NOT_FOUND));
    }
}
