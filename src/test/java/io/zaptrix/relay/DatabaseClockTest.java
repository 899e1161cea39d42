package io.zaptrix.relay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DatabaseClockTest {

    private final DatabaseClock clock = new DatabaseClock();

    /** @param after seconds of the monotonic clock */
    private boolean setBack(double says, double after) {
        long answered = (long) (after * 1e9);
        return clock.setBack(says, answered - 2_000_000, answered);
    }

    @Test
    void aClockThatGoesOnIsNotSetBack() {
        assertThat(setBack(1_000, 50)).isFalse();
        assertThat(setBack(1_000.1, 50.1)).isFalse();
        assertThat(setBack(1_060, 110)).isFalse();
        // Corrected a little, as clocks are.
        assertThat(setBack(1_059, 110.1)).isFalse();
    }

    @Test
    void setAheadItIsNotSetBackAndThenItIs() {
        assertThat(setBack(1_000, 50)).isFalse();
        assertThat(setBack(8_200, 50.1)).isFalse();
        assertThat(setBack(8_201, 51.1)).isFalse();
        assertThat(setBack(1_002, 52)).isTrue();
        assertThat(setBack(1_003, 53)).isFalse();
    }

    @Test
    void anAnswerThatTookLongSaysNothing() {
        assertThat(setBack(1_000, 50)).isFalse();
        // Asked at 51, told the time then, and heard at 71.
        assertThat(clock.setBack(1_001, 51_000_000_000L, 71_000_000_000L)).isFalse();
        assertThat(setBack(1_021.1, 71.1)).isFalse();
    }
}
