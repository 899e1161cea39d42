package io.zaptrix.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.testing.AppProcess;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the embedded database promises: it keeps what it was given, whatever happens to whom. */
@Order(6)
class EmbeddedDatabaseStory {

    @TempDir
    private Path directory;

    @AfterEach
    void leaveNothingRunning() throws IOException {
        if (EmbeddedDatabase.existsIn(directory)) {
            EmbeddedDatabase.start(directory, true).close();
        }
        assertThat(new PostgresBinaries(directory.toRealPath()).running()).isEmpty();
    }

    @Test
    void theApplicationIsKilledAndFindsItsDataAgain() throws Exception {
        try (AppProcess first = application().start()) {
            write("before");
            long server = serverPid();

            AppProcess second = application().launch();
            assertThat(second.awaitExit()).isEqualTo(1);
            assertThat(second.output().lines().filter(line -> line.startsWith("Zaptrix cannot start")))
                    .singleElement()
                    .asString()
                    .contains("is in use by another Zaptrix (process " + first.pid() + ")");
            assertThat(second.output()).doesNotContain("\tat ");

            first.kill9();
            assertThat(ProcessHandle.of(server)).isPresent();
            write("after");
        }
        try (AppProcess again = application().start()) {
            assertThat(read()).containsExactly("before", "after");
            again.stop();
            assertThat(directory.resolve("postgres/postmaster.pid")).doesNotExist();
        }
    }

    @Test
    void theServerIsKilledWithEverythingElse() throws Exception {
        try (AppProcess application = application().start()) {
            write("before");
            ProcessHandle server = ProcessHandle.of(serverPid()).orElseThrow();
            application.sigstop();
            server.destroyForcibly();
            application.kill9();
        }
        try (EmbeddedDatabase again = EmbeddedDatabase.start(directory, false)) {
            assertThat(again.getUsername()).isEqualTo("zaptrix");
            assertThat(read()).containsExactly("before");
        }
    }

    @Test
    void twoContextsOfOneProcessDoNotShareADirectory() {
        try (EmbeddedDatabase first = EmbeddedDatabase.start(directory, false)) {
            assertThatThrownBy(() -> EmbeddedDatabase.start(directory, false))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining("is in use by another Zaptrix");
            assertThat(first.getJdbcUrl()).startsWith("jdbc:postgresql://127.0.0.1:");
        }
    }

    @Test
    void onlyTheOwnerOfTheDirectoryGetsIn() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(directory, false)) {
            for (String secret : List.of("database.properties", "encryption-keyset.json")) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(secret))))
                        .isEqualTo("rw-------");
            }
            assertThatThrownBy(() -> DriverManager.getConnection(database.getJdbcUrl(), "postgres", ""))
                    .isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> DriverManager.getConnection(database.getJdbcUrl(), "zaptrix", "wrong"))
                    .isInstanceOf(SQLException.class);
            try (Connection connection = connect();
                    ResultSet settings = connection.createStatement().executeQuery("""
                            select current_setting('fsync'), current_setting('synchronous_commit'),
                                   current_setting('full_page_writes'), rolsuper or rolbypassrls or rolcreaterole
                            from pg_roles where rolname = current_user
                            """)) {
                settings.next();
                assertThat(List.of(settings.getString(1), settings.getString(2), settings.getString(3)))
                        .containsOnly("on");
                assertThat(settings.getBoolean(4)).isFalse();
            }
        }
    }

    @Test
    void lostPasswordsAreMadeAnew() throws Exception {
        EmbeddedDatabase.start(directory, false).close();
        Files.delete(directory.resolve("database.properties"));
        try (EmbeddedDatabase again = EmbeddedDatabase.start(directory, false)) {
            assertThat(again.getPassword()).isNotEmpty();
            write("it still opens");
        }
    }

    @Test
    void aLostKeysetIsNotReplacedBehindADatabase() throws Exception {
        EmbeddedDatabase.start(directory, false).close();
        Files.delete(directory.resolve("encryption-keyset.json"));
        assertThatThrownBy(() -> EmbeddedDatabase.start(directory, false))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("encryption-keyset.json");
        assertThat(directory.resolve("encryption-keyset.json")).doesNotExist();
    }

    @Test
    void aHalfMadeDatabaseIsMadeAgain() throws Exception {
        Files.createDirectories(directory.resolve("postgres-new/base"));
        Files.writeString(directory.resolve("postgres-new/PG_VERSION"), "18\n");
        Files.createDirectories(directory.resolve("postgres-bin-new/bin"));
        try (EmbeddedDatabase database = EmbeddedDatabase.start(directory, false)) {
            assertThat(database.getPassword()).isNotEmpty();
            write("whole");
        }
        assertThat(directory.resolve("postgres-new")).doesNotExist();
    }

    @Test
    void aPidFileThatNamesAnotherProgramDoesNotHinder() throws Exception {
        EmbeddedDatabase.start(directory, false).close();
        Files.writeString(
                directory.resolve("postgres/postmaster.pid"),
                ProcessHandle.current().pid() + "\n");
        try (EmbeddedDatabase again = EmbeddedDatabase.start(directory, false)) {
            assertThat(serverPid()).isNotEqualTo(ProcessHandle.current().pid());
            assertThat(again.getPassword()).isNotEmpty();
        }
    }

    private AppProcess.Builder application() {
        return AppProcess.builder().without("ZAPTRIX_ENCRYPTION_KEYSET").env("ZAPTRIX_DATA_DIR", directory.toString());
    }

    private void write(String text) throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists story (line int generated always as identity, said text)");
            statement.execute("insert into story (said) values ('" + text + "')");
        }
    }

    private List<String> read() throws Exception {
        try (Connection connection = connect();
                ResultSet lines = connection.createStatement().executeQuery("select said from story order by line")) {
            Stream.Builder<String> said = Stream.builder();
            while (lines.next()) {
                said.add(lines.getString(1));
            }
            return said.build().toList();
        }
    }

    private long serverPid() throws IOException {
        return Long.parseLong(pidFile().getFirst().strip());
    }

    private Connection connect() throws Exception {
        Properties passwords = new Properties();
        passwords.load(new StringReader(Files.readString(directory.resolve("database.properties"))));
        String url = "jdbc:postgresql://127.0.0.1:" + pidFile().get(3).strip() + "/zaptrix";
        return DriverManager.getConnection(url, "zaptrix", passwords.getProperty("zaptrix"));
    }

    private List<String> pidFile() throws IOException {
        return Files.readAllLines(directory.resolve("postgres/postmaster.pid"));
    }
}
