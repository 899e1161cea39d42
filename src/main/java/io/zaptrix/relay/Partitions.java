package io.zaptrix.relay;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Why nothing that changes rows lets PostgreSQL choose among the ledger's partitions while it runs.
 *
 * <p>When a statement waits for a row and finds it changed, PostgreSQL looks at it anew by a plan of its own for it
 * (EvalPlanQual). Releases of 18 that lack its commit 1b5dd3a go on to choose partitions by the memory of that plan,
 * which is freed by then: the backend crashes, and the server ends all connections to recover. 18.6 was seen twice to
 * crash there, once known to be in the statement that settles a batch. That this is the reason is concluded from the
 * place of the crash and from what is told of that commit: it could not be provoked at will.
 */
final class Partitions {

    /** For a connection's whole life. */
    static final String NO_CHOICE = "set enable_partition_pruning = off";

    private Partitions() {}

    /** For the rest of the transaction. */
    static void withoutChoice(JdbcClient jdbc) {
        jdbc.sql("set local enable_partition_pruning = off").update();
    }
}
