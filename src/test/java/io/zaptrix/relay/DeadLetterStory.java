package io.zaptrix.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.relay.DeadLetters.Filter;
import io.zaptrix.relay.DeadLetters.Letter;
import io.zaptrix.testing.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What was given up, and comes back when somebody wants it. */
class DeadLetterStory {

    private static final TenantId ACME = TenantId.ofMember("acme");
    private static final TenantId OTHER = TenantId.ofMember("other");
    private static final Instant WRITTEN = Instant.now();
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private TestDatabase.Database database;
    private DeadLetterStore letters;

    /** Binds the tenant as the application's transactions do. */
    private static final class TenantTransactions extends DataSourceTransactionManager {

        private static final long serialVersionUID = 1L;

        TenantTransactions(DataSource source) {
            super(source);
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {
            super.doBegin(transaction, definition);
            ConnectionHolder holder = (ConnectionHolder)
                    Objects.requireNonNull(TransactionSynchronizationManager.getResource(obtainDataSource()));
            TenantContext.current().ifPresent(tenant -> {
                try (var statement = holder.getConnection().createStatement()) {
                    statement.execute("select set_config('zaptrix.tenant', '" + tenant + "', true)");
                } catch (java.sql.SQLException failed) {
                    throw new IllegalStateException(failed);
                }
            });
        }
    }

    /** Carries what it is given, as told; a payload that begins with a digit names its customer. */
    private static final class Carrier implements LaneHandler {

        final Map<String, List<String>> arrived = new ConcurrentHashMap<>();
        final List<String> uncertain = Collections.synchronizedList(new ArrayList<>());
        final Function<LaneItem, Outcome> answer;

        Carrier(Function<LaneItem, Outcome> answer) {
            this.answer = answer;
        }

        @Override
        public String flow() {
            return "test";
        }

        @Override
        public int batchSize() {
            return 10;
        }

        @Override
        public List<Outcome> deliver(LaneBatch batch) {
            List<Outcome> outcomes = new ArrayList<>();
            for (LaneItem item : batch.items()) {
                if (item.uncertain()) {
                    uncertain.add(item.key());
                }
                Outcome outcome = answer.apply(item);
                outcomes.add(outcome);
                if (outcome instanceof Outcome.Done) {
                    arrived.computeIfAbsent(batch.lane(), lane -> Collections.synchronizedList(new ArrayList<>()))
                            .add(item.key());
                } else if (!(outcome instanceof Outcome.Dead)) {
                    break;
                }
            }
            return outcomes;
        }

        @Override
        public Optional<String> counterpart(String lane, byte[] payload) {
            if (payload.length == 0) {
                throw new IllegalArgumentException("nothing to read");
            }
            return Optional.of(new String(payload, UTF_8));
        }

        List<String> in(String lane) {
            return List.copyOf(arrived.getOrDefault(lane, List.of()));
        }

        int total() {
            return arrived.values().stream().mapToInt(List::size).sum();
        }
    }

    @BeforeEach
    void emptyDatabase() {
        database = TestDatabase.createWithSchema();
        letters = letters();
    }

    private DeadLetterStore letters() {
        DataSource source = database.dataSource();
        StaticListableBeanFactory beans = new StaticListableBeanFactory();
        beans.addBean("carrier", new Carrier(item -> Outcome.DONE));
        return new DeadLetterStore(
                JdbcClient.create(source),
                new TenantTransactions(source),
                beans.getBeanProvider(LaneHandler.class),
                JSON);
    }

    private static <T> T as(TenantId tenant, Supplier<T> work) {
        return TenantContext.call(tenant, work);
    }

