package io.zaptrix.bitrix24;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PacerTest {

    private static final URI ACME = URI.create("https://acme.bitrix24.com/rest/");
    private static final URI OTHER = URI.create("https://other.bitrix24.com/rest/");
    private static final String SEND = "imconnector.send.messages";
    private static final Duration TWO_HOURS = Duration.ofHours(2);

    private final MovableClock clock = new MovableClock();
    private final Pacer pacer = new Pacer(2, 50, clock, clock::nanoTime);

    @Test
    void fiftyRequestsGoAtOnceAndThenTwoASecond() {
        take(ACME, 50);

        assertThat(waitFor(ACME)).isBetween(Duration.ofMillis(500), Duration.ofMillis(501));

        clock.pass(Duration.ofSeconds(3));
        take(ACME, 6);
        assertThat(waitFor(ACME)).isBetween(Duration.ofMillis(500), Duration.ofMillis(501));
    }

    @Test
    void whoeverWaitsAsLongAsToldFindsRoom() {
        take(ACME, 50);
        for (int i = 0; i < 100; i++) {
            clock.pass(waitFor(ACME));
            take(ACME, 1);
        }
    }

    @Test
    void onePortalsRequestsAreNotAnothers() {
        take(ACME, 50);

        take(OTHER, 50);
    }

    @Test
    void aPortalIsOneWhateverItsPathAndCase() {
        take(ACME, 49);
        take(URI.create("https://ACME.bitrix24.com/other/"), 1);

        assertThat(waitFor(ACME)).isPositive();
    }

    @Test
    void anEmptyBucketHoldsNoMoreThanItsBurst() {
        clock.pass(Duration.ofDays(1));

        take(ACME, 50);
        assertThat(waitFor(ACME)).isPositive();
    }

    @Test
    void whenTheServerSaysFullItIsFull() {
        take(ACME, 1);

        assertThat(pacer.full(ACME, null)).isBetween(Duration.ofMillis(500), Duration.ofMillis(501));

        assertThat(waitFor(ACME)).isBetween(Duration.ofMillis(500), Duration.ofMillis(501));
        assertThat(pacer.full(ACME, Duration.ofSeconds(7))).isEqualTo(Duration.ofSeconds(7));
        clock.pass(Duration.ofSeconds(6));
        assertThat(waitFor(ACME)).isEqualTo(Duration.ofSeconds(1));
        clock.pass(Duration.ofSeconds(1));
        take(ACME, 1);
    }

    @Test
    void aMethodOutOfTimeIsBlockedUntilItsOldestBasketIsEmpty() {
        pacer.block(ACME, SEND, clock.instant().plusSeconds(90));

        assertThat(pacer.blocked(ACME, SEND)).get().satisfies(e -> {
            assertThat(e.kind()).isEqualTo(Kind.LIMIT);
            assertThat(e.code()).isEqualTo("OPERATION_TIME_LIMIT");
            assertThat(e.retryAfter()).contains(Duration.ofSeconds(90));
        });
        assertThat(pacer.blocked(ACME, "profile")).isEmpty();
        assertThat(pacer.blocked(OTHER, SEND)).isEmpty();
        clock.pass(Duration.ofSeconds(90));
        assertThat(pacer.blocked(ACME, SEND)).isEmpty();
    }

    @Test
    void theLastGoodAnswerTellsTheTimeWhenTheRefusalDoesNot() {
        pacer.operatingResetsAt(ACME, SEND, clock.instant().plusSeconds(300));

        assertThat(pacer.block(ACME, SEND, null)).isEqualTo(Duration.ofSeconds(300));
        assertThat(pacer.block(ACME, "profile", null)).isEqualTo(Duration.ofMinutes(1));
        assertThat(pacer.block(ACME, "profile", clock.instant().minusSeconds(1)))
                .isEqualTo(Duration.ofMinutes(1));
        assertThat(pacer.block(ACME, "profile", clock.instant().plusSeconds(86_400)))
                .isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void aClockThatIsSetBackDoesNotStopABusyPortal() {
        take(ACME, 50);

        clock.isSetBack(TWO_HOURS);
        clock.pass(Duration.ofSeconds(3));

        take(ACME, 6);
        assertThat(waitFor(ACME)).isBetween(Duration.ofMillis(500), Duration.ofMillis(501));
    }

    @Test
    void aPortalThatAskedForAPauseHasNoLongerOneWhenTheClockIsSetBack() {
        pacer.full(ACME, Duration.ofSeconds(7));

        clock.isSetBack(TWO_HOURS);

        assertThat(waitFor(ACME)).isEqualTo(Duration.ofSeconds(7));
        clock.pass(Duration.ofSeconds(7));
        take(ACME, 1);
    }

    @Test
    void aBlockedMethodIsFreeInTimeWhenTheClockIsSetBack() {
        pacer.block(ACME, SEND, clock.instant().plusSeconds(90));

        clock.isSetBack(TWO_HOURS);

        assertThat(pacer.blocked(ACME, SEND))
                .get()
                .satisfies(e -> assertThat(e.retryAfter()).contains(Duration.ofSeconds(90)));
        clock.pass(Duration.ofSeconds(90));
        assertThat(pacer.blocked(ACME, SEND)).isEmpty();
    }

    private void take(URI portal, int times) {
        for (int i = 0; i < times; i++) {
            assertThatCode(() -> pacer.take(portal)).doesNotThrowAnyException();
        }
    }

    private Duration waitFor(URI portal) {
        Duration[] wait = {Duration.ZERO};
        assertThatThrownBy(() -> pacer.take(portal))
                .asInstanceOf(type(Bitrix24Exception.class))
                .satisfies(e -> {
                    assertThat(e.kind()).isEqualTo(Kind.LIMIT);
                    wait[0] = e.retryAfter().orElseThrow();
                });
        return wait[0];
    }
}
