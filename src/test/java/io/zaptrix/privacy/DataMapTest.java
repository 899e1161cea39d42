package io.zaptrix.privacy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.DataSubject;
import io.zaptrix.platform.Holding;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.TestApp;
import io.zaptrix.privacy.DataMap.Kind;
import io.zaptrix.testing.SharedApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The data map against the database's catalog: a table or a column that nobody has classified, that no room answers
 * for, or that the documentation does not name fails the build.
 */
@SharedApplication
class DataMapTest {

    private static final TenantId ACME = TenantId.ofMember("data-map");

    private final TestApp app = TestApp.shared();
    private final DataMap map = new DataMap();

    /** Liquibase's own two tables, and partitions, which are their parent's, aside. */
    private Map<String, Set<String>> catalog() {
        Map<String, Set<String>> columns = new TreeMap<>();
        app.everything().sql("""
                        select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
                        where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
                            and a.attnum > 0 and not a.attisdropped and c.relname not like 'databasechangelog%'
                        """).query(row -> {
            columns.computeIfAbsent(row.getString(1), table -> new TreeSet<>()).add(row.getString(2));
        });
        return columns;
    }

    private List<Holding> holdings() {
        return app.bean(Holdings.class).all();
    }

    @Test
    void everyColumnOfEveryTableIsClassified() {
        List<String> classified = map.tables().stream()
                .flatMap(table -> map.columns(table).keySet().stream().map(column -> table + "." + column))
                .sorted()
                .toList();
        List<String> columns = catalog().entrySet().stream()
                .flatMap(table -> table.getValue().stream().map(column -> table.getKey() + "." + column))
                .sorted()
                .toList();
        assertThat(columns.stream().filter(column -> !classified.contains(column)))
                .as("columns of which privacy/data-map.tsv does not say what they hold")
                .isEmpty();
        assertThat(classified).as("no line without its column").isSubsetOf(columns);
    }

    @Test
    void everyTableHasOneRoomThatAnswersForIt() {
        assertThat(holdings())
                .extracting(Holding::table)
                .as("the holdings of all PersonalData beans")
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(catalog().keySet());
    }

    /** Otherwise a person's rows would outlive the person. */
    @Test
    void whatIsAboutCustomersIsFoundByThem() {
        for (Holding holding : holdings()) {
            boolean aboutCustomers = map.columns(holding.table()).values().stream()
                    .anyMatch(kind -> kind == Kind.CUSTOMER || kind == Kind.CONTENT);
            assertThat(holding.ofPerson() != null).as(holding.table()).isEqualTo(aboutCustomers);
        }
    }

    @Test
    void whatIsSealedIsSecret() {
        assertThat(map.columns("portal_config"))
                .containsEntry("access_token", Kind.SECRET)
                .containsEntry("refresh_token", Kind.SECRET)
                .containsEntry("client_secret", Kind.SECRET)
                .containsEntry("application_token", Kind.SECRET);
        // What is named like one is one, whoever adds it.
        map.tables()
                .forEach(table -> map.columns(table).forEach((column, kind) -> {
                    if (column.matches(
                            ".*(secret|access_token|refresh_token|application_token|password|_pin|key_hash).*")) {
                        assertThat(kind).as(table + "." + column).isEqualTo(Kind.SECRET);
                    }
                }));
    }

    /** Every condition is SQL that the database understands. */
    @Test
    void everyHoldingCanBeCountedErasedExportedAndForgotten() {
        Holdings all = app.bean(Holdings.class);
        DataSubject person = DataSubject.of(Set.of("5511900000000"), Set.of("1:5511900000000"), Instant.now())
                .in(Set.of("1"));
        TransactionTemplate transaction = new TransactionTemplate(app.bean(PlatformTransactionManager.class));
        TenantContext.run(
                ACME,
                () -> transaction.executeWithoutResult(status -> {
                    for (Holding holding : all.all()) {
                        if (holding.ofPerson() != null) {
                            assertThat(all.count(holding, person))
                                    .as(holding.table())
                                    .isZero();
                        }
                        if (holding.expired() != null) {
                            assertThat(all.forget(holding, 8, 10))
                                    .as(holding.table())
                                    .isZero();
                        }
                        String key = String.join(", ", holding.key());
                        assertThat(all.page(holding, key, null, List.of(), 10, (row, n) -> row.getObject(1)))
                                .as(holding.table())
                                .isEmpty();
                    }
                    assertThat(all.settle(person)).isTrue();
                    assertThat(all.erase(person)).isEmpty();
                    status.setRollbackOnly();
                }));
    }

    @Test
    void theDocumentationNamesEveryTableAndEveryColumnThatIsAboutPeople() throws IOException {
        String documentation = Files.readString(Path.of("docs/privacy.md"), UTF_8);
        for (String table : map.tables()) {
            String line = documentation
                    .lines()
                    .filter(one -> one.startsWith("| `" + table + "`"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("docs/privacy.md has no line about " + table));
            map.columns(table).forEach((column, kind) -> {
                if (kind == Kind.CUSTOMER || kind == Kind.CONTENT || kind == Kind.STAFF) {
                    assertThat(line).as(table).contains("`" + column + "`");
                }
            });
        }
    }
}
