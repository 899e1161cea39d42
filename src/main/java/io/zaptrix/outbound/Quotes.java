package io.zaptrix.outbound;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.portal.PortalRest;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * The WhatsApp message that an agent answers. What agents wrote is known here; of customers' messages the chat's
 * history knows it ({@code imopenlines.session.history.get}, parameter {@code connectorMid}).
 */
@Component
class Quotes {

    private static final Logger log = LoggerFactory.getLogger(Quotes.class);

    private final SentMessages sent;
    private final PortalRest rest;

    Quotes(SentMessages sent, PortalRest rest) {
        this.sent = sent;
        this.rest = rest;
    }

    /** @return its wamid; empty where nobody knows it, and the text had better keep the quote */
    Optional<String> wamidOf(String imMessageId, String imChatId) {
        Optional<String> ours = sent.find(imMessageId, 0).map(SentMessages.Sent::wamid);
        return ours.isPresent() ? ours : fromHistory(imMessageId, imChatId);
    }

    private Optional<String> fromHistory(String imMessageId, String imChatId) {
        try {
            JsonNode messages = rest.call("imopenlines.session.history.get", Map.of("CHAT_ID", imChatId))
                    .path("message");
            for (JsonNode message : messages) {
                if (message.path("id").asString("").equals(imMessageId)) {
                    JsonNode ids = message.path("params").path("connectorMid");
                    JsonNode first = ids.isContainer() ? ids.path(0) : ids;
                    return Optional.of(first.asString("")).filter(id -> id.startsWith("wamid."));
                }
            }
        } catch (Bitrix24Exception notAsked) {
            // An answer without its quote is better than none.
            log.info("quoted message not looked up: {}", notAsked.getMessage());
        }
        return Optional.empty();
    }
}
