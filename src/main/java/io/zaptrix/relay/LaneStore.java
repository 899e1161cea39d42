package io.zaptrix.relay;

import io.zaptrix.platform.TenantId;
import io.zaptrix.relay.RelayItem.Identity;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * The lanes' SQL. The database's clock is the only one that counts here, so that replicas need not agree on theirs.
 *
 * <p>A lane's row exists only while something waits in it. Why no wake-up is lost: {@link #accept} inserts items and
 * then touches the lane's row, in one transaction; {@link #settle} locks the lane's row first and looks for items
 * after. Either the items were committed before the lock, and are seen; or the touch waits for the lock, and wakes the
 * lane after it was put to sleep, or makes its row anew after it was deleted.
 *
 * <p>Cost of a message that arrives at once, alone: its share of an acceptance (3 rows inserted), one statement that
 * hands it over (the lane's row updated), and one transaction of three that settles it (its row and the lane's deleted,
 * the ledger's updated in place).
 */
@Component
class LaneStore {

    /** What a person must mend is looked at this often even if nobody wakes the lane. */
    static final Duration SUSPENDED_LOOK = Duration.ofMinutes(5);

    /** The first so many retries of an item are noted, and then each time that it has failed so often again. */
    private static final int RETRIES_NOTED = 20;

    /** As the database orders them. */
    static final Comparator<TenantId> BY_TENANT = Comparator.comparing(TenantId::value, (one, other) -> {
        int high = Long.compareUnsigned(one.getMostSignificantBits(), other.getMostSignificantBits());
        return high != 0 ? high : Long.compareUnsigned(one.getLeastSignificantBits(), other.getLeastSignificantBits());
    });

    private static final Comparator<LaneName> BY_KEY =
            Comparator.comparing(LaneName::tenant, BY_TENANT).thenComparing(LaneName::lane);

    private final RelayDatabase database;
    private final JdbcTemplate jdbc;

    LaneStore(RelayDatabase database) {
        this.database = database;
        this.jdbc = database.jdbc();
    }

    record LaneName(TenantId tenant, String lane) {

        Portion portion() {
            return new Portion(tenant, RelayItem.flowOf(lane));
        }
    }

    /** A portal's share of the workers: counted by direction, so that one that hangs does not hold up the other. */
    record Portion(TenantId tenant, String flow) {}

    /** A claimed lane; {@code fence} voids what this claim writes once somebody else has claimed. */
    record Claim(TenantId tenant, String lane, long fence) {

        String flow() {
            return RelayItem.flowOf(lane);
        }

        Portion portion() {
            return new Portion(tenant, flow());
        }
    }

    /**
     * What became of an acceptance.
     *
     * @param claims the lanes that began with it and are this replica's already
     * @param due how many lanes wait for somebody to claim them
     */
    record Accepted(List<Claim> claims, int due) {}

    /**
     * What a settled item becomes.
     *
     * @param state {@code waiting} or, when it may have arrived, {@code uncertain}; {@code done}, {@code refused};
     *     {@code dead} or, when it may have arrived, {@code dead_uncertain}
     * @param failed whether it counts as an attempt
     */
    record Settled(
            LaneItem item,
            String state,
            @Nullable String reason,
            boolean failed,
            @Nullable Duration notBefore) {

        /** Whether it leaves the lane. */
        private boolean ended() {
            return !state.equals("waiting") && !state.equals("uncertain");
        }

        /** Whether it failed and will be tried again, and so often that it is worth a line only now and then. */
        private boolean again() {
            return failed && !ended() && (item.attempts() < RETRIES_NOTED || item.attempts() % RETRIES_NOTED == 0);
        }
    }

    /**
     * The other side needs time.
     *
     * @param time how long; when the lane {@code failed}, at least so long, and longer with every failure in a row
     */
    record Pause(Duration time, boolean failed) {}

    /**
     * Makes items durable, and wakes their lanes.
     *
     * @param wanted which of the lanes that begin with these items this replica would like to carry at once; they are
     *     its own then without a further statement
     */
    Accepted accept(
            Collection<RelayItem> items, UUID replica, Duration lease, Function<Set<LaneName>, Set<LaneName>> wanted) {
        Map<Identity, RelayItem> distinct = new LinkedHashMap<>();
        TreeMap<LaneName, Boolean> lanes = new TreeMap<>(BY_KEY);
        for (RelayItem item : items) {
            distinct.putIfAbsent(item.identity(), item);
            lanes.put(new LaneName(item.tenant(), item.lane()), false);
        }
        wanted.apply(Set.copyOf(lanes.keySet())).forEach(lane -> lanes.put(lane, true));
        return database.inTransaction(() -> {
            Accepted accepted = jdbc.execute(
                    (ConnectionCallback<Accepted>) connection -> insert(connection, distinct, lanes, replica, lease));
            if (accepted == null) {
                throw new IllegalStateException("the acceptance says nothing");
            }
            if (accepted.due() > 0) {
                jdbc.execute("notify zaptrix_lane");
            }
            return accepted;
        });
    }

    private static Accepted insert(
            Connection connection,
            Map<Identity, RelayItem> items,
            Map<LaneName, Boolean> lanes,
            UUID replica,
            Duration lease)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                with item as (
                    select tenant_id, date '1970-01-01' + day as written_on, key_digest, lane, item_key, position, payload,
                        correlation_id, subject, kind, n
                    from unnest(?::uuid[], ?::int[], ?::uuid[], ?::text[], ?::text[], ?::bigint[], ?::bytea[], ?::text[],
                            ?::text[], ?::text[])
                        with ordinality
                        as item (tenant_id, day, key_digest, lane, item_key, position, payload, correlation_id, subject,
                            kind, n)
                ), new as (
                    insert into item_ledger
                        (tenant_id, written_on, key_digest, lane, item_key, correlation_id, subject, kind)
                    select tenant_id, written_on, key_digest, lane, item_key, correlation_id, subject, kind from item
                    -- Two replicas that take the same items must meet them in the same order.
                    order by tenant_id, written_on, key_digest
                    on conflict do nothing
                    returning tenant_id, written_on, key_digest, true as fresh
                ), queued as (
                    insert into lane_item
                        (tenant_id, lane, position, item_key, written_on, key_digest, payload, correlation_id)
                    select tenant_id, lane,
                        case when position > ? then position else coalesce((
                            select max(waiting.position) from lane_item waiting
                            where waiting.tenant_id = item.tenant_id and waiting.lane = item.lane), 0) end,
                        item_key, written_on, key_digest, payload, correlation_id
                    -- A full join cannot be made by comparing each with each, as an inner one would be here.
                    from item full join new using (tenant_id, written_on, key_digest)
                    where coalesce(fresh, false)
                    order by n
                    returning tenant_id, lane
                ), touched as (
                    insert into lane as known (tenant_id, lane, flow, lease_owner, lease_until)
                    select tenant_id, lane, split_part(lane, ':', 1), case when wanted then ?::uuid end,
                        case when wanted then now() + make_interval(secs => ?) end
                    from unnest(?::uuid[], ?::text[], ?::boolean[]) with ordinality as named (tenant_id, lane, wanted, n)
                        full join (select distinct tenant_id, lane, true as fresh from queued) queued
                            using (tenant_id, lane)
                    where coalesce(fresh, false)
                    order by n
                    -- Locks the row even where there is nothing to change: that is what settling waits for.
                    on conflict (tenant_id, lane) do update set sleeping = false, due_at = now()
                        where known.sleeping and not known.backing_off
                    returning tenant_id, lane, fence, lease_owner
                )
                select tenant_id, lane, fence, lease_owner is not null from touched
                """)) {
            bind(
                    statement,
                    1,
                    "uuid",
                    items.keySet(),
                    identity -> identity.tenant().value());
            bind(statement, 2, "int4", items.keySet(), Identity::day);
            bind(statement, 3, "uuid", items.keySet(), Identity::digest);
            bind(statement, 4, "text", items.values(), RelayItem::lane);
            bind(statement, 5, "text", items.values(), RelayItem::key);
            bind(statement, 6, "int8", items.values(), RelayItem::position);
            statement.setArray(
                    7,
                    connection.createArrayOf(
                            "bytea",
                            items.values().stream().map(RelayItem::payload).toArray(byte[][]::new)));
            bind(statement, 8, "text", items.values(), RelayItem::correlationId);
            bind(statement, 9, "text", items.values(), RelayItem::subject);
            bind(statement, 10, "text", items.values(), RelayItem::kind);
            statement.setLong(11, RelayItem.BEHIND);
            statement.setObject(12, replica);
            statement.setDouble(13, seconds(lease));
            bind(statement, 14, "uuid", lanes.keySet(), lane -> lane.tenant().value());
            bind(statement, 15, "text", lanes.keySet(), LaneName::lane);
            bind(statement, 16, "bool", lanes.values(), wanted -> wanted);
            try (ResultSet rows = statement.executeQuery()) {
                List<Claim> claims = new ArrayList<>();
                int due = 0;
                while (rows.next()) {
                    if (rows.getBoolean(4)) {
                        claims.add(claim(rows));
                    } else {
                        due++;
                    }
                }
                return new Accepted(claims, due);
            }
        }
    }

    /** Whether a connection is to be had, and answers. */
    boolean isReachable() {
        return database.inTransaction(() ->
                Boolean.TRUE.equals(jdbc.execute((ConnectionCallback<Boolean>) connection -> connection.isValid(2))));
    }

    /** Makes lanes due whatever they waited for. */
    int wake(TenantId tenant, String lanePrefix) {
        return database.inTransaction(() -> {
            int woken = jdbc.update("""
                    update lane set sleeping = false, due_at = now(), backing_off = false
                    where tenant_id = ? and starts_with(lane, ?) and sleeping
                    """, tenant.value(), lanePrefix);
            if (woken > 0) {
                jdbc.execute("notify zaptrix_lane");
            }
            return woken;
        });
    }

    /**
     * Wakes the lanes whose time has come.
     *
     * @return what the database's clock says, in seconds since 1970
     */
    double wakeDue() {
        return database.inTransaction(() -> {
            jdbc.update("""
                    with due as (
                        select tenant_id, lane from lane where sleeping and due_at <= now() for update skip locked
                    )
                    update lane set sleeping = false, backing_off = false from due
                    where lane.tenant_id = due.tenant_id and lane.lane = due.lane
                    """);
            Double now = jdbc.queryForObject("select extract(epoch from now())::float8", Double.class);
            return now == null ? 0 : now;
        });
    }

    /**
     * Has everything that sleeps looked at: for when the database's clock was set back, and the times that lanes and
     * items wait for are further away than was meant.
     */
    void wakeAll() {
        database.inTransaction(() -> {
            // What is held back for an erasure stays so.
            jdbc.update("update lane_item set not_before = now() where not_before > now() and isfinite(not_before)");
            return jdbc.update("update lane set sleeping = false, backing_off = false, due_at = now() where sleeping");
        });
    }

    /**
     * Claims due lanes, going round the portals: at most one lane of each portal and flow, from the one that follows
     * {@code after}. What it costs grows with what it claims, not with what waits.
     *
     * @param full the portions that have their share already
     * @return at most {@code free}; fewer when the round has come to its end
     */
    List<Claim> claim(UUID replica, Duration lease, int free, @Nullable Portion after, Set<Portion> full) {
        return database.inTransaction(() -> {
            List<Claim> claims = jdbc.execute((ConnectionCallback<List<Claim>>) connection -> {
                try (PreparedStatement statement = connection.prepareStatement("""
                        with recursive portion as (
                            (select tenant_id, flow from lane
                            where lease_owner is null and not sleeping and (tenant_id, flow) > (?::uuid, ?)
                            order by tenant_id, flow limit 1)
                            union all
                            select following.tenant_id, following.flow
                            from portion cross join lateral (
                                select tenant_id, flow from lane
                                where lease_owner is null and not sleeping
                                    and (lane.tenant_id, lane.flow) > (portion.tenant_id, portion.flow)
                                order by tenant_id, flow limit 1
                            ) following
                        ), locked as materialized (
                            select oldest.tenant_id, oldest.lane, oldest.handed
                            from portion cross join lateral (
                                -- Passes over what another replica is claiming at this moment, or replicas that look
                                -- at the same time would all take the first one's leavings, which are none.
                                select tenant_id, lane, handed from lane
                                where lane.tenant_id = portion.tenant_id and lane.flow = portion.flow
                                    and lease_owner is null and not sleeping
                                order by due_at limit 1
                                for update skip locked
                            ) oldest
                            where not exists (
                                select from unnest(?::uuid[], ?::text[]) as full_one (tenant_id, flow)
                                where full_one.tenant_id = portion.tenant_id and full_one.flow = portion.flow
                            )
                            limit ?
                        ), left_in_hand as (
                            -- Its last holder died with these in its hands.
                            update lane_item set uncertain = true, attempts = attempts + 1,
                                failing_since = coalesce(failing_since, now())
                            from locked
                            where handed <> '{}' and lane_item.tenant_id = locked.tenant_id
                                and lane_item.lane = locked.lane and lane_item.seq = any (locked.handed)
                        )
                        update lane set
                            lease_owner = ?, lease_until = now() + make_interval(secs => ?),
                            fence = nextval('lane_fence'), handed = '{}'
                        from locked
                        where lane.tenant_id = locked.tenant_id and lane.lane = locked.lane
                        returning lane.tenant_id, lane.lane, lane.fence
                        """)) {
                    statement.setObject(
                            1, after == null ? new UUID(0, 0) : after.tenant().value());
                    statement.setString(2, after == null ? "" : after.flow());
                    bind(statement, 3, "uuid", full, portion -> portion.tenant().value());
                    bind(statement, 4, "text", full, Portion::flow);
                    statement.setInt(5, free);
                    statement.setObject(6, replica);
                    statement.setDouble(7, seconds(lease));
                    return claims(statement);
                }
            });
            return claims == null ? List.of() : claims;
        });
    }

    /**
     * Hands over the first batch of a lane just claimed.
     *
     * @return the batch, durable as handed over; empty when there was nothing to do and the lane was given up
     * @throws LeaseLost when somebody else has claimed the lane since
     */
    List<LaneItem> begin(Claim claim, int limit) {
        List<LaneItem> first = database.inTransaction(() -> handOver(claim, limit, false));
        return first.isEmpty() ? settle(claim, List.of(), null, limit) : first;
    }

    /**
     * Writes what became of the last batch, and hands over the next, in one transaction. When there is no next, when
     * {@code limit} is 0, or when the lane must {@code pause}, the lane is given up.
     *
     * @return the next batch, durable as handed over; empty when the lane was given up
     * @throws LeaseLost when somebody else has claimed the lane since; nothing is written then
     */
    List<LaneItem> settle(Claim claim, List<Settled> settled, @Nullable Pause pause, int limit) {
        List<Settled> again = settled.stream().filter(Settled::again).toList();
        return database.inTransaction(() -> {
            int failures = lockAndWrite(claim, settled);
            if (!again.isEmpty()) {
                noteRetries(claim, again);
            }
            List<LaneItem> next = pause == null && limit > 0 ? handOver(claim, limit, true) : List.of();
            if (next.isEmpty()) {
                giveUp(claim, pause, failures);
            }
            return next;
        });
    }

    /** @return how often in a row the lane has failed */
    private int lockAndWrite(Claim claim, List<Settled> settled) {
        Integer failures = jdbc.execute((ConnectionCallback<Integer>) connection -> {
            try (PreparedStatement statement = connection.prepareStatement(settled.isEmpty() ? """
                    select failures from lane where tenant_id = ? and lane = ? and fence = ? for no key update
                    """ : """
                    with mine as materialized (
                        select failures from lane where tenant_id = ? and lane = ? and fence = ? for no key update
                    ), settled as materialized (
                        select * from unnest(?::bigint[], ?::text[], ?::text[], ?::int[], ?::float8[])
                            as settled (seq, state, reason, failed, wait)
                        where exists (select from mine)
                    ), taken as (
                        -- By values, not by a join: that might look at all that waits in the lane.
                        delete from lane_item
                        where tenant_id = ? and lane = ? and position = any (?::bigint[]) and seq = any (?::bigint[])
                            and exists (select from mine)
                        returning lane_item.*
                    ), gone as materialized (
                        select taken.*, settled.state, settled.reason as why, failed from taken join settled using (seq)
                    ), buried as (
                        insert into dead_letter (tenant_id, lane, position, seq, item_key, written_on, key_digest,
                            payload, attempts, reason, correlation_id, accepted_at, uncertain)
                        select tenant_id, lane, position, seq, item_key, written_on, key_digest,
                            payload, attempts + failed, coalesce(why, ''), correlation_id, accepted_at,
                            state = 'dead_uncertain'
                        from gone where state in ('dead', 'dead_uncertain')
                    ), noted as (
                        update item_ledger set
                            state = case gone.state when 'dead_uncertain' then 'dead' else gone.state end,
                            reason = gone.why, attempts = gone.attempts + gone.failed,
                            finished_at = now()
                        from gone
                        where item_ledger.tenant_id = ? and item_ledger.written_on = gone.written_on
                            and item_ledger.key_digest = gone.key_digest
                    ), kept as (
                        update lane_item set
                            uncertain = settled.state = 'uncertain',
                            reason = coalesce(settled.reason, lane_item.reason),
                            attempts = attempts + failed,
                            failing_since = case when failed = 1 then coalesce(failing_since, now()) else failing_since end,
                            not_before = now() + make_interval(secs => settled.wait)
                        from settled
                        where lane_item.tenant_id = ? and lane_item.lane = ?
                            and lane_item.position = any (?::bigint[]) and lane_item.seq = any (?::bigint[])
                            and lane_item.seq = settled.seq
                    )
                    select failures from mine
                    """)) {
                statement.setObject(1, claim.tenant().value());
                statement.setString(2, claim.lane());
                statement.setLong(3, claim.fence());
                if (!settled.isEmpty()) {
                    Map<Boolean, List<LaneItem>> byEnd = settled.stream()
                            .collect(Collectors.partitioningBy(
                                    Settled::ended, Collectors.mapping(Settled::item, Collectors.toList())));
                    List<LaneItem> ended = byEnd.getOrDefault(true, List.of());
                    List<LaneItem> kept = byEnd.getOrDefault(false, List.of());
                    bind(statement, 4, "int8", settled, one -> one.item().seq());
                    bind(statement, 5, "text", settled, Settled::state);
                    bind(statement, 6, "text", settled, Settled::reason);
                    bind(statement, 7, "int4", settled, one -> one.failed() ? 1 : 0);
                    bind(
                            statement,
                            8,
                            "float8",
                            settled,
                            one -> one.notBefore() == null ? null : seconds(one.notBefore()));
                    statement.setObject(9, claim.tenant().value());
                    statement.setString(10, claim.lane());
                    bind(statement, 11, "int8", ended, LaneItem::position);
                    bind(statement, 12, "int8", ended, LaneItem::seq);
                    statement.setObject(13, claim.tenant().value());
                    statement.setObject(14, claim.tenant().value());
                    statement.setString(15, claim.lane());
                    bind(statement, 16, "int8", kept, LaneItem::position);
                    bind(statement, 17, "int8", kept, LaneItem::seq);
                }
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next() ? rows.getInt(1) : -1;
                }
            }
        });
        if (failures == null || failures < 0) {
            throw new LeaseLost(claim.lane());
        }
        return failures;
    }

    /** For people who ask why a message took its time; the lane is locked, so that no other replica does the same. */
    private void noteRetries(Claim claim, List<Settled> again) {
        jdbc.execute((ConnectionCallback<Integer>) connection -> {
            try (PreparedStatement statement = connection.prepareStatement("""
                    insert into item_retry (tenant_id, written_on, key_digest, attempt, reason, uncertain)
                    select item.tenant_id, item.written_on, item.key_digest, item.attempts, coalesce(again.reason, ''),
                        item.uncertain
                    from unnest(?::bigint[], ?::text[]) as again (seq, reason)
                        join lane_item item on item.tenant_id = ? and item.lane = ?
                            and item.position = any (?::bigint[]) and item.seq = any (?::bigint[])
                            and item.seq = again.seq
                    """)) {
                bind(statement, 1, "int8", again, one -> one.item().seq());
                bind(statement, 2, "text", again, Settled::reason);
                statement.setObject(3, claim.tenant().value());
                statement.setString(4, claim.lane());
                bind(statement, 5, "int8", again, one -> one.item().position());
                bind(statement, 6, "int8", again, one -> one.item().seq());
                return statement.executeUpdate();
            }
        });
    }

    /** @param progress whether what the lane failed at before is behind it */
    private List<LaneItem> handOver(Claim claim, int limit, boolean progress) {
        record Row(LaneItem item, boolean held) {}
        List<Row> rows = jdbc.query(
                """
                with batch as materialized (
                    select seq, position, item_key, payload, attempts, uncertain, accepted_at,
                        greatest(0, extract(epoch from clock_timestamp() - accepted_at))::float8 as waited,
                        extract(epoch from clock_timestamp() - failing_since)::float8 as failing_for, correlation_id
                    from lane_item
                    where tenant_id = ? and lane = ? and (not_before is null or not_before <= now())
                    order by position, seq
                    limit ?
                ), marked as (
                    update lane set
                        handed = (select array_agg(seq) from batch),
                        failures = case when ? then 0 else failures end
                    where tenant_id = ? and lane = ? and fence = ? and exists (select from batch)
                    returning fence
                )
                select *, exists (select from marked) as held from batch order by position, seq
                """,
                (row, n) -> new Row(
                        new LaneItem(
                                row.getLong("seq"),
                                row.getLong("position"),
                                row.getString("item_key"),
                                row.getBytes("payload"),
                                row.getInt("attempts"),
                                row.getBoolean("uncertain"),
                                row.getObject("accepted_at", OffsetDateTime.class)
                                        .toInstant(),
                                duration(row.getDouble("waited")),
                                row.getObject("failing_for") == null ? null : duration(row.getDouble("failing_for")),
                                row.getString("correlation_id")),
                        row.getBoolean("held")),
                claim.tenant().value(),
                claim.lane(),
                limit,
                progress,
                claim.tenant().value(),
                claim.lane(),
                claim.fence());
        if (rows.stream().anyMatch(row -> !row.held())) {
            throw new LeaseLost(claim.lane());
        }
        return rows.stream().map(Row::item).toList();
    }

    private static Duration duration(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1_000));
    }

    private void giveUp(Claim claim, @Nullable Pause pause, int failures) {
        UUID tenant = claim.tenant().value();
        if (pause != null) {
            Duration time = pause.failed() ? Backoff.after(failures, pause.time()) : pause.time();
            jdbc.update("""
                    update lane set lease_owner = null, lease_until = null, handed = '{}', sleeping = true, backing_off = true,
                        due_at = now() + make_interval(secs => ?), failures = ?
                    where tenant_id = ? and lane = ?
                    """, seconds(time), pause.failed() ? failures + 1 : failures, tenant, claim.lane());
            return;
        }
        int gone = jdbc.update("""
                delete from lane where tenant_id = ? and lane = ?
                    and not exists (select from lane_item where lane_item.tenant_id = ? and lane_item.lane = ?)
                """, tenant, claim.lane(), tenant, claim.lane());
        if (gone == 0) {
            // Its turn is over, or all that is left is parked.
            jdbc.update("""
                    with next as (
                        select exists (
                            select from lane_item where tenant_id = ? and lane = ?
                                and (not_before is null or not_before <= now())) as due
                    )
                    update lane set lease_owner = null, lease_until = null, handed = '{}', backing_off = false, failures = 0,
                        sleeping = not due,
                        due_at = case when due then now() else (
                            select min(not_before) from lane_item where tenant_id = ? and lane = ?) end
                    from next
                    where tenant_id = ? and lane = ?
                    """, tenant, claim.lane(), tenant, claim.lane(), tenant, claim.lane());
        }
    }

    static List<Claim> claims(PreparedStatement statement) throws SQLException {
        List<Claim> claims = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                claims.add(claim(rows));
            }
        }
        return claims;
    }

    private static Claim claim(ResultSet row) throws SQLException {
        return new Claim(new TenantId(row.getObject(1, UUID.class)), row.getString(2), row.getLong(3));
    }

    static <T> void bind(
            PreparedStatement statement,
            int index,
            String type,
            Collection<T> values,
            Function<T, ? extends @Nullable Object> value)
            throws SQLException {
        @Nullable Object[] array = new Object[values.size()];
        int i = 0;
        for (T one : values) {
            array[i++] = value.apply(one);
        }
        statement.setArray(index, statement.getConnection().createArrayOf(type, array));
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
