package io.zaptrix.conversation;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A customer's message as it arrived in a portal: what the answer told of its chat. */
public record Arrival(
        ChatAddress address,
        @Nullable String contactName,
        Instant writtenAt,
        @Nullable String bitrixChatId,
        @Nullable String bitrixContactId) {

    /** What this and a later arrival in the same chat tell together: of each thing the last that was told. */
    Arrival and(Arrival later) {
        return new Arrival(
                address,
                later.contactName == null ? contactName : later.contactName,
                later.writtenAt.isBefore(writtenAt) ? writtenAt : later.writtenAt,
                later.bitrixChatId == null ? bitrixChatId : later.bitrixChatId,
                later.bitrixContactId == null ? bitrixContactId : later.bitrixContactId);
    }
}
