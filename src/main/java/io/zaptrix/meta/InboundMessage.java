package io.zaptrix.meta;

import io.zaptrix.platform.Masked;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A message as it came.
 *
 * @param wamid its id, the same in every redelivery
 * @param from the sender's phone number, digits only, or where it is hidden their business-scoped user id
 * @param timestamp when WhatsApp took it, to the second
 * @param type Meta's word for its kind: {@code text}, {@code image}, {@code reaction}, {@code unsupported} or any that
 *     Meta adds; empty if missing. Two are ours, for what is no message: {@code call}, a call that has ended, and
 *     {@code preference}, a wish about marketing messages
 * @param text the words the customer wrote or chose: a text's body, a caption, the label of a button or list row, the
 *     note of an order, the new words of an edited message; null where there are none
 * @param contextWamid the message that this one answers
 * @param raw the whole message object
 */
public record InboundMessage(
        String wamid,
        String from,
        Instant timestamp,
        String type,
        @Nullable String text,
        @Nullable String contextWamid,
        JsonNode raw) {

    /** The group that it was written in ("Group messages webhook reference"); null: a conversation of two. */
    public @Nullable String groupId() {
        String group = raw.path("group_id").asString("").strip();
        return group.isEmpty() ? null : group;
    }

    @Override
    public String toString() {
        return "InboundMessage[wamid=" + wamid + ", from=" + Masked.phone(from) + ", timestamp=" + timestamp + ", type="
                + type + "]";
    }
}
