package io.zaptrix.conversation;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A conversation in a list.
 *
 * @param id its place in the list: grows as conversations begin
 * @param recipient the {@code wa_id} or business-scoped user id that messages go to now
 * @param bitrixChatId as in {@link Conversation}, and what follows
 * @param ad from which the customer came last, if from any
 */
public record ListedConversation(
        long id,
        ChatAddress address,
        String recipient,
        @Nullable String bitrixChatId,
        @Nullable String bitrixContactId,
        @Nullable String contactName,
        @Nullable Instant lastMessageAt,
        CustomerServiceWindow window,
        Instant begunAt,
        @Nullable AdReferral ad) {}
