package io.zaptrix.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.TenantId;
import io.zaptrix.relay.LaneStore.Claim;
import io.zaptrix.relay.LeaseWatch.Overdue;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaseWatchTest {

    private static final Claim CLAIM = new Claim(TenantId.ofMember("acme"), "test:1", 7);
    private static final OffsetDateTime UNTIL = OffsetDateTime.parse("2026-01-01T00:00:00Z");
    private static final Overdue OVERDUE = new Overdue(CLAIM, UNTIL);

    private final LeaseWatch watch = new LeaseWatch(Duration.ofSeconds(10));

    private List<Overdue> at(double seconds, Overdue... overdue) {
        return watch.gone(List.of(overdue), (long) (seconds * 1e9));
    }

    @Test
    void whoDoesNotRenewUnderTheWatchIsGone() {
        for (double t = 100; t < 104; t += 0.5) {
            assertThat(at(t, OVERDUE)).isEmpty();
        }
        assertThat(at(104, OVERDUE)).containsExactly(OVERDUE);
    }

    @Test
    void whoRenewsIsAliveWhateverTheClockSays() {
        for (int quarter = 0; quarter < 20; quarter++) {
            // Overdue again each time, as when the clock runs ahead of itself.
            Overdue renewed = new Overdue(CLAIM, UNTIL.plusSeconds(quarter));
            for (double t = 0; t < 2.5; t += 0.5) {
                assertThat(at(100 + 2.5 * quarter + t, renewed)).isEmpty();
            }
        }
    }

    @Test
    void anotherHolderHasAllItsTime() {
        for (double t = 100; t < 103.9; t += 0.5) {
            assertThat(at(t, OVERDUE)).isEmpty();
        }
        Overdue next = new Overdue(new Claim(CLAIM.tenant(), CLAIM.lane(), 8), UNTIL);
        assertThat(at(104, next)).isEmpty();
    }

    @Test
    void whatItDidNotSeeDoesNotCount() {
        assertThat(at(100, OVERDUE)).isEmpty();
        // The database hung: nobody could renew.
        assertThat(at(120, OVERDUE)).isEmpty();
        assertThat(at(122, OVERDUE)).isEmpty();
        assertThat(at(123.9, OVERDUE)).isEmpty();
        assertThat(at(124, OVERDUE)).containsExactly(OVERDUE);
    }
}
