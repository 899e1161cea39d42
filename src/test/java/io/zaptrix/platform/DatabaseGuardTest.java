package io.zaptrix.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.testing.AppProcess;
import io.zaptrix.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A database that would let one tenant see another's rows is not used. */
class DatabaseGuardTest {

    private static TestDatabase.Database database;

    @BeforeAll
    static void database() {
        database = TestDatabase.create();
    }

    @Test
    void aSuperuserIsRefused() {
        assertThat(refusal("postgres", "any"))
                .isEqualTo("Zaptrix cannot start: the database role \"postgres\" is a superuser and would see every"
                        + " tenant's rows; SPRING_DATASOURCE_USERNAME must be a plain role that owns the database");
    }

    @Test
    void aRoleThatBypassesThePoliciesIsRefused() throws SQLException {
        execute("create role bypassing login bypassrls password 'secret'");
        assertThat(refusal("bypassing", "secret")).contains("\"bypassing\" has BYPASSRLS");
    }

    @Test
    void aRoleThatMayNotCreateTheSchemaIsRefused() throws SQLException {
        execute("create role reader login password 'secret'");
        assertThat(refusal("reader", "secret")).contains("\"reader\" may not create tables");
    }

    @Test
    void aWrongPasswordOrDatabaseIsSaidInOneLine() {
        assertThat(AppRefusal.of(AppProcess.builder()
                        .database(database)
                        .env("SPRING_DATASOURCE_URL", database.url().replaceAll("/[^/]*$", "/absent"))))
                .contains("SPRING_DATASOURCE_URL")
                .contains("absent");
    }

    private static String refusal(String username, String password) {
        return AppRefusal.of(AppProcess.builder()
                .database(database)
                .env("SPRING_DATASOURCE_USERNAME", username)
                .env("SPRING_DATASOURCE_PASSWORD", password));
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = database.superuser().getConnection()) {
            connection.createStatement().execute(sql);
        }
    }

    /** What an application says that does not start. */
    private static final class AppRefusal {

        static String of(AppProcess.Builder builder) {
            try (AppProcess process = builder.launch()) {
                assertThat(process.awaitExit()).isEqualTo(1);
                assertThat(process.output().strip().lines()).hasSize(1);
                return process.output().strip();
            }
        }
    }
}
