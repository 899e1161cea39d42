package io.zaptrix.bench;

import io.zaptrix.testing.AppProcess;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A portal that takes two calls a second gets 20,000 messages at once. When they are accepted, nothing is left to do
 * but to wait for the portal, and the next benchmark begins.
 */
@ExtendWith(Table.class)
@Order(1)
class BurstBench {

    private static final int MESSAGES = 20_000;
    private static final int A_CALL = 50;

    @Test
    void aPortalAtItsLimitAbsorbsABurst() throws Exception {
        try (Stage stage = new Stage()) {
            AppProcess app = stage.replica();
            stage.install(0, 1);
            stage.portals.behaves(0, new Portals.Manners(Duration.ZERO, 200, 2));
            long start = System.nanoTime();
            long first = Load.flood(app.port(), 0, MESSAGES / Load.BULK);
            double accepted = (System.nanoTime() - start) / 1e9;
            stage.machine.leave();
            Stage.await("all arrive", Duration.ofMinutes(8), () -> stage.portals.arrivals.size() == MESSAGES);
            double seconds = (System.nanoTime() - start) / 1e9;
            double ideal = (MESSAGES / A_CALL - 50) / 2.0;
            Table.row(
                    "20,000 messages to a portal at 2 calls/s",
                    Table.number(
                            "%.0f s (ideal %.0f s; accepted in %.1f s), %d calls, %d refused by the limit",
                            seconds, ideal, accepted, stage.portals.calls.get(), stage.portals.refusedByLimit.get()),
                    "≤ 1.3 × ideal, none refused",
                    Table.number("%.2f", seconds / ideal));
            Table.row(
                    "of these doubled, out of order in their conversation",
                    stage.portals.repeated.get() + ", "
                            + outOfOrder(stage.portals.order.getOrDefault(0, List.of()), first),
                    "0, 0",
                    "");
            Stage.weigh("resident set after that, -Xmx256m", app);
        }
    }

    /** The hundred customers of {@link Load#bulk} wrote in turn, so that a conversation's numbers grow. */
    static int outOfOrder(List<String> arrived, long first) {
        Map<Long, Long> last = new HashMap<>();
        int wrong = 0;
        for (String wamid : arrived) {
            long n = Long.parseLong(wamid.substring(wamid.length() - 12));
            Long before = last.put((n - first) % Load.BULK, n);
            if (before != null && before > n) {
                wrong++;
            }
        }
        return wrong;
    }
}
