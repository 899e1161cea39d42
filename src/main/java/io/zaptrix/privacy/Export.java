package io.zaptrix.privacy;

import io.zaptrix.platform.DataSubject;
import io.zaptrix.platform.Holding;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes what is held as one JSON document; {@code docs/privacy.md} describes it. Takes the memory of a hundred rows
 * however many there are, and holds no connection to the database while the reader is slow. It is no snapshot: what is
 * written meanwhile may be in it or not.
 */
@Component
class Export {

    static final String FORMAT = "zaptrix-personal-data";
    static final int VERSION = 1;

    private static final int ROWS_A_PAGE = 100;

    private final DataMap map;
    private final Holdings holdings;
    private final TransactionTemplate transaction;
    private final JsonMapper json;

    Export(DataMap map, Holdings holdings, PlatformTransactionManager transactions, JsonMapper json) {
        this.map = map;
        this.holdings = holdings;
        this.transaction = new TransactionTemplate(transactions);
        this.transaction.setReadOnly(true);
        this.json = json;
    }

    private record Row(List<Object> key, Map<String, @Nullable Object> values) {}

    /**
     * Writes all that is held of the bound tenant.
     *
     * @param person only what is about them; null: everything
     * @return how many rows
     */
    long write(String portal, @Nullable DataSubject person, OutputStream out) throws IOException {
        long rows = 0;
        try (JsonGenerator document = json.createGenerator(out)) {
            // Whoever breaks off has an unfinished document, not a shorter one.
            document.configure(StreamWriteFeature.AUTO_CLOSE_CONTENT, false);
            document.writeStartObject();
            document.writeStringProperty("format", FORMAT);
            document.writeNumberProperty("version", VERSION);
            document.writeStringProperty("portal", portal);
            document.writeStringProperty("exported_at", Instant.now().toString());
            if (person != null) {
                document.writePOJOProperty(
                        "person", Map.of("names", sorted(person.names()), "chats", sorted(person.chats())));
            }
            document.writeName("tables");
            document.writeStartObject();
            for (Holding holding : holdings.all()) {
                if (person == null || holding.ofPerson() != null) {
                    rows += write(holding, person, document);
                }
            }
            document.writeEndObject();
            document.writeBooleanProperty("complete", true);
            document.writeEndObject();
        }
        return rows;
    }

    private static List<String> sorted(java.util.Set<String> names) {
        return names.stream().sorted().toList();
    }

    private long write(Holding holding, @Nullable DataSubject person, JsonGenerator document) {
        List<String> columns = map.exported(holding.table());
        if (columns.isEmpty()) {
            return 0;
        }
        document.writeName(holding.table());
        document.writeStartArray();
        long written = 0;
        List<Object> after = List.of();
        List<Row> page;
        do {
            page = page(holding, columns, person, after);
            page.forEach(row -> document.writePOJO(row.values()));
            document.flush();
            written += page.size();
            if (!page.isEmpty()) {
                after = page.getLast().key();
            }
        } while (page.size() == ROWS_A_PAGE);
        document.writeEndArray();
        return written;
    }

    private List<Row> page(Holding holding, List<String> columns, @Nullable DataSubject person, List<Object> after) {
        String selected = String.join(", ", holding.key()) + ", " + String.join(", ", columns);
        List<Row> page = transaction.execute(status ->
                holdings.page(holding, selected, person, after, ROWS_A_PAGE, (row, n) -> row(holding, columns, row)));
        return page == null ? List.of() : page;
    }

    private Row row(Holding holding, List<String> columns, ResultSet row) throws SQLException {
        List<Object> key = new ArrayList<>();
        for (int i = 1; i <= holding.key().size(); i++) {
            key.add(row.getObject(i));
        }
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            values.put(columns.get(i), value(row.getObject(holding.key().size() + 1 + i)));
        }
        return new Row(key, values);
    }

    /** Times in UTC (ISO 8601); what is JSON as JSON, other bytes in base64. */
    private @Nullable Object value(@Nullable Object stored) throws SQLException {
        return switch (stored) {
            case Timestamp time -> time.toInstant().toString();
            case java.sql.Date day -> day.toLocalDate().toString();
            case Array array -> array.getArray();
            case byte[] bytes -> json(bytes);
            case PGobject structure -> structure.getValue() == null ? null : json.readTree(structure.getValue());
            case null -> null;
            default -> stored;
        };
    }

    private Object json(byte[] bytes) {
        try {
            return json.readTree(bytes);
        } catch (JacksonException other) {
            return Map.of("base64", Base64.getEncoder().encodeToString(bytes));
        }
    }
}
