package io.zaptrix.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.DataSubject;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.TestApp;
import io.zaptrix.testing.SharedApplication;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** People are erased whatever becomes of other portals' people. */
@SharedApplication
class ErasuresTest {

    private final TestApp app = TestApp.shared();
    private final JdbcClient everything = app.everything();

    @Test
    void aPortalWhoseErasureFailsHoldsUpNoOther() throws InterruptedException {
        // The one that fails is looked at first, in whatever order the database tells of them.
        List<TenantId> tenants = Stream.of("erasure-a", "erasure-b")
                .map(TenantId::ofMember)
                .sorted(Comparator.comparing(TenantId::toString))
                .toList();
        TenantId stuck = tenants.getFirst();
        TenantId well = tenants.getLast();
        everything.sql("""
                        create function stuck_erasure() returns trigger language plpgsql as $$
                        begin raise exception 'it is stuck'; end $$
                        """).update();
        everything.sql("""
                        create trigger stuck before delete on erasure_request for each row when (old.masked = 'stuck')
                        execute function stuck_erasure()
                        """).update();
        try {
            ask(stuck, "stuck");
            ask(well, "well");
            lookUntilDone(well);
            assertThat(waiting(stuck)).isEqualTo(1);
        } finally {
            everything.sql("drop trigger stuck on erasure_request").update();
            everything.sql("drop function stuck_erasure()").update();
        }
        lookUntilDone(stuck);
    }

    private void ask(TenantId tenant, String masked) {
        TransactionTemplate transaction = new TransactionTemplate(app.bean(PlatformTransactionManager.class));
        DataSubject person = DataSubject.of(Set.of("5511900000009"), Set.of("1:5511900000009"), Instant.now());
        TenantContext.run(
                tenant,
                () -> transaction.executeWithoutResult(
                        status -> app.bean(Erasures.class).ask("1", person, masked)));
    }

    private void lookUntilDone(TenantId tenant) throws InterruptedException {
        Instant end = Instant.now().plus(Duration.ofSeconds(20));
        while (waiting(tenant) > 0 && Instant.now().isBefore(end)) {
            app.bean(Erasures.class).look();
            Thread.sleep(50);
        }
        assertThat(waiting(tenant)).isZero();
    }

    private long waiting(TenantId tenant) {
        return everything
                .sql("select count(*) from erasure_request where tenant_id = :tenant")
                .param("tenant", tenant.value())
                .query(Long.class)
                .single();
    }
}
