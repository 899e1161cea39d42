package io.zaptrix.operations;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who did what to a tenant's things, and when. Everything here is about the tenant that is bound to the thread
 * ({@link io.zaptrix.platform.TenantContext}). Entries are never changed; they go when their portal is erased.
 */
public interface Audit {

    /**
     * An entry.
     *
     * @param id grows with time
     * @param actor who did it: the id of a user in the portal
     * @param action what was done, a word such as {@code letter.replayed}
     * @param subject to what, by its id; empty where the action says it all
     * @param detail whatever else is worth knowing, as JSON; holds no message and no secret
     */
    record Entry(long id, Instant at, String actor, String action, String subject, String detail) {}

    /**
     * Writes an entry, in the transaction that is under way or in one of its own.
     *
     * @param detail values that Jackson can write
     */
    void record(String actor, String action, String subject, Map<String, ?> detail);

    /**
     * The latest entries, first.
     *
     * @param before only entries with a smaller id; null: from the newest
     */
    List<Entry> list(@Nullable Long before, int limit);
}
