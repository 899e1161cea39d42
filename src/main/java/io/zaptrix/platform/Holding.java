package io.zaptrix.platform;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a room keeps in one of its tables, as far as people's rights are concerned: which rows are a tenant's, which are
 * about a WhatsApp user, and when they are forgotten. Conditions are SQL over the table's own columns. They may use
 * {@code :tenant} and {@code :references} (text[]), {@link #ofPerson} and {@link #blanked} also {@code :names},
 * {@code :chats}, {@code :messages} (text[]), {@code :pattern} (text) and {@code :asked} of a {@link DataSubject}, and
 * {@link #expired} {@code :days}.
 *
 * @param table its name
 * @param key the columns besides {@code tenant_id} that tell its rows apart, in an order that an index has
 * @param ofTenant which rows are the bound tenant's
 * @param ofPerson which of those are about a person; null: none names a customer
 * @param blanked what such rows become when the person is erased, as in {@code update … set}; null: they are deleted
 * @param handled the room erases them itself, in {@link PersonalData#settle}
 * @param expired which of the tenant's rows are over after {@code :days}; null: they stay as long as what they are
 *     about
 */
public record Holding(
        String table,
        List<String> key,
        String ofTenant,
        @Nullable String ofPerson,
        @Nullable String blanked,
        boolean handled,
        @Nullable String expired) {

    public Holding {
        key = List.copyOf(key);
    }

    /** A table of tenants' rows that name no customer. */
    public static Holding of(String table, String... key) {
        return new Holding(table, List.of(key), "tenant_id = :tenant", null, null, false, null);
    }

    /** As {@link #of}, where no column names the tenant. */
    public Holding ofTenant(String condition) {
        return new Holding(table, key, condition, ofPerson, blanked, handled, expired);
    }

    public Holding ofPerson(String condition) {
        return new Holding(table, key, ofTenant, condition, blanked, handled, expired);
    }

    /** Rows about a person stay when that person is erased, without what tells of them. */
    public Holding blanked(String assignments) {
        return new Holding(table, key, ofTenant, ofPerson, assignments, handled, expired);
    }

    /** The room erases rows about a person itself, in {@link PersonalData#settle}. */
    public Holding byHand() {
        return new Holding(table, key, ofTenant, ofPerson, blanked, true, expired);
    }

    public Holding expired(String condition) {
        return new Holding(table, key, ofTenant, ofPerson, blanked, handled, condition);
    }
}
