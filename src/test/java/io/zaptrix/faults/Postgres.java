package io.zaptrix.faults;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A PostgreSQL of a story's own, which syncs to disk: it may be killed, started again, frozen and woken. */
final class Postgres implements AutoCloseable {

    private final Path directory;
    private EmbeddedPostgres server;

    Postgres() throws IOException, SQLException {
        directory = Files.createTempDirectory("zaptrix-faults");
        server = start(0);
        try (Connection connection = DriverManager.getConnection(url("postgres"), "postgres", "");
                Statement statement = connection.createStatement()) {
            statement.execute("create role zaptrix login nosuperuser nobypassrls password 'zaptrix'");
            statement.execute("create database zaptrix owner zaptrix");
        }
    }

    private EmbeddedPostgres start(int port) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(directory.resolve("postgres"))
                .setCleanDataDirectory(false)
                .setPGStartupWait(Duration.ofSeconds(60))
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("shared_buffers", "64MB");
        if (port > 0) {
            builder.setPort(port);
        }
        return builder.start();
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/" + database;
    }

    Map<String, String> environment() {
        return Map.of(
                "SPRING_DATASOURCE_URL",
                url("zaptrix"),
                "SPRING_DATASOURCE_USERNAME",
                "zaptrix",
                "SPRING_DATASOURCE_PASSWORD",
                "zaptrix");
    }

    /** As the superuser, whom no policy binds. */
    Connection superuser() throws SQLException {
        return DriverManager.getConnection(url("zaptrix"), "postgres", "");
    }

    void run(String sql) throws SQLException {
        try (Connection connection = superuser();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    long count(String from) throws SQLException {
        try (Connection connection = superuser();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from " + from)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** All its processes, the first of them first: so that it starts no other in between. */
    private List<ProcessHandle> processes() throws IOException {
        long pid = Long.parseLong(Files.readAllLines(directory.resolve("postgres/postmaster.pid"))
                .getFirst()
                .strip());
        ProcessHandle first = ProcessHandle.of(pid).orElseThrow();
        List<ProcessHandle> all = new ArrayList<>(List.of(first));
        first.descendants().forEach(all::add);
        return all;
    }

    private static void signal(String name, ProcessHandle process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** Every process of it at once, as the machine's end does. */
    void kill9() throws IOException, InterruptedException {
        List<ProcessHandle> all = freeze();
        for (ProcessHandle process : all) {
            process.destroyForcibly();
        }
        for (ProcessHandle process : all) {
            while (process.isAlive()) {
                Thread.sleep(10);
            }
        }
    }

    /**
     * Ends it as an operator does, and starts it again where it was, as it was started before, but in another
     * environment.
     */
    void startAgain(Map<String, String> environment) throws IOException, InterruptedException {
        String port = Integer.toString(server.getPort());
        ProcessHandle running = processes().getFirst();
        Path options = directory.resolve("postgres/postmaster.opts");
        List<String> command = new ArrayList<>();
        // The server refuses to run as root; who may run it as root here does so by a namespace of its own.
        if (ProcessHandle.current().info().user().orElse("").equals("root")) {
            command.addAll(List.of("unshare", "-U"));
        }
        // The command and its arguments, each argument in quotation marks.
        Matcher words = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(Files.readString(options));
        while (words.find()) {
            command.add(words.group(1) == null ? words.group(2) : words.group(1));
        }
        signal("INT", running);
        while (running.isAlive()) {
            Thread.sleep(10);
        }
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(environment);
        builder.start();
        Scene.await("PostgreSQL at " + port + " answers", () -> {
            try {
                return count("pg_class") > 0;
            } catch (SQLException notYet) {
                return false;
            }
        });
    }

    /** What its clock shows, less what it is. */
    Duration ahead() throws SQLException {
        try (Connection connection = superuser();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select extract(epoch from clock_timestamp())::bigint")) {
            row.next();
            return Duration.ofSeconds(row.getLong(1) - System.currentTimeMillis() / 1_000);
        }
    }

    /** Starts it again where it was, with what was on its disk. */
    void startAgain() throws IOException {
        int port = server.getPort();
        // Lets go of the directory; there is nothing left to stop.
        server.close();
        server = start(port);
    }

    /** Freezes it, as a disk or a machine does that hangs: its connections stay open, and nothing answers. */
    List<ProcessHandle> freeze() throws IOException, InterruptedException {
        List<ProcessHandle> all = processes();
        signal("STOP", all.getFirst());
        // What it started until it stood still.
        all = processes();
        for (ProcessHandle process : all.subList(1, all.size())) {
            signal("STOP", process);
        }
        return all;
    }

    void wake(List<ProcessHandle> frozen) throws IOException, InterruptedException {
        for (ProcessHandle process : frozen.reversed()) {
            signal("CONT", process);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }
}
