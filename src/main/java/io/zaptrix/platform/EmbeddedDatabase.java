package io.zaptrix.platform;

import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.util.FileSystemUtils;

/**
 * A PostgreSQL server of the application's own, for those who bring none. Its data stay in the data directory, durable;
 * it listens on the loopback interface only and asks for passwords that only the directory's owner can read; the
 * application connects as a plain role, which row-level security binds.
 *
 * <p>The data directory holds {@code postgres} (the server's data), {@code database.properties} (the passwords),
 * {@code zaptrix.lock}, and {@code postgres-bin-*} (the server's programs, which may be deleted while it is down).
 */
final class EmbeddedDatabase implements JdbcConnectionDetails, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EmbeddedDatabase.class);
    private static final String MAJOR = "18";
    private static final String NAME = "zaptrix";
    private static final String SUPERUSER = "postgres";
    private static final Duration RELEASE = Duration.ofSeconds(10);

    /**
     * On the command line, because there they rank above every file. The first three are the promise that nothing
     * accepted is lost; the rest keeps it small, and statements and their data out of its log.
     */
    private static final Map<String, String> SETTINGS = settings();

    private static Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("fsync", "on");
        settings.put("synchronous_commit", "on");
        settings.put("full_page_writes", "on");
        settings.put("listen_addresses", "127.0.0.1");
        settings.put("unix_socket_directories", "");
        settings.put("max_connections", "60");
        settings.put("shared_buffers", "64MB");
        settings.put("huge_pages", "off");
        settings.put("max_wal_size", "512MB");
        settings.put("io_method", "sync");
        settings.put("max_worker_processes", "2");
        settings.put("max_parallel_workers_per_gather", "0");
        settings.put("autovacuum_max_workers", "2");
        settings.put("jit", "off");
        settings.put("timezone", "UTC");
        settings.put("log_timezone", "UTC");
        settings.put("logging_collector", "on");
        settings.put("log_directory", "log");
        settings.put("log_filename", "postgresql-%a.log");
        settings.put("log_truncate_on_rotation", "on");
        settings.put("log_min_messages", "log");
        settings.put("log_min_error_statement", "panic");
        settings.put("log_error_verbosity", "terse");
        return settings;
    }

    private final Path data;
    private final DataDirectoryLock lock;
    private final PostgresBinaries binaries;
    private final AtomicBoolean closed = new AtomicBoolean();
    private Passwords passwords = Passwords.random();
    private int port;

    private EmbeddedDatabase(Path directory, PostgresBinaries binaries, DataDirectoryLock lock) {
        this.data = directory.resolve("postgres");
        this.binaries = binaries;
        this.lock = lock;
    }

    /**
     * Starts the server, having made its database if there is none; returns when it has recovered from whatever
     * happened to it and accepts connections.
     *
     * @param keysetGiven whether the operator keeps the encryption keyset; otherwise one is made in the directory
     * @throws StartRefused when another process uses the directory, or the server does not start
     */
    static EmbeddedDatabase start(Path dataDirectory, boolean keysetGiven) {
        try {
            Path directory = Files.createDirectories(
                            dataDirectory.toAbsolutePath().normalize())
                    .toRealPath();
            EmbeddedDatabase database =
                    new EmbeddedDatabase(directory, new PostgresBinaries(directory), DataDirectoryLock.take(directory));
            try {
                // Runs after every application context has been closed, should this not have become a bean of one.
                SpringApplication.getShutdownHandlers().add(database::close);
                if (!keysetGiven) {
                    KeysetFile.ensure(directory);
                }
                database.prepare(directory);
                database.launch();
                return database;
            } catch (IOException | RuntimeException | InterruptedException failed) {
                database.close();
                throw failed;
            }
        } catch (IOException failed) {
            throw new StartRefused("the embedded database does not start: " + failed.getMessage(), failed);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new StartRefused("interrupted while starting the embedded database", stop);
        }
    }

    /** Whether {@code dataDirectory} holds a database from an earlier start. */
    static boolean existsIn(Path dataDirectory) {
        return Files.exists(dataDirectory.resolve("postgres").resolve("PG_VERSION"));
    }

    private void prepare(Path directory) throws IOException, InterruptedException {
        binaries.unpack();
        stopLeftBehind();
        binaries.removeOthers();
        Path passwordFile = directory.resolve("database.properties");
        if (!existsIn(directory)) {
            create(directory, passwordFile);
            return;
        }
        String major = Files.readString(data.resolve("PG_VERSION")).strip();
        if (!major.equals(MAJOR)) {
            throw new StartRefused("the data directory " + directory + " holds data of PostgreSQL " + major
                    + ", and this Zaptrix brings PostgreSQL " + MAJOR);
        }
        if (Files.exists(passwordFile)) {
            passwords = Passwords.parse(Files.readString(passwordFile));
        } else {
            // First into the database: if this is interrupted, the file is still missing and it is done again.
            singleUser(data, "alter role postgres password '%s';\nalter role zaptrix password '%s';\n");
            PrivateFile.write(passwordFile, passwords.format());
        }
    }

    /** Under another name until it is whole, so that a half-made one is never taken for a database. */
    private void create(Path directory, Path passwordFile) throws IOException, InterruptedException {
        log.info("Making the embedded database in {}", directory);
        Path half = directory.resolve("postgres-new");
        FileSystemUtils.deleteRecursively(half);
        PrivateFile.write(passwordFile, passwords.format());
        Path superuser = directory.resolve("database.superuser");
        PrivateFile.write(superuser, passwords.superuser() + "\n");
        try {
            binaries.run(
                            null,
                            "initdb",
                            "--pgdata=" + half,
                            "--username=" + SUPERUSER,
                            "--pwfile=" + superuser,
                            "--auth=scram-sha-256",
                            "--encoding=UTF8",
                            "--no-locale",
                            "--locale-provider=builtin",
                            "--builtin-locale=C.UTF-8")
                    .orThrow("initdb");
        } finally {
            Files.deleteIfExists(superuser);
        }
        singleUser(
                half,
                "alter role postgres password '%s';\n"
                        + "create role zaptrix login nosuperuser nobypassrls nocreatedb nocreaterole password '%s';\n"
                        + "create database zaptrix owner zaptrix;\n");
        Files.move(half, data, StandardCopyOption.ATOMIC_MOVE);
        PrivateFile.forceDirectory(directory);
    }

    /** @param sql with room for the superuser's and the application's password; a command a line */
    private void singleUser(Path where, String sql) throws IOException, InterruptedException {
        PostgresBinaries.Outcome outcome = binaries.run(
                sql.formatted(passwords.superuser(), passwords.application()),
                "postgres",
                "--single",
                "-D",
                where.toString(),
                "-c",
                "exit_on_error=on",
                SUPERUSER);
        outcome.orThrow("preparing the database");
    }

    /**
     * An application that was killed leaves its server running. Holding the lock means that nobody uses it any more; it
     * is stopped in order, and what does not stop is killed, which PostgreSQL recovers from.
     */
    private void stopLeftBehind() throws IOException, InterruptedException {
        List<ProcessHandle> left = binaries.running();
        if (left.isEmpty()) {
            return;
        }
        log.info("Stopping the database server that an earlier run left behind");
        if (Files.exists(data.resolve("postmaster.pid"))) {
            stop();
        }
        Instant patienceEnds = Instant.now().plus(RELEASE);
        while (!binaries.running().isEmpty()) {
            if (Instant.now().isAfter(patienceEnds)) {
                throw new StartRefused("the database server that an earlier run left behind does not end (process "
                        + binaries.running().getFirst().pid() + ")");
            }
            binaries.running().forEach(ProcessHandle::destroyForcibly);
            Thread.sleep(50);
        }
    }

    private void launch() throws IOException, InterruptedException {
        dropForeignPidFile();
        PostgresBinaries.Outcome outcome = new PostgresBinaries.Outcome(1, "");
        // Another program may take the port before the server does.
        for (int attempt = 0; attempt < 3 && outcome.exitCode() != 0; attempt++) {
            port = freePort();
            Path startLog = data.resolve("start.log");
            Files.deleteIfExists(startLog);
            outcome = binaries.run(
                    null,
                    "pg_ctl",
                    "start",
                    "--pgdata=" + data,
                    "--wait",
                    // Recovery takes as long as it takes; a server that fails ends the wait at once.
                    "--timeout=86400",
                    "--log=" + startLog,
                    "--options=" + options());
            if (outcome.exitCode() != 0 && Files.exists(startLog)) {
                String said = Files.readString(startLog, java.nio.charset.StandardCharsets.ISO_8859_1);
                outcome = new PostgresBinaries.Outcome(
                        outcome.exitCode(),
                        said.lines()
                                .filter(line -> line.contains("FATAL"))
                                .findFirst()
                                .orElse(said));
            }
        }
        outcome.orThrow("PostgreSQL");
        requireDurable();
        log.info("The embedded database answers on port {}", port);
    }

    /**
     * After a reboot, or in a new container, the number in the pid file may belong to some other program, and
     * PostgreSQL would take that for itself. None of its programs runs from this directory any more: the file is void.
     */
    private void dropForeignPidFile() throws IOException {
        Path pidFile = data.resolve("postmaster.pid");
        if (!Files.exists(pidFile) || !binaries.running().isEmpty()) {
            return;
        }
        String pid = Files.readString(pidFile).lines().findFirst().orElse("").strip();
        if (pid.matches("\\d{1,18}")
                && ProcessHandle.of(Long.parseLong(pid))
                        .filter(process -> process.info().command().isPresent() || isZombie(process))
                        .isPresent()) {
            Files.delete(pidFile);
        }
    }

    /** Dead, but not yet reaped by its parent, as in containers whose first process reaps nobody. */
    private static boolean isZombie(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return stat.substring(stat.lastIndexOf(')') + 1).strip().startsWith("Z");
        } catch (IOException notLinux) {
            return false;
        }
    }

    private String options() {
        String quote = System.getProperty("os.name", "").startsWith("Windows") ? "\"" : "'";
        return "-p " + port
                + SETTINGS.entrySet().stream()
                        .map(setting -> " -c " + quote + setting.getKey() + "=" + setting.getValue() + quote)
                        .collect(Collectors.joining());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void requireDurable() throws IOException {
        try (Connection connection = DriverManager.getConnection(getJdbcUrl(), getUsername(), getPassword());
                ResultSet off = connection.createStatement().executeQuery("""
                        select name from pg_settings
                        where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting <> 'on'
                        """)) {
            if (off.next()) {
                throw new StartRefused("the embedded database is not durable: " + off.getString(1) + " is off");
            }
        } catch (SQLException failed) {
            throw new IOException(failed.getMessage(), failed);
        }
    }

    /** Stops the server and lets go of the data directory. To be called after everything that uses it has ended. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try (lock) {
            if (Files.exists(data.resolve("postmaster.pid"))) {
                stop();
            }
        } catch (IOException failed) {
            log.warn("The embedded database did not stop: {}", failed.getMessage());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void stop() throws IOException, InterruptedException {
        PostgresBinaries.Outcome outcome = stop("fast", 30);
        if (outcome.exitCode() != 0) {
            outcome = stop("immediate", 10);
        }
        if (outcome.exitCode() != 0) {
            log.warn("The database server did not stop: {}", outcome.lastLine());
        }
    }

    private PostgresBinaries.Outcome stop(String mode, int seconds) throws IOException, InterruptedException {
        return binaries.run(null, "pg_ctl", "stop", "--pgdata=" + data, "--mode=" + mode, "--timeout=" + seconds);
    }

    @Override
    public String getJdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + NAME;
    }

    @Override
    public String getUsername() {
        return NAME;
    }

    @Override
    public String getPassword() {
        return passwords.application();
    }

    private record Passwords(String superuser, String application) {

        static Passwords random() {
            return new Passwords(randomHex(), randomHex());
        }

        static Passwords parse(String text) throws IOException {
            Properties properties = new Properties();
            properties.load(new StringReader(text));
            return new Passwords(properties.getProperty(SUPERUSER, ""), properties.getProperty(NAME, ""));
        }

        String format() {
            return SUPERUSER + "=" + superuser + "\n" + NAME + "=" + application + "\n";
        }

        private static String randomHex() {
            byte[] bytes = new byte[24];
            new SecureRandom().nextBytes(bytes);
            return HexFormat.of().formatHex(bytes);
        }

        @Override
        public String toString() {
            return "Passwords[***]";
        }
    }
}
