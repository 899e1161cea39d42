package io.zaptrix.privacy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * What every column of every table holds, from {@code privacy/data-map.tsv}: a line a column, table, column and kind. A
 * test compares it with the database's catalog, so that no column comes into being without somebody saying what it is.
 */
@Component
class DataMap {

    /** What a column holds, as far as people are concerned. */
    enum Kind {
        /** Our own keys, states, times and counts. */
        OWN,
        /** The portal's: its numbers, lines, choices. */
        BUSINESS,
        /** A user of the portal. */
        STAFF,
        /** Who a WhatsApp user is, or what finds them. */
        CUSTOMER,
        /** What people wrote to each other. */
        CONTENT,
        /** Opens something; leaves the service in no export. */
        SECRET
    }

    private final Map<String, Map<String, Kind>> tables;

    DataMap() {
        this.tables = read();
    }

    private static Map<String, Map<String, Kind>> read() {
        Map<String, Map<String, Kind>> tables = new LinkedHashMap<>();
        try (InputStream file = DataMap.class.getResourceAsStream("/privacy/data-map.tsv")) {
            if (file == null) {
                throw new IllegalStateException("the data map is missing");
            }
            for (String line : new BufferedReader(new InputStreamReader(file, UTF_8))
                    .lines()
                    .toList()) {
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                String[] parts = line.split("\t");
                tables.computeIfAbsent(parts[0], table -> new LinkedHashMap<>())
                        .put(parts[1], Kind.valueOf(parts[2].strip()));
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return Collections.unmodifiableMap(tables);
    }

    Set<String> tables() {
        return tables.keySet();
    }

    /** @throws IllegalArgumentException for a table that is not in it */
    Map<String, Kind> columns(String table) {
        Map<String, Kind> columns = tables.get(table);
        if (columns == null) {
            throw new IllegalArgumentException("nobody has said what " + table + " holds");
        }
        return Collections.unmodifiableMap(columns);
    }

    /** The columns that may leave the service, and that say anything to those outside. */
    List<String> exported(String table) {
        return columns(table).entrySet().stream()
                .filter(column -> column.getValue() != Kind.SECRET)
                .map(Map.Entry::getKey)
                .filter(column -> !column.equals("tenant_id"))
                .toList();
    }
}
