package io.zaptrix.relay;

import io.zaptrix.platform.TenantId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * The lanes' SQL. The database's clock is the only one that counts here, so that replicas need not agree on theirs.
 *
 * <p>Why no wake-up is lost: {@link #accept} inserts items and then touches the lane's row, in one transaction;
 * {@link #settle} locks the lane's row first and looks for items after. Either the items were committed before the
 * lock, and are seen; or the touch waits for the lock, and makes the lane ready again after it was given up.
 */
@Component
class LaneStore {

    /** What a person must mend is looked at this often even if nobody wakes the lane. */
    static final Duration SUSPENDED_LOOK = Duration.ofMinutes(5);

    private final RelayDatabase database;
    private final JdbcTemplate jdbc;

    LaneStore(RelayDatabase database) {
        this.database = database;
        this.jdbc = database.jdbc();
    }

    /** A claimed lane; {@code fence} voids what this claim writes once somebody else has claimed. */
    record Claim(TenantId tenant, String lane, long fence) {

        String flow() {
            return RelayItem.flowOf(lane);
        }
    }

    /** What a settled item becomes. */
    record Settled(
            long seq,
            String state,
            @Nullable String reason,
            @Nullable Duration notBefore) {}

    /**
     * The other side needs time.
     *
     * @param time how long; when the lane {@code failed}, at least so long, and longer with every failure in a row
     */
    record Pause(Duration time, boolean failed) {}

    /** @return how many were new */
    int accept(Collection<RelayItem> items) {
        return database.inTransaction(() -> {
            Integer accepted = jdbc.execute((ConnectionCallback<Integer>) connection -> insert(connection, items));
            jdbc.execute("notify zaptrix_lane");
            return accepted == null ? 0 : accepted;
        });
    }

    private static int insert(Connection connection, Collection<RelayItem> items) throws SQLException {
        int n = items.size();
        UUID[] tenants = new UUID[n];
        String[] lanes = new String[n];
        String[] flows = new String[n];
        String[] keys = new String[n];
        Long[] positions = new Long[n];
        byte[][] payloads = new byte[n][];
        String[] correlations = new String[n];
        int i = 0;
        for (RelayItem item : items) {
            tenants[i] = item.tenant().value();
            lanes[i] = item.lane();
            flows[i] = item.flow();
            keys[i] = item.key();
            positions[i] = item.position();
            payloads[i] = item.payload();
            correlations[i] = item.correlationId();
            i++;
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                with inserted as (
                    insert into lane_item (tenant_id, lane, flow, item_key, position, payload, correlation_id)
                    select tenant_id, lane, flow, item_key, position, payload, correlation_id
                    from unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::bytea[], ?::text[])
                        with ordinality
                        as item (tenant_id, lane, flow, item_key, position, payload, correlation_id, n)
                    order by n
                    on conflict (tenant_id, flow, item_key) do nothing
                    returning tenant_id, lane
                ), woken as (
                    insert into lane (tenant_id, lane, ready_at)
                    select distinct tenant_id, lane, now() from inserted order by tenant_id, lane
                    on conflict (tenant_id, lane) do update
                    set ready_at = case when lane.backing_off then coalesce(lane.ready_at, now()) else now() end
                )
                select count(*) from inserted
                """)) {
            setArray(statement, 1, "uuid", tenants);
            setArray(statement, 2, "text", lanes);
            setArray(statement, 3, "text", flows);
            setArray(statement, 4, "text", keys);
            setArray(statement, 5, "bigint", positions);
            setArray(statement, 6, "bytea", payloads);
            setArray(statement, 7, "text", correlations);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getInt(1);
            }
        }
    }

    private static void setArray(PreparedStatement statement, int index, String type, @Nullable Object[] values)
            throws SQLException {
        Array array = statement.getConnection().createArrayOf(type, values);
        statement.setArray(index, array);
    }

    /** Makes lanes ready whatever they waited for. */
    int wake(TenantId tenant, String lanePrefix) {
        return database.inTransaction(() -> {
            int woken = jdbc.update("""
                    update lane set ready_at = now(), backing_off = false
                    where tenant_id = ? and starts_with(lane, ?) and ready_at > now()
                    """, tenant.value(), lanePrefix);
            if (woken > 0) {
                jdbc.execute("notify zaptrix_lane");
            }
            return woken;
        });
    }

    /**
     * Claims lanes that are ready, at most {@code free} and at most {@code perPortal} of one portal and flow (counting
     * those in {@code held}); one of each portal before a second of any.
     */
    List<Claim> claim(UUID replica, Duration lease, int free, int perPortal, Map<Portion, Integer> held) {
        UUID[] tenants = held.keySet().stream().map(p -> p.tenant().value()).toArray(UUID[]::new);
        String[] flows = held.keySet().stream().map(Portion::flow).toArray(String[]::new);
        Integer[] counts = held.values().toArray(Integer[]::new);
        List<Claim> claims = database.inTransaction(() -> jdbc.execute((ConnectionCallback<List<Claim>>) connection -> {
            try (PreparedStatement statement = connection.prepareStatement("""
                    with held as (
                        select * from unnest(?::uuid[], ?::text[], ?::int[]) as held (tenant_id, flow, n)
                    ), ready as (
                        select tenant_id, lane, split_part(lane, ':', 1) as flow, ready_at,
                            row_number() over (partition by tenant_id, split_part(lane, ':', 1) order by ready_at) as turn
                        from lane
                        where ready_at <= now() and (lease_until is null or lease_until < now())
                    ), chosen as (
                        select tenant_id, lane
                        from ready left join held using (tenant_id, flow)
                        where turn <= ? - coalesce(n, 0)
                        order by turn, ready_at
                        limit ?
                    ), locked as (
                        select lane.tenant_id, lane.lane
                        from lane join chosen using (tenant_id, lane)
                        where lane.ready_at <= now() and (lane.lease_until is null or lane.lease_until < now())
                        for update of lane skip locked
                    )
                    update lane set
                        lease_owner = ?, lease_until = now() + make_interval(secs => ?), fence = lane.fence + 1
                    from locked
                    where lane.tenant_id = locked.tenant_id and lane.lane = locked.lane
                    returning lane.tenant_id, lane.lane, lane.fence
                    """)) {
                setArray(statement, 1, "uuid", tenants);
                setArray(statement, 2, "text", flows);
                setArray(statement, 3, "int", counts);
                statement.setInt(4, perPortal);
                statement.setInt(5, free);
                statement.setObject(6, replica);
                statement.setDouble(7, seconds(lease));
                return claims(statement);
            }
        }));
        return claims == null ? List.of() : claims;
    }

    private static List<Claim> claims(PreparedStatement statement) throws SQLException {
        List<Claim> claims = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                claims.add(new Claim(new TenantId(rows.getObject(1, UUID.class)), rows.getString(2), rows.getLong(3)));
            }
        }
        return claims;
    }

    /** A portal's share of the workers: counted by direction, so that one that hangs does not hold up the other. */
    record Portion(TenantId tenant, String flow) {}

    /**
     * Keeps claims for another {@code lease}.
     *
     * @return those that are still this replica's; the others have been claimed by somebody else
     */
    List<Claim> renew(Duration lease, List<Claim> claims) {
        if (claims.isEmpty()) {
            return List.of();
        }
        List<Claim> renewed =
                database.inTransaction(() -> jdbc.execute((ConnectionCallback<List<Claim>>) connection -> {
                    try (PreparedStatement statement = connection.prepareStatement("""
                    with mine as (
                        -- In the order in which acceptance touches lanes, or the two would deadlock.
                        select lane.tenant_id, lane.lane
                        from lane join unnest(?::uuid[], ?::text[], ?::bigint[]) as held (tenant_id, lane, fence)
                            using (tenant_id, lane, fence)
                        where lane.lease_owner is not null
                        order by lane.tenant_id, lane.lane
                        for no key update of lane
                    )
                    update lane set lease_until = now() + make_interval(secs => ?)
                    from mine
                    where lane.tenant_id = mine.tenant_id and lane.lane = mine.lane
                    returning lane.tenant_id, lane.lane, lane.fence
                    """)) {
                        setArray(
                                statement,
                                1,
                                "uuid",
                                claims.stream()
                                        .map(claim -> claim.tenant().value())
                                        .toArray());
                        setArray(
                                statement,
                                2,
                                "text",
                                claims.stream().map(Claim::lane).toArray());
                        setArray(
                                statement,
                                3,
                                "bigint",
                                claims.stream().map(Claim::fence).toArray());
                        statement.setDouble(4, seconds(lease));
                        return claims(statement);
                    }
                }));
        return renewed == null ? List.of() : renewed;
    }

    /**
     * Writes what became of the last batch, and hands over the next, in one transaction. When there is no next, when
     * {@code limit} is 0, or when the lane must {@code pause}, the lane is given up.
     *
     * @return the next batch, marked as handed over; empty when the lane was given up
     * @throws LeaseLost when somebody else has claimed the lane since; nothing is written then
     */
    List<LaneItem> settle(Claim claim, List<Settled> settled, @Nullable Pause pause, int limit) {
        return database.inTransaction(() -> {
            int failures = lock(claim);
            write(claim, settled);
            List<LaneItem> next = pause == null && limit > 0 ? handOver(claim, limit) : List.of();
            if (next.isEmpty()) {
                giveUp(claim, pause, failures);
            } else if (failures > 0 && !settled.isEmpty()) {
                jdbc.update(
                        "update lane set failures = 0, backing_off = false where tenant_id = ? and lane = ?",
                        claim.tenant().value(),
                        claim.lane());
            }
            return next;
        });
    }

    /** @return how often in a row the lane has failed */
    private int lock(Claim claim) {
        List<Integer> failures = jdbc.queryForList(
                "select failures from lane where tenant_id = ? and lane = ? and fence = ? for no key update",
                Integer.class,
                claim.tenant().value(),
                claim.lane(),
                claim.fence());
        if (failures.isEmpty()) {
            throw new LeaseLost(claim.lane());
        }
        return failures.getFirst();
    }

    private void write(Claim claim, List<Settled> settled) {
        if (settled.isEmpty()) {
            return;
        }
        jdbc.execute((ConnectionCallback<Integer>) connection -> {
            try (PreparedStatement statement = connection.prepareStatement("""
                    update lane_item set
                        state = settled.state,
                        reason = settled.reason,
                        not_before = now() + make_interval(secs => settled.wait),
                        finished_at = case when settled.state in ('waiting', 'sent') then null else now() end,
                        payload = case when settled.state in ('done', 'refused') then null else payload end
                    from unnest(?::bigint[], ?::text[], ?::text[], ?::float8[]) as settled (seq, state, reason, wait)
                    where lane_item.tenant_id = ? and lane_item.seq = settled.seq
                    """)) {
                setArray(
                        statement,
                        1,
                        "bigint",
                        settled.stream().map(Settled::seq).toArray());
                setArray(
                        statement,
                        2,
                        "text",
                        settled.stream().map(Settled::state).toArray());
                setArray(
                        statement,
                        3,
                        "text",
                        settled.stream().map(Settled::reason).toArray());
                setArray(
                        statement,
                        4,
                        "float8",
                        settled.stream()
                                .map(s -> s.notBefore() == null ? null : seconds(s.notBefore()))
                                .toArray());
                statement.setObject(5, claim.tenant().value());
                return statement.executeUpdate();
            }
        });
    }

    private List<LaneItem> handOver(Claim claim, int limit) {
        return jdbc.query(
                """
                with batch as (
                    select seq, state from lane_item
                    where tenant_id = ? and lane = ? and state in ('waiting', 'sent')
                        and (not_before is null or not_before <= now())
                    order by position, seq
                    limit ?
                ), handed as (
                    update lane_item set
                        state = 'sent', attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, now())
                    from batch
                    where lane_item.tenant_id = ? and lane_item.seq = batch.seq
                    returning lane_item.seq, position, item_key, payload, attempts, batch.state = 'sent' as uncertain,
                        accepted_at, first_tried_at, correlation_id
                )
                select * from handed order by position, seq
                """,
                (row, n) -> new LaneItem(
                        row.getLong("seq"),
                        row.getString("item_key"),
                        row.getBytes("payload"),
                        row.getInt("attempts"),
                        row.getBoolean("uncertain"),
                        row.getObject("accepted_at", OffsetDateTime.class).toInstant(),
                        row.getObject("first_tried_at", OffsetDateTime.class).toInstant(),
                        row.getString("correlation_id")),
                claim.tenant().value(),
                claim.lane(),
                limit,
                claim.tenant().value());
    }

    private void giveUp(Claim claim, @Nullable Pause pause, int failures) {
        if (pause != null) {
            Duration time = pause.failed() ? Backoff.after(failures, pause.time()) : pause.time();
            jdbc.update("""
                    update lane set lease_owner = null, lease_until = null, backing_off = true,
                        ready_at = now() + make_interval(secs => ?), failures = case when ? then failures + 1 else failures end
                    where tenant_id = ? and lane = ?
                    """, seconds(time), pause.failed(), claim.tenant().value(), claim.lane());
        } else {
            jdbc.update("""
                    update lane set lease_owner = null, lease_until = null, backing_off = false, failures = 0,
                        ready_at = (
                            select min(coalesce(not_before, now())) from lane_item
                            where lane_item.tenant_id = lane.tenant_id and lane_item.lane = lane.lane
                                and state in ('waiting', 'sent'))
                    where tenant_id = ? and lane = ?
                    """, claim.tenant().value(), claim.lane());
        }
    }

    /** Gives back what this replica still holds, for others to take at once; for the end of the process. */
    void giveBack(UUID replica) {
        database.inTransaction(() -> jdbc.update(
                "update lane set lease_owner = null, lease_until = null, fence = fence + 1 where lease_owner = ?",
                replica));
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
