package io.zaptrix.relay;

import static io.zaptrix.relay.LaneStore.bind;
import static io.zaptrix.relay.LaneStore.claims;
import static io.zaptrix.relay.LaneStore.seconds;

import io.zaptrix.platform.TenantId;
import io.zaptrix.relay.LaneStore.Claim;
import io.zaptrix.relay.LeaseWatch.Overdue;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The leases' SQL: keeping them, giving them back, and taking those of replicas that are gone. */
@Component
class LeaseStore {

    /** As many as a look at what is overdue reads, so that it costs the same whatever died. */
    private static final int LOOK = 1_000;

    private final RelayDatabase database;
    private final JdbcTemplate jdbc;

    LeaseStore(RelayDatabase database) {
        this.database = database;
        this.jdbc = database.jdbc();
    }

    /**
     * Keeps claims for another {@code lease}.
     *
     * @return those that are still this replica's; the others have been claimed by somebody else
     */
    List<Claim> renew(Duration lease, List<Claim> held) {
        if (held.isEmpty()) {
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
                        bind(statement, 1, "uuid", held, claim -> claim.tenant().value());
                        bind(statement, 2, "text", held, Claim::lane);
                        bind(statement, 3, "int8", held, Claim::fence);
                        statement.setDouble(4, seconds(lease));
                        return claims(statement);
                    }
                }));
        return renewed == null ? List.of() : renewed;
    }

    /**
     * The leases that nobody has renewed in time, by the database's clock, the longest overdue first. Those that end
     * too far ahead are among them: they were given before the clock was set back, and would hold their lanes as long.
     */
    List<Overdue> overdue(Duration lease) {
        return database.inTransaction(() -> jdbc.query(
                """
                (select tenant_id, lane, fence, lease_until from lane
                where lease_owner is not null and lease_until < now() order by lease_until limit ?)
                union all
                (select tenant_id, lane, fence, lease_until from lane
                where lease_owner is not null and lease_until > now() + make_interval(secs => ?)
                order by lease_until desc limit ?)
                """,
                (row, n) -> new Overdue(
                        new Claim(new TenantId(row.getObject(1, UUID.class)), row.getString(2), row.getLong(3)),
                        row.getObject(4, OffsetDateTime.class)),
                LOOK,
                seconds(lease.multipliedBy(2)),
                LOOK));
    }

    /** Lets others have the lanes of holders that are gone; not of those that have renewed since. */
    void free(List<Overdue> gone) {
        database.inTransaction(() -> jdbc.execute((ConnectionCallback<Integer>) connection -> {
            try (PreparedStatement statement = connection.prepareStatement("""
                    with left_behind as (
                        select lane.tenant_id, lane.lane
                        from lane join unnest(?::uuid[], ?::text[], ?::bigint[], ?::timestamptz[])
                            as gone (tenant_id, lane, fence, lease_until) using (tenant_id, lane, fence, lease_until)
                        where lane.lease_owner is not null
                        for update of lane skip locked
                    )
                    update lane set lease_owner = null, lease_until = null, fence = nextval('lane_fence'), due_at = now()
                    from left_behind
                    where lane.tenant_id = left_behind.tenant_id and lane.lane = left_behind.lane
                    """)) {
                bind(statement, 1, "uuid", gone, one -> one.claim().tenant().value());
                bind(statement, 2, "text", gone, one -> one.claim().lane());
                bind(statement, 3, "int8", gone, one -> one.claim().fence());
                bind(statement, 4, "timestamptz", gone, Overdue::until);
                return statement.executeUpdate();
            }
        }));
    }

    /** Gives back what this replica still holds, for others to take at once; for the end of the process. */
    void giveBack(UUID replica) {
        database.inTransaction(() -> jdbc.update("""
                update lane set lease_owner = null, lease_until = null, fence = nextval('lane_fence'), due_at = now()
                where lease_owner = ?
                """, replica));
    }
}
