package io.zaptrix.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.TenantContext;
import io.zaptrix.portal.TestApp;
import io.zaptrix.testing.SharedApplication;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Table;
import jakarta.persistence.metamodel.EntityType;
import java.lang.reflect.Field;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.hibernate.annotations.TenantId;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Every entity that the application has, found by its metamodel, asked for another portal's rows. */
@SharedApplication
class RepositoryWallTest {

    private static final UUID OURS = UUID.randomUUID();
    private static final UUID THEIRS = UUID.randomUUID();

    private static TestApp app;
    private static EntityManager entities;
    private static TransactionTemplate transaction;

    @BeforeAll
    static void rowsOfBoth() throws SQLException {
        app = TestApp.shared();
        entities = app.bean(EntityManager.class);
        transaction = new TransactionTemplate(app.bean(PlatformTransactionManager.class));
        for (UUID tenant : List.of(OURS, THEIRS)) {
            as(
                    tenant,
                    () -> transaction.execute(status -> {
                        try (Connection connection = app.bean(DataSource.class).getConnection()) {
                            connection.setAutoCommit(true);
                            connection.createStatement().execute("set zaptrix.tenant = '" + tenant + "'");
                            for (EntityType<?> entity : ofTheApplication()) {
                                connection
                                        .createStatement()
                                        .execute(SampleRows.insert(connection, table(entity.getJavaType()), tenant));
                            }
                            connection.createStatement().execute("reset zaptrix.tenant");
                            return true;
                        } catch (SQLException failed) {
                            throw new IllegalStateException(failed);
                        }
                    }));
        }
    }

    private static <T> T as(UUID tenant, Supplier<T> work) {
        return TenantContext.call(new io.zaptrix.platform.TenantId(tenant), work);
    }

    /** Without those that other tests bring along. */
    private static List<EntityType<?>> ofTheApplication() {
        return entities.getMetamodel().getEntities().stream()
                .filter(entity -> !entity.getJavaType()
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .getPath()
                        .contains("test-classes"))
                .<EntityType<?>>map(entity -> entity)
                .toList();
    }

    private static String table(Class<?> entity) {
        Table table = entity.getAnnotation(Table.class);
        return table != null && !table.name().isEmpty()
                ? table.name()
                : entity.getSimpleName().replaceAll("(?<=[a-z])([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static Field tenantOf(Class<?> entity) {
        return Arrays.stream(entity.getDeclaredFields())
                .filter(field -> field.isAnnotationPresent(TenantId.class))
                .findFirst()
                .orElseThrow(() -> new AssertionError(entity + " has no tenant"));
    }

    private static List<Object> all(EntityType<?> entity) {
        return transaction.execute(status -> new ArrayList<Object>(
                entities.createQuery("select e from " + entity.getName() + " e", entity.getJavaType())
                        .getResultList()));
    }

    private static List<Object> allBySql(EntityType<?> entity) {
        return transaction.execute(status -> new ArrayList<Object>(
                entities.createNativeQuery("select tenant_id from " + table(entity.getJavaType()), UUID.class)
                        .getResultList()));
    }

    private static Object tenantIn(Object row) {
        try {
            Field field = tenantOf(row.getClass());
            field.setAccessible(true);
            return field.get(row);
        } catch (IllegalAccessException failed) {
            throw new AssertionError(failed);
        }
    }

    @TestFactory
    List<DynamicTest> noEntityOfAnotherPortalIsReached() {
        List<DynamicTest> tests = new ArrayList<>();
        for (EntityType<?> entity : ofTheApplication()) {
            String name = entity.getName();
            tests.add(DynamicTest.dynamicTest(name + ": a portal's query finds its own row", () -> {
                assertThat(as(OURS, () -> all(entity)))
                        .hasSize(1)
                        .allMatch(row -> tenantIn(row).equals(OURS));
                assertThat(as(OURS, () -> allBySql(entity))).containsExactly(OURS);
            }));
            tests.add(DynamicTest.dynamicTest(name + ": nobody finds nothing", () -> {
                assertThat(all(entity)).isEmpty();
                assertThat(allBySql(entity)).isEmpty();
            }));
            tests.add(DynamicTest.dynamicTest(name + ": another's row is not found by its id", () -> {
                Object theirs = as(THEIRS, () -> all(entity)).getFirst();
                Object id = entities.getEntityManagerFactory()
                        .getPersistenceUnitUtil()
                        .getIdentifier(theirs);
                boolean found = as(
                        OURS,
                        () -> transaction.execute(status -> {
                            Object row = entities.find(entity.getJavaType(), id);
                            return row != null && !tenantIn(row).equals(OURS);
                        }));
                assertThat(found).isFalse();
            }));
        }
        assertThat(tests).hasSizeGreaterThanOrEqualTo(9);
        return tests;
    }
}
