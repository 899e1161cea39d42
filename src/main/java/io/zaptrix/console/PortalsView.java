package io.zaptrix.console;

import io.zaptrix.platform.Masked;
import io.zaptrix.platform.OperatorScope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** How portals are, read in the operator's scope: states, times and counts, no content and no secret. */
@Component
class PortalsView {

    static final int PAGE = 25;

    /** How far waiting items are counted, as {@code operator_backlog} does. */
    static final long COUNTED = 10_000;

    private static final String COLUMNS = """
            select p.tenant_id, p.member_id, p.portal_url, p.status, p.problem, p.language, p.created_at, p.scope,
                p.app_status, p.client_id is not null as local, p.refresh_token is not null as refreshable,
                p.token_expiration_time, p.uninstalled_at, p.erase_after, h.since as held_since, h.reason as held_reason,
                (select count(*) from phone_number n where n.tenant_id = p.tenant_id) as numbers,
                (select count(*) from phone_number n where n.tenant_id = p.tenant_id and n.status <> 'ACTIVE') as troubled
            from portal_config p left join tenant_hold h on h.tenant_id = p.tenant_id
            """;

    private final JdbcClient jdbc;
    private final OperatorScope scope;

    PortalsView(JdbcClient jdbc, OperatorScope scope) {
        this.jdbc = jdbc;
        this.scope = scope;
    }

    /** What is looked for; blank and null: everything. */
    record Search(
            String text, boolean troubledOnly, @Nullable String after) {}

    /** @param after gives the page that follows; null: there is none */
    record Page(List<Row> rows, @Nullable String after) {}

    /**
     * A portal.
     *
     * @param local whether it has installed an app of its own rather than that of the marketplace
     * @param problem why it is suspended, as Bitrix24 says
     * @param heldSince when the operator has suspended it; null: not
     * @param troubled how many of its numbers wait for a person
     * @param backlog null where it was not asked for
     */
    record Row(
            UUID tenant,
            String memberId,
            String url,
            String host,
            String status,
            @Nullable String problem,
            String language,
            Instant installedAt,
            @Nullable String scope,
            @Nullable String appStatus,
            boolean local,
            boolean refreshable,
            @Nullable Instant tokenEnds,
            @Nullable Instant uninstalledAt,
            @Nullable Instant eraseAfter,
            @Nullable Instant heldSince,
            @Nullable String heldReason,
            int numbers,
            int troubled,
            @Nullable Backlog backlog) {

        Row with(@Nullable Backlog counted) {
            return new Row(
                    tenant,
                    memberId,
                    url,
                    host,
                    status,
                    problem,
                    language,
                    installedAt,
                    scope,
                    appStatus,
                    local,
                    refreshable,
                    tokenEnds,
                    uninstalledAt,
                    eraseAfter,
                    heldSince,
                    heldReason,
                    numbers,
                    troubled,
                    counted);
        }

        /** In one word: {@code held}, {@code active}, {@code suspended}, {@code uninstalled}. */
        public String state() {
            return heldSince != null && !status.equals("UNINSTALLED") ? "held" : status.toLowerCase(Locale.ROOT);
        }

        /** In one word, how its tokens are: {@code none}, {@code fresh}, {@code refreshable}, {@code dead}. */
        public String tokens() {
            if (status.equals("SUSPENDED")) {
                return "dead";
            }
            if (tokenEnds == null) {
                return "none";
            }
            return tokenEnds.isAfter(Instant.now()) ? "fresh" : refreshable ? "refreshable" : "dead";
        }
    }

    /**
     * What waits.
     *
     * @param waiting counted no further than {@link #COUNTED}
     * @param oldest since when the oldest of that waits
     * @param lastDay the day (UTC) of the last thing that came
     */
    record Backlog(
            long waiting,
            @Nullable Instant oldest,
            long dead,
            @Nullable LocalDate lastDay) {}

    /** A linked number, masked. */
    record Number(
            String phone,
            String line,
            String status,
            @Nullable String problem,
            @Nullable String quality) {}

