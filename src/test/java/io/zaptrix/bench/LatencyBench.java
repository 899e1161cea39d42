package io.zaptrix.bench;

import io.zaptrix.testing.AppProcess;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** From the webhook's first byte to the portal's server having read the call, and from the agent's event to Graph. */
@ExtendWith(Table.class)
class LatencyBench {

    private static final int PORTALS = 50;
    private static final int A_SECOND = 50;

    /** Other portals, and many: no portal may begin with its limit of two calls a second used up. */
    private static final int WARM_UP = 450;

    @Test
    void fromOneSideToTheOther() throws Exception {
        try (Stage stage = new Stage()) {
            AppProcess app = stage.replica();
            stage.install(0, PORTALS + WARM_UP);
            Map<String, Long> sent = new ConcurrentHashMap<>();
            LongFunction<byte[]> webhook = n -> {
                sent.put(Load.wamid(n), System.nanoTime());
                return Load.webhook(n, (int) (n % PORTALS), (int) (n % 500));
            };
            LongFunction<byte[]> event = n -> {
                sent.put("#" + n, System.nanoTime());
                return Load.event(n, (int) (n % PORTALS), (int) (n % 500));
            };
            Load.run(
                    app.port(),
                    16,
                    Duration.ofSeconds(10),
                    300,
                    n -> Load.webhook(n, PORTALS + (int) (n % WARM_UP), (int) (n % 500)));
            Load.run(
                    app.port(),
                    16,
                    Duration.ofSeconds(10),
                    200,
                    n -> Load.event(n, PORTALS + (int) (n % WARM_UP), (int) (n % 5_000)));
            stage.quiet();
            sent.clear();
            Load.run(app.port(), 16, Duration.ofSeconds(20), A_SECOND, webhook);
            row("webhook to imconnector.send.messages, 50/s over 50 portals", sent, stage.portals.arrivals);
            sent.clear();
            Load.run(app.port(), 16, Duration.ofSeconds(20), A_SECOND, event);
            row("agent's event to Graph, 50/s over 50 portals", sent, stage.graph.arrivals);
        }
    }

    private static void row(String name, Map<String, Long> sent, Map<String, Long> arrived) throws Exception {
        Stage.await("all arrive", Duration.ofSeconds(20), () -> arrived.keySet().containsAll(sent.keySet()));
        long[] nanos = latencies(sent, arrived);
        Table.row(
                name,
                Table.number("p50 %.1f ms, p99 %.1f ms", Load.millis(nanos, 0.5), Load.millis(nanos, 0.99)),
                "p50 < 25 ms, p99 < 100 ms",
                Table.number("%.2f, %.2f", Load.millis(nanos, 0.5) / 25, Load.millis(nanos, 0.99) / 100));
    }

    /** @return ascending */
    static long[] latencies(Map<String, Long> sent, Map<String, Long> arrived) {
        return sent.entrySet().stream()
                .mapToLong(message -> arrived.getOrDefault(message.getKey(), Long.MAX_VALUE) - message.getValue())
                .sorted()
                .toArray();
    }
}
