package io.zaptrix.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a PostgreSQL that is distributed by tenant (Citus) asks of a schema, besides what {@link RowLevelSecurityTest}
 * holds of keys: no table of tenants' data may need another's rows, or a counter that is smaller than a bigint.
 */
class DistributionTest {

    private static final TestDatabase.Database DATABASE = TestDatabase.createWithSchema();

    @Test
    void everyUniqueIndexHoldsTheTenant() throws SQLException {
        assertThat(query("""
                        select c.relname || '.' || x.relname from pg_index i
                            join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
                            join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id'
                        where i.indisunique and c.relnamespace = 'public'::regnamespace
                            and not t.attnum = any (i.indkey::int2[])
                        """))
                // Finds the tenant before any is known: a reference table.
                .allMatch(index -> index.startsWith("phone_number_route."));
    }

    @Test
    void foreignKeysOfTenantsTablesHoldTheTenant() throws SQLException {
        assertThat(query("""
                        select f.conname::text from pg_constraint f
                            join pg_attribute t on t.attrelid = f.conrelid and t.attname = 'tenant_id'
                        where f.contype = 'f' and not t.attnum = any (f.conkey)
                        """)).isEmpty();
    }

    @Test
    void countersAreWideEnoughToBeSpread() throws SQLException {
        assertThat(query("""
                        select sequence_name::text from information_schema.sequences
                        where sequence_schema = 'public' and data_type <> 'bigint'
                        """)).isEmpty();
    }

    @Test
    void theOnlyPartitionsAreByTimeWithinTheTenantsKey() throws SQLException {
        assertThat(query("""
                        select distinct p.relname::text from pg_inherits i join pg_class p on p.oid = i.inhparent
                        where p.relkind = 'p'
                        """)).containsExactly("item_ledger");
        assertThat(query("""
                        select a.attname::text from pg_partitioned_table p
                            join pg_attribute a on a.attrelid = p.partrelid and a.attnum = any (p.partattrs::int2[])
                        """)).containsExactly("written_on");
    }

    private static List<String> query(String sql) throws SQLException {
        try (Connection connection = DATABASE.dataSource().getConnection()) {
            return SampleRows.strings(connection, sql);
        }
    }
}
