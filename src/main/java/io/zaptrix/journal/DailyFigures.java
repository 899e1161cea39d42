package io.zaptrix.journal;

import io.zaptrix.journal.Figures.Answers;
import io.zaptrix.journal.Figures.Cost;
import io.zaptrix.journal.Figures.Day;
import io.zaptrix.journal.Figures.Refusal;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.Portals;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The figures of portals' days, kept in {@code daily_figure}. What a look finds too old is counted anew beside it; the
 * look waits for that only as long as nobody notices.
 */
@Service
public class DailyFigures {

    private static final Logger log = LoggerFactory.getLogger(DailyFigures.class);

    /** A day of a portal of ordinary size is counted in less. */
    private static final Duration PATIENCE = Duration.ofMillis(25);

    /** There is nothing to show yet. */
    private static final Duration PATIENCE_AT_FIRST = Duration.ofSeconds(2);

    private final DayCount days;
    private final Portals portals;
    private final JdbcClient jdbc;
    private final TransactionTemplate reading;
    private final Map<TenantId, CompletableFuture<Boolean>> counting = new ConcurrentHashMap<>();

    DailyFigures(DayCount days, Portals portals, JdbcClient jdbc, PlatformTransactionManager transactions) {
        this.days = days;
        this.portals = portals;
        this.jdbc = jdbc;
        this.reading = new TransactionTemplate(transactions);
        this.reading.setReadOnly(true);
    }

    /** The bound tenant's last days. */
    public Figures look() {
        TenantId tenant = TenantContext.require();
        Instant now = Instant.now();
        ZoneId known = portals.find(tenant).map(Portal::timeZone).orElse(null);
        ZoneId zone = known == null ? ZoneOffset.UTC : known;
        LocalDate today = LocalDate.ofInstant(now, zone);
        Map<LocalDate, Instant> counted = days.counted(today);
        Instant asOf = counted.get(today);
        if (asOf == null || asOf.isBefore(now.minus(DayCount.FRESH))) {
            renew(tenant, zone, now, asOf == null ? PATIENCE_AT_FIRST : PATIENCE);
            asOf = days.counted(today).get(today);
        }
        Instant shown = asOf;
        Figures figures = reading.execute(status -> read(zone, known != null, today, shown));
        if (figures == null) {
            throw new IllegalStateException("no figures were read");
        }
        return figures;
    }

    /** Counts today, and then what else is due; whoever asks while that is under way waits for the same. */
    private void renew(TenantId tenant, ZoneId zone, Instant now, Duration patience) {
        CompletableFuture<Boolean> today = counting.computeIfAbsent(tenant, one -> {
            CompletableFuture<Boolean> counted = new CompletableFuture<>();
            Thread.ofVirtual().name("figures").start(() -> {
                try {
                    TenantContext.run(tenant, () -> {
                        days.count(LocalDate.ofInstant(now, zone), zone);
                        counted.complete(true);
                        days.catchUp(zone, now, false);
                    });
                } catch (RuntimeException failed) {
                    log.error("the figures of a portal were not counted", failed);
                    counted.completeExceptionally(failed);
                } finally {
                    counting.remove(tenant);
                }
            });
            return counted;
        });
        try {
            today.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException later) {
            log.debug("today's figures are shown as they were");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** For the portals that nobody looks at: what the relay forgets cannot be counted any more. */
    @Scheduled(initialDelay = 10, fixedDelay = 60, timeUnit = TimeUnit.MINUTES)
    void keepUp() {
        for (TenantId tenant : portals.active()) {
            try {
                ZoneId zone = portals.find(tenant).map(Portal::timeZone).orElse(null);
                TenantContext.run(
                        tenant, () -> days.catchUp(zone == null ? ZoneOffset.UTC : zone, Instant.now(), false));
            } catch (RuntimeException failed) {
                log.error("the figures of portal {} were not counted", tenant, failed);
            }
        }
    }

    private Figures read(ZoneId zone, boolean known, LocalDate today, @Nullable Instant asOf) {
        Map<LocalDate, Map<String, Long>> measures = new HashMap<>();
        Map<String, Long> refusals = new HashMap<>();
        Map<Integer, Long> steps = new HashMap<>();
        Map<Integer, Long> stepsToday = new HashMap<>();
        LocalDate first = today.minusDays(Figures.DAYS - 1);
        jdbc.sql("""
                        select day, measure, label, sum(value)::bigint as value from daily_figure
                        where tenant_id = :tenant and day >= :first and day <= :today group by day, measure, label
                        """)
                .param("tenant", TenantContext.require().value())
                .param("first", first)
                .param("today", today)
                .query(row -> {
                    LocalDate day = row.getObject("day", LocalDate.class);
                    String measure = row.getString("measure");
                    long value = row.getLong("value");
                    measures.computeIfAbsent(day, one -> new HashMap<>()).merge(measure, value, Long::sum);
                    if (measure.equals("refused")) {
                        refusals.merge(row.getString("label"), value, Long::sum);
                    } else if (measure.equals("answered")) {
                        int step = Integer.parseInt(row.getString("label"));
                        steps.merge(step, value, Long::sum);
                        if (day.equals(today)) {
                            stepsToday.merge(step, value, Long::sum);
                        }
                    }
                });
        List<Day> all = new ArrayList<>();
        first.datesUntil(today.plusDays(1)).forEach(day -> all.add(Day.of(day, measures.getOrDefault(day, Map.of()))));
        return new Figures(
                zone,
                known,
                asOf,
                all,
                refusals.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue()
                                .reversed()
                                .thenComparing(Map.Entry.comparingByKey()))
                        .map(refusal -> new Refusal(refusal.getKey(), refusal.getValue()))
                        .toList(),
                Answers.of(stepsToday),
                Answers.of(steps),
                costs(today));
    }

    private List<Cost> costs(LocalDate today) {
        return jdbc.sql("""
                        select cost.category, cost.billable, sum(cost.messages)::bigint as messages, price.price,
                            price.currency
                        from message_cost cost left join message_price price
                            on price.tenant_id = cost.tenant_id and price.category = cost.category
                        where cost.tenant_id = :tenant and cost.day > :day
                        group by cost.category, cost.billable, price.price, price.currency
                        order by cost.billable desc, messages desc, cost.category
                        """)
                .param("tenant", TenantContext.require().value())
                .param("day", today.minusDays(Figures.DAYS))
                .query((row, n) -> new Cost(
                        row.getString("category"),
                        row.getBoolean("billable"),
                        row.getLong("messages"),
                        row.getObject("price", BigDecimal.class),
                        row.getString("currency")))
                .list();
    }
}
