package io.zaptrix.relay;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was given up and waits for a person. Everything here is about the tenant that is bound to the thread
 * ({@link io.zaptrix.platform.TenantContext}); another's letters are not there.
 *
 * <p>Each letter is replayed or dropped once, however often and on however many replicas that is asked: a letter that
 * dies again after its replay is another one, with another id. {@link #replay} and {@link #drop} join a transaction
 * that is under way; the sweeps over many take one for every thousand, and so refuse to.
 */
public interface DeadLetters {

    /** How many letters {@link #replay(Collection)} and {@link #drop(Collection)} take at once. */
    int AT_ONCE = 1_000;

    /**
     * Which letters are meant; null: whatever it is.
     *
     * @param reasonPrefix what the reason begins with
     * @param from when they died, at the earliest
     * @param until before which they died
     */
    record Filter(
            @Nullable String flow,
            @Nullable String reasonPrefix,
            @Nullable Instant from,
            @Nullable Instant until) {

        public static final Filter ALL = new Filter(null, null, null, null);

        /** Those of one flow, or of any. */
        public static Filter ofFlow(@Nullable String flow) {
            return new Filter(flow, null, null, null);
        }
    }

    /**
     * A letter without its content.
     *
     * @param id grows with the time of death
     * @param counterpart whom it is from or for, unmasked, as its handler knows; null: nobody knows
     * @param attempts how often it failed
     * @param uncertain it may have arrived after all
     */
    record Letter(
            long id,
            String lane,
            String key,
            @Nullable String counterpart,
            int attempts,
            String reason,
            boolean uncertain,
            String correlationId,
            Instant acceptedAt,
            Instant diedAt) {

        public String flow() {
            return RelayItem.flowOf(lane);
        }
    }

    /** @param before gives the page that follows; null: there is none */
    record Page(List<Letter> letters, @Nullable Long before) {}

    /** A letter and what it carries: what people wrote to each other. */
    record Opened(Letter letter, byte[] payload) {}

    /**
     * The letters that died last, first.
     *
     * @param before only letters with a smaller id; null: from the newest
     */
    Page list(Filter filter, @Nullable Long before, int limit);

    /** How many there are, counted no further than {@code atMost}. */
    int count(Filter filter, int atMost);

    /** The id of the letter that died last; 0: there is none. What dies after it is left out of a sweep up to it. */
    long newest();

    Optional<Letter> find(long id);

    /** The letter that an item of this lane and key has become, if it waits for a person. */
    Optional<Letter> of(String lane, String key);

    /** A letter with its content. */
    Optional<Opened> open(long id);

    /**
     * Writes letters with their content, from the oldest, as lines of JSON: {@code id}, {@code flow}, {@code lane},
     * {@code key}, {@code reason}, {@code attempts}, {@code uncertain}, {@code correlation_id}, {@code accepted_at},
     * {@code died_at} (ISO 8601, UTC) and {@code payload}, or {@code payload_base64} where that is no JSON. Takes the
     * memory of a hundred letters however many there are, and holds no connection to the database while the reader is
     * slow.
     *
     * @return how many were written
     */
    long export(Filter filter, OutputStream out) throws IOException;

    /**
     * Puts letters back to where they stood in their lanes, before whatever was written after them and is not in a
     * handler's hands yet, and wakes the lanes, whatever they waited for.
     *
     * @param ids at most {@link #AT_ONCE}
     * @return how many were still there
     */
    int replay(Collection<Long> ids);

    /**
     * As {@link #replay(Collection)}, for all that match: a thousand in a transaction, in their lanes' order.
     *
     * @param upTo the newest that is meant, so that what dies again in the meantime is not tried for ever
     * @throws IllegalStateException inside a transaction
     */
    long replayAll(Filter filter, long upTo);

    /**
     * Drops letters for good; what was known of their having been accepted stays.
     *
     * @param ids at most {@link #AT_ONCE}
     * @return how many were still there
     */
    int drop(Collection<Long> ids);

    /**
     * As {@link #drop(Collection)}, for all that match.
     *
     * @param upTo the newest that is meant
     * @throws IllegalStateException inside a transaction
     */
    long dropAll(Filter filter, long upTo);
}
