package io.zaptrix.relay;

import io.zaptrix.platform.DataSubject;
import io.zaptrix.platform.Holding;
import io.zaptrix.platform.PersonalData;
import io.zaptrix.platform.TenantContext;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What is on its way, what was given up, and the memory of what was accepted; on the pages' connections, which see the
 * bound tenant's rows only. Which items are about a person their handlers know; what a handler cannot read is theirs
 * when it names them.
 *
 * <p>The ledger's rows stay when a person is erased, without lane and key: by its digest alone a message that is
 * delivered again is still known for what it is, and does not bring back whom it was about.
 */
@Component
class RelayData implements PersonalData {

    /** What stands behind the flow in a lane's name: the conversation, for the flows that have a lane for each. */
    private static final String IN_THEIR_LANE = "substr(lane, strpos(lane, ':') + 1) = any(:chats)";

    private static final String THEIRS = "(" + IN_THEIR_LANE + " or item_key = any(:messages))";

    /** The lane's row lists what a handler has in its hands; that is not to be taken from it. */
    private static final String IN_HAND = """
            exists (select from lane where lane.tenant_id = lane_item.tenant_id and lane.lane = lane_item.lane
                and lane_item.seq = any(lane.handed))""";

    /** What a letter's row may yet come back to stays as long as the letter. */
    private static final String IS_NO_LETTER = """
            not exists (select from dead_letter where dead_letter.tenant_id = item_ledger.tenant_id
                and dead_letter.written_on = item_ledger.written_on
                and dead_letter.key_digest = item_ledger.key_digest)""";

    /**
     * What was accepted long ago was written no later, and so the primary key finds it; of a sender whose clock was
     * ahead, an index finds those that name anybody. Not to read each portal's whole ledger every hour.
     */
    private static final String IS_OF_THEN = "(written_on <= current_date - :days + 1 or subject is not null)";

    /** What is left of a ledger's row: that something was accepted, by a digest that says nothing to anybody else. */
    private static final String BLANKED = """
            item_key = '', subject = null, kind = null,
            lane = rtrim(split_part(item_ledger.lane, ':', 1) || ':' || split_part(item_ledger.lane, ':', 2), ':'),
            state = case when state in ('waiting', 'dead') then 'dropped' else state end,
            finished_at = coalesce(finished_at, now())""";

    private final JdbcClient jdbc;
    private final ObjectProvider<LaneHandler> handlers;

    RelayData(JdbcClient jdbc, ObjectProvider<LaneHandler> handlers) {
        this.jdbc = jdbc;
        this.handlers = handlers;
    }

    @Override
    public List<Holding> holdings() {
        return List.of(
                Holding.of("lane_item", "lane", "position", "seq")
                        .ofPerson(THEIRS)
                        .byHand(),
                Holding.of("lane", "lane").ofPerson(IN_THEIR_LANE).byHand(),
                // The content of what was given up, for no longer than the portal keeps who wrote when.
                Holding.of("dead_letter", "id")
                        .ofPerson(THEIRS)
                        .expired("died_at < now() - make_interval(days => :days)"),
                Holding.of("item_ledger", "written_on", "key_digest")
                        // What is about a message has a key that begins with the message's.
                        .ofPerson("accepted_at <= :asked and (subject = any(:names) or " + THEIRS
                                + " or split_part(item_key, ':', 1) = any(:messages))")
                        .blanked(BLANKED)
                        .expired("accepted_at < now() - make_interval(days => :days) and " + IS_OF_THEN
                                + " and state <> 'waiting' and (state <> 'dead' or " + IS_NO_LETTER + ")"),
                // Names nobody.
                Holding.of("item_retry", "written_on", "key_digest", "at")
                        .expired("at < now() - make_interval(days => :days)"),
                Holding.of("unrouted_event", "id")
                        .ofTenant("reference = any(:references)")
                        .ofPerson("encode(body, 'escape') ~ :pattern"));
    }

