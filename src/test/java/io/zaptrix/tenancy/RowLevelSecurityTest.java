package io.zaptrix.tenancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.platform.TenantId;
import io.zaptrix.testing.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Whatever SQL is run, one portal's rows stay its own. The tables are found in the catalog, so that a new one without
 * protection fails here.
 */
class RowLevelSecurityTest {

    /** Finds a webhook's tenant before any tenant is known, and holds nothing else. */
    private static final Set<String> WITHOUT_POLICY = Set.of("phone_number_route");

    private static final UUID ACME = TenantId.ofMember("acme").value();
    private static final UUID OTHER = TenantId.ofMember("other").value();

    /** What jobs find their portals by. */
    private static final Set<String> OF_THE_DIRECTORY = Set.of("portal_config", "privacy_settings");

    private static final Set<String> OF_THE_RELAY =
            Set.of("lane", "lane_item", "item_ledger", "item_retry", "dead_letter", "tenant_hold");

    private static final Set<String> OF_THE_OPERATOR =
            Set.of("portal_config", "phone_number", "tenant_hold", "portal_flag");

    private static TestDatabase.Database database;

    @BeforeAll
    static void rowsOfTwoPortals() throws SQLException {
        database = TestDatabase.createWithSchema();
        for (UUID tenant : List.of(ACME, OTHER)) {
            try (Connection connection = connect(tenant, null);
                    Statement statement = connection.createStatement()) {
                for (String table : tenantTables(connection)) {
                    statement.execute(SampleRows.insert(connection, table, tenant));
                }
            }
        }
    }

    @Test
    void everyTableOfTenantsIsForcedAndLedByTheTenant() throws SQLException {
        try (Connection connection = connect(null, null)) {
            List<String> tables = tenantTables(connection);
            assertThat(tables)
                    .contains(
                            "portal_config",
                            "phone_number",
                            "conversation_mapping",
                            "lane",
                            "lane_item",
                            "outbound_message");
            for (String table : tables) {
                assertThat(SampleRows.strings(connection, """
                                select case when relrowsecurity and relforcerowsecurity then 'forced' else 'open' end
                                from pg_class where oid = ?::regclass
                                """, table)).as(table).containsExactly("forced");
                assertThat(SampleRows.strings(connection, """
                                select a.attname from pg_index i join pg_attribute a
                                    on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                                where i.indrelid = ?::regclass and (i.indisprimary or i.indisunique)
                                """, table))
                        .as("the keys of " + table)
                        .containsOnly("tenant_id");
            }
        }
    }

    @TestFactory
    List<DynamicTest> noStatementReachesAnotherPortalsRows() throws SQLException {
        List<DynamicTest> tests = new ArrayList<>();
        try (Connection connection = connect(null, null)) {
            for (String table : tenantTables(connection)) {
                tests.add(DynamicTest.dynamicTest(table + ": without a tenant nothing is seen", () -> {
                    assertThat(count(null, null, table)).isZero();
                }));
                tests.add(DynamicTest.dynamicTest(table + ": a portal sees its own", () -> {
                    assertThat(count(ACME, null, table)).isEqualTo(1);
                }));
                tests.add(DynamicTest.dynamicTest(table + ": asking for another's by name finds nothing", () -> {
                    assertThat(count(ACME, null, table + " where tenant_id = '" + OTHER + "'"))
                            .isZero();
                }));
                tests.add(DynamicTest.dynamicTest(table + ": another's cannot be changed", () -> {
                    assertThat(update(
                                    ACME,
                                    "update " + table + " set tenant_id = tenant_id where tenant_id = '" + OTHER + "'"))
                            .isZero();
                    assertThat(update(ACME, "delete from " + table + " where tenant_id = '" + OTHER + "'"))
                            .isZero();
                }));
                tests.add(DynamicTest.dynamicTest(table + ": a row cannot be given to another", () -> {
                    assertThatThrownBy(() -> update(ACME, "update " + table + " set tenant_id = '" + OTHER + "'"))
                            .hasMessageContaining("row-level security");
                    assertThatThrownBy(() -> {
                                try (Connection c = connect(ACME, null)) {
                                    c.createStatement().execute(SampleRows.insert(c, table, UUID.randomUUID()));
                                }
                            })
                            .hasMessageContaining("row-level security");
                }));
            }
        }
        return tests;
    }

    @Test
    void aPartitionNamedDirectlyIsNoWayAround() throws SQLException {
        try (Connection connection = connect(null, null)) {
            List<String> partitions = SampleRows.strings(
                    connection, "select relname from pg_class where relispartition and relkind = 'r' order by 1");
            assertThat(partitions).contains("item_ledger_other");
            for (String partition : partitions) {
                assertThat(SampleRows.strings(connection, """
                                select case when relrowsecurity and relforcerowsecurity then 'forced' else 'open' end
                                from pg_class where oid = ?::regclass
                                """, partition))
                        .as(partition)
                        .containsExactly("forced");
                assertThat(count(null, null, partition)).as(partition).isZero();
            }
            assertThat(SampleRows.strings(connection, """
                            select count(*)::text from pg_policy p join pg_class c on c.oid = p.polrelid
                            where c.relispartition
                            """)).containsExactly(String.valueOf(2 * partitions.size()));
        }
    }

