package io.zaptrix.api;

import io.zaptrix.operations.Audit;
import io.zaptrix.platform.Secrets;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.PortalUninstalled;
import java.net.URI;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** The table {@code api_webhook}. */
@Repository
@Transactional
class StoredWebhooks implements Webhooks {

    private static final String PURPOSE = "api_webhook.secret";
    private static final String COLUMNS =
            "id, url, events, with_text, key_id, created_at, failing_since, failure, off_since";
    private static final int SECRET_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final JdbcClient jdbc;
    private final Secrets secrets;
    private final Audit audit;
    private final Changes changes;

    StoredWebhooks(JdbcClient jdbc, Secrets secrets, Audit audit, Changes changes) {
        this.jdbc = jdbc;
        this.secrets = secrets;
        this.audit = audit;
        this.changes = changes;
    }

    /** @param secret as Standard Webhooks writes it: {@code whsec_} and Base64; nobody can say it again */
    record Made(Webhook webhook, String secret) {

        /** Leaves the secret out. */
        @Override
        public String toString() {
            return "Made[webhook=" + webhook + "]";
        }
    }

    @Override
    @Transactional(readOnly = true)
    public List<Webhook> list() {
        return jdbc.sql("select " + COLUMNS
                        + " from api_webhook where tenant_id = :tenant order by created_at desc, id")
                .param("tenant", tenant().value())
                .query(StoredWebhooks::read)
                .list();
    }

    @Transactional(readOnly = true)
    Optional<Webhook> find(UUID id) {
        return jdbc.sql("select " + COLUMNS + " from api_webhook where tenant_id = :tenant and id = :id")
                .param("tenant", tenant().value())
                .param("id", id)
                .query(StoredWebhooks::read)
                .optional();
    }

    /** The key that signs for a webhook. */
    @Transactional(readOnly = true)
    Optional<byte[]> secret(UUID id) {
        return jdbc.sql("select secret from api_webhook where tenant_id = :tenant and id = :id")
                .param("tenant", tenant().value())
                .param("id", id)
                .query((row, n) -> Base64.getDecoder().decode(secrets.open(tenant(), PURPOSE, row.getBytes("secret"))))
                .optional();
    }

    /** @throws ApiProblem when there are {@value #MOST}, or the key has just been revoked */
    Made make(URI url, Set<Event> events, boolean withText, ApiCaller caller) {
        // One after the other within a portal, so that the count is true.
        jdbc.sql("select pg_advisory_xact_lock(hashtext('zaptrix.api_webhook'), hashtext(:tenant))")
                .param("tenant", tenant().toString())
                .query((row, n) -> Boolean.TRUE)
                .list();
        // Its end waits for this, or has come: no webhook is made behind the back of the one who revokes.
        boolean usable = jdbc.sql("""
                        select true from api_key
                        where tenant_id = :tenant and id = :caller and revoked_at is null for share
                        """)
                .param("tenant", tenant().value())
                .param("caller", caller.keyId())
                .query(Boolean.class)
                .optional()
                .isPresent();
        if (!usable) {
            throw ApiProblem.of(ApiProblem.Type.UNAUTHORIZED);
        }
        if (list().size() >= MOST) {
            throw ApiProblem.of(ApiProblem.Type.TOO_MANY_WEBHOOKS);
        }
        byte[] random = new byte[SECRET_BYTES];
        RANDOM.nextBytes(random);
        String secret = Base64.getEncoder().encodeToString(random);
        UUID id = UUID.randomUUID();
        jdbc.sql("""
                        insert into api_webhook (tenant_id, id, url, events, with_text, secret, key_id)
                        values (:tenant, :id, :url, :events, :text, :secret, :caller)
                        """)
                .param("tenant", tenant().value())
                .param("id", id)
                .param("url", url.toString())
                .param("events", events.stream().sorted().map(Event::word).collect(Collectors.joining(" ")))
                .param("text", withText)
                .param("secret", secrets.seal(tenant(), PURPOSE, secret))
                .param("caller", caller.keyId())
                .update();
        audit.record(caller.actor(), "webhook.made", id.toString(), Map.of("host", url.getHost(), "text", withText));
        changes.changed(tenant());
        return new Made(find(id).orElseThrow(), "whsec_" + secret);
    }