    /** The keys of their messages: of those that were accepted, that wait, that were given up. */
    @Override
    public Set<String> trail(DataSubject person) {
        Map<String, LaneHandler> byFlow = new HashMap<>();
        handlers.forEach(handler -> byFlow.put(handler.flow(), handler));
        Set<String> keys = new HashSet<>(
                jdbc.sql("select item_key from item_ledger where tenant_id = :tenant and subject = any(:names)")
                        .param("tenant", TenantContext.require().value())
                        .param("names", person.names().toArray(String[]::new))
                        .query(String.class)
                        .list());
        for (String table : List.of("lane_item", "dead_letter")) {
            jdbc.sql("select lane, item_key, " + IN_THEIR_LANE + " as certain, case when not " + IN_THEIR_LANE
                            + " then payload end as payload from " + table + """
                             where tenant_id = :tenant and (substr(lane, strpos(lane, ':') + 1) = any(:chats)
                                or strpos(substr(lane, strpos(lane, ':') + 1), ':') = 0
                                    and encode(payload, 'escape') ~ :pattern)
                            """)
                    .param("tenant", TenantContext.require().value())
                    .param("chats", person.chats().toArray(String[]::new))
                    .param("pattern", person.pattern())
                    .query(row -> {
                        if (isTheirs(person, row, byFlow)) {
                            keys.add(row.getString("item_key"));
                        }
                    });
        }
        return keys;
    }

    private static boolean isTheirs(DataSubject person, ResultSet row, Map<String, LaneHandler> byFlow)
            throws SQLException {
        if (row.getBoolean("certain")) {
            return true;
        }
        String lane = row.getString("lane");
        byte[] payload = row.getBytes("payload");
        LaneHandler handler = byFlow.get(RelayItem.flowOf(lane));
        try {
            if (handler != null) {
                return handler.counterpart(lane, payload)
                        .map(name -> person.names().contains(name.startsWith("+") ? name.substring(1) : name))
                        .orElse(false);
            }
        } catch (RuntimeException unreadable) {
            // Then its words decide.
        }
        return person.isNamedIn(new String(payload, StandardCharsets.ISO_8859_1));
    }

    /**
     * Items that wait are held back first and deleted when nobody can have them in hand any more: a handler that looked
     * a moment ago has by then written down what it took. What it took it carries to its end.
     */
    @Override
    public boolean settle(DataSubject person) {
        int heldBack = change(
                "update lane_item set not_before = 'infinity' where " + THEIRS
                        + " and accepted_at <= :asked and not_before is distinct from 'infinity' and tenant_id = :tenant"
                        + " and not " + IN_HAND,
                person);
        if (heldBack > 0) {
            return false;
        }
        change(
                "with gone as (delete from lane_item where " + THEIRS
                        + " and accepted_at <= :asked and not_before = 'infinity' and tenant_id = :tenant and not "
                        + IN_HAND
                        + " returning written_on, key_digest) update item_ledger set " + BLANKED + """
                 from gone where item_ledger.tenant_id = :tenant and item_ledger.written_on = gone.written_on
                    and item_ledger.key_digest = gone.key_digest
                """,
                person);
        // Lanes with nothing in them are given up by whoever looks at them; those slept, and nobody would.
        int emptied = change("""
                update lane set sleeping = false, due_at = now(), backing_off = false
                where tenant_id = :tenant and sleeping and not exists (
                    select from lane_item where lane_item.tenant_id = lane.tenant_id and lane_item.lane = lane.lane)
                """, person);
        if (emptied > 0) {
            jdbc.sql("notify zaptrix_lane").update();
        }
        return emptied == 0 && !isUnderWay(person);
    }

    private boolean isUnderWay(DataSubject person) {
        return jdbc.sql("select exists (select from lane_item where tenant_id = :tenant and accepted_at <= :asked and "
                        + THEIRS + ") or exists (select from lane where tenant_id = :tenant and " + IN_THEIR_LANE + """
                         and not exists (
                            select from lane_item
                            where lane_item.tenant_id = lane.tenant_id and lane_item.lane = lane.lane))
                        """)
                .params(values(person))
                .query(Boolean.class)
                .single();
    }

    private int change(String sql, DataSubject person) {
        Partitions.withoutChoice(jdbc);
        return jdbc.sql(sql).params(values(person)).update();
    }

    private static Map<String, Object> values(DataSubject person) {
        return Map.of(
                "tenant", TenantContext.require().value(),
                "chats", person.chats().toArray(String[]::new),
                "messages", person.messages().toArray(String[]::new),
                "asked", person.asked().atOffset(ZoneOffset.UTC));
    }
}
