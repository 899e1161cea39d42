package io.zaptrix.platform;

import java.util.List;
import java.util.Set;

/**
 * What a room holds of people. Each room that owns tables has one bean of this type; together they answer for every
 * table, which a test holds against the database's catalog. All methods work for the bound tenant, within the caller's
 * transaction.
 */
public interface PersonalData {

    /** The room's tables, in the order in which they are erased. */
    List<Holding> holdings();

    /**
     * Ids of messages from and for a person, by which other rooms' rows about them are found.
     *
     * @param person by names and chats
     */
    default Set<String> trail(DataSubject person) {
        return Set.of();
    }

    /** What belongs to the tenant and names it in rows that carry no tenant: {@link DataSubject#references}. */
    default Set<String> references() {
        return Set.of();
    }

    /**
     * Takes a person's messages off their way, before rows are erased: what is under way would write such rows again.
     *
     * @return whether nothing of them is under way any more; otherwise it is asked again after a second or more, and
     *     what was done so far stays
     */
    default boolean settle(DataSubject person) {
        return true;
    }
}
