package io.zaptrix.inbound;

import io.zaptrix.meta.InboundMessage;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A file in a message, as the webhook names it ("Webhooks reference: messages" in Meta's WhatsApp documentation). None
 * of it has been checked.
 *
 * @param wamid the message that it came with
 * @param kind {@code image}, {@code video}, {@code audio}, {@code voice}, {@code document} or {@code sticker}
 * @param mediaId by which Meta's media endpoint gives it out, for 30 days
 * @param mimeType as the sender's phone says, perhaps with parameters
 * @param sha256 of the content, in Base64
 * @param fileName of documents, as the sender has it: any text
 */
record MediaReference(
        String wamid,
        String kind,
        String mediaId,
        @Nullable String mimeType,
        @Nullable String sha256,
        @Nullable String fileName) {

    private static final Set<String> KINDS = Set.of("image", "video", "audio", "document", "sticker");

    /** The file of a message; empty for messages of other kinds, and where the id is missing. */
    static Optional<MediaReference> of(InboundMessage message) {
        if (!KINDS.contains(message.type())) {
            return Optional.empty();
        }
        JsonNode media = message.raw().path(message.type());
        String id = text(media.path("id"));
        if (id == null) {
            return Optional.empty();
        }
        boolean voice = message.type().equals("audio")
                && media.path("voice").isBoolean()
                && media.path("voice").asBoolean();
        return Optional.of(new MediaReference(
                message.wamid(),
                voice ? "voice" : message.type(),
                id,
                text(media.path("mime_type")),
                text(media.path("sha256")),
                text(media.path("filename"))));
    }

    private static @Nullable String text(JsonNode node) {
        if (!node.isString() && !node.isIntegralNumber()) {
            return null;
        }
        String text = node.asString().strip();
        return text.isEmpty() ? null : text;
    }

    @Override
    public String toString() {
        return "MediaReference[wamid=" + wamid + ", kind=" + kind + "]";
    }
}
