package io.zaptrix.bitrix24;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Time that passes when a test says so. */
final class MovableClock implements InstantSource {

    private Instant now = Instant.parse("2026-03-11T12:00:00Z");

    /** Near its overflow, which whoever compares has to stand. */
    private long nanos = Long.MAX_VALUE - 1_000_000_000;

    @Override
    public Instant instant() {
        return now;
    }

    /** As {@link System#nanoTime()}, which nobody sets. */
    long nanoTime() {
        return nanos;
    }

    void pass(Duration time) {
        now = now.plus(time);
        nanos += time.toNanos();
    }

    void isSetBack(Duration by) {
        now = now.minus(by);
    }
}
