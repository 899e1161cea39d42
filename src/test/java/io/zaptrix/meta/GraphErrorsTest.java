package io.zaptrix.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.meta.GraphException.Kind;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

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

    /** Uncertain is what silence means; once Graph has spoken, something is certain. */
    @Property
    void anAnswerOfGraphsIsNeverUncertain(@ForAll int status, @ForAll int code, @ForAll int subcode) {
        assertThat(GraphErrors.judge(status, code, subcode, false)).isNotEqualTo(Kind.UNCERTAIN);
    }
}