    Page list(Search search) {
        String text = search.text().strip().toLowerCase(Locale.ROOT);
        String like = "%" + text.replaceAll("([\\\\%_])", "\\\\$1") + "%";
        String[] after =
                search.after() == null ? new String[] {"", ""} : search.after().split("\\|", 2);
        UUID afterTenant = after.length < 2 ? new UUID(0, 0) : uuid(after[1]).orElse(new UUID(0, 0));
        List<Row> found = scope.call(() -> jdbc.sql(COLUMNS + """
                        where (:text = '' or lower(p.portal_url) like :like or lower(p.member_id) = :text
                                or p.tenant_id::text = :text)
                            and (not :troubled or p.status = 'SUSPENDED' or h.since is not null)
                            and (p.portal_url, p.tenant_id) > (:url, :tenant)
                        order by p.portal_url, p.tenant_id limit :limit
                        """)
                .param("text", text)
                .param("like", like)
                .param("troubled", search.troubledOnly())
                .param("url", after[0])
                .param("tenant", afterTenant)
                .param("limit", PAGE + 1)
                .query(PortalsView::row)
                .list());
        boolean more = found.size() > PAGE;
        List<Row> page = counted(more ? found.subList(0, PAGE) : found);
        return new Page(page, more ? page.getLast().url() + "|" + page.getLast().tenant() : null);
    }

    Optional<Row> find(UUID tenant) {
        Optional<Row> row = scope.call(() -> jdbc.sql(COLUMNS + " where p.tenant_id = :tenant")
                .param("tenant", tenant)
                .query(PortalsView::row)
                .optional());
        return row.map(found -> counted(List.of(found)).getFirst());
    }

    List<Number> numbers(UUID tenant) {
        return scope.call(() -> jdbc.sql("""
                        select display_phone_number, line_id, status, problem, quality_rating from phone_number
                        where tenant_id = :tenant order by display_phone_number limit 200
                        """)
                .param("tenant", tenant)
                .query((row, n) -> new Number(
                        Masked.phone(row.getString("display_phone_number")),
                        row.getString("line_id"),
                        row.getString("status").toLowerCase(Locale.ROOT),
                        row.getString("problem"),
                        row.getString("quality_rating")))
                .list());
    }

    /** How many portals are in each state. */
    Map<String, Long> states() {
        return scope
                .call(() -> jdbc.sql("""
                                select case when h.since is not null and p.status <> 'UNINSTALLED' then 'held'
                                    else lower(p.status) end as state, count(*) as n
                                from portal_config p left join tenant_hold h on h.tenant_id = p.tenant_id group by 1
                                """)
                        .query((row, n) -> Map.entry(row.getString("state"), row.getLong("n")))
                        .list())
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private List<Row> counted(List<Row> rows) {
        UUID[] tenants = rows.stream().map(Row::tenant).toArray(UUID[]::new);
        Map<UUID, Backlog> backlogs = scope
                .call(() -> jdbc.sql("select * from operator_backlog(:tenants)")
                        .param("tenants", tenants)
                        .query((row, n) -> Map.entry(
                                row.getObject("tenant_id", UUID.class),
                                new Backlog(
                                        row.getLong("waiting"),
                                        at(row, "oldest"),
                                        row.getLong("dead"),
                                        row.getObject("last_day", LocalDate.class))))
                        .list())
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        Function<Row, Row> counted = row -> row.with(backlogs.get(row.tenant()));
        return rows.stream().map(counted).toList();
    }

    private static Row row(ResultSet row, int n) throws SQLException {
        String url = row.getString("portal_url");
        return new Row(
                row.getObject("tenant_id", UUID.class),
                row.getString("member_id"),
                url,
                url.replaceFirst("^https?://", ""),
                row.getString("status"),
                row.getString("problem"),
                row.getString("language"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getString("scope"),
                row.getString("app_status"),
                row.getBoolean("local"),
                row.getBoolean("refreshable"),
                at(row, "token_expiration_time"),
                at(row, "uninstalled_at"),
                at(row, "erase_after"),
                at(row, "held_since"),
                row.getString("held_reason"),
                row.getInt("numbers"),
                row.getInt("troubled"),
                null);
    }

    private static @Nullable Instant at(ResultSet row, String column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }
}
