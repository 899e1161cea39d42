package io.zaptrix.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the relay promises, told with items that carry only their names. */
class RelayStory {

    private static final TenantId ACME = TenantId.ofMember("acme");
    private static final Instant WRITTEN = Instant.now();
    private static final TenantId OTHER = TenantId.ofMember("other");

    private TestDatabase.Database database;

    @BeforeEach
    void emptyDatabase() {
        database = TestDatabase.createWithSchema();
    }

    /** Writes down what arrives, lane by lane, and answers as it is told to. */
    private static final class Recorder implements LaneHandler {

        final Map<String, List<String>> arrived = new ConcurrentHashMap<>();
        final List<String> gaveUp = Collections.synchronizedList(new ArrayList<>());
        final Function<LaneItem, Outcome> answer;
        final int batch;

        Recorder(int batch, Function<LaneItem, Outcome> answer) {
            this.batch = batch;
            this.answer = answer;
        }

        static Recorder takingAll() {
            return new Recorder(10, item -> Outcome.DONE);
        }

        @Override
        public String flow() {
            return "test";
        }

        @Override
        public int batchSize() {
            return batch;
        }

        @Override
        public List<Outcome> deliver(LaneBatch batch) {
            assertThat(TenantContext.require()).isEqualTo(batch.tenant());
            List<Outcome> outcomes = new ArrayList<>();
            for (LaneItem item : batch.items()) {
                Outcome outcome = answer.apply(item);
                outcomes.add(outcome);
                if (outcome instanceof Outcome.Done) {
                    arrived.computeIfAbsent(
                                    batch.tenant() + " " + batch.lane(),
                                    lane -> Collections.synchronizedList(new ArrayList<>()))
                            .add(item.key());
                } else if (!(outcome instanceof Outcome.Refused
                        || outcome instanceof Outcome.Dead
                        || outcome instanceof Outcome.Park)) {
                    break;
                }
            }
            return outcomes;
        }

        @Override
        public void gaveUp(LaneItem item) {
            gaveUp.add(item.key());
        }

        List<String> in(TenantId tenant, String lane) {
            return List.copyOf(arrived.getOrDefault(tenant + " " + lane, List.of()));
        }

        int total() {
            return arrived.values().stream().mapToInt(List::size).sum();
        }
    }

    private static RelayItem item(TenantId tenant, String lane, String key, long position) {
        return item(tenant, lane, key, position, WRITTEN);
    }

    private static RelayItem item(TenantId tenant, String lane, String key, long position, Instant written) {
        return new RelayItem(tenant, lane, key, position, written, key.getBytes(UTF_8), "story");
    }

