package io.zaptrix.operations;

import io.zaptrix.relay.Relay;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Whether the database answers, the pages and the relay, each of which has its own connections. One question at a time
 * is under way, however many ask, so that health checks neither load the database nor use up the pool while it hangs.
 */
@Component
class DatabaseProbe {

    static final Duration PATIENCE = Duration.ofSeconds(2);

    private record Question(CompletableFuture<Boolean> answer, long askedAt) {}

    private final DataSource dataSource;
    private final Relay relay;
    private @Nullable Question open;

    DatabaseProbe(DataSource dataSource, Relay relay) {
        this.dataSource = dataSource;
        this.relay = relay;
    }

    /** Returns within {@link #PATIENCE}. */
    boolean answers() {
        Question question = ask();
        long left = PATIENCE.toNanos() - (System.nanoTime() - question.askedAt());
        try {
            return question.answer().get(Math.max(left, 0), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException silent) {
            return false;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized Question ask() {
        Question current = open;
        if (current == null || current.answer().isDone()) {
            CompletableFuture<Boolean> answer = new CompletableFuture<>();
            current = new Question(answer, System.nanoTime());
            open = current;
            Thread.startVirtualThread(() -> answer.complete(query()));
        }
        return current;
    }

    private boolean query() {
        try (Connection connection = dataSource.getConnection()) {
            return connection.isValid((int) PATIENCE.toSeconds()) && relay.isAccepting();
        } catch (SQLException | RuntimeException gone) {
            return false;
        }
    }
}
