package io.zaptrix.relay;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.platform.TenantId;
import io.zaptrix.relay.LaneStore.Claim;
import io.zaptrix.relay.LaneStore.Settled;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * How the relay's own statements are planned, and what they read, on a database as it is; nothing of it stays there.
 */
public final class RelayPlans {

    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final String FLOW = "plan";

    private RelayPlans() {}

    /**
     * Tells of each statement of a batch's way: accepted, claimed, handed over, settled; and of a pause.
     *
     * @param url of the database, where no replica looks at the same time
     * @param tenants who get a message each
     */
    public static void tell(String url, String user, String password, List<TenantId> tenants, Consumer<String> out)
            throws SQLException {
        ExplainingDriver driver = new ExplainingDriver(out);
        RelayDatabase database = new RelayDatabase(
                new Details(ExplainingDriver.url(url), user, password), Replica.properties(Duration.ofHours(1), 2));
        try {
            UUID replica = UUID.randomUUID();
            LaneStore store = new LaneStore(database);
            List<RelayItem> items = IntStream.range(0, tenants.size())
                    .mapToObj(i -> item(tenants.get(i), i))
                    .toList();

            driver.tellOf("an acceptance of " + items.size() + " messages, each of another portal");
            store.accept(items, replica, LEASE, lanes -> Set.of());
            driver.tellOf("claiming");
            List<Claim> claims = store.claim(replica, LEASE, 100, null, Set.of());
            driver.tellOf("handing over");
            List<LaneItem> batch = store.begin(claims.getFirst(), 50);
            driver.tellOf("settling as done, looking for more, and giving the lane up");
            store.settle(claims.getFirst(), settled(batch, "done"), null, 50);
            driver.tellOf(null);
            List<LaneItem> failing = store.begin(claims.get(1), 50);
            driver.tellOf("settling as failed, and pausing");
            store.settle(
                    claims.get(1),
                    failing.stream()
                            .map(item -> new Settled(item, "waiting", "plan", true, null))
                            .toList(),
                    new LaneStore.Pause(Duration.ofMinutes(1), true),
                    50);
            driver.tellOf(null);
            database.inTransaction(() -> {
                database.jdbc()
                        .update("delete from item_ledger where lane like 'plan:%' and written_on = current_date");
                database.jdbc().update("delete from lane_item where lane like 'plan:%'");
                return database.jdbc().update("delete from lane where flow = 'plan'");
            });
        } finally {
            database.destroy();
            driver.close();
        }
    }

    private static List<Settled> settled(List<LaneItem> batch, String state) {
        return batch.stream()
                .map(item -> new Settled(item, state, null, false, null))
                .toList();
    }

    private static RelayItem item(TenantId tenant, int n) {
        Instant now = Instant.now();
        return new RelayItem(
                tenant,
                FLOW + ":" + n,
                "plan" + n,
                now.getEpochSecond(),
                now,
                "{\"text\":\"Bom dia\"}".getBytes(UTF_8),
                "plan");
    }

    record Details(String getJdbcUrl, String getUsername, String getPassword) implements JdbcConnectionDetails {}
}