    private static void await(Duration atMost, BooleanSupplier condition) {
        Instant end = Instant.now().plus(atMost);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("waited long enough").isBefore(end);
            try {
                Thread.sleep(20);
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }

    @Test
    void whatIsAcceptedTwiceArrivesOnce() {
        Recorder recorder = Recorder.takingAll();
        try (Replica replica = new Replica(database, recorder)) {
            replica.accept(item(ACME, "test:1", "a", 1), item(ACME, "test:1", "a", 1));
            replica.accept(item(ACME, "test:1", "a", 1), item(ACME, "test:1", "b", 2));
            replica.accept(item(OTHER, "test:1", "a", 1));
            await(Duration.ofSeconds(10), () -> recorder.total() == 3);
            replica.accept(item(ACME, "test:1", "a", 1));
            replica.accept(item(ACME, "test:1", "c", 3));
            await(Duration.ofSeconds(10), () -> recorder.total() == 4);

            assertThat(recorder.in(ACME, "test:1")).containsExactly("a", "b", "c");
            assertThat(recorder.in(OTHER, "test:1")).containsExactly("a");
        }
    }

    @Test
    void whatWaitsTogetherGoesInTheOrderOfWritingNotOfArrival() {
        CountDownLatch inHand = new CountDownLatch(1);
        CountDownLatch open = new CountDownLatch(1);
        Recorder recorder = new Recorder(10, item -> {
            inHand.countDown();
            try {
                open.await();
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
            return Outcome.DONE;
        });
        try (Replica replica = new Replica(database, recorder)) {
            replica.accept(item(ACME, "test:1", "first", 0));
            await(Duration.ofSeconds(10), () -> inHand.getCount() == 0);
            replica.accept(item(ACME, "test:1", "d", 4), item(ACME, "test:1", "b", 2));
            replica.accept(item(ACME, "test:1", "c1", 3));
            replica.accept(item(ACME, "test:1", "c2", 3), item(ACME, "test:1", "a", 1));
            open.countDown();
            await(Duration.ofSeconds(10), () -> recorder.total() == 6);

            assertThat(recorder.in(ACME, "test:1")).containsExactly("first", "a", "b", "c1", "c2", "d");
        }
    }

    @Test
    void whatIsWrittenInWeeksBeyondMemoryIsForgottenAndNothingElse() {
        // Thirty days are remembered: whatever day it is, six weeks ago is beyond them, and four weeks ago is not.
        JdbcClient.create(database.dataSource())
                .sql(
                        "select item_ledger_week(current_date + 7 * week) from unnest(array[-9, -8, -7, -6, -4, -1]) as week")
                .query((row, n) -> n)
                .list();
        Recorder recorder = Recorder.takingAll();
        try (Replica replica = new Replica(database, recorder)) {
            RelayItem eightDaysOld = item(ACME, "test:1", "a", 1, WRITTEN.minus(Duration.ofDays(8)));
            RelayItem eightWeeksOld = item(ACME, "test:1", "b", 2, WRITTEN.minus(Duration.ofDays(56)));
            replica.accept(eightDaysOld, eightWeeksOld);
            await(Duration.ofSeconds(10), () -> replica.count("done") == 2);

            replica.turnPages();

            assertThat(weeksFromNow()).containsExactly(-4, -1, 0, 1, 2);
            assertThat(replica.count("done"))
                    .as("the older one went with its week")
                    .isEqualTo(1);
            replica.accept(eightDaysOld);
            replica.accept(item(ACME, "test:1", "c", 3));
            await(Duration.ofSeconds(10), () -> recorder.total() == 3);
            assertThat(recorder.in(ACME, "test:1")).containsExactly("a", "b", "c");

            replica.turnPages();
            assertThat(weeksFromNow()).as("at the next hour").containsExactly(-4, -1, 0, 1, 2);
        }
    }

    /** Which weeks the ledger has pages of their own for. */
    private List<Integer> weeksFromNow() {
        return JdbcClient.create(database.superuser())
                .sql("""
                        select (to_date(right(relname, 8), 'YYYYMMDD') - date_trunc('week', current_date)::date) / 7
                        from pg_class where relispartition and relkind = 'r' and relname ~ '^item_ledger_[0-9]{8}$'
                        order by 1
                        """)
                .query(Integer.class)
                .list();
    }

    /** With more lanes than the replica has hands, all of one portal that hangs. */
    @Test
    void aPortalThatHangsHasItsShareOfTheHandsAndNoMore() throws InterruptedException {
        int lanes = Replica.LANES_IN_FLIGHT + 16;
        CountDownLatch open = new CountDownLatch(1);
        AtomicInteger inHand = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Recorder recorder = new Recorder(10, item -> {
            if (!item.key().startsWith("hanging")) {
                return Outcome.DONE;
            }
            most.accumulateAndGet(inHand.incrementAndGet(), Math::max);
            try {
                open.await();
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            } finally {
                inHand.decrementAndGet();
            }
            return Outcome.DONE;
        });
        try (Replica replica = new Replica(database, recorder)) {
            List<RelayItem> hanging = IntStream.range(0, lanes)
                    .mapToObj(lane -> item(ACME, "test:" + lane, "hanging" + lane, 1))
                    .toList();
            replica.accept(hanging.subList(0, Replica.LANES_PER_PORTAL));
            await(Duration.ofSeconds(10), () -> inHand.get() == Replica.LANES_PER_PORTAL);
            // Who looked for lanes before these were counted has looked now; it could have found room for one more.
            Thread.sleep(500);
            replica.accept(hanging.subList(Replica.LANES_PER_PORTAL, lanes));

            for (int i = 0; i < 10; i++) {
                replica.accept(item(OTHER, "test:a", "a" + i, i), item(OTHER, "test:b", "b" + i, i));
            }
            await(Duration.ofSeconds(10), () -> recorder.total() == 20);
            assertThat(inHand).as("of the one that hangs").hasValue(Replica.LANES_PER_PORTAL);

            open.countDown();
            await(Duration.ofSeconds(20), () -> recorder.total() == lanes + 20);
            assertThat(most).hasValue(Replica.LANES_PER_PORTAL);
        }
    }

    /** The hammer: lanes run empty all the time while many write, which is where a wake-up could be lost. */
    @Test
    void noWakeUpIsLostBetweenNothingLeftAndReleased() throws InterruptedException {
        int writers = 16;
        int each = 150;
        int lanes = 8;
        Recorder one = new Recorder(3, item -> Outcome.DONE);
        Recorder two = new Recorder(3, item -> Outcome.DONE);
        try (Replica first = new Replica(database, one);
                Replica second = new Replica(database, two);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int w = 0; w < writers; w++) {
                int writer = w;
                threads.submit(() -> {
                    Replica replica = writer % 2 == 0 ? first : second;
                    for (int n = 0; n < each; n++) {
                        int lane = ThreadLocalRandom.current().nextInt(lanes);
                        replica.accept(item(ACME, "test:" + lane, writer + "-" + n, 0));
                        Thread.sleep(ThreadLocalRandom.current().nextInt(4));
                    }
                    return true;
                });
            }
            threads.shutdown();
            assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
            await(Duration.ofSeconds(20), () -> one.total() + two.total() >= writers * each);

            List<String> all = new ArrayList<>();
            one.arrived.values().forEach(all::addAll);
            two.arrived.values().forEach(all::addAll);
            assertThat(all).doesNotHaveDuplicates().hasSize(writers * each);
            await(Duration.ofSeconds(10), () -> first.count("done") == writers * each);
        }
    }

    @Test
    void aFailureHoldsItsLaneInOrderAndNoOther() {
        AtomicInteger failures = new AtomicInteger(3);
        Recorder recorder = new Recorder(
                10,
                item -> item.key().equals("a1") && failures.getAndDecrement() > 0
                        ? new Outcome.Retry("busy", null)
                        : Outcome.DONE);
        try (Replica replica = new Replica(database, recorder)) {
            replica.accept(item(ACME, "test:a", "a1", 1), item(ACME, "test:a", "a2", 2), item(ACME, "test:b", "b1", 1));
            await(Duration.ofSeconds(20), () -> recorder.total() == 3);

            assertThat(recorder.in(ACME, "test:a")).containsExactly("a1", "a2");
            assertThat(recorder.in(ACME, "test:b")).containsExactly("b1");
        }
    }

    @Test
    void whatIsRefusedOrDeadLetsTheRestFlow() {
        Recorder recorder = new Recorder(10, item -> switch (item.key()) {
            case "refused" -> new Outcome.Refused("no such user");
            case "dead" -> new Outcome.Dead("unreadable");
            default -> Outcome.DONE;
        });
        try (Replica replica = new Replica(database, recorder)) {
            replica.accept(
                    item(ACME, "test:1", "a", 1),
                    item(ACME, "test:1", "refused", 2),
                    item(ACME, "test:1", "dead", 3),
                    item(ACME, "test:1", "b", 4));
            await(Duration.ofSeconds(10), () -> recorder.total() == 2);
            await(Duration.ofSeconds(10), () -> replica.count("refused") == 1 && replica.count("dead") == 1);

            assertThat(recorder.in(ACME, "test:1")).containsExactly("a", "b");
        }
    }

    @Test
    void whatIsParkedLetsTheRestFlowAndComesLater() {
        AtomicInteger parked = new AtomicInteger(2);
        Recorder recorder = new Recorder(
                10,
                item -> item.key().equals("early") && parked.getAndDecrement() > 0
                        ? new Outcome.Park("unknown", Duration.ofMillis(200))
                        : Outcome.DONE);
        try (Replica replica = new Replica(database, recorder)) {
            replica.accept(item(ACME, "test:1", "early", 1), item(ACME, "test:1", "b", 2));
            await(Duration.ofSeconds(10), () -> recorder.total() == 2);

            assertThat(recorder.in(ACME, "test:1")).containsExactly("b", "early");
        }
    }

    @Test
    void aSuspendedLaneGoesOnWhenItIsWoken() {
        AtomicInteger broken = new AtomicInteger(1);
        AtomicInteger tries = new AtomicInteger();
        Recorder recorder = new Recorder(10, item -> {
            tries.incrementAndGet();
            return broken.get() > 0 ? new Outcome.Suspended("token dead") : Outcome.DONE;
        });
        try (Replica replica = new Replica(database, recorder)) {
            replica.accept(item(ACME, "test:1", "a", 1));
            await(Duration.ofSeconds(10), () -> tries.get() == 1 && replica.count("waiting") == 1);
            replica.accept(item(ACME, "test:1", "b", 2));
            broken.set(0);
            replica.wake(OTHER, "");
            assertThat(recorder.total()).isZero();
            replica.wake(ACME, "test:");
            await(Duration.ofSeconds(10), () -> recorder.total() == 2);

            assertThat(recorder.in(ACME, "test:1")).containsExactly("a", "b");
        }
    }

    @Test
    void afterItsTimeAnItemIsADeadLetterAndItsHandlerIsTold() {
        Recorder recorder =
                new Recorder(10, item -> item.key().equals("never") ? new Outcome.Retry("down", null) : Outcome.DONE);
        try (Replica replica = new Replica(database, Duration.ofMillis(700), recorder)) {
            replica.accept(item(ACME, "test:1", "never", 1), item(ACME, "test:1", "b", 2));
            await(Duration.ofSeconds(20), () -> recorder.total() == 1);

            assertThat(recorder.in(ACME, "test:1")).containsExactly("b");
            assertThat(recorder.gaveUp).containsExactly("never");
            await(Duration.ofSeconds(5), () -> replica.count("dead") == 1);
        }
    }

    @Test
    void anItemThatMeetsABugDoesNotStopItsLaneForEver() {
        Recorder recorder = new Recorder(1, item -> {
            if (item.key().equals("bug")) {
                throw new IllegalStateException("a bug");
            }
            return Outcome.DONE;
        });
        try (Replica replica = new Replica(database, recorder)) {
            replica.accept(item(ACME, "test:1", "bug", 1), item(ACME, "test:1", "b", 2));
            for (int i = 0; i < 200 && recorder.total() == 0; i++) {
                replica.wake(ACME, "");
                await(Duration.ofMillis(1_000), () -> true);
                try {
                    Thread.sleep(50);
                } catch (InterruptedException interrupted) {
                    throw new AssertionError(interrupted);
                }
            }
            assertThat(recorder.in(ACME, "test:1")).containsExactly("b");
            assertThat(replica.count("dead")).isEqualTo(1);
        }
    }

    @Test
    void whenAHandlerThrowsNobodyKnowsOfAnyItemOfItsBatch() {
        AtomicInteger bugs = new AtomicInteger(1);
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch open = new CountDownLatch(1);
        Recorder recorder = new Recorder(10, item -> {
            if (item.key().equals("first")) {
                try {
                    open.await();
                } catch (InterruptedException interrupted) {
                    throw new AssertionError(interrupted);
                }
            } else if (item.key().equals("c") && bugs.getAndDecrement() > 0) {
                throw new IllegalStateException("after a and b were sent");
            } else {
                seen.add(item.key() + (item.uncertain() ? "?" : ""));
            }
            return Outcome.DONE;
        });
        try (Replica replica = new Replica(database, recorder)) {
            replica.accept(item(ACME, "test:1", "first", 0));
            replica.accept(item(ACME, "test:1", "a", 1), item(ACME, "test:1", "b", 2), item(ACME, "test:1", "c", 3));
            open.countDown();
            await(Duration.ofSeconds(10), () -> seen.size() == 5);

            assertThat(seen).containsExactly("a", "b", "a?", "b?", "c?");
        }
    }

    @Test
    void aHandlersDatabaseThatIsAwayMakesNoDeadLetter() throws InterruptedException {
        AtomicInteger failures = new AtomicInteger(10);
        Recorder recorder = new Recorder(1, item -> {
            if (failures.getAndDecrement() > 0) {
                throw new DataAccessResourceFailureException("no connection");
            }
            return Outcome.DONE;
        });
        try (Replica replica = new Replica(database, recorder)) {
            replica.accept(item(ACME, "test:1", "a", 1));
            for (int i = 0; i < 200 && recorder.total() == 0; i++) {
                replica.wake(ACME, "");
                Thread.sleep(50);
            }
            assertThat(recorder.in(ACME, "test:1")).containsExactly("a");
            assertThat(replica.count("dead")).isZero();
        }
    }

    @Test
    void aKilledReplicasLanesAreTakenOverAndWhatItHeldIsUncertain() throws InterruptedException {
        CountDownLatch inHand = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Recorder dying = new Recorder(10, item -> {
            inHand.countDown();
            try {
                over.await();
            } catch (InterruptedException killed) {
                Thread.currentThread().interrupt();
            }
            return Outcome.DONE;
        });
        List<Boolean> uncertain = Collections.synchronizedList(new ArrayList<>());
        Recorder heir = new Recorder(10, item -> {
            uncertain.add(item.uncertain());
            return Outcome.DONE;
        });
        Replica victim = new Replica(database, dying);
        victim.accept(item(ACME, "test:1", "a", 1));
        assertThat(inHand.await(10, TimeUnit.SECONDS)).isTrue();
        victim.kill();
        try (Replica survivor = new Replica(database, heir)) {
            survivor.accept(item(ACME, "test:1", "b", 2));
            await(Replica.LEASE.multipliedBy(5), () -> heir.total() == 2);

            assertThat(heir.in(ACME, "test:1")).containsExactly("a", "b");
            assertThat(uncertain).containsExactly(true, false);
        }
        over.countDown();
        victim.close();
    }

    @Test
    void aClockThatIsSetAheadTakesNoLaneFromWhoIsAlive() throws InterruptedException {
        CountDownLatch inHand = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        Recorder slow = new Recorder(10, item -> {
            calls.incrementAndGet();
            inHand.countDown();
            try {
                answered.await();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
            return Outcome.DONE;
        });
        try (Replica one = new Replica(database, slow);
                Replica other = new Replica(database, slow)) {
            one.accept(item(ACME, "test:1", "a", 1));
            assertThat(inHand.await(10, TimeUnit.SECONDS)).isTrue();
            one.leasesEndSooner(Duration.ofHours(2));
            Thread.sleep(Replica.LEASE.multipliedBy(2));
            assertThat(calls)
                    .as("in the middle of the call nobody else makes it")
                    .hasValue(1);
            answered.countDown();

            await(Duration.ofSeconds(5), () -> one.count("done") == 1);
            assertThat(calls).hasValue(1);
            assertThat(other.count("waiting")).isZero();
        }
    }

    @Test
    void aClockThatIsSetBackLeavesNoLaneWithTheDead() throws InterruptedException {
        CountDownLatch inHand = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Replica victim = new Replica(database, new Recorder(10, item -> {
            inHand.countDown();
            try {
                over.await();
            } catch (InterruptedException killed) {
                Thread.currentThread().interrupt();
            }
            return Outcome.DONE;
        }));
        victim.accept(item(ACME, "test:1", "a", 1));
        assertThat(inHand.await(10, TimeUnit.SECONDS)).isTrue();
        Recorder heir = Recorder.takingAll();
        try (Replica survivor = new Replica(database, heir)) {
            victim.kill();
            survivor.leasesEndSooner(Duration.ofHours(-2));
            await(Replica.LEASE.multipliedBy(5), () -> survivor.count("done") == 1);
            assertThat(heir.in(ACME, "test:1")).containsExactly("a");
        }
        over.countDown();
        victim.close();
    }

    @Test
    void aReplicaThatOversleptItsLeaseSendsNothingAndWritesNothing() throws InterruptedException {
        CountDownLatch inHand = new CountDownLatch(1);
        CountDownLatch wakeUp = new CountDownLatch(1);
        List<String> sentBySleeper = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger lost = new AtomicInteger();
        LaneHandler sleeper = new LaneHandler() {
            @Override
            public String flow() {
                return "test";
            }

            @Override
            public int batchSize() {
                return 1;
            }

            @Override
            public List<Outcome> deliver(LaneBatch batch) {
                inHand.countDown();
                try {
                    wakeUp.await();
                    batch.checkpoint();
                } catch (LeaseLost lease) {
                    lost.incrementAndGet();
                    throw lease;
                } catch (InterruptedException interrupted) {
                    throw new AssertionError(interrupted);
                }
                sentBySleeper.add(batch.items().getFirst().key());
                return List.of(Outcome.DONE);
            }
        };
        Recorder heir = Recorder.takingAll();
        Replica frozen = new Replica(database, sleeper);
        frozen.accept(item(ACME, "test:1", "a", 1));
        assertThat(inHand.await(10, TimeUnit.SECONDS)).isTrue();
        // No renewal reaches the database any more, as if the process stood still.
        frozen.kill();
        try (Replica survivor = new Replica(database, heir)) {
            await(Replica.LEASE.multipliedBy(5), () -> heir.total() == 1);
            wakeUp.countDown();
            await(Duration.ofSeconds(5), () -> lost.get() == 1);

            assertThat(sentBySleeper).isEmpty();
            assertThat(heir.in(ACME, "test:1")).containsExactly("a");
        }
        frozen.close();
    }

    @Test
    void aReplicaThatFrozeInATransactionHoldsNobodyUp() throws InterruptedException {
        AtomicInteger tries = new AtomicInteger();
        Recorder suspended = new Recorder(10, item -> {
            tries.incrementAndGet();
            return new Outcome.Suspended("the lane's row stays");
        });
        CountDownLatch frozen = new CountDownLatch(1);
        CountDownLatch wakeUp = new CountDownLatch(1);
        List<RuntimeException> undone = Collections.synchronizedList(new ArrayList<>());
        try (Replica sleeper = new Replica(database, suspended);
                Replica living = new Replica(database, Recorder.takingAll())) {
            sleeper.accept(item(ACME, "test:1", "a", 1));
            await(Duration.ofSeconds(10), () -> tries.get() == 1 && sleeper.lanesAtRest() == 1);
            Thread thread = Thread.ofVirtual().start(() -> {
                try {
                    sleeper.freezeInTransaction(frozen, wakeUp);
                } catch (RuntimeException rolledBack) {
                    undone.add(rolledBack);
                }
            });
            assertThat(frozen.await(10, TimeUnit.SECONDS)).isTrue();

            long start = System.nanoTime();
            living.accept(item(ACME, "test:1", "b", 2));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Replica.LEASE.multipliedBy(2));

            wakeUp.countDown();
            thread.join();
            assertThat(undone).as("what it had begun is void").hasSize(1);
        }
    }

    @Test
    void whatTheDatabaseDoesNotTakeIsNotPromised() {
        Replica replica = new Replica(database, Recorder.takingAll());
        replica.close();
        assertThatThrownBy(() -> replica.accept(item(ACME, "test:1", "a", 1))).isInstanceOf(RelayUnavailable.class);
    }
}
