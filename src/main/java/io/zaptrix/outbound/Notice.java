package io.zaptrix.outbound;

import org.jspecify.annotations.Nullable;

/**
 * A line for the agent's eyes in a chat, as it waits in the relay.
 *
 * @param imChatId Bitrix24's id of the chat; empty: it belongs to a message on its way into the chat, which comes first
 * @param ifSent the message in Bitrix24 without which there is nothing to say: one that a person wrote and WhatsApp has
 *     taken
 */
record Notice(
        String lineId,
        String chatId,
        String imChatId,
        String text,
        @Nullable String ifSent) {}
