package io.zaptrix.platform;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * The processes that serve together, each by its own word in the table {@code replica}, every {@value #BEAT}; the
 * database's clock counts. What a replica says of its keys is what lets the others seal with them ({@link KeyRing}).
 */
@Component
public class Replicas implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Replicas.class);

    private static final String BEAT = "PT5S";

    /** Whoever has been silent for so long serves nobody any more. */
    static final Duration SILENCE = Duration.ofSeconds(45);

    /**
     * A process that serves.
     *
     * @param keys the keys that it can open with
     * @param sealing the key that it seals with
     * @param sealingSince since when
     * @param self whether it is the one that is asked
     */
    public record Replica(
            UUID id,
            String host,
            String version,
            Instant startedAt,
            Instant seenAt,
            List<Long> keys,
            long sealing,
            Instant sealingSince,
            boolean self) {}

    private final JdbcClient jdbc;
    private final KeyRing keys;
    private final String version;
    private final UUID id = UUID.randomUUID();
    private volatile boolean running;

    public Replicas(JdbcClient jdbc, KeyRing keys, @Value("${spring.application.version:unknown}") String version) {
        this.jdbc = jdbc;
        this.keys = keys;
        this.version = version;
    }

    UUID self() {
        return id;
    }

    /** Those who have said something lately, the oldest first. */
    public List<Replica> alive() {
        return jdbc.sql("""
                        select * from replica where seen_at > now() - make_interval(secs => :silence)
                        order by started_at, id
                        """)
                .param("silence", SILENCE.toSeconds())
                .query(this::replica)
                .list();
    }

    /** Says that this replica lives and which keys it has, and takes notice of the others. */
    @Scheduled(initialDelayString = BEAT, fixedDelayString = BEAT)
    public void beat() {
        if (!running) {
            return;
        }
        try {
            keys.refresh();
            say();
            boolean changed = keys.agree(alive().stream()
                    .filter(replica -> !replica.self())
                    .map(Replica::keys)
                    .toList());
            if (changed) {
                say();
            }
        } catch (DataAccessException | TransactionException away) {
            log.debug("not said that this replica lives", away);
        }
    }

    private void say() {
        jdbc.sql("""
                        insert into replica as known (id, host, version, key_ids, primary_key)
                        values (:id, :host, :version, :keys, :sealing)
                        on conflict (id) do update set seen_at = now(), key_ids = excluded.key_ids,
                            primary_key = excluded.primary_key,
                            primary_since = case when known.primary_key = excluded.primary_key
                                then known.primary_since else now() end
                        """)
                .param("id", id)
                .param("host", host())
                .param("version", version)
                .param("keys", keys.keys().stream().map(KeyRing.Key::id).toArray(Long[]::new))
                .param("sealing", keys.sealing())
                .update();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "-";
        }
    }

    private Replica replica(ResultSet row, int n) throws SQLException {
        UUID replica = row.getObject("id", UUID.class);
        Array known = row.getArray("key_ids");
        return new Replica(
                replica,
                row.getString("host"),
                row.getString("version"),
                at(row, "started_at"),
                at(row, "seen_at"),
                List.of((Long[]) known.getArray()),
                row.getLong("primary_key"),
                at(row, "primary_since"),
                replica.equals(id));
    }

    private static Instant at(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    @Scheduled(initialDelayString = "PT10M", fixedDelayString = "PT6H")
    void forget() {
        jdbc.sql("delete from replica where seen_at < now() - interval '1 day'").update();
    }

    @Override
    public void start() {
        running = true;
        beat();
    }

    @Override
    public void stop() {
        running = false;
        try {
            jdbc.sql("delete from replica where id = :id").param("id", id).update();
        } catch (DataAccessException | TransactionException away) {
            log.debug("not said that this replica goes", away);
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before anything seals: before the relay and the web server; after them at the end. */
    @Override
    public int getPhase() {
        return SmartLifecycle.DEFAULT_PHASE - 16_384;
    }
}
