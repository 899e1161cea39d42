package io.zaptrix.tenancy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Rows for any table, found out from the catalog, so that tests cover tables that do not exist yet. */
final class SampleRows {

    private SampleRows() {}

    /** Fills what must be filled with something of its type. */
    static String insert(Connection connection, String table, UUID tenant) throws SQLException {
        List<String> columns = strings(connection, """
                select column_name || ' ' || data_type from information_schema.columns
                where table_name = ? and table_schema = 'public' and is_nullable = 'NO' and column_default is null
                    and is_identity = 'NO' and column_name <> 'tenant_id'
                """, table);
        StringBuilder names = new StringBuilder("tenant_id");
        StringBuilder values = new StringBuilder("'" + tenant + "'");
        for (String column : columns) {
            String[] nameAndType = column.split(" ", 2);
            names.append(", ").append(nameAndType[0]);
            values.append(", ")
                    .append(
                            switch (nameAndType[1]) {
                                case "bytea" -> "'\\x00'";
                                case "integer", "bigint", "smallint", "numeric" -> "1";
                                case "timestamp with time zone" -> "now()";
                                case "date" -> "current_date";
                                case "uuid" -> "gen_random_uuid()";
                                case "boolean" -> "false";
                                case "ARRAY" -> "'{}'";
                                // The one column that holds a word of a fixed few.
                                default -> nameAndType[0].equals("status") ? "'ACTIVE'" : "'x'";
                            });
        }
        return "insert into " + table + " (" + names + ") values (" + values + ")";
    }

    static List<String> strings(Connection connection, String sql, String... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            List<String> strings = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    strings.add(rows.getString(1));
                }
            }
            return strings;
        }
    }
}
