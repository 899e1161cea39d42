package io.zaptrix.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.zaptrix.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.data.repository.Repository;

/**
 * Whoever speaks with the database, found in the code: repositories, and all that hold statements of their own. What
 * they speak of must be a tenant's and walled, or one of the few tables that are nobody's.
 */
class StatementWallTest {

    /** Hold no tenant's data, or find the tenant before one is known; what is in them is said in their changelogs. */
    private static final Set<String> OF_NOBODY = Set.of(
            "phone_number_route",
            "unrouted_event",
            "key_rotation",
            "replica",
            "spring_session",
            "spring_session_attributes",
            "databasechangelog",
            "databasechangeloglock");

    private static final List<String> SPEAKING = List.of(
            "org.springframework.jdbc.core.simple.JdbcClient",
            "org.springframework.jdbc.core.JdbcTemplate",
            "org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate",
            "jakarta.persistence.EntityManager",
            "java.sql.Connection",
            "java.sql.Statement",
            "java.sql.PreparedStatement");

    private static final Pattern TABLE = Pattern.compile(
            "(?i)\\b(?:from|join|into|update|table|truncate|lock table)\\s+(?:only\\s+)?([a-z][a-z_0-9]{2,})");

    private static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.zaptrix");

    private static Set<String> tables;
    private static Set<String> walled;

    @BeforeAll
    static void catalog() throws SQLException {
        TestDatabase.Database database = TestDatabase.createWithSchema();
        try (Connection connection = database.superuser().getConnection()) {
            tables = new TreeSet<>(SampleRows.strings(
                    connection,
                    "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
                            + " and not relispartition and 'x' = ?",
                    "x"));
            walled = new TreeSet<>(SampleRows.strings(
                    connection,
                    "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
                            + " and relrowsecurity and relforcerowsecurity and 'x' = ?",
                    "x"));
        }
    }

    @Test
    void everyTableIsWalledOrNobodys() {
        Set<String> open = new TreeSet<>(tables);
        open.removeAll(walled);
        open.removeAll(OF_NOBODY);

        assertThat(open)
                .as("tables without row-level security: whose are they?")
                .isEmpty();
        assertThat(walled).hasSizeGreaterThan(8);
    }

    @Test
    void everyRepositoryIsOfAWalledTable() {
        List<JavaClass> repositories = CODE.stream()
                .filter(type -> type.isInterface() && type.isAssignableTo(Repository.class))
                .toList();

        assertThat(repositories).isNotEmpty().allSatisfy(repository -> {
            String entity =
                    repository.reflect().getGenericInterfaces()[0].getTypeName().replaceAll(".*<([^,>]+).*", "$1");
            jakarta.persistence.Table table = Class.forName(entity).getAnnotation(jakarta.persistence.Table.class);
            String name = table == null || table.name().isEmpty()
                    ? entity.replaceAll(".*\\.", "")
                            .replaceAll("(?<=[a-z])([A-Z])", "_$1")
                            .toLowerCase(java.util.Locale.ROOT)
                    : table.name();
            assertThat(walled).as(repository.getName()).contains(name);
        });
    }

    /** A statement that names no known table, or one that nobody walled, is found by its text. */
    @Test
    void everyStatementIsOfAWalledTableOrOfOneThatIsNobodys() throws IOException {
        Set<String> speakers = new TreeSet<>();
        for (JavaClass type : CODE) {
            if (type.getPackageName().startsWith("io.zaptrix.sandbox")) {
                continue;
            }
            boolean speaks = type.getDirectDependenciesFromSelf().stream()
                    .anyMatch(dependency ->
                            SPEAKING.contains(dependency.getTargetClass().getName()));
            if (speaks) {
                speakers.add(type.getName().replaceAll("\\$.*", ""));
            }
        }
        assertThat(speakers).hasSizeGreaterThan(8);
        for (String speaker : speakers) {
            Path source = Path.of("src/main/java", speaker.replace('.', '/') + ".java");
            for (String table : namedIn(Files.readString(source))) {
                assertThat(tables.contains(table) && !walled.contains(table) && !OF_NOBODY.contains(table))
                        .as(speaker + " speaks of " + table)
                        .isFalse();
            }
        }
        // The few that see across tenants do it by a named scope, never by another role.
        assertThat(scopesIn())
                .allMatch(scope ->
                        Set.of("directory", "relay", "retention", "operator").contains(scope));
    }

    private static Set<String> namedIn(String source) {
        Set<String> named = new TreeSet<>();
        Matcher matcher = TABLE.matcher(source);
        while (matcher.find()) {
            named.add(matcher.group(1).toLowerCase(java.util.Locale.ROOT));
        }
        return named;
    }

    private static Set<String> scopesIn() throws IOException {
        Set<String> scopes = new TreeSet<>();
        Pattern scope = Pattern.compile("current_setting\\('zaptrix\\.scope', true\\)\\s*=\\s*'([a-z_]+)'");
        try (Stream<Path> files = Files.list(Path.of("db-changelog"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".sql")).toList()) {
                Matcher matcher = scope.matcher(Files.readString(file));
                while (matcher.find()) {
                    scopes.add(matcher.group(1));
                }
            }
        }
        return scopes;
    }
}