    private static RelayItem item(TenantId tenant, String lane, String key, long position) {
        return new RelayItem(tenant, lane, key, position, WRITTEN, key.getBytes(UTF_8), "story");
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

    /** Letters whose order in their lanes is not that of their deaths, as the ledger knows them too. */
    private void dead(TenantId tenant, int lanes, int count, String reason) {
        JdbcClient.create(database.superuser())
                .sql("""
                        with new as (
                            insert into dead_letter (tenant_id, lane, position, seq, item_key, written_on, key_digest,
                                payload, attempts, reason, correlation_id, accepted_at)
                            select cast(:tenant as uuid), 'test:' || n % :lanes, :count - n, n, 'k' || n, current_date,
                                gen_random_uuid(), convert_to('"' || n || '"', 'UTF8'), 3, :reason, 'story', now()
                            from generate_series(1, :count) as n
                            returning *
                        )
                        insert into item_ledger (tenant_id, written_on, key_digest, lane, item_key, correlation_id, state,
                            finished_at)
                        select tenant_id, written_on, key_digest, lane, item_key, correlation_id, 'dead', now() from new
                        """)
                .param("tenant", tenant.value())
                .param("lanes", lanes)
                .param("count", count)
                .param("reason", reason)
                .update();
    }

    @Test
    void aLetterIsKeptForThirtyDaysAtMost() {
        TenantId tenant = new TenantId(UUID.randomUUID());
        dead(tenant, 1, 3, "gave_up: test");
        JdbcClient.create(database.superuser())
                .sql("""
                        update dead_letter set died_at = now() - case item_key when 'k1' then interval '30 days 1 minute'
                            when 'k2' then interval '29 days 23 hours' else interval '0' end
                        where tenant_id = :tenant
                        """)
                .param("tenant", tenant.value())
                .update();
        try (Replica replica = new Replica(database, new Carrier(item -> Outcome.DONE))) {
            replica.prune();
        }
        assertThat(JdbcClient.create(database.superuser())
                        .sql("select item_key from dead_letter where tenant_id = :tenant order by 1")
                        .param("tenant", tenant.value())
                        .query(String.class)
                        .list())
                .containsExactly("k2", "k3");
    }

    @Test
    void aLetterTakesItsOldPlaceBeforeWhatWaits() {
        CountDownLatch inHand = new CountDownLatch(1);
        CountDownLatch open = new CountDownLatch(1);
        List<String> died = Collections.synchronizedList(new ArrayList<>());
        Carrier carrier = new Carrier(item -> {
            if (item.key().equals("x")) {
                inHand.countDown();
                try {
                    open.await();
                } catch (InterruptedException interrupted) {
                    throw new AssertionError(interrupted);
                }
            }
            if (item.key().startsWith("letter") && !died.contains(item.key())) {
                died.add(item.key());
                return new Outcome.Dead("refused");
            }
            return Outcome.DONE;
        });
        try (Replica replica = new Replica(database, carrier)) {
            replica.accept(
                    item(ACME, "test:1", "a", 1),
                    item(ACME, "test:1", "letter2", 2),
                    item(ACME, "test:1", "letter3", 3));
            await(Duration.ofSeconds(10), () -> replica.count("dead") == 2);
            replica.accept(item(ACME, "test:1", "x", 10));
            await(Duration.ofSeconds(10), () -> inHand.getCount() == 0);
            replica.accept(item(ACME, "test:1", "y", 11));

            List<Long> ids = as(ACME, () -> letters.list(Filter.ALL, null, 10)).letters().stream()
                    .map(Letter::id)
                    .toList();
            assertThat(as(ACME, () -> letters.replay(ids))).isEqualTo(2);
            assertThat(replica.count("dead")).isZero();
            open.countDown();
            await(Duration.ofSeconds(10), () -> carrier.total() == 5);

            assertThat(carrier.in("test:1")).containsExactly("a", "x", "letter2", "letter3", "y");
            await(Duration.ofSeconds(5), () -> replica.count("done") == 5);
        }
    }

    @Test
    void aLaneThatWaitsForTheOtherSideIsTriedAtOnce() {
        Map<String, Integer> tries = new ConcurrentHashMap<>();
        Carrier carrier = new Carrier(item -> {
            int tried = tries.merge(item.key(), 1, Integer::sum);
            if (item.key().equals("letter") && tried == 1) {
                return new Outcome.Dead("refused");
            }
            return item.key().equals("held") && tried == 1 ? new Outcome.Suspended("broken") : Outcome.DONE;
        });
        try (Replica replica = new Replica(database, carrier)) {
            replica.accept(item(ACME, "test:1", "letter", 1), item(ACME, "test:1", "held", 2));
            await(Duration.ofSeconds(10), () -> replica.count("dead") == 1 && tries.containsKey("held"));
            await(Duration.ofSeconds(10), () -> sleeping() == 1);

            assertThat(as(ACME, () -> letters.replayAll(Filter.ALL, letters.newest())))
                    .isEqualTo(1);

            await(Duration.ofSeconds(10), () -> carrier.total() == 2);
            assertThat(carrier.in("test:1")).containsExactly("letter", "held");
        }
    }

    private long sleeping() {
        return JdbcClient.create(database.superuser())
                .sql("select count(*) from lane where sleeping")
                .query(Long.class)
                .single();
    }

    @Test
    void howeverManyAskEachIsReplayedOnceAndInOrder() throws InterruptedException, ExecutionException {
        dead(ACME, 3, 4_500, "gave_up: down");
        long upTo = as(ACME, letters::newest);
        Carrier carrier = new Carrier(item -> Outcome.DONE);
        try (Replica replica = new Replica(database, carrier);
                ExecutorService people = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> asked = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                DeadLetterStore ofAReplica = letters();
                asked.add(people.submit(() -> as(ACME, () -> ofAReplica.replayAll(Filter.ALL, upTo))));
            }
            long replayed = 0;
            for (Future<Long> one : asked) {
                replayed += one.get();
            }
            await(Duration.ofSeconds(60), () -> replica.count("done") == 4_500);

            assertThat(replayed).isEqualTo(4_500);
            for (int lane = 0; lane < 3; lane++) {
                int rest = lane;
                // The last to die was the first to be written.
                assertThat(carrier.in("test:" + lane))
                        .containsExactlyElementsOf(IntStream.iterate(4_500, n -> n > 0, n -> n - 1)
                                .filter(n -> n % 3 == rest)
                                .mapToObj(n -> "k" + n)
                                .toList());
            }
        }
    }

