package io.zaptrix.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Looks for words in the whole database: in every column of every table (as the catalog lists them, partitions too),
 * whatever its type, with the eyes of the superuser.
 */
public final class DatabaseSearch {

    private final JdbcClient everything;
    private final List<String[]> columns = new ArrayList<>();

    public DatabaseSearch(TestDatabase.Database database) {
        this.everything = JdbcClient.create(database.superuser());
    }

    /** Where a word stands, such as {@code outbound_message.wamid}; of a partition, its parent's name. */
    public TreeSet<String> places(String word) {
        readCatalog();
        TreeSet<String> places = new TreeSet<>();
        for (String[] column : columns) {
            // Bytes are searched as bytes: as text they would be hexadecimal.
            String found = column[3].equals("bytea")
                    ? "position(convert_to(:word, 'UTF8') in " + column[2] + ") > 0"
                    : "strpos(" + column[2] + "::text, :word) > 0";
            boolean there = everything
                    .sql("select exists (select from " + column[0] + " where " + found + ")")
                    .param("word", word)
                    .query(Boolean.class)
                    .single();
            if (there) {
                places.add(column[1] + "." + column[2].replace("\"", ""));
            }
        }
        return places;
    }

    /** Anew each time, as a partition may have come. */
    private void readCatalog() {
        columns.clear();
        everything.sql("""
                        select c.oid::regclass::text, coalesce(i.inhparent, c.oid)::regclass::text, quote_ident(a.attname),
                            a.atttypid::regtype::text
                        from pg_class c join pg_attribute a on a.attrelid = c.oid
                            join pg_namespace n on n.oid = c.relnamespace
                            left join pg_inherits i on i.inhrelid = c.oid
                        where c.relkind in ('r', 'm') and a.attnum > 0 and not a.attisdropped
                            and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'
                        """).query(row -> {
            columns.add(new String[] {row.getString(1), row.getString(2), row.getString(3), row.getString(4)});
        });
    }
}
