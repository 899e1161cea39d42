package io.zaptrix.console;

import io.zaptrix.platform.OperatorScope;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** How the service is as a whole: its database, its queue, and what nobody could take. */
@Component
class ServiceView {

    /** How far the queue is counted, as {@code operator_queue} does. */
    static final long COUNTED = 50_000;

    static final int PAGE = 50;

    private final JdbcClient jdbc;
    private final OperatorScope scope;

    ServiceView(JdbcClient jdbc, OperatorScope scope) {
        this.jdbc = jdbc;
        this.scope = scope;
    }

    /** @param answersIn how long it took to say anything at all */
    record Database(String version, String size, int connections, Duration answersIn) {}

    /** @param carried in a replica's hands now */
    record Queue(
            long lanes,
            long carried,
            long sleeping,
            long waiting,
            @Nullable Instant oldest,
            long dead) {}

    /** A webhook or event that is nobody's, without what it said. */
    record Unrouted(long id, Instant at, String source, String reason, String reference) {}

    /** @param before gives the page that follows; null: there is none */
    record UnroutedPage(List<Unrouted> rows, @Nullable Long before) {}

    Database database() {
        long asked = System.nanoTime();
        jdbc.sql("select 1").query(Integer.class).single();
        Duration answersIn = Duration.ofNanos(System.nanoTime() - asked);
        return jdbc.sql("""
                        select current_setting('server_version') as version,
                            pg_size_pretty(pg_database_size(current_database())) as size,
                            (select count(*) from pg_stat_activity where datname = current_database()) as connections
                        """)
                .query((row, n) -> new Database(
                        row.getString("version").split(" ")[0],
                        row.getString("size"),
                        row.getInt("connections"),
                        answersIn))
                .single();
    }

    Queue queue() {
        return scope.call(() -> jdbc.sql("select * from operator_queue()")
                .query((row, n) -> {
                    OffsetDateTime oldest = row.getObject("oldest", OffsetDateTime.class);
                    return new Queue(
                            row.getLong("lanes"),
                            row.getLong("carried"),
                            row.getLong("sleeping"),
                            row.getLong("waiting"),
                            oldest == null ? null : oldest.toInstant(),
                            row.getLong("dead"));
                })
                .single());
    }

    /** Of the last 24 hours. */
    long unroutedToday() {
        return jdbc.sql("select count(*) from unrouted_event where received_at > now() - interval '1 day'")
                .query(Long.class)
                .single();
    }

    /** The latest, first. */
    UnroutedPage unrouted(@Nullable Long before) {
        List<Unrouted> rows = jdbc.sql("""
                        select id, received_at, source, reason, reference from unrouted_event
                        where id < :before order by id desc limit :limit
                        """)
                .param("before", before == null ? Long.MAX_VALUE : before)
                .param("limit", PAGE + 1)
                .query((row, n) -> new Unrouted(
                        row.getLong("id"),
                        row.getObject("received_at", OffsetDateTime.class).toInstant(),
                        row.getString("source"),
                        row.getString("reason"),
                        row.getString("reference")))
                .list();
        return rows.size() > PAGE
                ? new UnroutedPage(rows.subList(0, PAGE), rows.get(PAGE - 1).id())
                : new UnroutedPage(rows, null);
    }
}
