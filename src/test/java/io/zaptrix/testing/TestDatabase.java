package io.zaptrix.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import liquibase.Contexts;
import liquibase.Liquibase;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LiquibaseException;
import liquibase.resource.ClassLoaderResourceAccessor;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.test.context.DynamicPropertyRegistry;

/**
 * One PostgreSQL server for all tests of this JVM, and in it a fresh database for whoever asks. It does not sync to
 * disk: tests of durability bring their own.
 */
public final class TestDatabase {

    /** The plain role that owns every test database. */
    private static final String OWNER = "zaptrix";

    private static final String TEMPLATE = "with_schema";
    private static final AtomicInteger COUNT = new AtomicInteger();

    private static @Nullable EmbeddedPostgres server;
    private static boolean templateMade;

    private TestDatabase() {}

    /**
     * A database of a test's own.
     *
     * @param username a plain role, which row-level security binds
     * @param superuserUrl for looking at what a plain role cannot see; needs no password
     */
    public record Database(String url, String username, String password, String superuserUrl) {

        /** Connections as the application's role. */
        public DataSource dataSource() {
            return source(url, username, password);
        }

        /** Connections as the server's superuser, whom no policy binds. */
        public DataSource superuser() {
            return source(superuserUrl, "postgres", "");
        }

        /** Lets a Spring test use this database, with all other settings that the application requires. */
        public void register(DynamicPropertyRegistry registry) {
            registry.add("spring.datasource.url", () -> url);
            registry.add("spring.datasource.username", () -> username);
            registry.add("spring.datasource.password", () -> password);
            TestSettings.properties().forEach((name, value) -> registry.add(name, () -> value));
        }

        /** Lets a process use this database. */
        public Map<String, String> environment() {
            Map<String, String> environment = new LinkedHashMap<>();
            environment.put("SPRING_DATASOURCE_URL", url);
            environment.put("SPRING_DATASOURCE_USERNAME", username);
            environment.put("SPRING_DATASOURCE_PASSWORD", password);
            return environment;
        }

        private static DataSource source(String url, String username, String password) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(url);
            source.setUser(username);
            source.setPassword(password);
            return source;
        }
    }

    /** An empty database. */
    public static synchronized Database create() {
        return create("template0");
    }

    /** A database with the application's schema and no rows. */
    public static synchronized Database createWithSchema() {
        if (!templateMade) {
            run("create database " + TEMPLATE + " owner " + OWNER);
            migrate(named(TEMPLATE));
            templateMade = true;
        }
        return create(TEMPLATE);
    }

    private static Database create(String template) {
        String name = "test_" + COUNT.incrementAndGet();
        run("create database " + name + " owner " + OWNER + " template " + template);
        return named(name);
    }

    private static Database named(String name) {
        String address = "jdbc:postgresql://127.0.0.1:" + server().getPort() + "/" + name;
        return new Database(address, OWNER, OWNER, address);
    }

    private static void migrate(Database database) {
        try (Connection connection = database.dataSource().getConnection();
                Liquibase liquibase = new Liquibase(
                        "db/changelog/db.changelog-master.xml",
                        new ClassLoaderResourceAccessor(),
                        DatabaseFactory.getInstance()
                                .findCorrectDatabaseImplementation(new JdbcConnection(connection)))) {
            liquibase.update(new Contexts());
        } catch (SQLException | LiquibaseException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static void run(String sql) {
        String url = "jdbc:postgresql://127.0.0.1:" + server().getPort() + "/postgres";
        try (Connection connection = DriverManager.getConnection(url, "postgres", "");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** An application that stops finishes what is in hand, and would wait long for a database that went before it. */
    private static void awaitApplications() {
        try {
            // All hooks begin at the same time.
            Thread.sleep(100);
            for (Thread hook : Thread.getAllStackTraces().keySet()) {
                if (hook.getName().equals("SpringApplicationShutdownHook")) {
                    hook.join(20_000);
                }
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private static EmbeddedPostgres server() {
        EmbeddedPostgres running = server;
        if (running == null) {
            try {
                running = EmbeddedPostgres.builder()
                        .setPGStartupWait(Duration.ofSeconds(60))
                        .setServerConfig("max_connections", "300")
                        .setServerConfig("shared_buffers", "64MB")
                        .setServerConfig("jit", "off")
                        .setRegisterShutdownHook(false)
                        .start();
            } catch (IOException failed) {
                throw new IllegalStateException(failed);
            }
            server = running;
            EmbeddedPostgres last = running;
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                awaitApplications();
                try {
                    last.close();
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            }));
            run("create role " + OWNER + " login nosuperuser nobypassrls password '" + OWNER + "'");
        }
        return running;
    }
}
