package io.zaptrix.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.testing.TestDatabase;
import io.zaptrix.testing.TestSettings;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.hibernate.annotations.TenantId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A transaction belongs to one tenant, or sees nothing; over one pooled connection, so that nothing may stick to it.
 */
class TenantTransactionTest {

    private static final io.zaptrix.platform.TenantId ACME = io.zaptrix.platform.TenantId.ofMember("acme");
    private static final io.zaptrix.platform.TenantId OTHER = io.zaptrix.platform.TenantId.ofMember("other");

    private static ConfigurableApplicationContext context;
    private static TransactionTemplate transaction;
    private static JdbcClient jdbc;
    private static EntityManager entities;

    @EnableAutoConfiguration
    @EntityScan(basePackageClasses = TenantTransactionTest.class)
    @Import(PlatformConfiguration.class)
    static class Wiring {}

    /** A row of a tenant. */
    @Entity(name = "note")
    static class Note {
        @Id
        UUID id = UUID.randomUUID();

        @TenantId
        UUID tenantId;

        String text;

        @SuppressWarnings("NullAway.Init")
        Note() {}

        @SuppressWarnings("NullAway.Init")
        Note(String text) {
            this.text = text;
        }
    }

    @BeforeAll
    static void start() {
        TestDatabase.Database database = TestDatabase.createWithSchema();
        JdbcClient owner = JdbcClient.create(database.dataSource());
        owner.sql("create table note (id uuid primary key, tenant_id uuid not null, text text)")
                .update();
        owner.sql("alter table note enable row level security").update();
        owner.sql("alter table note force row level security").update();
        owner.sql("create policy tenant on note"
                        + " using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid)")
                .update();
        Map<String, Object> properties = new java.util.HashMap<>(TestSettings.properties());
        properties.put("spring.datasource.url", database.url());
        properties.put("spring.datasource.username", database.username());
        properties.put("spring.datasource.password", database.password());
        properties.put("spring.datasource.hikari.maximum-pool-size", "1");
        properties.put("spring.datasource.hikari.minimum-idle", "1");
        properties.put("spring.datasource.hikari.connection-timeout", "2000");
        // Of the rooms, this context has only one.
        properties.put("management.endpoint.health.validate-group-membership", "false");
        context = new SpringApplicationBuilder(Wiring.class)
                .web(WebApplicationType.NONE)
                .run(properties.entrySet().stream()
                        .map(property -> "--" + property.getKey() + "=" + property.getValue())
                        .toArray(String[]::new));
        transaction = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
        jdbc = context.getBean(JdbcClient.class);
        entities = SharedEntityManagerCreator.createSharedEntityManager(
                context.getBean(jakarta.persistence.EntityManagerFactory.class));

        as(ACME, () -> persist("acme's"));
        as(OTHER, () -> persist("other's"));
    }

    @AfterAll
    static void stop() {
        context.close();
    }

    @Test
    void eachTenantSeesItsOwnRowsInJpaAndInSql() {
        for (int round = 0; round < 3; round++) {
            assertThat(as(ACME, () -> seen())).containsOnly("acme's");
            assertThat(as(OTHER, () -> seen())).containsOnly("other's");
        }
    }

    @Test
    void whoForgetsTheTenantSeesNothing() {
        assertThat(asNobody(() -> seen())).isEmpty();
        assertThat(jdbc.sql("select text from note").query(String.class).list()).isEmpty();
        as(ACME, () -> seen());
        assertThat(asNobody(() -> seen())).isEmpty();
        assertThat(jdbc.sql("select text from note").query(String.class).list()).isEmpty();
    }

    @Test
    void nobodyWritesForSomebodyElse() {
        assertThatThrownBy(() -> as(ACME, () -> insert(OTHER))).isInstanceOf(DataAccessException.class);
        assertThatThrownBy(() -> transaction.execute(status -> insert(ACME))).isInstanceOf(DataAccessException.class);
        assertThatThrownBy(() -> transaction.execute(status -> persist("nobody's")))
                .isInstanceOf(RuntimeException.class);
        assertThat(as(
                        ACME,
                        () -> jdbc.sql("delete from note where tenant_id <> ?")
                                .param(ACME.value())
                                .update()))
                .isZero();
    }

    @Test
    void aTransactionKeepsItsTenant() {
        assertThatIllegalStateException().isThrownBy(() -> as(ACME, () -> TenantContext.call(OTHER, () -> seen())));
        assertThatIllegalStateException()
                .isThrownBy(() -> transaction.execute(status -> TenantContext.call(ACME, () -> seen())));
        assertThat(as(ACME, () -> TenantContext.call(ACME, () -> seen()))).containsOnly("acme's");
    }

    @Test
    void aTransactionThatCannotBeginLeavesTheConnectionUsable() {
        TransactionTemplate late = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
        late.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        for (int attempt = 0; attempt < 2; attempt++) {
            // The only connection is taken by the outer transaction.
            assertThatThrownBy(() -> as(ACME, () -> late.execute(status -> seen())))
                    .isInstanceOf(org.springframework.transaction.CannotCreateTransactionException.class);
        }
        assertThat(as(OTHER, () -> seen())).containsOnly("other's");
    }

    @Test
    void theDirectoryListsPortalsAndNothingElse() {
        for (io.zaptrix.platform.TenantId tenant : List.of(ACME, OTHER)) {
            as(
                    tenant,
                    () -> jdbc.sql("""
                            insert into portal_config
                                (tenant_id, member_id, portal_url, client_endpoint, status, language)
                            values (?, ?, '', '', 'active', 'en')
                            """)
                            .params(tenant.value(), tenant.toString())
                            .update());
        }
        DirectoryScope directory = context.getBean(DirectoryScope.class);
        assertThat(directory.call(() -> jdbc.sql("select tenant_id from portal_config")
                        .query(UUID.class)
                        .list()))
                .containsExactlyInAnyOrder(ACME.value(), OTHER.value());
        assertThat(directory.call(() -> seen())).isEmpty();
        assertThatThrownBy(() -> directory.call(() ->
                        jdbc.sql("update portal_config set status = 'gone'").update()))
                .isInstanceOf(DataAccessException.class);
        assertThat(asNobody(() -> jdbc.sql("select tenant_id from portal_config")
                        .query(UUID.class)
                        .list()))
                .isEmpty();
        assertThatIllegalStateException().isThrownBy(() -> as(ACME, () -> directory.call(() -> seen())));
    }

    private static <T> T as(io.zaptrix.platform.TenantId tenant, Supplier<T> work) {
        return TenantContext.call(tenant, () -> transaction.execute(status -> work.get()));
    }

    private static <T> T asNobody(Supplier<T> work) {
        return transaction.execute(status -> work.get());
    }

    private static UUID persist(String text) {
        Note note = new Note(text);
        entities.persist(note);
        entities.flush();
        return note.id;
    }

    private static int insert(io.zaptrix.platform.TenantId tenant) {
        return jdbc.sql("insert into note (id, tenant_id, text) values (gen_random_uuid(), ?, 'foreign')")
                .param(tenant.value())
                .update();
    }

    /** By JPA, by native SQL over JPA, and by JDBC. */
    private static List<String> seen() {
        List<String> texts = new ArrayList<>();
        texts.addAll(
                entities.createQuery("select n.text from note n", String.class).getResultList());
        texts.addAll(jdbc.sql("select text from note").query(String.class).list());
        for (Object text : entities.createNativeQuery("select text from note").getResultList()) {
            texts.add((String) text);
        }
        return texts;
    }
}
