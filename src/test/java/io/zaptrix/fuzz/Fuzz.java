package io.zaptrix.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.bitrix24.BitrixFuzz;
import io.zaptrix.conversation.ConversationFuzz;
import io.zaptrix.inbound.InboundFuzz;
import io.zaptrix.media.MediaFuzz;
import io.zaptrix.meta.MetaFuzz;
import io.zaptrix.outbound.OutboundFuzz;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Changes honest input at random (bits, bytes, pieces, words of the language, other inputs), one change upon another,
 * and gives it to a {@link Target}. The same seed makes the same cases.
 */
final class Fuzz {

    /** Beyond that a case is a finding, too: a body of three megabytes may not hold a thread for long. */
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private static final int POOL = 400;
    private static final int LARGEST = 16 * 1024;

    private static final List<String> OF_ALL = List.of(
            "\0",
            "\uFFFD",
            "\uD83D\uDE00",
            "\u202E",
            "\r\n",
            "%",
            "%00",
            "%F0%9F",
            "&",
            "=",
            "[",
            "]",
            "[]",
            "{",
            "}",
            "\"",
            "\\",
            "\\u0000",
            "\\uD800",
            "null",
            "true",
            "-0",
            "1e400",
            "99999999999999999999",
            "-1",
            "NaN",
            "é");

    private final Target target;
    private final SplittableRandom random;
    private final List<byte[]> pool;

    Fuzz(Target target, long seed) {
        this.target = target;
        this.random = new SplittableRandom(seed);
        this.pool = new ArrayList<>(target.seeds());
    }

    static List<Target> targets() {
        return Stream.of(
                        MetaFuzz.targets(),
                        BitrixFuzz.targets(),
                        InboundFuzz.targets(),
                        OutboundFuzz.targets(),
                        MediaFuzz.targets(),
                        ConversationFuzz.targets())
                .flatMap(List::stream)
                .toList();
    }

    /** Input that broke a promise, to be tried again. */
    static final class Finding extends AssertionError {

        private static final long serialVersionUID = 1L;

        Finding(Target target, byte[] input, Throwable why) {
            super(
                    target.name() + ": " + why + "\n  input, Base64: "
                            + Base64.getEncoder().encodeToString(input) + "\n  input, shown: "
                            + new String(input, 0, Math.min(input.length, 300), UTF_8).replaceAll("\\p{Cntrl}", "?"),
                    why);
        }
    }

    /** Runs as many cases as said, or until the time has come; returns how many they were. */
    long run(long most, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        long cases = 0;
        while (cases < most && ((cases & 63) != 0 || System.nanoTime() < end)) {
            byte[] input = mutated(pool.get(random.nextInt(pool.size())));
            cases++;
            long began = System.nanoTime();
            try {
                target.reader().accept(input);
            } catch (Throwable escaped) {
                throw new Finding(target, input, escaped);
            }
            if (System.nanoTime() - began > LONGEST.toNanos()) {
                // Once more: the first time it may have been the machine.
                began = System.nanoTime();
                target.reader().accept(input);
                if (System.nanoTime() - began > LONGEST.toNanos()) {
                    throw new Finding(target, input, new AssertionError("takes longer than " + LONGEST));
                }
            }
            if (random.nextInt(50) == 0 && input.length <= LARGEST) {
                if (pool.size() < POOL) {
                    pool.add(input);
                } else {
                    int seeds = target.seeds().size();
                    pool.set(seeds + random.nextInt(POOL - seeds), input);
                }
            }
        }
        return cases;
    }

    private byte[] mutated(byte[] input) {
        byte[] changed = input;
        int changes = 1 + random.nextInt(random.nextInt(6) + 1);
        for (int i = 0; i < changes; i++) {
            changed = once(changed);
        }
        return changed;
    }

    private byte[] once(byte[] in) {
        int at = random.nextInt(in.length + 1);
        int length = random.nextInt(Math.min(32, in.length - at) + 1);
        return switch (random.nextInt(9)) {
            case 0 -> {
                byte[] flipped = in.clone();
                if (at < in.length) {
                    flipped[at] ^= (byte) (1 << random.nextInt(8));
                }
                yield flipped;
            }
            case 1 -> {
                byte[] set = in.clone();
                if (at < in.length) {
                    set[at] = (byte) random.nextInt(256);
                }
                yield set;
            }
            case 2 -> joined(in, at, new byte[0], at + length);
            case 3 -> joined(in, at, Arrays.copyOfRange(in, at, at + length), at);
            case 4 -> {
                byte[] other = pool.get(random.nextInt(pool.size()));
                int from = random.nextInt(other.length + 1);
                yield joined(
                        in,
                        at,
                        Arrays.copyOfRange(other, from, from + random.nextInt(Math.min(200, other.length - from) + 1)),
                        at + length);
            }
            case 5, 6 -> joined(in, at, word(target.words()), at);
            case 7 -> joined(in, at, word(OF_ALL), at + length);
            default -> repeated(in, at, length);
        };
    }

    /** A piece many times over: what is linear once and not so when there is much of it. */
    private byte[] repeated(byte[] in, int at, int length) {
        if (in.length > LARGEST || length == 0 || random.nextInt(8) != 0) {
            return joined(in, at, word(target.words()), at);
        }
        int times = 1 + random.nextInt(1 + Math.min(300, LARGEST / length));
        byte[] many = new byte[times * length];
        for (int i = 0; i < times; i++) {
            System.arraycopy(in, at, many, i * length, length);
        }
        return joined(in, at, many, at);
    }

    private byte[] word(List<String> words) {
        return words.isEmpty()
                ? new byte[] {(byte) random.nextInt(256)}
                : words.get(random.nextInt(words.size())).getBytes(UTF_8);
    }

    private static byte[] joined(byte[] in, int to, byte[] middle, int from) {
        byte[] all = new byte[to + middle.length + in.length - from];
        System.arraycopy(in, 0, all, 0, to);
        System.arraycopy(middle, 0, all, to, middle.length);
        System.arraycopy(in, from, all, to + middle.length, in.length - from);
        return all;
    }
}
