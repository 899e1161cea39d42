package io.zaptrix.outbound;

import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.channel.ChannelSettings;
import io.zaptrix.channel.Channels;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.conversation.Conversations;
import io.zaptrix.meta.GraphClient;
import io.zaptrix.meta.GraphException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Shows customers that what they wrote was read, where the admin wants it: when a person answers. Bitrix24 tells of no
 * agent who merely opens a chat: {@code OnImConnectorDialogStart} comes when the customer's first message makes the
 * session, whether anybody looks at it or not.
 */
@Component
class ReadReceipts {

    private static final Logger log = LoggerFactory.getLogger(ReadReceipts.class);

    private final Channels channels;
    private final Conversations conversations;
    private final GraphClient graph;
    private final MeterRegistry metrics;

    ReadReceipts(Channels channels, Conversations conversations, GraphClient graph, MeterRegistry metrics) {
        this.channels = channels;
        this.conversations = conversations;
        this.graph = graph;
        this.metrics = metrics;
    }

    /** Before an answer goes out; never keeps it from doing so. */
    void beforeAnswer(AgentMessage message, ChatAddress address, String token) {
        if (message.automatic() || Reopening.isByItself(message.imMessageId())) {
            return;
        }
        ChannelSettings settings = channels.settings(address.phoneNumberId());
        if (!settings.readReceipts()) {
            return;
        }
        conversations
                .find(address)
                .flatMap(conversation -> conversation.unread())
                .ifPresent(wamid -> mark(address, token, wamid, settings.typingIndicator()));
    }

    private void mark(ChatAddress address, String token, String wamid, boolean typing) {
        try {
            graph.markRead(token, address.phoneNumberId(), wamid, typing);
            conversations.markedRead(address, wamid);
            count("marked");
        } catch (GraphException failure) {
            log.info("not marked as read: {}", failure.getMessage());
            count(failure.kind().name().toLowerCase(java.util.Locale.ROOT));
            if (failure.kind() == GraphException.Kind.REFUSE) {
                // Too old to be marked, and older by the next answer.
                conversations.markedRead(address, wamid);
            }
        }
    }

    private void count(String outcome) {
        metrics.counter("zaptrix.outbound.read.receipts", "outcome", outcome).increment();
    }
}
