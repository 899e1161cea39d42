package io.zaptrix.api;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The bound tenant's own webhooks: where programs of the company are told what happens. */
public interface Webhooks {

    /** How many a portal may have. */
    int MOST = 10;

    /** A webhook to which nothing has arrived for so long is switched off. */
    Duration SWITCHED_OFF_AFTER = Duration.ofDays(3);

    /** What a webhook can be told of. */
    enum Event {
        MESSAGE_RECEIVED("message.received"),
        MESSAGE_STATUS("message.status"),
        DIALOG_STARTED("dialog.started"),
        DIALOG_FINISHED("dialog.finished");

        private final String word;

        Event(String word) {
            this.word = word;
        }

        /** As it is written and stored. */
        public String word() {
            return word;
        }
    }

    /**
     * A webhook as it may be shown.
     *
     * @param withText whether messages are told with their words
     * @param keyId the API key that made it
     * @param failingSince since when nothing has arrived; null: the last attempt did, or there was none
     * @param failure what the last attempt met
     * @param offSince since when it is switched off: because nothing arrived, with {@code failingSince} and
     *     {@code failure} as they were then; without them because its key was revoked. Null: it is posted to
     */
    record Webhook(
            UUID id,
            URI url,
            Set<Event> events,
            boolean withText,
            UUID keyId,
            Instant madeAt,
            @Nullable Instant failingSince,
            @Nullable String failure,
            @Nullable Instant offSince) {

        /** Whether events are posted to it. */
        public boolean isOn() {
            return offSince == null;
        }
    }

    /** All of them, the latest first. */
    List<Webhook> list();

    /** Takes one away, with all that waits for it, and says in the audit who did; false if there is none. */
    boolean remove(UUID id, String actor);

    /** Posts to one again that was switched off, and says in the audit who did; false if there is none that is off. */
    boolean switchOn(UUID id, String actor);
}
