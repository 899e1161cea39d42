package io.zaptrix.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.meta.GraphException.Kind;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GraphErrorsTest {

    @Test
    void rangesEndWhereTheyEnd() {
        assertThat(GraphErrors.kindOf(199)).isEmpty();
        assertThat(GraphErrors.kindOf(200)).contains(Kind.SUSPEND);
        assertThat(GraphErrors.kindOf(250)).contains(Kind.SUSPEND);
        assertThat(GraphErrors.kindOf(299)).contains(Kind.SUSPEND);
        assertThat(GraphErrors.kindOf(300)).isEmpty();
        assertThat(GraphErrors.kindOf(132068)).contains(Kind.REFUSE);
        assertThat(GraphErrors.kindOf(133001)).isEmpty();
        assertThat(GraphErrors.kindOf(-1)).isEmpty();
        assertThat(GraphErrors.kindOf(Integer.MAX_VALUE)).isEmpty();
    }

    @Test
    void everyCodeOfMetasContractIsInTheTable() {
        // Its page of business profiles gives the HTTP status as the code.
        assertThat(MetaContract.v23().errorCodes())
                .contains(4, 100, 131051, 132000, 80007)
                .filteredOn(code -> code != 400 && code != 403)
                .allSatisfy(code ->
                        assertThat(GraphErrors.kindOf(code)).as("code %s", code).isPresent());
    }

    @Test
    void everyCodeHasAKindAndAnAdvice() {
        for (int code : GraphErrors.codes()) {
            assertThat(GraphErrors.kindOf(code)).isPresent();
            assertThat(GraphErrors.advice(code)).as("%s", code).isNotEqualTo(GraphErrors.Advice.UNKNOWN);
        }
        assertThat(GraphErrors.advice(999_999)).isEqualTo(GraphErrors.Advice.UNKNOWN);
        assertThat(GraphErrors.advice(GraphException.NO_CODE)).isEqualTo(GraphErrors.Advice.UNKNOWN);
    }

    /** What Meta's pages say of the limits, where its answer does not. */
    @ParameterizedTest
    @CsvSource({"130429, PT1S", "131056, PT6S", "80007, PT5M", "131048, PT15M", "133016, PT1H", "4, PT1M", "-1, PT1M"})
    void eachLimitIsLeftAloneForAsLongAsItLasts(int code, Duration pause) {
        assertThat(GraphErrors.limit(code)).isEqualTo(pause);
        assertThat(GraphErrors.judge(429, code, GraphException.NO_CODE, false)).isEqualTo(Kind.LIMIT);
    }

    /** Uncertain is what silence means; once Graph has spoken, something is certain. */
    @Property
    void anAnswerOfGraphsIsNeverUncertain(@ForAll int status, @ForAll int code, @ForAll int subcode) {
        assertThat(GraphErrors.judge(status, code, subcode, false)).isNotEqualTo(Kind.UNCERTAIN);
    }
}
