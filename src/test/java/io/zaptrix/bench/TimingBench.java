package io.zaptrix.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.meta.Signatures;
import io.zaptrix.portal.ApplicationTokens;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Whether the time that a refusal takes tells how much of a guess was right. As in dudect (Reparaz, Balasch and
 * Verbauwhede, 2017): two classes of input in random turns, here a guess that is wrong from its first byte and one that
 * is right but for its last; the slowest of both, which are the machine's, are left out at several percentiles; Welch's
 * t of what is left. Below 4.5 nothing is seen; a comparison that stops at the first difference gives tens to
 * thousands, which the last line shows. It measures, and asserts nothing: on a busy machine anything may come out once.
 */
@ExtendWith(Table.class)
class TimingBench {

    private static final int CASES = 400_000;
    private static final int WARM_UP = 40_000;

    @Test
    void comparisonsOfSecrets() throws GeneralSecurityException {
        byte[] body = "{\"object\":\"whatsapp_business_account\"}".getBytes(UTF_8);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("a-secret".getBytes(UTF_8), "HmacSHA256"));
        String signature = "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
        String token = "0123456789abcdef".repeat(4);
        String secret = "k".repeat(4_000);

        try (Machine alone = Machine.alone()) {
            System.out.println(
                    "comparison                       largest |t|   mean of wrong first   of wrong last, ns");
            measure("Meta's signature", Signatures.of(body, "a-secret"), signature, 7);
            measure("a portal's application token", ApplicationTokens.of(token), token, 0);
            measure("(String.equals of 4,000 letters)", secret::equals, secret, 0);
        }
    }

    private static void measure(String name, Predicate<String> check, String right, int from) {
        String first = right.substring(0, from) + other(right.charAt(from)) + right.substring(from + 1);
        String last = right.substring(0, right.length() - 1) + other(right.charAt(right.length() - 1));
        SplittableRandom random = new SplittableRandom(1);
        long[] times = new long[CASES];
        boolean[] isLast = new boolean[CASES];
        int accepted = 0;
        for (int i = -WARM_UP; i < CASES; i++) {
            boolean wrongLast = random.nextBoolean();
            // A string of its own each time, as a request brings it, so that nothing is known of it.
            String guess = new String((wrongLast ? last : first).toCharArray());
            long began = System.nanoTime();
            boolean proved = check.test(guess);
            long time = System.nanoTime() - began;
            accepted += proved ? 1 : 0;
            if (i >= 0) {
                times[i] = time;
                isLast[i] = wrongLast;
            }
        }
        if (accepted > 0) {
            throw new AssertionError("a wrong guess was right");
        }
        long[] sorted = times.clone();
        Arrays.sort(sorted);
        double largest = 0;
        double[] means = new double[2];
        for (double percentile : new double[] {0.5, 0.75, 0.9, 0.95, 0.99, 1}) {
            long cut = sorted[(int) Math.min(CASES - 1, percentile * CASES)];
            Sample wrongFirst = new Sample();
            Sample wrongLast = new Sample();
            for (int i = 0; i < CASES; i++) {
                if (times[i] <= cut) {
                    (isLast[i] ? wrongLast : wrongFirst).add(times[i]);
                }
            }
            double t = wrongFirst.welch(wrongLast);
            if (Math.abs(t) > largest) {
                largest = Math.abs(t);
            }
            if (percentile == 0.95) {
                means[0] = wrongFirst.mean;
                means[1] = wrongLast.mean;
            }
        }
        System.out.printf(Locale.ROOT, "%-34s %9.2f %19.1f %19.1f%n", name, largest, means[0], means[1]);
    }

    private static char other(char letter) {
        return letter == '0' ? '1' : '0';
    }

    /** Mean and variance by Welford's method. */
    private static final class Sample {

        private long count;
        private double mean;
        private double squares;

        void add(double value) {
            count++;
            double difference = value - mean;
            mean += difference / count;
            squares += difference * (value - mean);
        }

        double welch(Sample other) {
            double spread = squares / (count - 1) / count + other.squares / (other.count - 1) / other.count;
            return spread == 0 ? 0 : (mean - other.mean) / Math.sqrt(spread);
        }
    }
}
