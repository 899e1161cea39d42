package io.zaptrix.fuzz;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * {@code mvn verify -Pfuzz}: ten minutes ({@code -Dfuzz.minutes}) for all targets together, from a seed of the moment
 * ({@code -Dfuzz.seed}). Goes on to the end whatever is found, and tells all of it.
 */
class Campaign {

    @Test
    void allTargets() {
        long minutes = Long.getLong("fuzz.minutes", 10);
        long seed = Long.getLong("fuzz.seed", System.currentTimeMillis());
        List<Target> targets = Fuzz.targets();
        Duration each = Duration.ofMinutes(minutes).dividedBy(targets.size());
        List<Fuzz.Finding> findings = new ArrayList<>();
        long all = 0;
        long began = System.nanoTime();
        System.out.println("seed " + seed + ", " + targets.size() + " targets, " + each.toSeconds() + " s each");
        for (Target target : targets) {
            long end = System.nanoTime() + each.toNanos();
            long cases = 0;
            int found = 0;
            long round = 0;
            // A new pool now and then, and after each finding.
            while (System.nanoTime() < end && found < 5) {
                try {
                    cases += new Fuzz(target, seed + round++)
                            .run(200_000, Duration.ofNanos(Math.max(1, end - System.nanoTime())));
                } catch (Fuzz.Finding finding) {
                    findings.add(finding);
                    found++;
                }
            }
            all += cases;
            System.out.printf(Locale.ROOT, "%-28s %,12d cases  %d findings%n", target.name(), cases, found);
        }
        System.out.printf(
                Locale.ROOT,
                "%,d cases in %,d s, %d findings%n",
                all,
                Duration.ofNanos(System.nanoTime() - began).toSeconds(),
                findings.size());
        findings.forEach(finding -> finding.printStackTrace(System.out));
        if (!findings.isEmpty()) {
            throw findings.getFirst();
        }
    }
}
