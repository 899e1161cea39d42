package io.zaptrix.conversation;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A customer's message as it arrived in a portal: what the answer told of its chat. */
public record Arrival(
        ChatAddress address,
        @Nullable String contactName,
        Instant writtenAt,
        @Nullable String bitrixChatId,
        @Nullable String bitrixContactId) {}
