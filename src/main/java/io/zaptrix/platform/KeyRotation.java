package io.zaptrix.platform;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Seals anew what is stored, with the key that is to seal, while everything goes on. What is sealed is found by its
 * first bytes, which name the key, in every {@code bytea} column of the tables that hold it: a new one needs no mention
 * here as long as its purpose is {@code table.column}.
 *
 * <p>Portal by portal, a few values in a transaction. A value is replaced only if it still is what was read, so that
 * nobody's change is undone; where it stopped does not matter, as what is done is not found again. One replica works at
 * a time, by a lease. It ends with a pass that finds nothing and began when all replicas had sealed with the new key
 * for longer than any transaction lasts; so nothing sealed with an old key can still come.
 */
@Component
public class KeyRotation {

    private static final Logger log = LoggerFactory.getLogger(KeyRotation.class);

    private static final int BATCH = 20;
    private static final int PORTALS = 500;
    private static final Duration LEASE = Duration.ofSeconds(60);

    /**
     * How far it is.
     *
     * @param total how many values there were to do; -1: not counted yet
     * @param failed how many did not open, so that they were left as they are
     * @param finishedAt null: under way
     */
    public record Progress(
            long toKey,
            Instant askedAt,
            long total,
            long done,
            long failed,
            @Nullable Instant finishedAt) {}

    /** A column that may hold sealed values; {@code keys} are the primary key's columns beside the tenant's. */
    private record Sealed(String table, String column, boolean tenants, List<String> keys, List<String> types) {

        String purpose() {
            return table + "." + column;
        }
    }

    private record Found(byte[] value, List<String> key) {}

    private final JdbcClient jdbc;
    private final KeyRing ring;
    private final Replicas replicas;
    private final DirectoryScope directory;
    private final OperatorScope operator;
    private final TransactionTemplate transaction;
    private final Duration grace;

    /** @param grace longer than a transaction of the application lasts */
    public KeyRotation(
            JdbcClient jdbc,
            KeyRing ring,
            Replicas replicas,
            DirectoryScope directory,
            OperatorScope operator,
            PlatformTransactionManager transactions,
            @Value("${zaptrix.key-rotation.grace:90s}") Duration grace) {
        this.jdbc = jdbc;
        this.ring = ring;
        this.replicas = replicas;
        this.directory = directory;
        this.operator = operator;
        this.transaction = new TransactionTemplate(transactions);
        this.grace = grace;
    }

    /** The rotation that is under way, or was the last. */
    public Optional<Progress> progress() {
        return jdbc.sql("select * from key_rotation")
                .query((row, n) -> new Progress(
                        row.getLong("to_key"),
                        Objects.requireNonNull(at(row, "asked_at")),
                        row.getLong("total"),
                        row.getLong("done"),
                        row.getLong("failed"),
                        at(row, "finished_at")))
                .optional();
    }

    /** Wants everything sealed with the keyset's primary key. Returns at once; nothing happens if it is under way. */
    public void begin() {
        jdbc.sql("""
                        insert into key_rotation as known (to_key) values (:key)
                        on conflict (id) do update set to_key = excluded.to_key, asked_at = now(), total = -1, done = 0,
                            failed = 0, finished_at = null, worker = null, lease_until = null
                            where known.to_key <> excluded.to_key or known.finished_at is not null
                        """).param("key", ring.primary()).update();
    }

    /**
     * Whether nothing that is stored needs a key other than the one that seals: a rotation to that has ended, and what
     * is there now confirms it. Looks at everything.
     */
    public boolean isClean() {
        return progress()
                        .filter(last -> last.toKey() == ring.primary() && last.finishedAt() != null)
                        .isPresent()
                && replicas.alive().stream().allMatch(replica -> replica.sealing() == ring.primary())
                && count() == 0;
    }

    @Scheduled(initialDelayString = "PT5S", fixedDelayString = "PT2S")
    void work() {
        try {
            // Before that, sealing anew would only use the old key again.
            if (ring.sealing() == ring.primary() && claimed()) {
                pass();
            }
        } catch (DataAccessException | TransactionException away) {
            log.warn("the rotation of keys pauses: {}", away.getMessage());
        }
    }

    private boolean claimed() {
        return jdbc.sql("""
                        update key_rotation set worker = :self, lease_until = now() + make_interval(secs => :lease)
                        where finished_at is null and to_key = :key
                            and (worker is null or worker = :self or lease_until < now())
                        """)
                        .param("self", replicas.self())
                        .param("lease", LEASE.toSeconds())
                        .param("key", ring.primary())
                        .update()
                == 1;
    }

