package io.zaptrix.relay;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.zaptrix.platform.NotificationListener;
import io.zaptrix.platform.Notifications;
import io.zaptrix.platform.TenantId;
import io.zaptrix.platform.ZaptrixProperties;
import io.zaptrix.testing.TestDatabase;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/** One replica's relay, wired as the application wires it, without the application. */
final class Replica implements AutoCloseable {

    static final Duration LEASE = Duration.ofSeconds(2);
    static final int LANES_PER_PORTAL = 4;
    static final int LANES_IN_FLIGHT = 64;

    private final RelayDatabase database;
    private final GroupCommit commits;
    private final Notifications notifications;
    private final Dispatcher dispatcher;
    private final Lanes lanes;

    Replica(TestDatabase.Database where, LaneHandler... handlers) {
        this(where, Duration.ofHours(24), handlers);
    }

    Replica(TestDatabase.Database where, Duration giveUpAfter, LaneHandler... handlers) {
        ZaptrixProperties properties = properties(giveUpAfter, 6);
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        this.database = new RelayDatabase(details(where), properties);
        LaneStore store = new LaneStore(database);
        Bell bell = new Bell();
        StaticListableBeanFactory listeners = new StaticListableBeanFactory();
        listeners.addBean("bell", bell);
        this.notifications = new Notifications(details(where), listeners.getBeanProvider(NotificationListener.class));
        StaticListableBeanFactory beans = new StaticListableBeanFactory();
        for (LaneHandler handler : handlers) {
            beans.addBean(handler.flow() + "-" + System.identityHashCode(handler), handler);
        }
        this.dispatcher = new Dispatcher(
                store,
                new LeaseStore(database),
                bell,
                properties,
                metrics,
                new HeldTenants(database, store),
                beans.getBeanProvider(LaneHandler.class));
        this.commits = new GroupCommit(store, dispatcher);
        this.lanes = new Lanes(commits, store, bell, metrics);
        notifications.start();
        commits.start();
        dispatcher.start();
    }

    /** What the hour brings. */
    void prune() {
        new Housekeeping(database, properties(Duration.ofHours(24), 6), new SimpleMeterRegistry()).prune();
    }

    /** What the hour brings to the ledger's weeks, of which 30 days are remembered. */
    void turnPages() {
        new Housekeeping(database, properties(Duration.ofHours(24), 6), new SimpleMeterRegistry()).turnPages();
    }

    static ZaptrixProperties properties(Duration giveUpAfter, int connections) {
        return new ZaptrixProperties(
                URI.create("http://localhost"),
                Path.of("."),
                null,
                null,
                new ZaptrixProperties.Meta(
                        "",
                        "",
                        "",
                        null,
                        URI.create("http://localhost"),
                        "v23.0",
                        URI.create("http://localhost"),
                        Duration.ofSeconds(1)),
                new ZaptrixProperties.Bitrix24(null, null, URI.create("http://localhost"), false, 2, 50),
                new ZaptrixProperties.Relay(
                        LEASE, LANES_PER_PORTAL, LANES_IN_FLIGHT, giveUpAfter, Duration.ofDays(30), connections));
    }

    void accept(RelayItem... items) {
        lanes.accept(List.of(items));
    }

    void accept(Collection<RelayItem> items) {
        lanes.accept(items);
    }

    void wake(TenantId tenant, String prefix) {
        lanes.wake(tenant, prefix);
    }

    /** How many items the ledger knows in a state. */
    long count(String state) {
        Long count = database.inTransaction(() ->
                database.jdbc().queryForObject("select count(*) from item_ledger where state = ?", Long.class, state));
        return count == null ? 0 : count;
    }

    /** How many lanes sleep and are nobody's. */
    long lanesAtRest() {
        Long count = database.inTransaction(() -> database.jdbc()
                .queryForObject("select count(*) from lane where sleeping and lease_owner is null", Long.class));
        return count == null ? 0 : count;
    }

    /** As if the database's clock had been set ahead by so much; back, when it is negative. */
    void leasesEndSooner(Duration by) {
        database.inTransaction(() -> database.jdbc()
                .update(
                        "update lane set lease_until = lease_until - make_interval(secs => ?)"
                                + " where lease_owner is not null",
                        (double) by.toSeconds()));
    }

    /** Locks the rows of all lanes and stands still in the middle of the transaction until {@code wakeUp}. */
    void freezeInTransaction(CountDownLatch frozen, CountDownLatch wakeUp) {
        database.inTransaction(() -> {
            database.jdbc().query("select from lane for update", row -> {});
            frozen.countDown();
            try {
                return wakeUp.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        });
    }

    /** Ends as a process does that is killed: nothing is given back, nothing more is written. */
    void kill() {
        database.destroy();
    }

    @Override
    public void close() {
        commits.stop();
        dispatcher.stop();
        notifications.stop();
        database.destroy();
    }

    static JdbcConnectionDetails details(TestDatabase.Database where) {
        return new JdbcConnectionDetails() {
            @Override
            public String getJdbcUrl() {
                return where.url();
            }

            @Override
            public String getUsername() {
                return where.username();
            }

            @Override
            public String getPassword() {
                return where.password();
            }
        };
    }
}