    @Test
    void whatDiesAgainIsAnotherLetter() {
        Carrier carrier = new Carrier(item -> new Outcome.Dead("refused"));
        try (Replica replica = new Replica(database, carrier)) {
            replica.accept(item(ACME, "test:1", "a", 1));
            await(Duration.ofSeconds(10), () -> replica.count("dead") == 1);
            long first = as(ACME, letters::newest);

            assertThat(as(ACME, () -> letters.replay(List.of(first)))).isEqualTo(1);
            await(Duration.ofSeconds(10), () -> as(ACME, letters::newest) > first);

            assertThat(as(ACME, () -> letters.replay(List.of(first)))).isZero();
            assertThat(as(ACME, () -> letters.replayAll(Filter.ALL, first))).isZero();
            assertThat(replica.count("dead")).isEqualTo(1);
        }
    }

    @Test
    void whatMayHaveArrivedComesBackAsUncertain() {
        List<String> died = Collections.synchronizedList(new ArrayList<>());
        Carrier carrier = new Carrier(item -> switch (item.key()) {
            case "lost" -> died.contains("lost") ? Outcome.DONE : new Outcome.Uncertain("no answer", null);
            case "refused" -> died.contains("refused") ? Outcome.DONE : new Outcome.Retry("down", null);
            default -> Outcome.DONE;
        });
        try (Replica replica = new Replica(database, Duration.ofMillis(500), carrier)) {
            replica.accept(item(ACME, "test:1", "lost", 1), item(ACME, "test:2", "refused", 1));
            await(Duration.ofSeconds(20), () -> replica.count("dead") == 2);
            died.addAll(List.of("lost", "refused"));
            carrier.uncertain.clear();
            assertThat(as(ACME, () -> letters.list(Filter.ALL, null, 10)).letters())
                    .extracting(Letter::key, Letter::uncertain, Letter::reason)
                    .containsExactlyInAnyOrder(
                            org.assertj.core.groups.Tuple.tuple("lost", true, "gave_up: no answer"),
                            org.assertj.core.groups.Tuple.tuple("refused", false, "gave_up: down"));

            as(ACME, () -> letters.replayAll(Filter.ALL, letters.newest()));
            await(Duration.ofSeconds(10), () -> carrier.total() == 2);

            assertThat(carrier.uncertain).containsExactly("lost");
        }
    }

    @Test
    void aDroppedLetterIsGoneAndItsRepetitionStillKnown() {
        Carrier carrier = new Carrier(item -> new Outcome.Dead("refused"));
        try (Replica replica = new Replica(database, carrier)) {
            replica.accept(item(ACME, "test:1", "a", 1), item(ACME, "test:1", "b", 2), item(ACME, "test:1", "c", 3));
            await(Duration.ofSeconds(10), () -> replica.count("dead") == 3);
            long newest = as(ACME, letters::newest);

            assertThat(as(ACME, () -> letters.drop(List.of(newest)))).isEqualTo(1);
            assertThat(as(ACME, () -> letters.drop(List.of(newest)))).isZero();
            assertThat(as(ACME, () -> letters.replay(List.of(newest)))).isZero();
            assertThat(as(ACME, () -> letters.dropAll(new Filter("test", "refu", null, null), newest)))
                    .isEqualTo(2);

            assertThat(replica.count("dropped")).isEqualTo(3);
            replica.accept(item(ACME, "test:1", "a", 1));
            assertThat(replica.count("waiting")).isZero();
        }
    }