    private void pass() {
        boolean last = everybodySealsWithIt();
        if (progress().filter(now -> now.total() >= 0).isEmpty()) {
            jdbc.sql("update key_rotation set total = :total where worker = :self")
                    .param("total", count())
                    .param("self", replicas.self())
                    .update();
        }
        long[] found = {0, 0};
        each((place, tenant) -> {
            long[] here = sealAnew(place, tenant);
            found[0] += here[0];
            found[1] += here[1];
            if (here[0] > 0) {
                advance(here[0]);
            }
        });
        jdbc.sql("""
                        update key_rotation set failed = :failed, lease_until = now() + make_interval(secs => :lease),
                            finished_at = case when :over then now() end
                        where worker = :self and finished_at is null
                        """)
                .param("failed", found[1])
                .param("lease", LEASE.toSeconds())
                .param("over", last && found[0] == 0)
                .param("self", replicas.self())
                .update();
        if (last && found[0] == 0) {
            log.info("everything is sealed with the key {}; {} values did not open", ring.primary(), found[1]);
        }
    }

    /** By the database's clock; then nobody's transaction can bring something that was sealed with another key. */
    private boolean everybodySealsWithIt() {
        return Boolean.TRUE.equals(jdbc.sql("""
                        select coalesce(bool_and(primary_key = :key
                            and primary_since < now() - make_interval(secs => :grace)), false)
                        from replica where seen_at > now() - make_interval(secs => :silence)
                        """)
                .param("key", ring.primary())
                .param("grace", grace.toMillis() / 1_000.0)
                .param("silence", Replicas.SILENCE.toSeconds())
                .query(Boolean.class)
                .single());
    }

    private void advance(long done) {
        jdbc.sql("""
                        update key_rotation set done = done + :done, total = greatest(total, done + :done),
                            lease_until = now() + make_interval(secs => :lease)
                        where worker = :self
                        """)
                .param("done", done)
                .param("lease", LEASE.toSeconds())
                .param("self", replicas.self())
                .update();
    }

    /** How many values are sealed with a key that is not to seal. */
    private long count() {
        long[] count = {0};
        each((place, tenant) -> count[0] += within(
                tenant,
                () -> jdbc.sql("select count(*) from " + place.table() + " where " + oldIn(place))
                        .params(parameters(place, tenant, List.of()))
                        .query(Long.class)
                        .single()));
        return count[0];
    }

    private interface Visit {
        void at(Sealed column, @Nullable TenantId tenant);
    }

    /** Every column that may hold something, for every portal whose it may be. */
    private void each(Visit visit) {
        if (ring.otherPrefixes().isEmpty()) {
            return;
        }
        List<Sealed> columns = columns();
        columns.stream().filter(column -> !column.tenants()).forEach(column -> visit.at(column, null));
        List<Sealed> ofTenants = columns.stream().filter(Sealed::tenants).toList();
        UUID after = new UUID(0, 0);
        while (true) {
            UUID from = after;
            List<UUID> portals = directory.call(() -> jdbc.sql(
                            "select tenant_id from portal_config where tenant_id > :after order by 1 limit :limit")
                    .param("after", from)
                    .param("limit", PORTALS)
                    .query(UUID.class)
                    .list());
            for (UUID portal : portals) {
                ofTenants.forEach(column -> visit.at(column, new TenantId(portal)));
            }
            if (portals.size() < PORTALS) {
                return;
            }
            after = portals.getLast();
        }
    }

    /** From the catalog, so that none can be forgotten here. What lanes carry is content, not a secret. */
    private List<Sealed> columns() {
        return jdbc
                .sql("""
                        select c.relname as table_name, a.attname as column_name, exists (
                                select from pg_attribute t
                                where t.attrelid = c.oid and t.attname = 'tenant_id' and not t.attisdropped) as tenants,
                            array(select quote_ident(k.attname) from pg_attribute k
                                where k.attrelid = c.oid and k.attnum = any (i.indkey::int2[]) and k.attname <> 'tenant_id'
                                order by k.attnum) as keys,
                            array(select format_type(k.atttypid, k.atttypmod) from pg_attribute k
                                where k.attrelid = c.oid and k.attnum = any (i.indkey::int2[]) and k.attname <> 'tenant_id'
                                order by k.attnum) as types
                        from pg_class c
                            join pg_attribute a on a.attrelid = c.oid and a.atttypid = 'bytea'::regtype
                                and a.attnum > 0 and not a.attisdropped
                            join pg_index i on i.indrelid = c.oid and i.indisprimary
                        where c.relkind in ('r', 'p') and not c.relispartition
                            and c.relnamespace = current_schema()::regnamespace and a.attname <> 'payload'
                            and a.attnum <> all (i.indkey::int2[])
                        order by 1, 2
                        """)
                .query((row, n) -> new Sealed(
                        row.getString("table_name"),
                        row.getString("column_name"),
                        row.getBoolean("tenants"),
                        List.of((String[]) row.getArray("keys").getArray()),
                        List.of((String[]) row.getArray("types").getArray())))
                .list()
                .stream()
                .filter(column -> column.tenants() || column.table().startsWith("operator_"))
                .toList();
    }