    @Test
    void theScopesOpenOnlyTheirOwnTables() throws SQLException {
        try (Connection connection = connect(null, null)) {
            for (String table : tenantTables(connection)) {
                long inDirectory = count(null, "directory", table);
                long inRelay = count(null, "relay", table);
                long atTheOperators = count(null, "operator", table);
                assertThat(inDirectory)
                        .as("directory sees " + table)
                        .isEqualTo(OF_THE_DIRECTORY.contains(table) ? 2 : 0);
                assertThat(inRelay).as("relay sees " + table).isEqualTo(OF_THE_RELAY.contains(table) ? 2 : 0);
                assertThat(atTheOperators)
                        .as("operator sees " + table)
                        .isEqualTo(OF_THE_OPERATOR.contains(table) ? 2 : 0);
            }
        }
        assertThat(update(null, "directory", "update portal_config set status = 'X'"))
                .isZero();
        assertThat(update(null, "directory", "update privacy_settings set retention_days = 9"))
                .isZero();
        assertThat(update(null, "relay", "update tenant_hold set reason = 'X'")).isZero();
        for (String table : OF_THE_OPERATOR) {
            assertThat(update(null, "operator", "update " + table + " set tenant_id = tenant_id"))
                    .as("operator changes " + table)
                    .isZero();
            assertThat(update(null, "operator", "delete from " + table))
                    .as("operator deletes from " + table)
                    .isZero();
        }
    }

    @Test
    void theOperatorsOwnTablesOpenToTheOperatorAlone() throws SQLException {
        try (Connection connection = connect(null, null)) {
            List<String> tables = SampleRows.strings(
                    connection, "select relname from pg_class where relkind = 'r' and relname like 'operator%'");
            assertThat(tables).contains("operator_session", "operator_second_factor", "operator_audit");
            for (String table : tables) {
                assertThat(SampleRows.strings(connection, """
                                select case when relrowsecurity and relforcerowsecurity then 'forced' else 'open' end
                                from pg_class where oid = ?::regclass
                                """, table)).as(table).containsExactly("forced");
            }
        }
        String session =
                "insert into operator_session (digest, operator, stage, client) values ('\\x00', 'o', 'full', 'c')";
        assertThatThrownBy(() -> update(null, null, session)).hasMessageContaining("row-level security");
        assertThatThrownBy(() -> update(ACME, null, session)).hasMessageContaining("row-level security");
        assertThat(update(null, "operator", session)).isEqualTo(1);

        // What was done stays on record.
        try (Connection connection = connect(null, "operator")) {
            connection
                    .createStatement()
                    .execute("insert into operator_audit (operator, action) values ('o', 'x.done')");
        }
        assertThat(count(null, "operator", "operator_audit")).isEqualTo(1);
        assertThat(count(ACME, null, "operator_audit")).isZero();
        assertThat(update(null, "operator", "update operator_audit set operator = 'somebody else'"))
                .isZero();
        assertThat(update(null, "operator", "delete from operator_audit")).isZero();
    }

    @Test
    void ofTheLanesTheOperatorGetsNumbersOnly() throws SQLException {
        try (Connection connection = connect(null, "operator")) {
            assertThat(SampleRows.strings(connection, """
                            select waiting || ' ' || dead || ' ' || (oldest is not null)
                            from operator_backlog(array[?::uuid])
                            """, ACME.toString())).containsExactly("1 1 true");
            assertThat(SampleRows.strings(connection, "select lanes || ' ' || waiting from operator_queue()"))
                    .containsExactly("2 2");
            // The scope is what it was.
            assertThat(SampleRows.strings(connection, "select count(*)::text from lane_item"))
                    .containsExactly("0");
        }
        for (String scope : new String[] {null, "directory", "relay"}) {
            assertThatThrownBy(() -> count(ACME, scope, "operator_backlog(array['" + ACME + "'::uuid])"))
                    .hasMessageContaining("for the operator only");
            assertThatThrownBy(() -> count(ACME, scope, "operator_queue()"))
                    .hasMessageContaining("for the operator only");
        }
    }

    private static List<String> tenantTables(Connection connection) throws SQLException {
        List<String> tables = SampleRows.strings(connection, """
                select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
                where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
                    and a.attname = 'tenant_id' and not a.attisdropped
                order by 1
                """);
        tables.removeAll(WITHOUT_POLICY);
        return tables;
    }

    private static long count(@Nullable UUID tenant, @Nullable String scope, String from) throws SQLException {
        try (Connection connection = connect(tenant, scope)) {
            return Long.parseLong(SampleRows.strings(connection, "select count(*) from " + from)
                    .getFirst());
        }
    }

    private static int update(@Nullable UUID tenant, String sql) throws SQLException {
        return update(tenant, null, sql);
    }

    /** Runs an update and takes it back. */
    private static int update(@Nullable UUID tenant, @Nullable String scope, String sql) throws SQLException {
        try (Connection connection = connect(tenant, scope);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            try {
                return statement.executeUpdate(sql);
            } finally {
                connection.rollback();
            }
        }
    }

    private static Connection connect(@Nullable UUID tenant, @Nullable String scope) throws SQLException {
        Connection connection = DriverManager.getConnection(database.url(), database.username(), database.password());
        try (Statement statement = connection.createStatement()) {
            if (tenant != null) {
                statement.execute("set zaptrix.tenant = '" + tenant + "'");
            }
            if (scope != null) {
                statement.execute("set zaptrix.scope = '" + scope + "'");
            }
        }
        return connection;
    }
}
