package io.zaptrix.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The bound tenant's keys. */
public interface ApiKeys {

    /** How many keys that can be used a portal may have. */
    int MOST = 50;

    /** The longest life of a key. */
    Duration LONGEST_LIFE = Duration.ofDays(366);

    int LONGEST_NAME = 80;

    /**
     * A key as it may be shown.
     *
     * @param hint the key's end
     * @param madeBy the id of a user in the portal
     * @param lastUsedAt to the minute; null: never
     */
    record ApiKey(
            UUID id,
            String name,
            String hint,
            Set<Scope> scopes,
            String madeBy,
            Instant madeAt,
            Instant expiresAt,
            @Nullable Instant revokedAt,
            @Nullable Instant lastUsedAt) {

        /** Whether it still opens anything. */
        public boolean isUsable(Instant now) {
            return revokedAt == null && now.isBefore(expiresAt);
        }
    }

    /** All of them, the latest first; those that are over for 90 days yet. */
    List<ApiKey> list();

    Optional<ApiKey> find(UUID id);

    /**
     * Makes a key, and says in the audit who did.
     *
     * @param id the form's, so that a form that is sent twice makes one key
     * @param name 1 to {@value #LONGEST_NAME} characters
     * @param scopes at least one
     * @param life at most {@link #LONGEST_LIFE}
     * @return the key itself, which nobody can say again; empty if there is one with this id already
     * @throws TooManyKeys when there are {@value #MOST} that can be used
     * @throws IllegalArgumentException when a value is none of the above
     */
    Optional<String> make(UUID id, String actor, String name, Set<Scope> scopes, Duration life);

    /**
     * Ends a key at once, on all replicas, and switches off the webhooks that it made; false if there is none, or its
     * end had come.
     */
    boolean revoke(UUID id, String actor);

    /** There are as many as there may be. */
    class TooManyKeys extends RuntimeException {

        private static final long serialVersionUID = 1L;

        TooManyKeys() {
            super("there are " + MOST + " keys", null, false, false);
        }
    }
}
