package io.zaptrix.journal;

import io.zaptrix.conversation.Conversations;
import io.zaptrix.journal.LoggedMessage.Direction;
import io.zaptrix.journal.LoggedMessage.State;
import io.zaptrix.journal.MessageLife.Kind;
import io.zaptrix.journal.MessageLife.Step;
import io.zaptrix.platform.TenantContext;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * The bound tenant's messages of the last weeks, for as long as the relay remembers them, without their content. A look
 * goes by the indexes of {@code item_ledger}: by time, by customer and time, or, for what did not go as it should, by
 * an index of that alone. What no index tells is looked for among {@value #LOOKED_AT} messages at most; then the search
 * says how far it has come, and can be continued.
 */
@Service
@Transactional(readOnly = true)
public class MessageLog {

    private static final int CHUNK = 500;
    private static final int LOOKED_AT = 2_000;

    /** Meta delivers again for 7 days what it was not rid of; senders' clocks are not quite ours. */
    private static final int DAYS_LATE = 8;

    private static final String COLUMNS = "select written_on, key_digest, lane, item_key, kind, subject, accepted_at,"
            + " state, attempts, reason, finished_at from item_ledger ";

    private final JdbcClient jdbc;
    private final Conversations conversations;

    MessageLog(JdbcClient jdbc, Conversations conversations) {
        this.jdbc = jdbc;
        this.conversations = conversations;
    }

    /** Behind which message a page begins. */
    public record Place(Instant at, UUID id) {

        private static final Pattern WRITTEN = Pattern.compile("(\\d{1,17})\\.([0-9a-f-]{36})");

        /** For an address. */
        public String written() {
            return ChronoUnit.MICROS.between(Instant.EPOCH, at) + "." + id;
        }

        /** Reads {@link #written()}; empty when it is something else. */
        public static Optional<Place> read(@Nullable String written) {
            Matcher matcher = WRITTEN.matcher(written == null ? "" : written);
            try {
                return matcher.matches()
                        ? Optional.of(new Place(
                                Instant.EPOCH.plus(Long.parseLong(matcher.group(1)), ChronoUnit.MICROS),
                                UUID.fromString(matcher.group(2))))
                        : Optional.empty();
            } catch (IllegalArgumentException noId) {
                return Optional.empty();
            }
        }
    }

    /**
     * Some messages, the newest first.
     *
     * @param next where the search goes on; null: there is nothing older
     * @param searchedTo the search was broken off here before the page was full; null: it was not
     */
    public record Page(
            List<LoggedMessage> messages,
            @Nullable Place next,
            @Nullable Instant searchedTo) {}

    /**
     * Looks for messages.
     *
     * @param behind only what is older than this place; null: from the newest
     */
    public Page search(LogSearch search, @Nullable Place behind, int limit) {
        Set<String> subjects = Set.of();
        if (search.phone() != null) {
            subjects = TypedPhone.meanings(search.phone(), ownNumbers());
            if (subjects.isEmpty()) {
                return new Page(List.of(), null, null);
            }
            subjects = conversations.alsoKnownAs(subjects);
        }
        byTheIndexes();
        List<LoggedMessage> found = new ArrayList<>();
        Place place = behind;
        int lookedAt = 0;
        int chunk = isNarrow(search) ? CHUNK : limit + 1;
        while (lookedAt < LOOKED_AT) {
            List<Row> rows = rows(search, subjects, place, chunk);
            lookedAt += rows.size();
            for (LoggedMessage message : messages(rows, search)) {
                if (found.size() == limit) {
                    LoggedMessage last = found.getLast();
                    return new Page(found, new Place(last.acceptedAt(), last.id()), null);
                }
                found.add(message);
            }
            if (rows.size() < chunk) {
                return new Page(found, null, null);
            }
            place = new Place(rows.getLast().acceptedAt(), rows.getLast().id());
        }
        return new Page(found, place, place == null ? null : place.at());
    }

    /** One message with all that happened to it. */
    public Optional<MessageLife> life(LocalDate writtenOn, UUID id) {
        return jdbc.sql(COLUMNS + """
                        where tenant_id = :tenant and written_on = :day and key_digest = :id and subject is not null
                        """)
                .param("tenant", tenant())
                .param("day", writtenOn)
                .param("id", id)
                .query(MessageLog::row)
                .optional()
                .map(this::life);
    }

    /**
     * For this transaction: all is meant to go by an index in its order, up to the limit. What the server believes of a
     * large portal's month would at times have it read that as a whole, and sort it.
     */
    private void byTheIndexes() {
        jdbc.sql("select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)")
                .query((row, n) -> true)
                .list();
    }

    /** The company's numbers, as people write them. */
    private List<String> ownNumbers() {
        return jdbc.sql("select distinct display_phone_number from phone_number where tenant_id = :tenant")
                .param("tenant", tenant())
                .query(String.class)
                .list();
    }

    private static boolean isNarrow(LogSearch search) {
        return search.state() != null || search.direction() != null || search.numberId() != null;
    }

    private record Row(
            LocalDate writtenOn,
            UUID id,
            String lane,
            String key,
            String kind,
            String subject,
            Instant acceptedAt,
            String state,
            int attempts,
            @Nullable String reason,
            @Nullable Instant finishedAt) {

        boolean outbound() {
            return lane.startsWith("outbound:");
        }

        Direction direction() {
            return outbound() ? Direction.OUT : kind.equals("echo") ? Direction.APP : Direction.IN;
        }

        String numberId() {
            return lane.split(":", 3)[1];
        }
    }

    private List<Row> rows(LogSearch search, Set<String> subjects, @Nullable Place behind, int limit) {
        StringBuilder sql = new StringBuilder(COLUMNS).append("where tenant_id = :tenant and subject is not null");
        Map<String, Object> values = new HashMap<>();
        values.put("tenant", tenant());
        if (!subjects.isEmpty()) {
            sql.append(" and subject = any(:subjects)");
            values.put("subjects", subjects.toArray(String[]::new));
        }
        if (search.state() == State.FAILED || search.state() == State.GIVEN_UP || search.state() == State.DROPPED) {
            sql.append(" and reason is not null");
        }
        if (search.from() != null) {
            sql.append(" and accepted_at >= :from and written_on >= :fromDay");
            values.put("from", Timestamp.from(search.from()));
            values.put("fromDay", day(search.from()).minusDays(DAYS_LATE));
        }
        if (search.until() != null) {
            sql.append(" and accepted_at < :until and written_on <= :untilDay");
            values.put("until", Timestamp.from(search.until()));
            values.put("untilDay", day(search.until()).plusDays(DAYS_LATE));
        }
        if (behind != null) {
            sql.append(" and accepted_at <= :at and (accepted_at, key_digest) < (:at, :id)");
            values.put("at", Timestamp.from(behind.at()));
            values.put("id", behind.id());
        }
        sql.append(" order by accepted_at desc, key_digest desc limit ").append(limit);
        return jdbc.sql(sql.toString()).params(values).query(MessageLog::row).list();
    }

    private List<LoggedMessage> messages(List<Row> rows, LogSearch search) {
        List<Row> kept = rows.stream()
                .filter(row -> search.direction() == null || row.direction() == search.direction())
                .filter(row -> search.numberId() == null || row.numberId().equals(search.numberId()))
                .toList();
        Map<String, State> sent = sent(kept.stream()
                .filter(row -> row.outbound() && row.state().equals("done"))
                .map(Row::key)
                .toList());
        return kept.stream()
                .map(row -> message(row, sent.get(row.key())))
                .filter(message -> search.state() == null || message.state() == search.state())
                .toList();
    }

    private static LoggedMessage message(Row row, @Nullable State sent) {
        State state = switch (row.state()) {
            case "waiting" -> State.WAITING;
            case "dead" -> State.GIVEN_UP;
            case "dropped" -> State.DROPPED;
            case "refused", "failed" -> State.FAILED;
            default -> !row.outbound() ? State.DELIVERED : sent == null ? State.SENT : sent;
        };
        return new LoggedMessage(
                row.writtenOn(),
                row.id(),
                row.direction(),
                row.numberId(),
                row.subject(),
                row.kind(),
                row.acceptedAt(),
                state,
                row.attempts(),
                row.reason(),
                row.lane(),
                row.key());
    }

    /** How far WhatsApp has brought these; that of the part which has come least far. */
    private Map<String, State> sent(Collection<String> keys) {
        Map<String, State> states = new HashMap<>();
        if (keys.isEmpty()) {
            return states;
        }
        jdbc.sql("""
                        select sent.im_message_id, bool_or(sent.state = 'failed') as failed,
                            bool_or(sent.state = 'uncertain') as uncertain, bool_and(sent.state = 'read') as read,
                            bool_and(sent.state in ('delivered', 'read')) as delivered
                        from unnest(:keys) as wanted (key) cross join lateral (
                            select im_message_id, state from outbound_message
                            where tenant_id = :tenant and im_message_id = wanted.key
                            offset 0
                        ) sent
                        group by sent.im_message_id
                        """)
                .param("tenant", tenant())
                .param("keys", keys.toArray(String[]::new))
                .query(row -> {
                    states.put(
                            row.getString("im_message_id"),
                            row.getBoolean("failed")
                                    ? State.FAILED
                                    : row.getBoolean("uncertain")
                                            ? State.UNCERTAIN
                                            : row.getBoolean("read")
                                                    ? State.READ
                                                    : row.getBoolean("delivered") ? State.DELIVERED : State.SENT);
                });
        return states;
    }

    private MessageLife life(Row row) {
        List<Step> steps = new ArrayList<>();
        steps.add(Step.of(Kind.ACCEPTED, row.acceptedAt(), null));
        steps.addAll(retries(row));
        State sent = null;
        if (row.outbound()) {
            steps.addAll(parts(row));
            sent = sent(List.of(row.key())).get(row.key());
        }
        LoggedMessage message = message(row, sent);
        Instant end = row.finishedAt() == null ? row.acceptedAt() : row.finishedAt();
        switch (row.state()) {
            case "done" -> {
                if (!row.outbound()) {
                    steps.add(Step.of(Kind.IN_CHAT, end, null));
                }
            }
            case "refused" -> {
                if (steps.stream().noneMatch(step -> step.kind() == Kind.FAILED)) {
                    steps.add(Step.of(Kind.REFUSED, end, row.reason()));
                }
            }
            case "dead" -> steps.add(Step.of(Kind.GIVEN_UP, end, row.reason()));
            case "dropped" -> steps.add(Step.of(Kind.DROPPED, end, row.reason()));
            default -> {}
        }
        // Meta tells whole seconds.
        steps.sort(Comparator.comparing((Step step) -> step.at().truncatedTo(ChronoUnit.SECONDS))
                .thenComparing(Step::kind));
        return message.state() == State.WAITING ? waiting(message, steps) : new MessageLife(message, steps, null, null);
    }

    private List<Step> retries(Row row) {
        return jdbc.sql("""
                        select at, attempt, reason, uncertain from item_retry
                        where tenant_id = :tenant and written_on = :day and key_digest = :id order by at
                        """)
                .param("tenant", tenant())
                .param("day", row.writtenOn())
                .param("id", row.id())
                .query((retry, n) -> new Step(
                        Kind.RETRIED,
                        instant(retry, "at").orElseThrow(),
                        0,
                        0,
                        retry.getInt("attempt"),
                        retry.getString("reason"),
                        retry.getBoolean("uncertain")))
                .list();
    }

    private List<Step> parts(Row row) {
        List<Step> steps = new ArrayList<>();
        jdbc.sql("""
                        select row_number() over (order by part)::int as part, count(*) over ()::int as parts, state,
                            error_code, updated_at, case when wamid is not null then coalesce(sent_at, created_at) end
                                as sent_at, delivered_at, read_at, failed_at
                        from outbound_message where tenant_id = :tenant and im_message_id = :key order by part
                        """).param("tenant", tenant()).param("key", row.key()).query(part -> {
            step(steps, part, Kind.SENT, "sent_at", null);
            step(steps, part, Kind.DELIVERED, "delivered_at", null);
            step(steps, part, Kind.READ, "read_at", null);
            String state = part.getString("state");
            if (state.equals("failed")) {
                int code = part.getInt("error_code");
                String reason = part.wasNull() ? row.reason() : "meta_" + code;
                step(
                        steps,
                        part,
                        Kind.FAILED,
                        instant(part, "failed_at").isEmpty() ? "updated_at" : "failed_at",
                        reason);
            } else if (state.equals("uncertain")) {
                step(steps, part, Kind.UNCERTAIN, "updated_at", null);
            }
        });
        return steps;
    }

    private static void step(List<Step> steps, ResultSet part, Kind kind, String column, @Nullable String reason)
            throws SQLException {
        Optional<Instant> at = instant(part, column);
        if (at.isPresent()) {
            steps.add(new Step(kind, at.get(), part.getInt("part"), part.getInt("parts"), 0, reason, false));
        }
    }

    private MessageLife waiting(LoggedMessage message, List<Step> steps) {
        return jdbc.sql("""
                        select case when sleeping then due_at end as next, (
                            select reason from lane_item where tenant_id = :tenant and lane = :lane
                            order by position, seq limit 1) as reason
                        from lane where tenant_id = :tenant and lane = :lane
                        """)
                .param("tenant", tenant())
                .param("lane", message.lane())
                .query((lane, n) ->
                        new MessageLife(message, steps, instant(lane, "next").orElse(null), lane.getString("reason")))
                .optional()
                .orElseGet(() -> new MessageLife(message, steps, null, null));
    }

    private static Row row(ResultSet row, int n) throws SQLException {
        String kind = row.getString("kind");
        return new Row(
                row.getObject("written_on", LocalDate.class),
                row.getObject("key_digest", UUID.class),
                row.getString("lane"),
                row.getString("item_key"),
                kind == null ? "" : kind,
                row.getString("subject"),
                instant(row, "accepted_at").orElseThrow(),
                row.getString("state"),
                row.getInt("attempts"),
                row.getString("reason"),
                instant(row, "finished_at").orElse(null));
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static LocalDate day(Instant at) {
        return at.atOffset(java.time.ZoneOffset.UTC).toLocalDate();
    }

    private static UUID tenant() {
        return TenantContext.require().value();
    }
}
