package io.zaptrix.conversation;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How long a customer may be written to freely: 24 hours from their last message or call. Each of them begins the 24
 * hours anew; beyond them WhatsApp takes nothing but approved templates ("Customer service windows" on Meta's page
 * "Send messages", {@code developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages}).
 *
 * <p>Who comes by an ad opens a free entry point window of 72 hours ("Pricing",
 * {@code .../business-messaging/whatsapp/pricing}). In it messages of any kind are free of charge; a free text still
 * needs an open window of 24 hours, as others read it, which Meta's page does not say so plainly. What is not certainly
 * refused is left to Meta: within the 72 hours this does not say that the window is closed, and Meta's code 131047
 * leads to what a closed window leads to.
 *
 * @param lastMessageAt when the customer last wrote or called, by Meta's clock; null where it is not known
 * @param freeEntryAt when the customer last came by an ad
 */
public record CustomerServiceWindow(
        @Nullable Instant lastMessageAt, @Nullable Instant freeEntryAt) {

    public static final Duration LENGTH = Duration.ofHours(24);
    public static final Duration FREE_ENTRY = Duration.ofHours(72);

    /** When it closes or closed; empty where nothing is known of the customer's messages. */
    public Optional<Instant> closesAt() {
        return Stream.concat(
                        Stream.ofNullable(lastMessageAt).map(at -> at.plus(LENGTH)),
                        Stream.ofNullable(freeEntryAt).map(at -> at.plus(FREE_ENTRY)))
                .max(Instant::compareTo);
    }

    /** Whether a free text would certainly be refused; not so where nothing is known. */
    public boolean isClosed(Instant now) {
        return closesAt().filter(closes -> !now.isBefore(closes)).isPresent();
    }
}
