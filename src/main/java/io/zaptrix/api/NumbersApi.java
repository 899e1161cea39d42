package io.zaptrix.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.zaptrix.channel.Channels;
import io.zaptrix.channel.PhoneNumber;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The numbers that the portal has linked. */
@RestController
@Tag(name = ApiDocumentation.NUMBERS)
class NumbersApi {

    private final Channels channels;

    NumbersApi(Channels channels) {
        this.channels = channels;
    }

    /** All of them: there are few. */
    @Schema(name = "NumberList")
    record NumberList(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<NumberView> data) {}

    /** A number as programs see it. */
    @Schema(name = "Number")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record NumberView(
            @Schema(
                    description = "Meta's id of the number, which messages name as `from`.",
                    example = "106540352242922",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String id,

            @JsonProperty("waba_id")
            @Schema(
                    description = "The WhatsApp Business account that it belongs to.",
                    example = "419561257915477",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String wabaId,

            @JsonProperty("display_phone_number")
            @Schema(example = "+55 11 5555-0100", requiredMode = Schema.RequiredMode.REQUIRED)
            String displayPhoneNumber,

            @Schema(
                    description = "What the admin calls it.",
                    example = "Sales",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String name,

            @JsonProperty("line_id")
            @Schema(
                    description = "The open line in Bitrix24.",
                    example = "1",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String lineId,

            @Schema(
                    description = "`suspended`: messages are accepted and wait until an admin has mended it.",
                    allowableValues = {"active", "suspended"},
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String status,

            @Schema(description = "Why it is suspended: what Meta said, or `line_deleted`, `connector_off`.") @Nullable
            String problem) {

        static NumberView of(PhoneNumber number) {
            return new NumberView(
                    number.phoneNumberId(),
                    number.wabaId(),
                    number.displayPhoneNumber(),
                    number.displayName(),
                    number.lineId(),
                    number.status().name().toLowerCase(Locale.ROOT),
                    number.problem());
        }
    }

    @Operation(operationId = "listNumbers", summary = "Lists the WhatsApp numbers of the portal")
    @ApiResponse(responseCode = "200", description = "All of them.")
    @GetMapping(path = "/api/v1/numbers", produces = MediaType.APPLICATION_JSON_VALUE)
    @Needs(Scope.NUMBERS_READ)
    NumberList list() {
        return new NumberList(channels.list().stream().map(NumberView::of).toList());
    }
}
