package io.zaptrix.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.media.Schema;
import io.zaptrix.outbound.DirectMessages;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A message as programs see it. */
@Schema(name = "Message", description = "What became of a message.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record MessageView(
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID id,

        @Schema(
                description = "The id of the number that it comes from.",
                example = "106540352242922",
                requiredMode = Schema.RequiredMode.REQUIRED)
        String from,

        @Schema(
                description = "The WhatsApp id or business-scoped user id that it goes to.",
                example = "5511987654321",
                requiredMode = Schema.RequiredMode.REQUIRED)
        String to,

        @Schema(
                description = "`text`, `template`, or the kind of the file.",
                allowableValues = {"text", "template", "image", "video", "audio", "document", "sticker"},
                requiredMode = Schema.RequiredMode.REQUIRED)
        String type,

        @Schema(
                description = "That of the part that got least far; `failed` if one did.",
                allowableValues = {"accepted", "sent", "delivered", "read", "failed", "uncertain"},
                requiredMode = Schema.RequiredMode.REQUIRED)
        String state,

        @JsonProperty("created_at") @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
        Instant createdAt,

        @Schema(
                description = "One for each WhatsApp message that it is sent as.",
                requiredMode = Schema.RequiredMode.REQUIRED)
        List<Part> parts) {

    /** One WhatsApp message. */
    @Schema(name = "MessagePart")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Part(
            @Schema(description = "From 0.", requiredMode = Schema.RequiredMode.REQUIRED)
            int part,

            @Schema(
                    description = "`accepted`: it waits; `sent`, `delivered`, `read`: as WhatsApp says; `failed`: it"
                            + " will not arrive; `uncertain`: a connection broke while it was sent, and nobody knows."
                            + " It is not sent again by itself.",
                    allowableValues = {"accepted", "sent", "delivered", "read", "failed", "uncertain"},
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String state,

            @Schema(description = "WhatsApp's id of it, once there is one.") @Nullable
            String wamid,

            @Nullable Failure error,
            @JsonProperty("updated_at") @Nullable Instant updatedAt) {}

    /** Why it failed. */
    @Schema(name = "MessageError")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Failure(
            @Schema(
                    description =
                            "A word for programs, such as `window` (the customer has not written within 24 hours),"
                                    + " `undeliverable`, `template`, `media`, `parameter`, `expired` (WhatsApp could not be"
                                    + " reached for a day). More may be added.",
                    example = "undeliverable",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String reason,

            @Schema(description = "Meta's code, where Meta refused it.", example = "131026") @Nullable
            Integer code) {

        static @Nullable Failure of(DirectMessages.@Nullable Failure failure) {
            return failure == null ? null : new Failure(failure.reason(), failure.code());
        }
    }

    static MessageView of(DirectMessages.Progress message) {
        return new MessageView(
                message.id(),
                message.phoneNumberId(),
                message.to(),
                message.type(),
                word(message.state()),
                message.notedAt(),
                message.parts().stream()
                        .map(part -> new Part(
                                part.part(),
                                word(part.state()),
                                part.wamid(),
                                Failure.of(part.failure()),
                                part.changedAt()))
                        .toList());
    }

    static String word(DirectMessages.State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
