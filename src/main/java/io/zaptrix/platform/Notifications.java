package io.zaptrix.platform;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Hears what other replicas (and this one) tell by {@code NOTIFY}, on one connection for all who listen. While that is
 * broken something may be missed, so when it stands again all are told that it may.
 */
@Component
public class Notifications implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Notifications.class);

    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** After so long a silence the connection is tried, as one that is cut is silent, too. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    private final JdbcConnectionDetails database;
    private final ObjectProvider<NotificationListener> beans;
    private volatile List<NotificationListener> listeners = List.of();
    private volatile @Nullable Thread thread;
    private volatile boolean listening;

    public Notifications(JdbcConnectionDetails database, ObjectProvider<NotificationListener> listeners) {
        this.database = database;
        this.beans = listeners;
    }

    /** Whether what is remembered can be trusted: false while nothing could be heard. */
    public boolean listening() {
        return listening;
    }

    @Override
    public void start() {
        listeners = beans.stream().toList();
        // Known before it runs: it goes on for as long as it finds itself here.
        Thread listener = Thread.ofVirtual().name("notifications").unstarted(this::listen);
        thread = listener;
        listener.start();
    }

    @Override
    public void stop() {
        Thread running = thread;
        thread = null;
        if (running != null) {
            running.interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    private void listen() {
        while (isRunning()) {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement()) {
                for (NotificationListener listener : listeners) {
                    statement.execute("listen " + listener.channel());
                }
                listening = true;
                listeners.forEach(NotificationListener::missed);
                hear(connection.unwrap(PGConnection.class), statement);
            } catch (SQLException e) {
                listening = false;
                if (isRunning()) {
                    log.warn("not listening to other replicas: {}", e.getMessage());
                    pause();
                }
            } finally {
                listening = false;
            }
        }
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("ApplicationName", "zaptrix-notifications");
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
                for (NotificationListener listener : listeners) {
                    if (listener.channel().equals(notification.getName())) {
                        listener.heard(notification.getParameter());
                    }
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
