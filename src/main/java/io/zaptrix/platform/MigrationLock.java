package io.zaptrix.platform;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import liquibase.integration.spring.SpringLiquibase;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * Lets one replica at a time migrate the schema, under a lock that PostgreSQL releases when its holder dies.
 * Liquibase's own lock is a row: left behind by a process that was killed, it would keep every later start waiting in
 * vain. Whoever holds this lock knows that such a row is void.
 */
final class MigrationLock implements BeanPostProcessor, AutoCloseable {

    private static final long KEY = 0x5a61707472697801L;

    private final ObjectProvider<JdbcConnectionDetails> database;
    private @Nullable Connection holder;

    /** @param database asked for a connection outside the pools, whose size must not matter here */
    MigrationLock(ObjectProvider<JdbcConnectionDetails> database) {
        this.database = database;
    }

    @Override
    public Object postProcessBeforeInitialization(Object bean, String name) {
        if (bean instanceof SpringLiquibase && holder == null) {
            try {
                JdbcConnectionDetails details = database.getObject();
                Connection connection =
                        DriverManager.getConnection(details.getJdbcUrl(), details.getUsername(), details.getPassword());
                holder = connection;
                try (Statement statement = connection.createStatement()) {
                    statement.execute("select pg_advisory_lock(" + KEY + ")");
                    if (exists(statement)) {
                        statement.execute("""
                                update databasechangeloglock set locked = false, lockgranted = null, lockedby = null
                                where locked
                                """);
                    }
                }
            } catch (SQLException failed) {
                throw new StartRefused("the schema cannot be migrated: " + failed.getMessage(), failed);
            }
        }
        return bean;
    }

    private static boolean exists(Statement statement) throws SQLException {
        try (ResultSet table = statement.executeQuery("select to_regclass('databasechangeloglock') is not null")) {
            return table.next() && table.getBoolean(1);
        }
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof SpringLiquibase) {
            close();
        }
        return bean;
    }

    @Override
    public void close() {
        Connection connection = holder;
        holder = null;
        if (connection == null) {
            return;
        }
        try (connection;
                Statement statement = connection.createStatement()) {
            statement.execute("select pg_advisory_unlock(" + KEY + ")");
        } catch (SQLException gone) {
            throw new IllegalStateException("the migration's lock is lost", gone);
        }
    }
}
