package io.zaptrix.outbound;

/** A line for the agent's eyes in a chat, as it waits in the relay. */
record Notice(String lineId, String chatId, String imChatId, String text) {}
