package io.zaptrix.channel;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Hears from the other replicas that a number was linked or unlinked: one connection of its own that listens. While it
 * is broken it may miss something, so everything is forgotten when it stands again.
 */
@Component
class RouteBell implements SmartLifecycle {

    /** What every replica listens to for changes of what replicas remember. */
    static final String CHANNEL = "zaptrix_cache";

    static final String ROUTE = "route:";

    private static final Logger log = LoggerFactory.getLogger(RouteBell.class);

    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** After so long a silence the connection is tried, as one that is cut is silent, too. */
    private static final Duration SILENCE = Duration.ofSeconds(20);

    private final JdbcConnectionDetails database;
    private final NumberRoutes routes;
    private volatile @Nullable Thread listener;

    RouteBell(JdbcConnectionDetails database, NumberRoutes routes) {
        this.database = database;
        this.routes = routes;
    }

    @Override
    public void start() {
        // Known before it runs: it goes on for as long as it finds itself here.
        Thread thread = Thread.ofVirtual().name("route-bell").unstarted(this::listen);
        listener = thread;
        thread.start();
    }

    @Override
    public void stop() {
        Thread running = listener;
        listener = null;
        if (running != null) {
            running.interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return listener != null;
    }

    private void listen() {
        while (isRunning()) {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("listen " + CHANNEL);
                routes.forgetAll();
                hear(connection.unwrap(PGConnection.class), statement);
            } catch (SQLException e) {
                if (isRunning()) {
                    log.warn("not listening to other replicas: {}", e.getMessage());
                    pause();
                }
            }
        }
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("ApplicationName", "zaptrix-route-bell");
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "30");
        properties.setProperty("tcpKeepAlive", "true");
        // Either may be part of the URL instead.
        if (database.getUsername() != null && !database.getUsername().isEmpty()) {
            properties.setProperty("user", database.getUsername());
        }
        if (database.getPassword() != null && !database.getPassword().isEmpty()) {
            properties.setProperty("password", database.getPassword());
        }
        return DriverManager.getConnection(database.getJdbcUrl(), properties);
    }

    private void hear(PGConnection connection, Statement statement) throws SQLException {
        while (isRunning()) {
            PGNotification[] heard = connection.getNotifications((int) SILENCE.toMillis());
            if (heard == null || heard.length == 0) {
                statement.execute("select 1");
                continue;
            }
            for (PGNotification notification : heard) {
                if (notification.getParameter().startsWith(ROUTE)) {
                    routes.forget(notification.getParameter().substring(ROUTE.length()));
                }
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
