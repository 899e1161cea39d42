package io.zaptrix.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.zaptrix.conversation.AdReferral;
import io.zaptrix.conversation.Conversations;
import io.zaptrix.conversation.ListedConversation;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Who the company speaks with. */
@RestController
@Tag(name = ApiDocumentation.CONVERSATIONS)
class ConversationsApi {

    private static final int MOST = 100;
    private static final String USUAL = "50";

    private final Conversations conversations;

    ConversationsApi(Conversations conversations) {
        this.conversations = conversations;
    }

    /** A page. */
    @Schema(name = "ConversationPage")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ConversationPage(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<ConversationView> data,

            @JsonProperty("next_cursor")
            @Schema(description = "Gives the next page as `cursor`; absent on the last.")
            @Nullable
            String nextCursor) {}

    /** A conversation as programs see it. */
    @Schema(name = "Conversation")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ConversationView(
            @Schema(
                    description = "The id of the company's number.",
                    example = "106540352242922",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String number,

            @Schema(
                    description = "The customer's WhatsApp id or business-scoped user id, which messages name as `to`.",
                    example = "5511987654321",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String customer,

            @Schema(description = "As the customer's WhatsApp profile has it.", example = "Ana") @Nullable
            String name,

            @JsonProperty("chat_id")
            @Schema(description = "The chat in Bitrix24, once there is one.", example = "42")
            @Nullable
            String chatId,

            @JsonProperty("contact_id")
            @Schema(description = "The user in Bitrix24 that stands for the customer.", example = "77")
            @Nullable
            String contactId,

            @JsonProperty("last_message_at") @Schema(description = "When the customer last wrote.") @Nullable
            Instant lastMessageAt,

            @JsonProperty("window_closes_at")
            @Schema(
                    description = "Until when the customer may be written to freely; from then on only by template."
                            + " Absent where nothing is known.")
            @Nullable
            Instant windowClosesAt,

            @JsonProperty("created_at") @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Instant createdAt,

            @Schema(description = "The ad or post from which the customer came last; absent if from none.") @Nullable
            AdView ad) {

        static ConversationView of(ListedConversation conversation) {
            return new ConversationView(
                    conversation.address().phoneNumberId(),
                    conversation.recipient(),
                    conversation.contactName(),
                    conversation.bitrixChatId(),
                    conversation.bitrixContactId(),
                    conversation.lastMessageAt(),
                    conversation.window().closesAt().orElse(null),
                    conversation.begunAt(),
                    conversation.ad() == null ? null : AdView.of(conversation.ad()));
        }
    }

    /** An ad or post as programs see it. */
    @Schema(name = "ConversationAd")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record AdView(
            @Schema(description = "When the customer came.", requiredMode = Schema.RequiredMode.REQUIRED)
            Instant at,

            @JsonProperty("source_type") @Schema(description = "WhatsApp's word for it.", example = "ad") @Nullable
            String sourceType,

            @JsonProperty("source_id") @Schema(description = "Meta's id of it.", example = "120208") @Nullable
            String sourceId,

            @JsonProperty("source_url") @Nullable String sourceUrl,
            @Nullable String headline,

            @JsonProperty("click_id")
            @Schema(description = "Meta's `ctwa_clid`, by which its Conversions API counts a sale for the ad.")
            @Nullable
            String clickId) {

        static AdView of(AdReferral ad) {
            return new AdView(ad.at(), ad.sourceType(), ad.sourceId(), ad.sourceUrl(), ad.headline(), ad.clickId());
        }
    }

    @Operation(
            operationId = "listConversations",
            summary = "Lists the conversations, those begun last first",
            description = "Pages stay true while conversations are begun: follow `next_cursor` until there is none.")
    @ApiResponse(responseCode = "200", description = "A page.")
    @GetMapping(path = "/api/v1/conversations", produces = MediaType.APPLICATION_JSON_VALUE)
    @Needs(Scope.CONVERSATIONS_READ)
    ConversationPage list(
            @Parameter(description = "Only those of this number.") @RequestParam(required = false) @Nullable
                    String number,
            @Parameter(description = "`next_cursor` of the page before.") @RequestParam(required = false) @Nullable
                    String cursor,
            @Parameter(schema = @Schema(type = "integer", minimum = "1", maximum = "100", defaultValue = USUAL))
                    @RequestParam(defaultValue = USUAL)
                    String limit) {
        int size = size(limit);
        List<ListedConversation> found =
                conversations.list(number, cursor == null ? null : readCursor(cursor), size + 1);
        List<ListedConversation> page = found.subList(0, Math.min(size, found.size()));
        return new ConversationPage(
                page.stream().map(ConversationView::of).toList(),
                found.size() > size ? cursor(page.getLast().id()) : null);
    }

    private static int size(String limit) {
        if (!limit.matches("[0-9]{1,3}") || Integer.parseInt(limit) < 1 || Integer.parseInt(limit) > MOST) {
            throw ApiProblem.invalid("limit", "is a number from 1 to " + MOST);
        }
        return Integer.parseInt(limit);
    }

    /** Opaque, so that nobody builds on what it is made of; whose conversations there are, it has no say in. */
    private static String cursor(long id) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(("c1." + id).getBytes(StandardCharsets.US_ASCII));
    }

    private static long readCursor(String cursor) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII);
            if (text.matches("c1\\.[0-9]{1,18}")) {
                return Long.parseLong(text.substring(3));
            }
        } catch (IllegalArgumentException notOurs) {
            // Told below.
        }
        throw ApiProblem.invalid("cursor", "is none that a page before gave");
    }
}
