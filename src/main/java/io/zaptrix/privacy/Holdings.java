package io.zaptrix.privacy;

import io.zaptrix.platform.DataSubject;
import io.zaptrix.platform.Holding;
import io.zaptrix.platform.PersonalData;
import io.zaptrix.platform.TenantContext;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Does with the rooms' tables what the rooms say; within the caller's transaction, for the bound tenant. */
@Component
class Holdings {

    private final ObjectProvider<PersonalData> rooms;
    private final JdbcClient jdbc;

    Holdings(ObjectProvider<PersonalData> rooms, JdbcClient jdbc) {
        this.rooms = rooms;
        this.jdbc = jdbc;
    }

    List<Holding> all() {
        return rooms.orderedStream().flatMap(room -> room.holdings().stream()).toList();
    }

    /** The same person with all by which rows about them are found. */
    DataSubject traced(DataSubject person) {
        DataSubject here = person.in(references());
        Set<String> messages = new HashSet<>(person.messages());
        rooms.forEach(room -> messages.addAll(room.trail(here)));
        return here.and(messages);
    }

    Set<String> references() {
        Set<String> references = new HashSet<>();
        rooms.forEach(room -> references.addAll(room.references()));
        return references;
    }

    /** Whether nothing of the person is under way; see {@link PersonalData#settle}. */
    boolean settle(DataSubject person) {
        boolean settled = true;
        for (PersonalData room : rooms.orderedStream().toList()) {
            settled &= room.settle(person);
        }
        return settled;
    }

    long count(Holding holding, DataSubject person) {
        return jdbc.sql("select count(*) from " + holding.table() + where(holding, true))
                .params(values(person))
                .query(Long.class)
                .single();
    }

    /** Erases a person, as far as the rooms have not done so themselves. */
    Map<String, Integer> erase(DataSubject person) {
        Map<String, Integer> erased = new LinkedHashMap<>();
        for (Holding holding : all()) {
            if (holding.ofPerson() == null || holding.handled()) {
                continue;
            }
            String sql = holding.blanked() == null
                    ? "delete from " + holding.table()
                    : "update " + holding.table() + " set " + holding.blanked();
            int rows =
                    jdbc.sql(sql + where(holding, true)).params(values(person)).update();
            if (rows > 0) {
                erased.put(holding.table(), rows);
            }
        }
        return erased;
    }

    /** Erases of the bound tenant what no column says to be its own. */
    int eraseUnsigned() {
        Map<String, Object> values = values(nobody());
        int rows = 0;
        for (Holding holding : all()) {
            if (!holding.ofTenant().equals(Holding.of(holding.table()).ofTenant())) {
                rows += jdbc.sql("delete from " + holding.table() + where(holding, false))
                        .params(values)
                        .update();
            }
        }
        return rows;
    }

    /** @return how many rows are gone; fewer than {@code atMost} when no more are over */
    int forget(Holding holding, int days, int atMost) {
        String key = String.join(", ", holding.key());
        return jdbc.sql("delete from " + holding.table() + " where " + holding.ofTenant() + " and (" + key
                        + ") in (select " + key + " from " + holding.table() + " where " + holding.ofTenant() + " and ("
                        + holding.expired() + ") limit " + atMost + ")")
                .param("tenant", TenantContext.require().value())
                .param("days", days)
                .update();
    }

    /** A page of rows in the order of their key. */
    <T> List<T> page(
            Holding holding,
            String columns,
            @Nullable DataSubject person,
            List<Object> after,
            int limit,
            RowMapper<T> row) {
        List<String> key = new ArrayList<>(holding.key());
        Map<String, Object> values = new HashMap<>(values(person == null ? nobody() : person));
        String more = "";
        if (!after.isEmpty()) {
            List<String> names =
                    IntStream.range(0, key.size()).mapToObj(i -> ":after" + i).toList();
            more = " and (" + String.join(", ", key) + ") > (" + String.join(", ", names) + ")";
            for (int i = 0; i < key.size(); i++) {
                values.put("after" + i, after.get(i));
            }
        }
        return jdbc.sql("select " + columns + " from " + holding.table() + where(holding, person != null) + more
                        + " order by " + String.join(", ", key) + " limit " + limit)
                .params(values)
                .query(row)
                .list();
    }

    private DataSubject nobody() {
        return DataSubject.of(Set.of(), Set.of(), Instant.EPOCH).in(references());
    }

    private static String where(Holding holding, boolean ofPerson) {
        return " where (" + holding.ofTenant() + ")" + (ofPerson ? " and (" + holding.ofPerson() + ")" : "");
    }

    private static Map<String, Object> values(DataSubject person) {
        return Map.of(
                "tenant", TenantContext.require().value(),
                "names", person.names().toArray(String[]::new),
                "chats", person.chats().toArray(String[]::new),
                "messages", person.messages().toArray(String[]::new),
                "references", person.references().toArray(String[]::new),
                "pattern", person.pattern(),
                "asked", person.asked().atOffset(ZoneOffset.UTC));
    }
}
