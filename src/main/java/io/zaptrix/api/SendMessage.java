package io.zaptrix.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.media.Schema;
import io.zaptrix.api.ApiProblem.Wrong;
import io.zaptrix.meta.MediaKind;
import io.zaptrix.meta.MediaMessage;
import io.zaptrix.meta.TemplateMessage;
import io.zaptrix.meta.TextMessage;
import io.zaptrix.outbound.DirectContent;
import io.zaptrix.platform.CleanText;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The body of {@code POST /api/v1/messages}. */
@Schema(
        description = "A message to one WhatsApp user: exactly one of `text`, `media` and `template`.",
        additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
record SendMessage(
        @NotNull
        @Pattern(regexp = "^[0-9]{1,30}$", message = "is the id of a number, such as GET /api/v1/numbers lists")
        @Schema(
                description = "The id of the portal's number that it comes from (`id` in `GET /api/v1/numbers`).",
                example = "106540352242922",
                requiredMode = Schema.RequiredMode.REQUIRED)
        String from,

        @NotNull
        @Size(max = 130)
        @Schema(
                description = "A phone number with its country's code, in whatever writing; or a WhatsApp id, or a"
                        + " business-scoped user id, as webhooks and conversations have it.",
                example = "+55 11 98765-4321",
                requiredMode = Schema.RequiredMode.REQUIRED)
        String to,

        @Valid @Nullable Text text,
        @Valid @Nullable Media media,
        @Valid @Nullable Template template,

        @JsonProperty("reply_to")
        @Size(min = 1, max = 200)
        @Schema(
                description = "The id (wamid) of the customer's message that it answers; not with a template.",
                example = "wamid.HBgNNTUxMTk4NzY1NDMyMRUCABIYFDNBNUI0MkMxRDlFNjc4RkEwMQA=")
        @Nullable
        String replyTo) {

    private static final int LONGEST_TEXT = DirectContent.MOST_PARTS * TextMessage.MAX_BODY;

    /** A text. */
    @Schema(
            name = "Text",
            additionalProperties = Schema.AdditionalPropertiesValue.FALSE,
            description = "Passes only within 24 hours after the customer's last message.")
    record Text(
            @NotBlank
            @Size(max = LONGEST_TEXT)
            @Schema(
                    description = "In WhatsApp's formatting. What is longer than 4,096 characters goes as several"
                            + " WhatsApp messages.",
                    example = "Hello! Your order 1042 is on its way.",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String body,

            @JsonProperty("preview_url")
            @Schema(description = "Whether WhatsApp shows a preview of the first link.", defaultValue = "false")
            @Nullable
            Boolean previewUrl) {}

    /** A file. */
    @Schema(
            name = "Media",
            additionalProperties = Schema.AdditionalPropertiesValue.FALSE,
            description = "A file that Meta has (`id`) or fetches (`link`): exactly one of them. Passes only within 24"
                    + " hours after the customer's last message.")
    record Media(
            @NotNull
            @Pattern(
                    regexp = "^(image|video|audio|document|sticker)$",
                    message = "is image, video, audio, document or sticker")
            @Schema(
                    allowableValues = {"image", "video", "audio", "document", "sticker"},
                    example = "document",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String kind,

            @Size(min = 1, max = 200)
            @Schema(description = "The id that Meta gave when the file was uploaded for this number.")
            @Nullable
            String id,

            @Size(min = 1, max = 2048)
            @Pattern(regexp = "^https://.*$", message = "is an https address")
            @Schema(description = "Where Meta fetches it.", example = "https://files.example.com/invoice-1042.pdf")
            @Nullable
            String link,

            @Size(min = 1, max = MediaMessage.MAX_CAPTION)
            @Schema(description = "Words with it; not with `audio` and `sticker`.", example = "Your invoice")
            @Nullable
            String caption,

            @Size(min = 1, max = 240)
            @Schema(description = "What a document is called; only with `document`.", example = "invoice-1042.pdf")
            @Nullable
            String filename) {}

    /** A template. */
    @Schema(
            name = "Template",
            additionalProperties = Schema.AdditionalPropertiesValue.FALSE,
            description = "An approved template of the number's account; the only message that passes later than 24"
                    + " hours after the customer's last one.")
    record Template(
            @NotNull
            @Pattern(
                    regexp = "^[a-z0-9_]{1,512}$",
                    message = "is a template's name: small letters, digits, underscores")
            @Schema(example = "order_update", requiredMode = Schema.RequiredMode.REQUIRED)
            String name,

            @NotNull
            @Pattern(regexp = "^[a-z]{2,3}(_[A-Z]{2})?$", message = "is a language as Meta writes it, such as pt_BR")
            @Schema(example = "en", requiredMode = Schema.RequiredMode.REQUIRED)
            String language,

            @Valid
            @Size(max = 1)
            @Schema(description = "What fills the variable of a text header, if it has one.")
            @Nullable
            List<@NotNull Value> header,

            @JsonProperty("header_file")
            @Valid
            @Schema(description = "What stands in a header that is a file; not together with `header`.")
            @Nullable
            HeaderFile headerFile,

            @Valid
            @Size(max = 60)
            @Schema(description = "What fills the variables of the body, in their order.")
            @Nullable
            List<@NotNull Value> body,

            @Valid
            @Size(max = TemplateMessage.MOST_BUTTONS)
            @Schema(description = "What ends the addresses of the buttons whose address ends in a variable.")
            @Nullable
            List<@NotNull ButtonValue> buttons) {}

    /** The file in a template's header. */
    @Schema(
            name = "TemplateHeaderFile",
            additionalProperties = Schema.AdditionalPropertiesValue.FALSE,
            description = "A file that Meta has (`id`) or fetches (`link`): exactly one of them.")
    record HeaderFile(
            @NotNull
            @Pattern(regexp = "^(image|video|document)$", message = "is image, video or document")
            @Schema(
                    description = "What the template's header was approved as.",
                    allowableValues = {"image", "video", "document"},
                    example = "document",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String kind,

            @Size(min = 1, max = 200)
            @Schema(description = "The id that Meta gave when the file was uploaded for this number.")
            @Nullable
            String id,

            @Size(min = 1, max = 2048)
            @Pattern(regexp = "^https://.*$", message = "is an https address")
            @Schema(description = "Where Meta fetches it.", example = "https://files.example.com/invoice-1042.pdf")
            @Nullable
            String link,

            @Size(min = 1, max = 240)
            @Schema(description = "What a document is called; only with `document`.", example = "invoice-1042.pdf")
            @Nullable
            String filename) {}

    /** The end of a button's address. */
    @Schema(name = "TemplateButtonValue", additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
    record ButtonValue(
            @NotNull
            @Min(0)
            @Max(TemplateMessage.MOST_BUTTONS - 1)
            @Schema(
                    description = "The button's place among all of the template's buttons, from 0.",
                    example = "0",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            Integer index,

            @NotBlank
            @Size(max = 2000)
            @Schema(
                    description = "What stands in the address in place of its variable.",
                    example = "1042",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String text) {}

    /** A variable's value. */
    @Schema(name = "TemplateValue", additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
    record Value(
            @Size(min = 1, max = 60)
            @Schema(description = "The variable's name, in templates whose variables have names.")
            @Nullable
            String name,

            @NotBlank
            @Size(max = 1024)
            @Schema(
                    description = "Line breaks become spaces, as Meta takes none here.",
                    example = "1042",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String text) {}

    /** @throws ApiProblem when it is none of the messages that there are */
    DirectContent content() {
        int kinds = (text == null ? 0 : 1) + (media == null ? 0 : 1) + (template == null ? 0 : 1);
        if (kinds != 1) {
            throw ApiProblem.invalid("text", "exactly one of text, media and template must be there");
        }
        if (template != null && replyTo != null) {
            throw ApiProblem.invalid("reply_to", "a template answers no message");
        }
        return new DirectContent(
                text == null
                        ? null
                        : new DirectContent.Text(
                                CleanText.of(text.body()).strip(), Boolean.TRUE.equals(text.previewUrl())),
                media == null ? null : content(media),
                template == null ? null : content(template),
                replyTo);
    }

    private static DirectContent.Media content(Media media) {
        MediaKind kind = MediaKind.valueOf(media.kind().toUpperCase(Locale.ROOT));
        List<Wrong> errors = new ArrayList<>();
        if (media.caption() != null && !kind.takesCaption()) {
            errors.add(new Wrong("media.caption", "this kind of file takes no words"));
        }
        URI link = file("media", kind, media.id(), media.link(), media.filename(), errors);
        if (!errors.isEmpty()) {
            throw ApiProblem.invalid(errors);
        }
        return new DirectContent.Media(kind, media.id(), link, clean(media.caption()), clean(media.filename()));
    }

    private static DirectContent.Template content(Template template) {
        List<Wrong> errors = new ArrayList<>();
        TemplateMessage.HeaderFile file = template.headerFile() == null ? null : content(template.headerFile(), errors);
        if (template.headerFile() != null
                && template.header() != null
                && !template.header().isEmpty()) {
            errors.add(new Wrong("template.header_file", "a header is a text or a file"));
        }
        List<ButtonValue> buttons = template.buttons() == null ? List.of() : template.buttons();
        if (buttons.stream().map(ButtonValue::index).distinct().count() < buttons.size()) {
            errors.add(new Wrong("template.buttons", "each button once"));
        }
        if (!errors.isEmpty()) {
            throw ApiProblem.invalid(errors);
        }
        return new DirectContent.Template(
                template.name(),
                template.language(),
                parameters(template.header()),
                file,
                parameters(template.body()),
                buttons.stream()
                        .map(button -> new TemplateMessage.ButtonValue(button.index(), line(button.text())))
                        .toList());
    }

    private static TemplateMessage.@Nullable HeaderFile content(HeaderFile file, List<Wrong> errors) {
        MediaKind kind = MediaKind.valueOf(file.kind().toUpperCase(Locale.ROOT));
        URI link = file("template.header_file", kind, file.id(), file.link(), file.filename(), errors);
        return errors.isEmpty() ? new TemplateMessage.HeaderFile(kind, file.id(), link, clean(file.filename())) : null;
    }

    /** @return the link, if there is one and nothing else is wrong with it */
    private static @Nullable URI file(
            String where,
            MediaKind kind,
            @Nullable String id,
            @Nullable String link,
            @Nullable String filename,
            List<Wrong> errors) {
        if ((id == null) == (link == null)) {
            errors.add(new Wrong(where + ".link", "exactly one of id and link must be there"));
        }
        if (filename != null && kind != MediaKind.DOCUMENT) {
            errors.add(new Wrong(where + ".filename", "only a document has a name"));
        }
        return link == null ? null : address(where, link, errors);
    }

    private static @Nullable String clean(@Nullable String text) {
        return text == null ? null : CleanText.of(text);
    }

    private static String line(String text) {
        return CleanText.of(text).replaceAll("\\s+", " ").strip();
    }

    private static @Nullable URI address(String where, String link, List<Wrong> errors) {
        try {
            URI address = URI.create(link);
            if (address.getHost() != null && address.getUserInfo() == null) {
                return address;
            }
        } catch (IllegalArgumentException noAddress) {
            // Told below, like the others.
        }
        errors.add(new Wrong(where + ".link", "is no https address without credentials"));
        return null;
    }

    private static List<TemplateMessage.Parameter> parameters(@Nullable List<Value> values) {
        return values == null
                ? List.of()
                : values.stream()
                        .map(value -> new TemplateMessage.Parameter(value.name(), line(value.text())))
                        .toList();
    }

    @Override
    public String toString() {
        return "SendMessage[from=" + from + "]";
    }
}
