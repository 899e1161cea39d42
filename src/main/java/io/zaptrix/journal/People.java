package io.zaptrix.journal;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.platform.CleanText;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.portal.PortalRest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.JsonNode;

/**
 * Who of the bound tenant's portal may see the message log without being an admin, and the names of those who did
 * something here.
 */
@Service
public class People {

    private static final int LONGEST_NAME = 120;
    private static final int MOST_FOUND = 20;

    private final JdbcClient jdbc;
    private final PortalRest rest;

    People(JdbcClient jdbc, PortalRest rest) {
        this.jdbc = jdbc;
        this.rest = rest;
    }

    /**
     * Somebody.
     *
     * @param userId in the portal
     * @param admin as of their last visit
     * @param viewer may see the log
     * @param reveal may see whole phone numbers there
     * @param seenAt when they last opened the app; null: never
     */
    public record Person(
            String userId,
            String name,
            boolean admin,
            boolean viewer,
            boolean reveal,
            @Nullable Instant seenAt) {}

    /** Somebody whom the portal has found. */
    public record Candidate(String userId, String name, String position) {}

    /**
     * What somebody who is no admin may do; empty: nothing. Asked on every request, so that taking it away works at
     * once.
     */
    @Transactional(readOnly = true)
    public Optional<Person> viewer(String userId) {
        return find(userId).filter(Person::viewer);
    }

    @Transactional(readOnly = true)
    public Optional<Person> find(String userId) {
        return jdbc.sql(SELECT + "and user_id = :user")
                .param("tenant", TenantContext.require().value())
                .param("user", userId)
                .query(People::person)
                .optional();
    }

    /** Those who may see the log, by name. */
    @Transactional(readOnly = true)
    public List<Person> viewers() {
        return jdbc.sql(SELECT + "and viewer order by lower(name), user_id")
                .param("tenant", TenantContext.require().value())
                .query(People::person)
                .list();
    }

    /** The admins who have opened the app, the last first. */
    @Transactional(readOnly = true)
    public List<Person> admins() {
        return jdbc.sql(SELECT + "and admin and seen_at is not null order by seen_at desc limit 20")
                .param("tenant", TenantContext.require().value())
                .query(People::person)
                .list();
    }

    /** The names of these users, as far as they are known. */
    @Transactional(readOnly = true)
    public Map<String, String> names(Collection<String> userIds) {
        Map<String, String> names = new HashMap<>();
        jdbc.sql("select user_id, name from portal_person where tenant_id = :tenant and user_id = any(:users)")
                .param("tenant", TenantContext.require().value())
                .param("users", userIds.toArray(String[]::new))
                .query(row -> {
                    names.put(row.getString(1), row.getString(2));
                });
        return names;
    }

    /** Somebody has opened the app. */
    @Transactional
    public void seen(String userId, String name, boolean admin) {
        jdbc.sql("""
                        insert into portal_person as known (tenant_id, user_id, name, admin, seen_at)
                        values (:tenant, :user, :name, :admin, now())
                        on conflict (tenant_id, user_id)
                        do update set name = excluded.name, admin = excluded.admin, seen_at = excluded.seen_at
                        """)
                .param("tenant", TenantContext.require().value())
                .param("user", userId)
                .param("name", bounded(name))
                .param("admin", admin)
                .update();
    }

    /**
     * Lets somebody see the log.
     *
     * @return whether that changed anything
     */
    @Transactional
    public boolean allow(String userId, String name, boolean reveal) {
        return jdbc.sql("""
                        insert into portal_person as known (tenant_id, user_id, name, viewer, reveal)
                        values (:tenant, :user, :name, true, :reveal)
                        on conflict (tenant_id, user_id)
                        do update set name = excluded.name, viewer = true, reveal = excluded.reveal
                            where not known.viewer or known.reveal <> excluded.reveal
                        """)
                        .param("tenant", TenantContext.require().value())
                        .param("user", userId)
                        .param("name", bounded(name))
                        .param("reveal", reveal)
                        .update()
                == 1;
    }

    /**
     * Takes all that away.
     *
     * @return whether there was anything to take
     */
    @Transactional
    public boolean forbid(String userId) {
        return jdbc.sql("""
                        update portal_person set viewer = false, reveal = false
                        where tenant_id = :tenant and user_id = :user and viewer
                        """)
                        .param("tenant", TenantContext.require().value())
                        .param("user", userId)
                        .update()
                == 1;
    }

    /**
     * Looks for people in the portal by name, position or department. {@code im.search.user.list} is of the scope
     * {@code im}, which the app has anyway, and wants two letters.
     *
     * @throws Bitrix24Exception when the portal does not say
     */
    public List<Candidate> search(String words) {
        List<Candidate> found = new ArrayList<>();
        // A map by id, or an empty list.
        for (JsonNode user : rest.call("im.search.user.list", Map.of("FIND", words, "LIMIT", MOST_FOUND))) {
            candidate(user).ifPresent(found::add);
        }
        return found;
    }

    /**
     * Somebody of the portal by id, if they work there ({@code im.user.get}).
     *
     * @throws Bitrix24Exception when the portal does not answer; of kind {@code REFUSE} when it knows nobody of this id
     */
    public Optional<Candidate> ask(String userId) {
        JsonNode user = rest.call("im.user.get", Map.of("ID", userId));
        return candidate(user).filter(found -> found.userId().equals(userId));
    }

    /** Bots and customers of open lines are users to Bitrix24, too. */
    private static Optional<Candidate> candidate(JsonNode user) {
        String id = user.path("id").asString("");
        if (!id.matches("[1-9][0-9]{0,17}")
                || user.path("bot").asBoolean(false)
                || user.path("connector").asBoolean(false)
                || !user.path("active").asBoolean(true)) {
            return Optional.empty();
        }
        String name = bounded(user.path("name").asString(""));
        return Optional.of(new Candidate(
                id,
                name.isBlank() ? "#" + id : name,
                bounded(user.path("work_position").asString(""))));
    }

    private static String bounded(String text) {
        String clean = CleanText.of(text).strip();
        return clean.length() > LONGEST_NAME ? clean.substring(0, LONGEST_NAME) : clean;
    }

    private static final String SELECT =
            "select user_id, name, admin, viewer, reveal, seen_at from portal_person where tenant_id = :tenant ";

    private static Person person(ResultSet row, int n) throws SQLException {
        OffsetDateTime seenAt = row.getObject("seen_at", OffsetDateTime.class);
        return new Person(
                row.getString("user_id"),
                row.getString("name"),
                row.getBoolean("admin"),
                row.getBoolean("viewer"),
                row.getBoolean("reveal"),
                seenAt == null ? null : seenAt.toInstant());
    }
}
