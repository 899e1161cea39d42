package io.zaptrix.api;

import io.zaptrix.platform.Sha256;
import io.zaptrix.platform.TenantContext;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/**
 * The table {@code api_idempotency}: which message an {@code Idempotency-Key} stands for. A key is an API key's own and
 * is known for 24 hours. Whoever is first is given the message's id, durably, before anything is accepted; the id is
 * what the relay knows a repetition by. So whoever comes after a crash in between, with the same key, goes on with the
 * same message, and nothing is sent twice.
 */
@Repository
class Idempotency {

    private static final Logger log = LoggerFactory.getLogger(Idempotency.class);

    /** The longest that a request can be on its way; then its process is gone. */
    private static final Duration UNDER_WAY = Duration.ofSeconds(45);

    private static final int ROWS_AT_ONCE = 100_000;

    private final JdbcClient jdbc;

    Idempotency(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * What is to be done with a request.
     *
     * @param answered it was carried out before, and only its answer is wanted
     */
    record Turn(UUID messageId, boolean answered) {}

    private record Row(byte[] digest, UUID messageId, boolean answered) {}

    /**
     * Takes a request's turn, in the transaction that is under way.
     *
     * @throws ApiProblem when the key stands for another request, or that request is under way
     */
    @Transactional
    Turn take(UUID keyId, String key, byte[] request) {
        byte[] digest = Sha256.start().digest(request);
        UUID fresh = UUID.randomUUID();
        // What is past its day may stand for a new request, though nobody has swept yet.
        jdbc.sql("""
                        delete from api_idempotency where tenant_id = :tenant and key_id = :caller
                            and idempotency_key = :key and created_at < now() - interval '24 hours'
                        """)
                .param("tenant", tenant())
                .param("caller", keyId)
                .param("key", key)
                .update();
        int first = jdbc.sql("""
                        insert into api_idempotency (tenant_id, key_id, idempotency_key, request_digest, message_id,
                            taken_at)
                        values (:tenant, :caller, :key, :digest, :message, now())
                        on conflict do nothing
                        """)
                .param("tenant", tenant())
                .param("caller", keyId)
                .param("key", key)
                .param("digest", digest)
                .param("message", fresh)
                .update();
        if (first == 1) {
            return new Turn(fresh, false);
        }
        Row row = jdbc.sql("""
                        select request_digest, message_id, answered from api_idempotency
                        where tenant_id = :tenant and key_id = :caller and idempotency_key = :key
                        for update
                        """)
                .param("tenant", tenant())
                .param("caller", keyId)
                .param("key", key)
                .query((found, n) -> new Row(
                        found.getBytes("request_digest"),
                        found.getObject("message_id", UUID.class),
                        found.getBoolean("answered")))
                .optional()
                .orElseThrow(() -> ApiProblem.of(ApiProblem.Type.IDEMPOTENCY_IN_PROGRESS));
        if (!MessageDigest.isEqual(row.digest(), digest)) {
            throw ApiProblem.of(ApiProblem.Type.IDEMPOTENCY_KEY_REUSED);
        }
        if (row.answered()) {
            return new Turn(row.messageId(), true);
        }
        int taken = jdbc.sql("""
                        update api_idempotency set taken_at = now()
                        where tenant_id = :tenant and key_id = :caller and idempotency_key = :key
                            and (taken_at is null or taken_at < now() - make_interval(secs => :patience))
                        """)
                .param("tenant", tenant())
                .param("caller", keyId)
                .param("key", key)
                .param("patience", (double) UNDER_WAY.toSeconds())
                .update();
        if (taken == 0) {
            throw ApiProblem.of(ApiProblem.Type.IDEMPOTENCY_IN_PROGRESS).header("Retry-After", "1");
        }
        return new Turn(row.messageId(), false);
    }

    /** The request was carried out: from now on it is only answered. */
    @Transactional
    void answered(UUID keyId, String key) {
        settle("update api_idempotency set answered = true", keyId, key);
    }

    /** The request failed, and the next one may try at once. */
    @Transactional
    void failed(UUID keyId, String key) {
        settle("update api_idempotency set taken_at = null", keyId, key);
    }

    private void settle(String update, UUID keyId, String key) {
        jdbc.sql(update + " where tenant_id = :tenant and key_id = :caller and idempotency_key = :key")
                .param("tenant", tenant())
                .param("caller", keyId)
                .param("key", key)
                .update();
    }

    @Scheduled(initialDelay = 7, fixedDelay = 30, timeUnit = java.util.concurrent.TimeUnit.MINUTES)
    @Transactional
    void forget() {
        jdbc.sql("select set_config('zaptrix.scope', 'retention', true)")
                .query(String.class)
                .single();
        int gone = jdbc.sql("""
                        delete from api_idempotency where ctid in (
                            select ctid from api_idempotency
                            where created_at < now() - interval '24 hours' limit :rows)
                        """).param("rows", ROWS_AT_ONCE).update();
        if (gone > 0) {
            log.info("{} idempotency keys forgotten", gone);
        }
    }

    private static UUID tenant() {
        return TenantContext.require().value();
    }
}
