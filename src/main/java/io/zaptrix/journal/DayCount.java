package io.zaptrix.journal;

import io.zaptrix.platform.TenantContext;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Counts the bound tenant's days: one transaction a day, which puts what it finds in the place of what was there. So it
 * may be repeated, and is, as messages of the last days are still being read; of two replicas that want the same, one
 * finds it done or does it later.
 */
@Component
class DayCount {

    /** What happens to a message later than this after its day is not counted any more. */
    private static final Duration STILL_CHANGES = Duration.ofDays(2);

    private static final Duration LOOK_AGAIN = Duration.ofHours(6);

    /** So long today's figures are new enough. */
    static final Duration FRESH = Duration.ofSeconds(30);

    private static final int DAYS_KEPT = 400;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;

    DayCount(JdbcClient jdbc, PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** When each of the last {@link Figures#DAYS} days was counted, of those that were. */
    Map<LocalDate, Instant> counted(LocalDate today) {
        Map<LocalDate, Instant> counted = new HashMap<>();
        transaction.executeWithoutResult(status -> jdbc.sql("""
                        select day, computed_at from figure_day
                        where tenant_id = :tenant and day > :day order by day
                        """)
                .param("tenant", TenantContext.require().value())
                .param("day", today.minusDays(Figures.DAYS))
                .query(row -> {
                    counted.put(
                            row.getObject("day", LocalDate.class),
                            row.getObject("computed_at", OffsetDateTime.class).toInstant());
                }));
        return counted;
    }

    /** Counts all days that need it, the latest first. */
    void catchUp(ZoneId zone, Instant now, boolean todayToo) {
        LocalDate today = LocalDate.ofInstant(now, zone);
        Map<LocalDate, Instant> counted = counted(today);
        List<LocalDate> due = new ArrayList<>();
        for (int n = todayToo ? 0 : 1; n < Figures.DAYS; n++) {
            LocalDate day = today.minusDays(n);
            if (isDue(day, Optional.ofNullable(counted.get(day)), zone, now)) {
                due.add(day);
            }
        }
        due.forEach(day -> count(day, zone));
    }

    private static boolean isDue(LocalDate day, Optional<Instant> counted, ZoneId zone, Instant now) {
        Instant settled = end(day, zone).plus(STILL_CHANGES);
        return counted.isEmpty()
                || counted.get().isBefore(settled)
                        && counted.get().isBefore(now.minus(now.isBefore(end(day, zone)) ? FRESH : LOOK_AGAIN));
    }

    private static Instant end(LocalDate day, ZoneId zone) {
        return day.plusDays(1).atStartOfDay(zone).toInstant();
    }

    /** Counts a day, unless somebody else is counting one of the tenant's just now. */
    void count(LocalDate day, ZoneId zone) {
        transaction.executeWithoutResult(status -> {
            String tenant = TenantContext.require().toString();
            boolean mine = jdbc.sql("select pg_try_advisory_xact_lock(hashtext('zaptrix.figures'), hashtext(:tenant))")
                    .param("tenant", tenant)
                    .query(Boolean.class)
                    .single();
            if (mine) {
                write(day, zone);
            }
        });
    }

    private void write(LocalDate day, ZoneId zone) {
        Map<String, Object> values = Map.of(
                "tenant",
                TenantContext.require().value(),
                "day",
                day,
                "zone",
                zone.getId(),
                "start",
                Timestamp.from(day.atStartOfDay(zone).toInstant()),
                "end",
                Timestamp.from(end(day, zone)),
                "keep",
                day.minusDays(DAYS_KEPT));
        jdbc.sql("delete from daily_figure where tenant_id = :tenant and (day = :day or day < :keep)")
                .params(values)
                .update();
        jdbc.sql("delete from figure_day where tenant_id = :tenant and day < :keep")
                .params(values)
                .update();
        jdbc.sql("""
                        insert into figure_day (tenant_id, day, time_zone, computed_at)
                        values (:tenant, :day, :zone, now())
                        on conflict (tenant_id, day)
                        do update set time_zone = excluded.time_zone, computed_at = excluded.computed_at
                        """).params(values).update();
        jdbc.sql("""
                        with message as materialized (
                            -- The day before, too: an answer may be to what was asked then.
                            select split_part(lane, ':', 2) as number, starts_with(lane, 'outbound:') as outbound, item_key,
                                subject, coalesce(kind, '') as kind, accepted_at, state, reason
                            from item_ledger
                            where tenant_id = :tenant and subject is not null
                                and accepted_at >= cast(:start as timestamptz) - interval '1 day' and accepted_at < :end
                        ), today as (
                            select * from message where accepted_at >= :start
                        ), part as (
                            select today.number, sent.state
                            from today join outbound_message sent
                                on sent.tenant_id = :tenant and sent.im_message_id = today.item_key
                            where outbound and sent.wamid is not null
                        ), turn as (
                            -- What a customer writes until somebody answers is one question.
                            select number, subject, accepted_at, kind in ('agent', 'echo') as answers,
                                count(*) filter (where kind in ('agent', 'echo')) over (
                                    partition by number, subject order by accepted_at
                                    rows between unbounded preceding and 1 preceding) as question
                            from message where kind not in ('automatic', 'reaction', 'system')
                        ), answer as (
                            select number, subject, min(accepted_at) filter (where not answers) as asked,
                                min(accepted_at) filter (where answers) as answered
                            from turn group by number, subject, question
                        )
                        insert into daily_figure (tenant_id, day, phone_number_id, measure, label, value)
                        select :tenant, :day, number, measure, label, sum(value)
                        from (
                            select number, 'in' as measure, '' as label, count(*) as value from today
                                where not outbound and kind <> 'echo' group by number
                            union all
                            select number, 'out', '', count(*) from today where outbound group by number
                            union all
                            select number, 'sent', '', count(*) from part group by number
                            union all
                            select number, 'delivered', '', count(*) from part
                                where state in ('delivered', 'read') group by number
                            union all
                            select number, 'read', '', count(*) from part where state = 'read' group by number
                            union all
                            select number, 'failed', '', count(*) from part where state = 'failed' group by number
                            union all
                            -- Behind a colon stands what only this one message has; but not behind our own gave_up.
                            select number, 'refused',
                                left(split_part(regexp_replace(reason, '^gave_up: ', ''), ':', 1), 60), count(*)
                                from today where state in ('refused', 'failed', 'dead') and reason is not null
                                group by 1, 3
                            union all
                            select number, 'answered',
                                floor(4 * log(2, greatest(1, extract(epoch from answered - asked))))::int::text, count(*)
                                from answer where answered >= :start and asked < answered group by 1, 3
                        ) as figure
                        group by number, measure, label
                        """).params(values).update();
    }
}
