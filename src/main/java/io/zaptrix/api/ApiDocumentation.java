package io.zaptrix.api;

import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.method.HandlerMethod;

/** What {@code /v3/api-docs} says of every operation of the API alike: its key, its scope, its errors, its pace. */
@Configuration(proxyBeanMethods = false)
class ApiDocumentation {

    static final String MESSAGES = "Messages";
    static final String NUMBERS = "Numbers";
    static final String CONVERSATIONS = "Conversations";
    static final String WEBHOOKS = "Webhooks of one's own";

    private static final String KEY = "apiKey";
    private static final String PROBLEM = "application/problem+json";

    /** For the description alone. */
    @Schema(
            name = "Problem",
            description = "RFC 9457. Programs go by `type`, which never changes; `detail` is for people.",
            additionalProperties = Schema.AdditionalPropertiesValue.TRUE)
    record ProblemView(
            @Schema(
                    description = "`urn:zaptrix:problem:` and a name, such as `window-closed`.",
                    example = "urn:zaptrix:problem:invalid",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String type,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            String title,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            int status,

            @Nullable String detail,
            @Nullable String instance,

            @com.fasterxml.jackson.annotation.JsonProperty("correlation_id")
            @Schema(
                    description = "By which the request is found in the logs; also the header X-Correlation-Id.",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String correlationId,

            @Schema(description = "Of `invalid`: what is wrong with which values.") @Nullable
            List<ErrorView> errors,

            @Schema(description = "Of `missing-scope`: the scope.") @Nullable
            String scope) {}

    /** For the description alone. */
    @Schema(name = "ProblemField")
    record ErrorView(
            @Schema(example = "text.body", requiredMode = Schema.RequiredMode.REQUIRED)
            String field,

            @Schema(example = "must not be blank", requiredMode = Schema.RequiredMode.REQUIRED)
            String message) {}

    @Bean
    GlobalOpenApiCustomizer apiDescription() {
        return api -> {
            Components components = api.getComponents() == null ? new Components() : api.getComponents();
            api.components(components);
            components.addSecuritySchemes(
                    KEY,
                    new SecurityScheme()
                            .type(SecurityScheme.Type.HTTP)
                            .scheme("bearer")
                            .bearerFormat("zpx_…")
                            .description("A key that an administrator of the portal makes on the page API keys."));
            ModelConverters.getInstance(true).readAll(ProblemView.class).forEach(components::addSchemas);
            event(api, Webhooks.Event.MESSAGE_RECEIVED, "A customer has written", WebhookEvents.ReceivedEvent.class);
            event(
                    api,
                    Webhooks.Event.MESSAGE_STATUS,
                    "A message that was sent got further, or failed",
                    WebhookEvents.StatusEvent.class);
            event(
                    api,
                    Webhooks.Event.DIALOG_STARTED,
                    "A session of the open line has begun",
                    WebhookEvents.DialogStartedEvent.class);
            event(
                    api,
                    Webhooks.Event.DIALOG_FINISHED,
                    "A session of the open line has ended",
                    WebhookEvents.DialogFinishedEvent.class);
            tag(api, MESSAGES, "Sending, and what became of it.");
            tag(api, NUMBERS, "The portal's WhatsApp numbers.");
            tag(api, CONVERSATIONS, "Who the company speaks with.");
            tag(api, WEBHOOKS, """
                    Being told what happens. Each event is posted to the webhook's address as JSON, signed as Standard \
                    Webhooks says: `webhook-signature` holds `v1,` and the Base64 of an HMAC-SHA256 over `webhook-id`, \
                    `webhook-timestamp` and the body, with dots between them, by the webhook's secret. Any 2xx takes it; \
                    everything else is tried again for 24 hours. The same event comes with the same `webhook-id`.""");
        };
    }

    /** What is posted to webhooks, as OpenAPI describes what it is the other side's to answer. */
    private static void event(OpenAPI api, Webhooks.Event event, String summary, Class<?> body) {
        ModelConverters.getInstance(true).readAll(body).forEach(api.getComponents()::addSchemas);
        String name = ModelConverters.getInstance(true)
                .readAllAsResolvedSchema(body)
                .schema
                .getName();
        Operation post = new Operation()
                .summary(summary)
                .addTagsItem(WEBHOOKS)
                .requestBody(new io.swagger.v3.oas.models.parameters.RequestBody()
                        .required(true)
                        .content(new Content()
                                .addMediaType(
                                        "application/json",
                                        new MediaType()
                                                .schema(new io.swagger.v3.oas.models.media.Schema<>()
                                                        .$ref("#/components/schemas/" + name)))))
                .responses(new ApiResponses()
                        .addApiResponse("2XX", new ApiResponse().description("Taken."))
                        .addApiResponse("default", new ApiResponse().description("To be tried again.")));
        for (String header : List.of(WebhookSigner.ID, WebhookSigner.TIMESTAMP, WebhookSigner.SIGNATURE)) {
            post.addParametersItem(new io.swagger.v3.oas.models.parameters.Parameter()
                    .in("header")
                    .name(header)
                    .required(true)
                    .schema(new StringSchema()));
        }
        api.addWebhooks(event.word(), new io.swagger.v3.oas.models.PathItem().post(post));
    }

    private static void tag(OpenAPI api, String name, String description) {
        api.addTagsItem(new Tag().name(name).description(description));
    }

    @Bean
    GlobalOperationCustomizer apiOperations() {
        return (operation, method) -> {
            Needs needs = method.getMethodAnnotation(Needs.class);
            return needs == null ? operation : describe(operation, needs.value(), method);
        };
    }

    private static Operation describe(Operation operation, Scope scope, HandlerMethod method) {
        String description = operation.getDescription() == null ? "" : operation.getDescription() + "\n\n";
        operation.setDescription(description + "Needs the scope `" + scope.word() + "`.");
        operation.addSecurityItem(new SecurityRequirement().addList(KEY));
        ApiResponses responses = operation.getResponses();
        responses.keySet().removeIf(status -> !status.startsWith("2"));
        responses.values().forEach(ApiDocumentation::paced);
        boolean named = operation.getParameters() != null
                && operation.getParameters().stream().anyMatch(parameter -> "path".equals(parameter.getIn()));
        boolean asked = operation.getParameters() != null
                && operation.getParameters().stream().anyMatch(parameter -> "query".equals(parameter.getIn()));
        boolean bodied = operation.getRequestBody() != null;
        responses.addApiResponse(
                "401",
                problem("The key is missing, or cannot be used (any more).")
                        .addHeaderObject("WWW-Authenticate", text("`Bearer`, as RFC 6750 says.")));
        responses.addApiResponse(
                "403",
                problem(
                        "The key has not the scope (`missing-scope`), or the operator of the service has switched the API off for the portal (`switched-off`)."));
        if (named) {
            responses.addApiResponse("404", problem("There is none with this id (`not-found`)."));
        }
        if (bodied) {
            responses.addApiResponse("400", problem("The body is no JSON (`malformed`), or a header is missing."));
            responses.addApiResponse("413", problem("The body is larger than 64 KB (`too-large`)."));
            responses.addApiResponse("415", problem("The body is not `application/json`."));
            responses.addApiResponse("409", problem("Not now; `type` says why."));
        }
        if (bodied || asked) {
            responses.addApiResponse("422", problem("Values that cannot be used (`invalid`), or as `type` says."));
        }
        responses.addApiResponse(
                "429", retried(problem("Too often (`rate-limited`).").addHeaderObject("Retry-After", seconds())));
        responses.addApiResponse(
                "503", problem("Not accepted; please repeat.").addHeaderObject("Retry-After", seconds()));
        return operation;
    }

    private static ApiResponse problem(String description) {
        return new ApiResponse()
                .description(description)
                .content(new Content()
                        .addMediaType(
                                PROBLEM,
                                new MediaType()
                                        .schema(new io.swagger.v3.oas.models.media.Schema<>()
                                                .$ref("#/components/schemas/Problem"))));
    }

    private static ApiResponse retried(ApiResponse response) {
        paced(response);
        return response;
    }

    private static void paced(ApiResponse response) {
        response.addHeaderObject("RateLimit-Policy", text("The quota `q` of requests in `w` seconds."));
        response.addHeaderObject(
                "RateLimit", text("What is left of it (`r`), and the seconds until it is full (`t`)."));
    }

    private static Header text(String description) {
        return new Header().description(description).schema(new StringSchema());
    }

    private static Header seconds() {
        return new Header().description("Seconds to wait.").schema(new IntegerSchema());
    }
}
