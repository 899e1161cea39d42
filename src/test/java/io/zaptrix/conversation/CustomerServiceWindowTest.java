package io.zaptrix.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How long a customer may be written to. */
class CustomerServiceWindowTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    private static boolean closed(@Nullable Duration wroteAgo, @Nullable Duration adAgo) {
        return new CustomerServiceWindow(
                        wroteAgo == null ? null : NOW.minus(wroteAgo), adAgo == null ? null : NOW.minus(adAgo))
                .isClosed(NOW);
    }

    @Test
    void itIsOpenFor24HoursToTheSecond() {
        assertThat(closed(Duration.ZERO, null)).isFalse();
        assertThat(closed(Duration.ofHours(24).minusSeconds(1), null)).isFalse();
        assertThat(closed(Duration.ofHours(24), null)).isTrue();
        assertThat(closed(Duration.ofMinutes(-5), null))
                .as("Meta's clock is ahead")
                .isFalse();
    }

    @Test
    void anAdMakesIt72() {
        Duration late = Duration.ofHours(71);
        assertThat(closed(late, late)).isFalse();
        assertThat(closed(Duration.ofHours(72), Duration.ofHours(72))).isTrue();
        assertThat(closed(Duration.ofHours(23), Duration.ofHours(100))).isFalse();
    }

    @Test
    void whereNothingIsKnownItIsNotSaidToBeClosed() {
        assertThat(closed(null, null)).isFalse();
    }
}
