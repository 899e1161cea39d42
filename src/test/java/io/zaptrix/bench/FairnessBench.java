package io.zaptrix.bench;

import io.zaptrix.testing.AppProcess;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What one portal's troubles cost the others. This side's pacing is set aside, or D and the first of the thousand would
 * wait for their own limit of two calls a second; portal A's limit is kept by portal A.
 */
@ExtendWith(Table.class)
class FairnessBench {

    private static final int PORTALS = 1_000;
    private static final int A = 0;
    private static final int B = 1;
    private static final int C = 2;
    private static final int D = 3;
    private static final int BACKLOG = 100_000;

    /** The share of portal k is 1/k of the first's. */
    private static final double[] ZIPF = zipf(PORTALS - D);

    @Test
    void oneLimitedOneHangingOneFailing() throws Exception {
        try (Stage stage = new Stage()) {
            AppProcess app = stage.replica("--zaptrix.bitrix24.rate-per-second=1000", "--zaptrix.bitrix24.burst=1000");
            stage.install(0, PORTALS);
            Map<String, Long> sent = new ConcurrentHashMap<>();
            LongFunction<byte[]> toD = n -> {
                sent.put(Load.wamid(n), System.nanoTime());
                return Load.webhook(n, D, (int) (n % 50));
            };
            LongFunction<byte[]> toAll = n -> {
                sent.put(Load.wamid(n), System.nanoTime());
                return Load.webhook(n, D + draw(n), (int) (n % 500));
            };
            Load.run(app.port(), 16, Duration.ofSeconds(15), 300, toAll);
            stage.quiet();
            double idleD = p99(stage, app, sent, toD, 25);
            double idleAll = p99(stage, app, sent, toAll, 100);

            stage.portals.behaves(A, new Portals.Manners(Duration.ZERO, 200, 2));
            stage.portals.behaves(B, new Portals.Manners(Duration.ofSeconds(30), 200, 0));
            stage.portals.behaves(C, new Portals.Manners(Duration.ZERO, 500, 0));
            Load.flood(app.port(), A, BACKLOG / Load.BULK);
            Load.flood(app.port(), B, 5);
            Load.flood(app.port(), C, 5);
            Thread.sleep(5_000);

            double busyD = p99(stage, app, sent, toD, 25);
            double busyAll = p99(stage, app, sent, toAll, 100);
            Table.row(
                    "portal D, p99, beside 100,000 waiting, one hanging, one failing",
                    Table.number("%.1f ms (alone %.1f ms)", busyD, idleD),
                    "≤ 2 × alone",
                    Table.number("%.2f", busyD / idleD));
            Table.row(
                    "997 portals, Zipf, 100/s, p99, beside the same",
                    Table.number("%.1f ms (alone %.1f ms)", busyAll, idleAll),
                    "≤ 2 × alone",
                    Table.number("%.2f", busyAll / idleAll));
            Stage.weigh("resident set with that backlog (" + stage.count("lane_item") + " items), -Xmx256m", app);
        }
    }

    private static double p99(
            Stage stage, AppProcess app, Map<String, Long> sent, LongFunction<byte[]> request, double rate)
            throws Exception {
        sent.clear();
        Load.run(app.port(), 16, Duration.ofSeconds(15), rate, request);
        Stage.await(
                "all arrive",
                Duration.ofSeconds(30),
                () -> stage.portals.arrivals.keySet().containsAll(sent.keySet()));
        return Load.millis(LatencyBench.latencies(sent, stage.portals.arrivals), 0.99);
    }

    private static double[] zipf(int n) {
        double[] sums = new double[n];
        double sum = 0;
        for (int k = 0; k < n; k++) {
            sum += 1.0 / (k + 1);
            sums[k] = sum;
        }
        return sums;
    }

    private static int draw(long seed) {
        double at = new SplittableRandom(seed).nextDouble() * ZIPF[ZIPF.length - 1];
        int k = java.util.Arrays.binarySearch(ZIPF, at);
        return k < 0 ? -k - 1 : k;
    }
}
