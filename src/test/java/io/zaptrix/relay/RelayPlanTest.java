package io.zaptrix.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.TenantId;
import io.zaptrix.relay.LaneStore.Claim;
import io.zaptrix.relay.LaneStore.Settled;
import io.zaptrix.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What a statement reads grows with what it is about, not with what waits beside that: as PostgreSQL counts it. */
class RelayPlanTest {

    private static final TestDatabase.Database DATABASE = TestDatabase.createWithSchema();
    private static final TenantId TENANT = TenantId.ofMember("plans");
    private static final UUID REPLICA = UUID.randomUUID();
    private static final Duration LEASE = Duration.ofMinutes(5);
    private static final Pattern THROWN_AWAY = Pattern.compile("Rows Removed by [A-Za-z ]+: (\\d+)");

    private static final int WAITING = 2_000;
    private static final int BATCH = 50;

    /** Each of a batch beside each other of it would be 2,500. */
    private static final int MODEST = 3_000;

    private int keys;
    private final List<String> told = new ArrayList<>();
    private final ExplainingDriver driver = driver();
    private final RelayDatabase database = database();
    private final LaneStore store = new LaneStore(database);

    private ExplainingDriver driver() {
        try {
            return new ExplainingDriver(told::add);
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static RelayDatabase database() {
        JdbcConnectionDetails real = Replica.details(DATABASE);
        return new RelayDatabase(
                new RelayPlans.Details(
                        ExplainingDriver.url(real.getJdbcUrl()),
                        Objects.requireNonNull(real.getUsername()),
                        Objects.requireNonNull(real.getPassword())),
                Replica.properties(Duration.ofHours(1), 1));
    }

    @AfterEach
    void end() throws SQLException {
        database.destroy();
        driver.close();
        JdbcClient.create(DATABASE.superuser())
                .sql("truncate lane_item, lane, item_ledger, dead_letter")
                .update();
    }

    @Test
    void aBacklogMakesNoStatementReadMore() {
        // Planned while nothing waits, as on a connection that has seen quiet times.
        carry();
        driver.tellOf("accept");
        store.accept(items(WAITING, n -> "plan:1"), REPLICA, LEASE, lanes -> Set.of());
        assertModest();

        driver.tellOf("claim and hand over");
        Claim claim = claim(10).getFirst();
        List<LaneItem> batch = store.begin(claim, BATCH);
        assertThat(batch).hasSize(BATCH);
        assertModest();

        driver.tellOf("settle, and hand over");
        batch = store.settle(claim, settled(batch, "done"), null, BATCH);
        assertThat(batch).hasSize(BATCH);
        assertModest();

        driver.tellOf("bury");
        batch = store.settle(claim, settled(batch, "dead"), null, BATCH);
        assertModest();

        driver.tellOf("fail, and pause");
        store.settle(claim, settled(batch, "waiting"), new LaneStore.Pause(LEASE, true), BATCH);
        assertModest();
    }

    @Test
    void manyLanesMakeNoStatementReadMore() {
        carry();
        LeaseStore leases = new LeaseStore(database);
        leases.renew(LEASE, List.of(new Claim(TENANT, "plan:1", 1)));
        store.wakeDue();
        driver.tellOf("accept");
        store.accept(items(WAITING, n -> "plan:" + n), REPLICA, LEASE, lanes -> Set.of());
        assertModest();

        driver.tellOf("claim");
        List<Claim> claims = new ArrayList<>();
        while (claims.size() < 20) {
            claims.addAll(claim(1));
        }
        assertModest();

        driver.tellOf("renew");
        assertThat(leases.renew(LEASE, claims)).hasSize(20);
        assertModest();

        driver.tellOf("pause");
        for (Claim claim : claims) {
            store.begin(claim, BATCH);
            store.settle(claim, List.of(), new LaneStore.Pause(Duration.ZERO, false), BATCH);
        }
        assertModest();

        driver.tellOf("wake what is due");
        store.wakeDue();
        assertModest();
    }

    private void assertModest() {
        assertThat(told).anyMatch(line -> line.contains("Index"));
        assertThat(told)
                .noneMatch(line -> THROWN_AWAY
                        .matcher(line)
                        .results()
                        .map(MatchResult::group)
                        .anyMatch(found -> Integer.parseInt(found.replaceAll("\\D", "")) > MODEST));
        told.clear();
    }

    private List<Claim> claim(int atMost) {
        return store.claim(REPLICA, LEASE, atMost, null, Set.of());
    }

    private void carry() {
        for (int round = 0; round < 10; round++) {
            store.accept(items(1, n -> "plan:1"), REPLICA, LEASE, lanes -> Set.of());
            Claim claim = claim(10).getFirst();
            store.settle(claim, settled(store.begin(claim, BATCH), "done"), null, BATCH);
        }
    }

    private static List<Settled> settled(List<LaneItem> batch, String state) {
        return batch.stream()
                .map(item -> new Settled(item, state, "plan", state.equals("waiting"), null))
                .toList();
    }

    /** All of the same second, as they are that come at once. */
    private List<RelayItem> items(int count, IntFunction<String> lane) {
        Instant now = Instant.now();
        return IntStream.range(0, count)
                .mapToObj(n -> new RelayItem(
                        TENANT,
                        lane.apply(n),
                        "plan" + keys++,
                        now.getEpochSecond(),
                        now,
                        "{}".getBytes(UTF_8),
                        "plan"))
                .toList();
    }
}
