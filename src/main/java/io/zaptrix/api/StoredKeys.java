package io.zaptrix.api;

import io.zaptrix.operations.Audit;
import io.zaptrix.platform.Sha256;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.portal.PortalUninstalled;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** The table {@code api_key}. */
@Repository
@Transactional
class StoredKeys implements ApiKeys {

    private static final String COLUMNS =
            "id, name, hint, scopes, made_by, created_at, expires_at, revoked_at, last_used_at";

    private final JdbcClient jdbc;
    private final Audit audit;
    private final Changes changes;
    private final StoredWebhooks webhooks;

    StoredKeys(JdbcClient jdbc, Audit audit, Changes changes, StoredWebhooks webhooks) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.changes = changes;
        this.webhooks = webhooks;
    }

    /** What proves a key, and what it allows. */
    record Usable(UUID id, byte[] digest, Set<Scope> scopes, Instant expiresAt) {}

    @Override
    @Transactional(readOnly = true)
    public List<ApiKey> list() {
        return jdbc.sql("select " + COLUMNS + """
                         from api_key where tenant_id = :tenant
                            and least(revoked_at, expires_at) > now() - interval '90 days'
                        order by created_at desc, id limit 500
                        """)
                .param("tenant", tenant())
                .query(StoredKeys::read)
                .list();
    }

    @Override
    @Transactional(readOnly = true)
    public Optional<ApiKey> find(UUID id) {
        return jdbc.sql("select " + COLUMNS + " from api_key where tenant_id = :tenant and id = :id")
                .param("tenant", tenant())
                .param("id", id)
                .query(StoredKeys::read)
                .optional();
    }

    @Override
    public Optional<String> make(UUID id, String actor, String name, Set<Scope> scopes, Duration life) {
        boolean lives = life.isPositive() && life.compareTo(LONGEST_LIFE) <= 0;
        if (name.isBlank() || name.length() > LONGEST_NAME || scopes.isEmpty() || !lives) {
            throw new IllegalArgumentException("no such key can be made");
        }
        if (find(id).isPresent()) {
            return Optional.empty();
        }
        if (usable().size() >= MOST) {
            throw new TooManyKeys();
        }
        String key = KeyText.fresh(TenantContext.require());
        int made = jdbc.sql("""
                        insert into api_key (tenant_id, id, name, digest, hint, scopes, made_by, expires_at)
                        values (:tenant, :id, :name, :digest, :hint, :scopes, :actor,
                            now() + make_interval(secs => :life))
                        on conflict do nothing
                        """)
                .param("tenant", tenant())
                .param("id", id)
                .param("name", name)
                .param("digest", Sha256.of(key))
                .param("hint", KeyText.hint(key))
                .param("scopes", Scope.words(scopes))
                .param("actor", actor)
                .param("life", (double) life.toSeconds())
                .update();
        if (made == 0) {
            return Optional.empty();
        }
        audit.record(
                actor,
                "api_key.made",
                id.toString(),
                Map.of("name", name, "scopes", Scope.words(scopes), "days", life.toDays()));
        changes.changed(TenantContext.require());
        return Optional.of(key);
    }

    @Override
    public boolean revoke(UUID id, String actor) {
        Optional<String> revoked = jdbc.sql("""
                        update api_key set revoked_at = now()
                        where tenant_id = :tenant and id = :id and revoked_at is null returning name
                        """)
                .param("tenant", tenant())
                .param("id", id)
                .query(String.class)
                .optional();
        revoked.ifPresent(name -> {
            int off = webhooks.switchOffOf(id);
            audit.record(actor, "api_key.revoked", id.toString(), Map.of("name", name, "webhooks", off));
            changes.changed(TenantContext.require());
        });
        return revoked.isPresent();
    }

    @Transactional(readOnly = true)
    List<Usable> usable() {
        return jdbc.sql("""
                        select id, digest, scopes, expires_at from api_key
                        where tenant_id = :tenant and revoked_at is null and expires_at > now()
                        """)
                .param("tenant", tenant())
                .query((row, n) -> new Usable(
                        row.getObject("id", UUID.class),
                        row.getBytes("digest"),
                        Scope.read(row.getString("scopes")),
                        row.getTimestamp("expires_at").toInstant()))
                .list();
    }

    void used(UUID id) {
        jdbc.sql("update api_key set last_used_at = now() where tenant_id = :tenant and id = :id")
                .param("tenant", tenant())
                .param("id", id)
                .update();
    }

    /** With the portal go its keys: who installs again makes new ones. */
    @EventListener
    void on(PortalUninstalled portal) {
        jdbc.sql("delete from api_key where tenant_id = :tenant")
                .param("tenant", portal.tenant().value())
                .update();
        changes.changed(portal.tenant());
    }

    private static UUID tenant() {
        return TenantContext.require().value();
    }

    private static ApiKey read(ResultSet row, int n) throws SQLException {
        return new ApiKey(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("hint"),
                Scope.read(row.getString("scopes")),
                row.getString("made_by"),
                row.getTimestamp("created_at").toInstant(),
                row.getTimestamp("expires_at").toInstant(),
                instant(row.getTimestamp("revoked_at")),
                instant(row.getTimestamp("last_used_at")));
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }
}
