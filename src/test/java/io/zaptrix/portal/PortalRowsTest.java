package io.zaptrix.portal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.testing.SharedApplication;
import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Tries to reach the row of another portal. */
@SharedApplication
class PortalRowsTest {

    private static final String OURS = UUID.randomUUID().toString();
    private static final String THEIRS = UUID.randomUUID().toString();

    private static TestApp app;
    private static TransactionTemplate transaction;
    private static EntityManager entities;
    private static PortalConfigRepository repository;
    private static JdbcClient jdbc;

    @BeforeAll
    static void twoPortals() {
        app = TestApp.shared();
        transaction = new TransactionTemplate(app.bean(PlatformTransactionManager.class));
        entities = app.bean(EntityManager.class);
        repository = app.bean(PortalConfigRepository.class);
        jdbc = app.bean(JdbcClient.class);
        for (String member : List.of(OURS, THEIRS)) {
            app.bean(Portals.class).install(TestApp.bitrix24().opens(Bitrix24Stub.admin(member)));
        }
    }

    @Test
    void aPortalSeesItsOwnRowOnly() {
        assertThat(ours(this::members)).containsExactly(OURS);
        assertThat(ours(() -> repository.findAll())).hasSize(1);
        assertThat(ours(() -> repository.count())).isEqualTo(1);
        assertThat(ours(() -> repository.findBound().map(PortalConfig::memberId)))
                .hasValue(OURS);
        assertThat(ours(this::membersBySql)).containsExactly(OURS);
        assertThat(ours(this::membersByJdbc)).containsExactly(OURS);
    }

    @Test
    void anotherPortalsRowIsNotFoundByItsId() {
        assertThat(ours(() -> repository.findById(OURS))).isPresent();
        assertThat(ours(() -> repository.findById(THEIRS))).isEmpty();
        assertThat(ours(() -> repository.existsById(THEIRS))).isFalse();
        assertThat(ours(() -> entities.createQuery("select p from PortalConfig p where p.memberId = :id")
                        .setParameter("id", THEIRS)
                        .getResultList()))
                .isEmpty();
        assertThat(ours(() -> entities.createNativeQuery("select 1 from portal_config where member_id = :id")
                        .setParameter("id", THEIRS)
                        .getResultList()))
                .isEmpty();
    }

    @Test
    void anotherPortalsRowIsNotChanged() {
        assertThat(ours(() -> jdbc.sql("update portal_config set status = 'SUSPENDED' where member_id = ?")
                        .param(THEIRS)
                        .update()))
                .isZero();
        assertThat(ours(() -> jdbc.sql("delete from portal_config where member_id = ?")
                        .param(THEIRS)
                        .update()))
                .isZero();
        assertThat(ours(() -> entities.createQuery("update PortalConfig p set p.scope = 'x' where p.memberId = :id")
                        .setParameter("id", THEIRS)
                        .executeUpdate()))
                .isZero();
        assertThatThrownBy(() -> ours(() -> jdbc.sql("update portal_config set tenant_id = ?")
                        .param(TenantId.ofMember("a third").value())
                        .update()))
                .rootCause()
                .hasMessageContaining("row-level security");
        assertThat(app.status(THEIRS)).isEqualTo("ACTIVE");
    }

    @Test
    void whoForgetsTheTenantSeesNothing() {
        assertThat(forgetting(this::members)).isEmpty();
        assertThat(forgetting(() -> repository.findById(OURS))).isEmpty();
        assertThat(forgetting(this::membersBySql)).isEmpty();
        assertThat(forgetting(this::membersByJdbc)).isEmpty();
        // Outside of any transaction, too.
        assertThat(membersByJdbc()).isEmpty();
        assertThat(repository.findAll()).isEmpty();
    }

    @Test
    void aSecretCopiedIntoAnotherPortalsRowOpensNothing() {
        app.everything().sql("""
                        update portal_config set access_token =
                            (select access_token from portal_config where member_id = ?) where member_id = ?
                        """).params(THEIRS, OURS).update();
        try {
            app.bean(FreshPortalRest.class).forget(TenantId.ofMember(OURS));
            assertThatThrownBy(() -> TenantContext.call(
                            TenantId.ofMember(OURS),
                            () -> app.bean(PortalStore.class)
                                    .read(row -> row.flatMap(app.bean(PortalStore.class)::credentials))))
                    .isInstanceOf(IllegalStateException.class);
        } finally {
            app.bean(Portals.class).install(TestApp.bitrix24().opens(Bitrix24Stub.admin(OURS)));
        }
    }

    private List<?> members() {
        return entities.createQuery("select p.memberId from PortalConfig p").getResultList();
    }

    private List<?> membersBySql() {
        return entities.createNativeQuery("select member_id from portal_config").getResultList();
    }

    private List<?> membersByJdbc() {
        return jdbc.sql("select member_id from portal_config")
                .query(String.class)
                .list();
    }

    private static <T> T forgetting(Supplier<T> query) {
        return transaction.execute(status -> query.get());
    }

    private static <T> T ours(Supplier<T> query) {
        return TenantContext.call(TenantId.ofMember(OURS), () -> transaction.execute(status -> query.get()));
    }
}
