package io.zaptrix.relay;

import io.zaptrix.platform.TenantContext;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The letters' SQL, on the pages' connections: they see the bound tenant's rows only, and people who look at letters
 * take no connection from those who carry messages.
 */
@Component
class DeadLetterStore implements DeadLetters {

    private static final Logger log = LoggerFactory.getLogger(DeadLetterStore.class);

    private static final int EXPORTED_AT_ONCE = 100;

    private static final String LETTER =
            "id, lane, item_key, attempts, reason, uncertain, correlation_id, accepted_at," + " died_at, payload";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final ObjectProvider<LaneHandler> handlers;
    private final JsonMapper json;

    DeadLetterStore(
            JdbcClient jdbc,
            PlatformTransactionManager transactions,
            ObjectProvider<LaneHandler> handlers,
            JsonMapper json) {
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactions);
        this.handlers = handlers;
        this.json = json;
    }

    /** Where a sweep has come to. */
    private record Place(String lane, long position, long seq) {}

    private record Step(int letters, @Nullable Place last) {}

    /** A condition on letters of the bound tenant, and its values. */
    private static final class Which {

        final StringBuilder sql = new StringBuilder("tenant_id = :tenant");
        final Map<String, Object> values = new HashMap<>();

        Which() {
            values.put("tenant", TenantContext.require().value());
        }

        static Which matching(Filter filter) {
            Which which = new Which();
            if (filter.flow() != null) {
                which.and("starts_with(lane, :flow)", "flow", filter.flow() + ":");
            }
            if (filter.reasonPrefix() != null) {
                which.and("starts_with(reason, :reason)", "reason", filter.reasonPrefix());
            }
            if (filter.from() != null) {
                which.and("died_at >= :from", "from", filter.from().atOffset(ZoneOffset.UTC));
            }
            if (filter.until() != null) {
                which.and("died_at < :until", "until", filter.until().atOffset(ZoneOffset.UTC));
            }
            return which;
        }

        static Which of(Collection<Long> ids) {
            return new Which().and("id in (:ids)", "ids", ids);
        }

        Which and(String condition, String name, Object value) {
            sql.append(" and ").append(condition);
            values.put(name, value);
            return this;
        }

        Which after(@Nullable Place place) {
            if (place != null) {
                and("(lane, position, seq) > (:lane, :position, :seq)", "lane", place.lane());
                values.put("position", place.position());
                values.put("seq", place.seq());
            }
            return this;
        }
    }

    @Override
    public Page list(Filter filter, @Nullable Long before, int limit) {
        Which which = Which.matching(filter);
        if (before != null) {
            which.and("id < :before", "before", before);
        }
        List<Opened> found = read(which, "id desc", limit + 1);
        List<Letter> letters = found.stream().limit(limit).map(Opened::letter).toList();
        return new Page(letters, found.size() > limit ? letters.getLast().id() : null);
    }

    private List<Opened> read(Which which, String order, int limit) {
        Map<String, LaneHandler> byFlow = new HashMap<>();
        handlers.forEach(handler -> byFlow.put(handler.flow(), handler));
        List<Opened> read = transaction.execute(status -> jdbc.sql("select " + LETTER + " from dead_letter where "
                        + which.sql + " order by " + order + " limit " + limit)
                .params(which.values)
                .query((row, n) -> opened(row, byFlow))
                .list());
        return read == null ? List.of() : read;
    }

    private static Opened opened(ResultSet row, Map<String, LaneHandler> byFlow) throws SQLException {
        String lane = row.getString("lane");
        byte[] payload = row.getBytes("payload");
        return new Opened(
                new Letter(
                        row.getLong("id"),
                        lane,
                        row.getString("item_key"),
                        counterpart(byFlow.get(RelayItem.flowOf(lane)), lane, payload),
                        row.getInt("attempts"),
                        row.getString("reason"),
                        row.getBoolean("uncertain"),
                        row.getString("correlation_id"),
                        instant(row, "accepted_at"),
                        instant(row, "died_at")),
                payload);
    }

    private static @Nullable String counterpart(@Nullable LaneHandler handler, String lane, byte[] payload) {
        try {
            return handler == null ? null : handler.counterpart(lane, payload).orElse(null);
        } catch (RuntimeException unreadable) {
            // That may be what it died of.
            return null;
        }
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    @Override
    public int count(Filter filter, int atMost) {
        Which which = Which.matching(filter);
        Integer count = transaction.execute(status -> jdbc.sql("select count(*) from (select from dead_letter where "
                        + which.sql + " limit " + atMost + ") as counted")
                .params(which.values)
                .query(Integer.class)
                .single());
        return count == null ? 0 : count;
    }

    @Override
    public long newest() {
        Which all = new Which();
        Long newest =
                transaction.execute(status -> jdbc.sql("select coalesce(max(id), 0) from dead_letter where " + all.sql)
                        .params(all.values)
                        .query(Long.class)
                        .single());
        return newest == null ? 0 : newest;
    }

    @Override
    public Optional<Letter> find(long id) {
        return open(id).map(Opened::letter);
    }

    @Override
    public Optional<Letter> of(String lane, String key) {
        Which which = new Which().and("lane = :lane", "lane", lane).and("item_key = :key", "key", key);
        return read(which, "id desc", 1).stream().findFirst().map(Opened::letter);
    }

    @Override
    public Optional<Opened> open(long id) {
        return read(Which.of(List.of(id)), "id", 1).stream().findFirst();
    }

    @Override
    public long export(Filter filter, OutputStream out) throws IOException {
        long upTo = newest();
        long written = 0;
        long after = 0;
        while (true) {
            Which which =
                    Which.matching(filter).and("id > :after", "after", after).and("id <= :upTo", "upTo", upTo);
            List<Opened> some = read(which, "id", EXPORTED_AT_ONCE);
            for (Opened one : some) {
                out.write(json.writeValueAsBytes(line(one)));
                out.write('\n');
            }
            written += some.size();
            if (some.size() < EXPORTED_AT_ONCE) {
                out.flush();
                return written;
            }
            after = some.getLast().letter().id();
        }
    }

    private Map<String, Object> line(Opened one) {
        Letter letter = one.letter();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("id", letter.id());
        line.put("flow", letter.flow());
        line.put("lane", letter.lane());
        line.put("key", letter.key());
        line.put("reason", letter.reason());
        line.put("attempts", letter.attempts());
        line.put("uncertain", letter.uncertain());
        line.put("correlation_id", letter.correlationId());
        line.put("accepted_at", letter.acceptedAt().toString());
        line.put("died_at", letter.diedAt().toString());
        try {
            line.put("payload", json.readTree(one.payload()));
        } catch (JacksonException noJson) {
            line.put("payload_base64", Base64.getEncoder().encodeToString(one.payload()));
        }
        return line;
    }

    @Override
    public int replay(Collection<Long> ids) {
        return some(ids, this::replayStep);
    }

    @Override
    public long replayAll(Filter filter, long upTo) {
        return sweep("replayed", filter, upTo, this::replayStep);
    }

    @Override
    public int drop(Collection<Long> ids) {
        return some(ids, this::dropStep);
    }

    @Override
    public long dropAll(Filter filter, long upTo) {
        return sweep("dropped", filter, upTo, this::dropStep);
    }

    private interface Stepper {

        Step step(Which which);
    }

    private int some(Collection<Long> ids, Stepper stepper) {
        if (ids.size() > AT_ONCE) {
            throw new IllegalArgumentException("at most " + AT_ONCE + " letters at once, not " + ids.size());
        }
        return ids.isEmpty() ? 0 : stepper.step(Which.of(ids)).letters();
    }

    private long sweep(String done, Filter filter, long upTo, Stepper stepper) {
        if (TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException(
                    "a sweep over dead letters would hold its locks until the transaction ends");
        }
        long letters = 0;
        Place place = null;
        while (true) {
            Step step = stepper.step(
                    Which.matching(filter).and("id <= :upTo", "upTo", upTo).after(place));
            letters += step.letters();
            place = step.last();
            if (place == null) {
                log.info("{} dead letters {}", letters, done);
                return letters;
            }
        }
    }

    /**
     * One transaction. As acceptance does, it inserts items first and touches their lanes after, in the order of the
     * lanes' names; {@link LaneStore} says why no wake-up is lost then. Unlike acceptance it also wakes lanes that wait
     * for the other side to recover: a person asked.
     */
    private Step replayStep(Which which) {
        return step(which, """
                , noted as (
                    update item_ledger set state = 'waiting', reason = null, finished_at = null
                    from taken
                    where item_ledger.tenant_id = taken.tenant_id and item_ledger.written_on = taken.written_on
                        and item_ledger.key_digest = taken.key_digest
                ), queued as (
                    insert into lane_item (tenant_id, lane, position, seq, item_key, written_on, key_digest, payload,
                        uncertain, reason, correlation_id, accepted_at)
                    overriding system value
                    select tenant_id, lane, position, seq, item_key, written_on, key_digest, payload,
                        uncertain, nullif(reason, ''), correlation_id, accepted_at
                    from taken
                    returning tenant_id, lane
                ), touched as (
                    insert into lane as known (tenant_id, lane, flow)
                    select distinct tenant_id, lane, split_part(lane, ':', 1) from queued
                    order by tenant_id, lane
                    on conflict (tenant_id, lane) do update
                        set sleeping = false, due_at = now(), backing_off = false where known.sleeping
                )
                """, true);
    }

    private Step dropStep(Which which) {
        return step(which, """
                , noted as (
                    update item_ledger set state = 'dropped', finished_at = now()
                    from taken
                    where item_ledger.tenant_id = taken.tenant_id and item_ledger.written_on = taken.written_on
                        and item_ledger.key_digest = taken.key_digest
                )
                """, false);
    }

    /** @param rest what is done with the rows of {@code taken} */
    private Step step(Which which, String rest, boolean wakes) {
        Step step = transaction.execute(status -> {
            // One step at a time in a tenant, on all replicas: of two that replay a lane, the one with its later
            // letters must not be first.
            jdbc.sql("select pg_advisory_xact_lock(hashtext('zaptrix.letters'), hashtext(:tenant))")
                    .param("tenant", TenantContext.require().toString())
                    .query((row, n) -> true)
                    .list();
            Partitions.withoutChoice(jdbc);
            Step taken = jdbc.sql("""
                            with chosen as materialized (
                                select tenant_id, id, lane, position, seq from dead_letter where %s
                                order by lane, position, seq limit %d
                                -- Whoever prunes or erases it may have it.
                                for update skip locked
                            ), taken as (
                                delete from dead_letter using chosen
                                where dead_letter.tenant_id = chosen.tenant_id and dead_letter.id = chosen.id
                                returning dead_letter.*
                            )%s
                            select lane, position, seq, count(*) over () as letters from chosen
                            order by lane desc, position desc, seq desc limit 1
                            """.formatted(which.sql, AT_ONCE, rest))
                    .params(which.values)
                    .query((row, n) -> new Step(
                            row.getInt("letters"),
                            new Place(row.getString("lane"), row.getLong("position"), row.getLong("seq"))))
                    .optional()
                    .orElse(new Step(0, null));
            if (wakes && taken.letters() > 0) {
                // Heard by every replica, this one too, once the transaction is over.
                jdbc.sql("notify zaptrix_lane").update();
            }
            return taken;
        });
        return step == null ? new Step(0, null) : step;
    }
}
