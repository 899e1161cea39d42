package io.zaptrix.inbound;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.portal.PortalRest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * What a portal's chats hold, by the ids that messages have outside Bitrix24 ({@code connectorMid} in the answer of
 * {@code imopenlines.session.history.get}). The portal is the only one who remembers what was said.
 */
@Component
class ChatHistory {

    private static final String METHOD = "imopenlines.session.history.get";

    /** Histories are long, and the portal's time for them is limited. */
    private static final int MOST_CHATS = 10;

    private static final int LONGEST_EXCERPT = 160;
    private static final Pattern BREAK = Pattern.compile("(?i)\\[br]|#BR#");
    private static final Pattern TAG = Pattern.compile("\\[/?[A-Za-z][^\\]\\[]{0,200}]");
    /** What the messenger puts before an answer: the other's words between dashes. */
    private static final Pattern QUOTED = Pattern.compile("\\A\\s*-{54}\n.*?\n-{54}(?:\n|\\z)", Pattern.DOTALL);

    private static final Pattern SPACE = Pattern.compile("\\s+");

    private final PortalRest rest;

    ChatHistory(PortalRest rest) {
        this.rest = rest;
    }

    /**
     * The messages of a chat, as the portal has them now.
     *
     * @param chatId the portal's own
     * @return their texts by external id; empty when the portal does not let the app see them
     * @throws Bitrix24Exception when it cannot be asked now
     */
    Optional<Map<String, String>> of(String chatId) {
        try {
            return Optional.of(texts(rest.call(METHOD, Map.of("CHAT_ID", chatId))));
        } catch (Bitrix24Exception refused) {
            if (refused.kind() == Bitrix24Exception.Kind.REFUSE) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    /**
     * The messages of several chats in one request; for what is nice to have: where it fails, nothing is found.
     *
     * @return texts by external id, of all chats that could be read
     */
    Map<String, String> ofAll(Collection<String> chatIds) {
        if (chatIds.isEmpty()) {
            return Map.of();
        }
        Map<String, String> calls = new LinkedHashMap<>();
        for (String chatId : chatIds.stream().distinct().limit(MOST_CHATS).toList()) {
            calls.put("c" + calls.size(), METHOD + "?CHAT_ID=" + URLEncoder.encode(chatId, StandardCharsets.UTF_8));
        }
        Map<String, String> texts = new LinkedHashMap<>();
        try {
            JsonNode results =
                    rest.call("batch", Map.of("halt", 0, "cmd", calls)).path("result");
            for (JsonNode history : results) {
                texts.putAll(texts(history));
            }
        } catch (Bitrix24Exception notNow) {
            return Map.of();
        }
        return texts;
    }

    /**
     * A message's own words on one line, for a quote; without what it quotes itself.
     *
     * @param text as a chat has it
     * @return without markup; blank if there are no words
     */
    static String excerpt(String text) {
        String lines = BREAK.matcher(text.replace(ChatMarkup.BREAKER, "")).replaceAll("\n");
        String own = QUOTED.matcher(lines).replaceFirst("");
        String words =
                SPACE.matcher(TAG.matcher(own).replaceAll("")).replaceAll(" ").strip();
        if (words.codePointCount(0, words.length()) > LONGEST_EXCERPT) {
            words = words.substring(0, words.offsetByCodePoints(0, LONGEST_EXCERPT))
                            .stripTrailing() + "\u2026";
        }
        return ChatMarkup.literal(words);
    }

    private static Map<String, String> texts(JsonNode history) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (JsonNode message : history.path("message")) {
            JsonNode ids = message.path("params").path("connectorMid");
            String text = message.path("text").asString("");
            for (JsonNode id : ids.isContainer() ? ids : List.of(ids)) {
                String external = id.asString("");
                if (!external.isEmpty()) {
                    texts.put(external, text);
                }
            }
        }
        return texts;
    }
}
