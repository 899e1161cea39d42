package io.zaptrix.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.testing.TestDatabase;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class RelayDatabaseTest {

    private static final TestDatabase.Database DATABASE = TestDatabase.create();
    private static final RelayDatabase RELAY =
            new RelayDatabase(Replica.details(DATABASE), Replica.properties(Duration.ofHours(24), 2));

    @AfterAll
    static void end() {
        RELAY.destroy();
    }

    /** Or everything done on it would look as if other replicas had claimed the lanes. */
    @Test
    void aConnectionWhoseFirstTransactionIsRolledBackStillSeesTheLanes() {
        for (int connection = 0; connection < 4; connection++) {
            assertThatThrownBy(() -> RELAY.inTransaction(() -> {
                        throw new LeaseLost("somebody else has the lane");
                    }))
                    .isInstanceOf(LeaseLost.class);
        }

        assertThat(setting("zaptrix.scope")).isEqualTo("relay");
        assertThat(setting("enable_seqscan")).isEqualTo("off");
        assertThat(setting("enable_partition_pruning")).isEqualTo("off");
        assertThat(setting("idle_in_transaction_session_timeout")).isEqualTo("2s");
    }

    private static @Nullable String setting(String name) {
        return RELAY.inTransaction(
                () -> RELAY.jdbc().queryForObject("select current_setting(?, true)", String.class, name));
    }
}
