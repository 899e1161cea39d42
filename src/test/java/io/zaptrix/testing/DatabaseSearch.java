package io.zaptrix.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Looks for words in the whole database: in every column of every table (as the catalog lists them, partitions too),
 * whatever its type, with the eyes of the superuser.
 */
public final class DatabaseSearch {

    private final TestDatabase.Database database;

    public DatabaseSearch(TestDatabase.Database database) {
        this.database = database;
    }

    /** @param table its parent's name, of a partition */
    private record Column(String table, String name, String type) {

        /** Bytes are searched as bytes: as text they would be hexadecimal. */
        String holdsTheWord() {
            return type.equals("bytea")
                    ? "position(convert_to(:word, 'UTF8') in " + name + ") > 0"
                    : "strpos(" + name + "::text, :word) > 0";
        }
    }

    /** Where a word stands, such as {@code outbound_message.wamid}; of a partition, its parent's name. */
    public TreeSet<String> places(String word) {
        TreeSet<String> places = new TreeSet<>();
        // There are hundreds of columns: a statement for each, on a connection of its own, would take seconds a word.
        SingleConnectionDataSource one = new SingleConnectionDataSource(connection(), true);
        try {
            JdbcClient everything = JdbcClient.create(one);
            catalog(everything)
                    .forEach((relation, columns) -> everything
                            .sql("select "
                                    + columns.stream()
                                            .map(column -> "coalesce(bool_or(" + column.holdsTheWord() + "), false)")
                                            .collect(Collectors.joining(", "))
                                    + " from " + relation)
                            .param("word", word)
                            .query(row -> {
                                for (int i = 0; i < columns.size(); i++) {
                                    if (row.getBoolean(i + 1)) {
                                        Column column = columns.get(i);
                                        places.add(column.table() + "."
                                                + column.name().replace("\"", ""));
                                    }
                                }
                            }));
        } finally {
            one.destroy();
        }
        return places;
    }

    private Connection connection() {
        try {
            return database.superuser().getConnection();
        } catch (SQLException none) {
            throw new IllegalStateException(none);
        }
    }

    /** The columns of each table and partition; anew each time, as a partition may have come. */
    private static Map<String, List<Column>> catalog(JdbcClient everything) {
        Map<String, List<Column>> found = new LinkedHashMap<>();
        everything.sql("""
                        select c.oid::regclass::text, coalesce(i.inhparent, c.oid)::regclass::text, quote_ident(a.attname),
                            a.atttypid::regtype::text
                        from pg_class c join pg_attribute a on a.attrelid = c.oid
                            join pg_namespace n on n.oid = c.relnamespace
                            left join pg_inherits i on i.inhrelid = c.oid
                        where c.relkind in ('r', 'm') and a.attnum > 0 and not a.attisdropped
                            and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'
                        """).query(row -> {
            found.computeIfAbsent(row.getString(1), relation -> new ArrayList<>())
                    .add(new Column(row.getString(2), row.getString(3), row.getString(4)));
        });
        return found;
    }
}