    /** @return how many were sealed anew, and how many did not open */
    private long[] sealAnew(Sealed place, @Nullable TenantId tenant) {
        long done = 0;
        long failed = 0;
        List<String> after = List.of();
        while (true) {
            List<String> from = after;
            List<Found> batch = within(tenant, () -> find(place, tenant, from));
            for (Found found : batch) {
                byte[] fresh = anew(place, tenant, found.value());
                if (fresh == null) {
                    failed++;
                } else {
                    done += within(tenant, () -> replace(place, tenant, found, fresh));
                }
            }
            // One row a tenant has no key beside it, and nothing after it.
            if (batch.size() < BATCH || place.keys().isEmpty()) {
                return new long[] {done, failed};
            }
            after = batch.getLast().key();
        }
    }

    private List<Found> find(Sealed place, @Nullable TenantId tenant, List<String> after) {
        List<String> keys = place.keys();
        String named = IntStream.range(0, keys.size())
                .mapToObj(i -> ", " + keys.get(i) + "::text as k" + i)
                .collect(Collectors.joining());
        String later = after.isEmpty() ? "" : " and (" + String.join(", ", keys) + ") > (" + casts(place) + ")";
        String ordered = keys.isEmpty() ? "" : " order by " + String.join(", ", keys);
        return jdbc.sql("select " + place.column() + named + " from " + place.table() + " where " + oldIn(place) + later
                        + ordered + " limit " + BATCH)
                .params(parameters(place, tenant, after))
                .query((row, n) -> {
                    List<String> key = new ArrayList<>();
                    for (int i = 0; i < keys.size(); i++) {
                        key.add(row.getString(i + 2));
                    }
                    return new Found(row.getBytes(1), key);
                })
                .list();
    }

    private byte @Nullable [] anew(Sealed place, @Nullable TenantId tenant, byte[] value) {
        TenantId owner = tenant == null ? TenantId.NOBODY : tenant;
        try {
            Secrets secrets = ring.secrets();
            return secrets.seal(owner, place.purpose(), secrets.open(owner, place.purpose(), value));
        } catch (IllegalStateException foreign) {
            log.warn("a value of {} does not open; it is left as it is", place.purpose());
            return null;
        }
    }

    private int replace(Sealed place, @Nullable TenantId tenant, Found found, byte[] fresh) {
        String same = IntStream.range(0, place.keys().size())
                .mapToObj(i -> " and " + place.keys().get(i) + " = cast(? as "
                        + place.types().get(i) + ")")
                .collect(Collectors.joining());
        List<Object> parameters = new ArrayList<>();
        parameters.add(fresh);
        parameters.add(found.value());
        if (tenant != null) {
            parameters.add(tenant.value());
        }
        parameters.addAll(found.key());
        return jdbc.sql("update " + place.table() + " set " + place.column() + " = ? where " + place.column() + " = ?"
                        + (tenant == null ? "" : " and tenant_id = ?") + same)
                .params(parameters)
                .update();
    }

    private String oldIn(Sealed place) {
        String prefixes = ring.otherPrefixes().stream().map(prefix -> "?").collect(Collectors.joining(", ", "(", ")"));
        return "substring(" + place.column() + " from 1 for 5) in " + prefixes
                + (place.tenants() ? " and tenant_id = ?" : "");
    }

    private List<Object> parameters(Sealed place, @Nullable TenantId tenant, List<String> after) {
        List<Object> parameters = new ArrayList<>(ring.otherPrefixes());
        if (tenant != null) {
            parameters.add(tenant.value());
        }
        parameters.addAll(after);
        return parameters;
    }

    private static String casts(Sealed place) {
        return place.types().stream().map(type -> "cast(? as " + type + ")").collect(Collectors.joining(", "));
    }

    private <T> T within(@Nullable TenantId tenant, Supplier<T> work) {
        return tenant == null
                ? operator.call(work)
                : TenantContext.call(tenant, () -> Objects.requireNonNull(transaction.execute(status -> work.get())));
    }

    private static @Nullable Instant at(ResultSet row, String column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }
}
