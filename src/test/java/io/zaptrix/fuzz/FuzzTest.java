package io.zaptrix.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The beginning of every campaign, the same in each build. */
class FuzzTest {

    private static final long CASES = 4_000;

    @TestFactory
    List<DynamicTest> nothingEscapesButWhatIsDocumented() {
        return Fuzz.targets().stream()
                .map(target -> DynamicTest.dynamicTest(
                        target.name(),
                        () -> assertThat(new Fuzz(target, 20_260_601).run(CASES, Duration.ofSeconds(20)))
                                .isEqualTo(CASES)))
                .toList();
    }
}
