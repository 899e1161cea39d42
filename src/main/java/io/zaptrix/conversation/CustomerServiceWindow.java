package io.zaptrix.conversation;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How long a customer may be written to freely: 24 hours from their last message, and 72 hours from one that came by an
 * ad ("Customer service windows" and "Free entry point" in Meta's documentation). Beyond it WhatsApp takes nothing but
 * approved templates.
 *
 * <p>Within the 72 hours messages are free of charge; whether a free text still passes after the 24 is Meta's to say,
 * which it does with code 131047. So this says of the window that it is closed only where it certainly is.
 *
 * @param lastMessageAt when the customer last wrote, by Meta's clock; null where it is not known
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
