package io.zaptrix.privacy;

import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.conversation.CustomerSearch;
import io.zaptrix.operations.Audit;
import io.zaptrix.platform.DataSubject;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.PortalErasing;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * CustomerSearch who are to be erased, and the work on it: a request's row is durable when the admin sees that it was
 * taken, and goes in the one transaction that erases. Whatever stops in between, some replica begins again where it
 * stood.
 *
 * <p>First the person's messages are taken off their way ({@link io.zaptrix.platform.PersonalData#settle}): what waits
 * is dropped, what is in a handler's hands is carried to its end. Then nothing can write about them any more but what
 * has come since, and the rows are erased.
 */
@Component
class Erasures {

    /** Tells all replicas to forget what they have in memory of a tenant's customers. */
    static final String CHANNEL = "zaptrix_erased";

    private static final Logger log = LoggerFactory.getLogger(Erasures.class);

    private final JdbcClient jdbc;
    private final CustomerSearch customers;
    private final Holdings holdings;
    private final PrivacySettings settings;
    private final Audit audit;
    private final TransactionTemplate transaction;
    private final MeterRegistry metrics;
    private final AtomicBoolean working = new AtomicBoolean();

    Erasures(
            JdbcClient jdbc,
            CustomerSearch customers,
            Holdings holdings,
            PrivacySettings settings,
            Audit audit,
            PlatformTransactionManager transactions,
            MeterRegistry metrics) {
        this.jdbc = jdbc;
        this.customers = customers;
        this.holdings = holdings;
        this.settings = settings;
        this.audit = audit;
        this.transaction = new TransactionTemplate(transactions);
        this.metrics = metrics;
    }

    /** @param masked whom it is about, as people may see it */
    record Request(
            long id,
            String actor,
            Instant askedAt,
            Set<String> names,
            Set<String> chats,
            Set<String> messages,
            String masked) {}

    /** Takes a request, within the caller's transaction; a second one about the same person is the first. */
    void ask(String actor, DataSubject person, String masked) {
        settings.mark(true);
        boolean known =
                underWay().stream().anyMatch(request -> request.names().stream().anyMatch(person.names()::contains));
        if (known) {
            return;
        }
        jdbc.sql("""
                        insert into erasure_request (tenant_id, actor, asked_at, names, chats, masked)
                        values (:tenant, :actor, clock_timestamp(), :names, :chats, :masked)
                        """)
                .param("tenant", tenant())
                .param("actor", actor)
                .param("names", person.names().toArray(String[]::new))
                .param("chats", person.chats().toArray(String[]::new))
                .param("masked", masked)
                .update();
    }

    /** The bound tenant's requests that are not done. */
    List<Request> underWay() {
        return jdbc.sql("select * from erasure_request where tenant_id = :tenant order by id")
                .param("tenant", tenant())
                .query(Erasures::read)
                .list();
    }

    /** On a thread of its own: whoever is waited for here must not hold up other jobs. */
    @Scheduled(initialDelay = 3_000, fixedDelay = 1_500, timeUnit = TimeUnit.MILLISECONDS)
    void look() {
        if (!working.compareAndSet(false, true)) {
            return;
        }
        Thread.ofVirtual().name("erasure").start(() -> {
            try {
                settings.withErasures().forEach(this::work);
            } catch (RuntimeException later) {
                log.warn("erasures are looked at again later: {}", later.getMessage());
            } finally {
                working.set(false);
            }
        });
    }

    /** One portal's trouble is no other portal's. */
    private void work(TenantId tenant) {
        try {
            TenantContext.run(tenant, this::work);
        } catch (RuntimeException later) {
            log.warn("erasures of portal {} are looked at again later: {}", tenant, later.getMessage());
        }
    }

    private void work() {
        long after = 0;
        while (true) {
            Optional<Request> next = step(after);
            if (next.isEmpty()) {
                break;
            }
            after = next.get().id();
        }
        transaction.executeWithoutResult(status -> {
            // Whoever asks marks first and writes after: here it is the same row that both must have.
            jdbc.sql("select erasing from privacy_settings where tenant_id = :tenant for update")
                    .param("tenant", tenant())
                    .query(Boolean.class)
                    .optional();
            if (underWay().isEmpty()) {
                settings.mark(false);
            }
        });
    }

    /** Goes on with the next request, if another replica does not. */
    private Optional<Request> step(long after) {
        Optional<Request> taken = transaction.execute(status -> {
            Optional<Request> next = jdbc.sql("""
                            select * from erasure_request where tenant_id = :tenant and id > :after
                            order by id limit 1 for update skip locked
                            """)
                    .param("tenant", tenant())
                    .param("after", after)
                    .query(Erasures::read)
                    .optional();
            next.ifPresent(this::goOn);
            return next;
        });
        return taken == null ? Optional.empty() : taken;
    }

    private void goOn(Request request) {
        DataSubject person = holdings.traced(customers
                .of(request.names(), request.chats(), request.askedAt())
                .and(request.messages()));
        if (!holdings.settle(person)) {
            // What waited is gone; what it leads to may still be there.
            jdbc.sql("update erasure_request set messages = :messages where tenant_id = :tenant and id = :id")
                    .param("messages", person.messages().toArray(String[]::new))
                    .param("tenant", tenant())
                    .param("id", request.id())
                    .update();
            return;
        }
        Map<String, Integer> rows = holdings.erase(person);
        jdbc.sql("delete from erasure_request where tenant_id = :tenant and id = :id")
                .param("tenant", tenant())
                .param("id", request.id())
                .update();
        audit.record(request.actor(), "person.erased", request.masked(), Map.of("rows", rows));
        tellReplicas();
        metrics.counter("zaptrix.privacy.erased").increment();
        log.info("a WhatsApp user of portal {} is erased: {}", TenantContext.require(), rows);
    }

    /** Before a portal's own rows go: what carries no tenant's name. */
    @EventListener
    void on(PortalErasing portal) {
        int rows = holdings.eraseUnsigned();
        tellReplicas();
        log.debug("{} rows of portal {} that bear no tenant are erased", rows, portal.tenant());
    }

    /** PostgreSQL sends it when the transaction commits. */
    private void tellReplicas() {
        jdbc.sql("select pg_notify(:channel, :tenant)")
                .param("channel", CHANNEL)
                .param("tenant", tenant().toString())
                .query((row, n) -> true)
                .list();
    }

    private static Request read(ResultSet row, int n) throws SQLException {
        return new Request(
                row.getLong("id"),
                row.getString("actor"),
                row.getObject("asked_at", OffsetDateTime.class).toInstant(),
                Set.of((String[]) row.getArray("names").getArray()),
                Set.of((String[]) row.getArray("chats").getArray()),
                Set.of((String[]) row.getArray("messages").getArray()),
                row.getString("masked"));
    }

    private static UUID tenant() {
        TenantId tenant = TenantContext.require();
        return tenant.value();
    }
}
