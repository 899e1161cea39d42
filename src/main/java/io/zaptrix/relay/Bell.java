package io.zaptrix.relay;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Wakes the dispatcher when a lane became ready: at once when this replica accepted, by {@code LISTEN} when another
 * did. A ring that is lost (the listening connection broke) costs one polling interval, no more.
 */
@Component
class Bell implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Bell.class);

    private final RelayDatabase database;
    private final Semaphore rings = new Semaphore(0);
    private volatile boolean running;
    private volatile @Nullable Connection listening;

    Bell(RelayDatabase database) {
        this.database = database;
    }

    void ring() {
        if (rings.availablePermits() == 0) {
            rings.release();
        }
    }

    /** Waits for the bell, but not longer than {@code atMost}; rings in between are one. */
    void await(Duration atMost) throws InterruptedException {
        rings.tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS);
        rings.drainPermits();
    }

    private void listen() {
        while (running) {
            try (Connection connection = database.listeningConnection();
                    Statement statement = connection.createStatement()) {
                listening = connection;
                statement.execute("listen zaptrix_lane");
                ring();
                PGConnection postgres = connection.unwrap(PGConnection.class);
                while (running) {
                    if (postgres.getNotifications(5_000).length > 0) {
                        ring();
                    } else {
                        // Finds a connection that died without a word.
                        statement.execute("select 1");
                    }
                }
            } catch (SQLException broken) {
                if (running) {
                    log.warn("not listening for other replicas' messages: {}", broken.getMessage());
                    pause();
                }
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(1_000);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void start() {
        running = true;
        Thread.ofVirtual().name("relay-bell").start(this::listen);
    }

    @Override
    public void stop() {
        running = false;
        Connection connection = listening;
        if (connection != null) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException ignored) {
                // It is gone all the same.
            }
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return Dispatcher.PHASE - 1;
    }
}