    @Override
    public boolean remove(UUID id, String actor) {
        return recorded(actor, "webhook.removed", id, jdbc.sql("""
                        delete from api_webhook where tenant_id = :tenant and id = :id returning url
                        """));
    }

    /**
     * Nothing is posted to a webhook any more, if nothing has arrived for {@link Webhooks#SWITCHED_OFF_AFTER}.
     *
     * @return whether it was switched off by this call
     */
    boolean switchOff(UUID id) {
        int changed = jdbc.sql("""
                        update api_webhook set off_since = now()
                        where tenant_id = :tenant and id = :id and off_since is null
                            and failing_since <= now() - make_interval(secs => :seconds)
                        """)
                .param("tenant", tenant().value())
                .param("id", id)
                .param("seconds", SWITCHED_OFF_AFTER.toSeconds())
                .update();
        if (changed == 1) {
            changes.changed(tenant());
        }
        return changed == 1;
    }

    /**
     * Nothing is posted any more to what a key has made that is now revoked: whoever had it may have had customers'
     * words sent anywhere. To be called within the transaction that revokes.
     *
     * @return how many it were
     */
    int switchOffOf(UUID keyId) {
        return jdbc.sql("""
                        update api_webhook set off_since = now(), failing_since = null, failure = null
                        where tenant_id = :tenant and key_id = :key and off_since is null
                        """)
                .param("tenant", tenant().value())
                .param("key", keyId)
                .update();
    }

    @Override
    public boolean switchOn(UUID id, String actor) {
        return recorded(actor, "webhook.on", id, jdbc.sql("""
                        update api_webhook set off_since = null, failing_since = null, failure = null
                        where tenant_id = :tenant and id = :id and off_since is not null returning url
                        """));
    }

    /** @param change gives the address of what it has changed */
    private boolean recorded(String actor, String action, UUID id, JdbcClient.StatementSpec change) {
        Optional<String> url = change.param("tenant", tenant().value())
                .param("id", id)
                .query(String.class)
                .optional();
        url.ifPresent(of -> {
            audit.record(
                    actor, action, id.toString(), Map.of("host", URI.create(of).getHost()));
            changes.changed(tenant());
        });
        return url.isPresent();
    }

    /** An attempt arrived after some that had not. */
    void arrives(UUID id) {
        int mended =
                jdbc.sql("""
                        update api_webhook set failing_since = null, failure = null
                        where tenant_id = :tenant and id = :id and failing_since is not null and off_since is null
                        """).param("tenant", tenant().value()).param("id", id).update();
        if (mended == 1) {
            changes.changed(tenant());
        }
    }

    /** An attempt did not arrive. */
    void fails(UUID id, String failure) {
        int changed = jdbc.sql("""
                        update api_webhook set failing_since = coalesce(failing_since, now()), failure = :failure
                        where tenant_id = :tenant and id = :id and failure is distinct from :failure
                            and off_since is null
                        """)
                .param("tenant", tenant().value())
                .param("id", id)
                .param("failure", failure)
                .update();
        if (changed == 1) {
            changes.changed(tenant());
        }
    }

    /** With the portal go its webhooks. */
    @EventListener
    void on(PortalUninstalled portal) {
        jdbc.sql("delete from api_webhook where tenant_id = :tenant")
                .param("tenant", portal.tenant().value())
                .update();
        changes.changed(portal.tenant());
    }

    private static TenantId tenant() {
        return TenantContext.require();
    }

    private static Webhook read(ResultSet row, int n) throws SQLException {
        Set<Event> events = EnumSet.noneOf(Event.class);
        List<String> words = Arrays.asList(row.getString("events").split(" "));
        for (Event event : Event.values()) {
            if (words.contains(event.word())) {
                events.add(event);
            }
        }
        return new Webhook(
                row.getObject("id", UUID.class),
                URI.create(row.getString("url")),
                events,
                row.getBoolean("with_text"),
                row.getObject("key_id", UUID.class),
                row.getTimestamp("created_at").toInstant(),
                instant(row.getTimestamp("failing_since")),
                row.getString("failure"),
                instant(row.getTimestamp("off_since")));
    }

    private static @Nullable Instant instant(@Nullable Timestamp at) {
        return at == null ? null : at.toInstant();
    }
}