    @Test
    void anotherPortalsLettersAreNotThere() throws IOException {
        dead(ACME, 1, 3, "refused");
        long theirs = as(ACME, letters::newest);
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        TenantContext.run(OTHER, () -> {
            assertThat(letters.list(Filter.ALL, null, 10).letters()).isEmpty();
            assertThat(letters.count(Filter.ALL, 10)).isZero();
            assertThat(letters.newest()).isZero();
            assertThat(letters.find(theirs)).isEmpty();
            assertThat(letters.open(theirs)).isEmpty();
            assertThat(letters.replay(List.of(theirs))).isZero();
            assertThat(letters.replayAll(Filter.ALL, theirs)).isZero();
            assertThat(letters.drop(List.of(theirs))).isZero();
            assertThat(letters.dropAll(Filter.ALL, theirs)).isZero();
            try {
                assertThat(letters.export(Filter.ALL, out)).isZero();
            } catch (IOException failed) {
                throw new AssertionError(failed);
            }
        });

        assertThat(out.size()).isZero();
        assertThat(as(ACME, () -> letters.count(Filter.ALL, 10))).isEqualTo(3);
        assertThatIllegalStateException().isThrownBy(() -> letters.list(Filter.ALL, null, 10));
    }

    @Test
    void manyAreLookedAtPageByPage() {
        dead(ACME, 2, 25, "gave_up: down");
        dead(ACME, 2, 1, "refused");
        List<Long> seen = new ArrayList<>();
        Long before = null;
        int pages = 0;
        do {
            Long from = before;
            DeadLetters.Page page = as(ACME, () -> letters.list(new Filter("test", "gave_up", null, null), from, 10));
            page.letters().forEach(letter -> seen.add(letter.id()));
            before = page.before();
            pages++;
        } while (before != null);

        assertThat(pages).isEqualTo(3);
        assertThat(seen).hasSize(25).doesNotHaveDuplicates().isSortedAccordingTo(Collections.reverseOrder());
        Letter refused = as(ACME, () -> letters.list(new Filter(null, "refused", null, null), null, 10))
                .letters()
                .getFirst();
        assertThat(refused.counterpart()).isEqualTo("\"1\"");
        Instant now = Instant.now().plusSeconds(60);
        assertThat(as(ACME, () -> letters.count(new Filter(null, null, null, now), 100)))
                .isEqualTo(26);
        assertThat(as(ACME, () -> letters.count(new Filter(null, null, now, null), 100)))
                .isZero();
        assertThat(as(ACME, () -> letters.count(Filter.ofFlow("tes"), 100))).isZero();
        assertThat(as(ACME, () -> letters.count(Filter.ALL, 7))).isEqualTo(7);
    }

    @Test
    void manyAreExportedALineEach() throws IOException {
        dead(ACME, 3, 1_050, "refused");
        JdbcClient.create(database.superuser())
                .sql("update dead_letter set payload = '\\xff00' where item_key = 'k7'")
                .update();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long written = as(ACME, () -> {
            try {
                return letters.export(Filter.ALL, out);
            } catch (IOException failed) {
                throw new AssertionError(failed);
            }
        });

        List<JsonNode> lines = out.toString(UTF_8).lines().map(JSON::readTree).toList();
        assertThat(written).isEqualTo(1_050);
        assertThat(lines.stream().map(line -> line.path("key").asString()))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 1_050).mapToObj(n -> "k" + n).toList());
        assertThat(lines.get(0).path("payload").asString()).isEqualTo("1");
        assertThat(lines.get(6).path("payload_base64").asString()).isEqualTo("/wA=");
        assertThat(lines.get(6).has("payload")).isFalse();
        assertThat(Instant.parse(lines.get(0).path("died_at").asString())).isBefore(Instant.now());
    }

    @Test
    void aSweepDoesNotHoldItsLocksInSomebodysTransaction() {
        TransactionTemplate transaction = new TransactionTemplate(new TenantTransactions(database.dataSource()));
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        as(ACME, () -> transaction.execute(status -> letters.replayAll(Filter.ALL, letters.newest()))));
    }
}
