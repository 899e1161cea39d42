package io.zaptrix.platform;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/** Admits only a database whose row-level security will bind this application. */
final class DatabaseGuard {

    private static final Logger log = LoggerFactory.getLogger(DatabaseGuard.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int OLDEST = 14;

    private DatabaseGuard() {}

    /**
     * Returns when the database can be reached and is fit; waits a little for one that is still starting.
     *
     * @throws StartRefused when it cannot be reached, is older than PostgreSQL 14, or would not bind this role by its
     *     policies (a superuser, {@code BYPASSRLS})
     */
    static void admit(JdbcConnectionDetails database) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet role = statement.executeQuery("""
                        select current_setting('server_version_num')::int / 10000, rolname, rolsuper, rolbypassrls,
                               has_schema_privilege(current_schema(), 'create')
                        from pg_roles where rolname = current_user
                        """)) {
            role.next();
            if (role.getInt(1) < OLDEST) {
                throw new StartRefused("the database is PostgreSQL " + role.getInt(1)
                        + "; SPRING_DATASOURCE_URL must name PostgreSQL 14 or newer");
            }
            if (role.getBoolean(3) || role.getBoolean(4)) {
                throw new StartRefused("the database role \"" + role.getString(2) + "\" "
                        + (role.getBoolean(3) ? "is a superuser" : "has BYPASSRLS")
                        + " and would see every tenant's rows; SPRING_DATASOURCE_USERNAME must be a plain role that"
                        + " owns the database");
            }
            if (!role.getBoolean(5)) {
                throw new StartRefused("the database role \"" + role.getString(2)
                        + "\" may not create tables; SPRING_DATASOURCE_USERNAME must be a role that owns the database");
            }
        } catch (SQLException unfit) {
            throw new StartRefused(
                    "the database of SPRING_DATASOURCE_URL cannot be used: " + unfit.getMessage(), unfit);
        }
    }

    private static Connection connect(JdbcConnectionDetails database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "10");
        if (database.getUsername() != null && !database.getUsername().isEmpty()) {
            properties.setProperty("user", database.getUsername());
        }
        if (database.getPassword() != null && !database.getPassword().isEmpty()) {
            properties.setProperty("password", database.getPassword());
        }
        Instant patienceEnds = Instant.now().plus(PATIENCE);
        while (true) {
            try {
                return DriverManager.getConnection(database.getJdbcUrl(), properties);
            } catch (SQLException failed) {
                // 08: no connection; 57P03: the server is starting or recovering
                String state = String.valueOf(failed.getSQLState());
                boolean mayPass = state.startsWith("08") || state.equals("57P03");
                if (!mayPass || Instant.now().isAfter(patienceEnds)) {
                    throw failed;
                }
                log.info("The database does not answer yet");
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new StartRefused("interrupted while waiting for the database", stop);
        }
    }
}
