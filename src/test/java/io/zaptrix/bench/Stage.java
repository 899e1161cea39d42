package io.zaptrix.bench;

import io.zaptrix.platform.TenantId;
import io.zaptrix.platform.TestSecrets;
import io.zaptrix.relay.RelayPlans;
import io.zaptrix.testing.AppProcess;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/**
 * What a benchmark plays on: a PostgreSQL that syncs to disk, replicas of the application as it runs in production
 * ({@code -Xmx256m}), portals and Graph, all on this machine.
 */
public final class Stage implements AutoCloseable {

    final Portals portals;
    final Graph graph;
    final Machine machine = Machine.alone();
    private final Path directory;
    private final EmbeddedPostgres postgres;
    private final Deque<AppProcess> replicas = new ArrayDeque<>();

    Stage() throws IOException, SQLException {
        try {
            directory = Files.createTempDirectory("zaptrix-bench");
            // No superuser's PostgreSQL runs as root; what is inherited may be.
            postgres = EmbeddedPostgres.builder()
                    .setDataDirectory(directory.resolve("postgres"))
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .setServerConfig("shared_buffers", "128MB")
                    .setServerConfig("max_wal_size", "2GB")
                    .start();
            try (Connection connection = DriverManager.getConnection(url("postgres"), "postgres", "");
                    Statement statement = connection.createStatement()) {
                statement.execute("create role zaptrix login nosuperuser nobypassrls password 'zaptrix'");
                statement.execute("create database zaptrix owner zaptrix");
            }
            portals = new Portals();
            graph = new Graph();
        } catch (IOException | SQLException | RuntimeException failed) {
            machine.close();
            throw failed;
        }
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/" + database;
    }

    AppProcess replica(String... arguments) {
        AppProcess.Builder builder = AppProcess.builder()
                .env("SPRING_DATASOURCE_URL", url("zaptrix"))
                .env("SPRING_DATASOURCE_USERNAME", "zaptrix")
                .env("SPRING_DATASOURCE_PASSWORD", "zaptrix")
                .env("ZAPTRIX_META_GRAPH_URL", "http://127.0.0.1:" + graph.port())
                .asInProduction();
        String more = System.getenv("ZAPTRIX_BENCH_JVM");
        if (more != null) {
            Arrays.stream(more.split(" ")).forEach(builder::jvm);
        }
        for (String argument : arguments) {
            builder.argument(argument);
        }
        AppProcess started = builder.start();
        replicas.push(started);
        return started;
    }

    void stop(AppProcess replica) {
        replicas.remove(replica);
        replica.close();
    }

    /** As the application's role; no policy is in the way, but by {@code zaptrix.scope} and {@code zaptrix.tenant}. */
    Connection connection() throws SQLException {
        return DriverManager.getConnection(url("zaptrix"), "zaptrix", "zaptrix");
    }

    /** Prints how the relay's statements are planned; no replica may look meanwhile. */
    void plans(List<TenantId> tenants) throws SQLException {
        RelayPlans.tell(url("zaptrix"), "zaptrix", "zaptrix", tenants, System.out::println);
    }

    /** As the superuser, whom no policy binds. */
    Connection superuser() throws SQLException {
        return DriverManager.getConnection(url("zaptrix"), "postgres", "");
    }

    /** Portals {@code from} to {@code to} (exclusive), each with a number, as if they had been installed. */
    void install(int from, int to) throws SQLException {
        try (Connection connection = superuser()) {
            install(connection, portals.port(), from, to);
        }
    }

    /**
     * The same, wherever they are.
     *
     * @param connection as the superuser
     * @param port where the portals answer
     */
    public static void install(Connection connection, int port, int from, int to) throws SQLException {
        try (PreparedStatement portal = connection.prepareStatement("""
                        insert into portal_config (tenant_id, member_id, portal_url, client_endpoint, access_token,
                            refresh_token, token_expiration_time, application_token, scope, app_status, status, language)
                        values (?, ?, ?, ?, ?, ?, now() + interval '1 day', ?, 'imconnector,imopenlines,im', 'F', 'ACTIVE', 'en')
                        """);
                PreparedStatement number = connection.prepareStatement("""
                        insert into phone_number (tenant_id, phone_number_id, waba_id, display_phone_number, display_name,
                            line_id, access_token, status)
                        values (?, ?, '1', '15550783881', 'Bench', '1', ?, 'ACTIVE')
                        """);
                PreparedStatement route = connection.prepareStatement("insert into phone_number_route values (?, ?)")) {
            connection.setAutoCommit(false);
            for (int p = from; p < to; p++) {
                TenantId tenant = Portals.tenant(p);
                String url = "http://" + Portals.host(p) + ":" + port;
                portal.setObject(1, tenant.value());
                portal.setString(2, "bench" + p);
                portal.setString(3, url);
                portal.setString(4, url + "/rest/");
                portal.setBytes(5, TestSecrets.seal(tenant, "portal_config.access_token", "access" + p));
                portal.setBytes(6, TestSecrets.seal(tenant, "portal_config.refresh_token", "refresh" + p));
                portal.setBytes(7, TestSecrets.seal(tenant, "portal_config.application_token", "application" + p));
                portal.addBatch();
                number.setObject(1, tenant.value());
                number.setString(2, Portals.number(p));
                number.setBytes(3, TestSecrets.seal(tenant, "phone_number.access_token", "number" + p));
                number.addBatch();
                route.setString(1, Portals.number(p));
                route.setObject(2, tenant.value());
                route.addBatch();
            }
            portal.executeBatch();
            number.executeBatch();
            route.executeBatch();
            connection.commit();
        }
    }

    /** Until all that was sent to warm up has gone its way. */
    void quiet() throws SQLException, InterruptedException {
        await("nothing waits", Duration.ofMinutes(2), () -> count("lane_item") == 0);
        Thread.sleep(1_000);
    }

    long count(String from) throws SQLException {
        try (Connection connection = superuser();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from " + from)) {
            row.next();
            return row.getLong(1);
        }
    }

    void run(String sql) throws SQLException {
        try (Connection connection = superuser();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /**
     * The two halves of a long statement side by side.
     *
     * @param sql with two {@code %d}, the first and the last of the numbers from 1 to {@code last} that it is for
     */
    void runTogether(String sql, int last) throws SQLException {
        CompletableFuture<Void> first = CompletableFuture.runAsync(() -> {
            try {
                run(numbered(sql, 1, last / 2));
            } catch (SQLException failed) {
                throw new CompletionException(failed);
            }
        });
        run(numbered(sql, last / 2 + 1, last));
        first.join();
    }

    private static String numbered(String sql, int first, int last) {
        return sql.replaceFirst("%d", Integer.toString(first)).replaceFirst("%d", Integer.toString(last));
    }

    interface Condition {
        boolean holds() throws SQLException;
    }

    static void await(String what, Duration atMost, Condition condition) throws SQLException, InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited " + atMost + " in vain: " + what);
            }
            Thread.sleep(50);
        }
    }

    /** A row of the table: the most memory that {@code app} has had so far, beside what the image is given. */
    static void weigh(String name, AppProcess app) throws IOException {
        long megabytes = residentMegabytes(app);
        Table.row(name, megabytes + " MB at its highest", "< 512 MB", Table.number("%.2f", megabytes / 512.0));
    }

    private static long residentMegabytes(AppProcess app) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + app.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(-1);
    }

    /** The processor time that those of PostgreSQL's processes that live have taken so far. */
    double postgresMillis() throws IOException {
        double ticks = 0;
        for (long process : postgresProcesses()) {
            String[] fields = stat(Path.of("/proc/" + process));
            // User time and system time are the 12th and 13th.
            ticks += Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
        }
        // A tick is a hundredth of a second, on all that Linux runs on here.
        return ticks * 10;
    }

    /** The server and what it has started. */
    List<Long> postgresProcesses() throws IOException {
        String first =
                Files.readAllLines(directory.resolve("postgres/postmaster.pid")).getFirst();
        List<Long> found = new ArrayList<>(List.of(Long.valueOf(first)));
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes.toList()) {
                String name = process.getFileName().toString();
                // The 2nd is its parent.
                if (name.matches("\\d+") && stat(process)[1].equals(first)) {
                    found.add(Long.valueOf(name));
                }
            }
        }
        return found;
    }

    /** The fields that follow a process's name; zeros of one that has just ended. */
    private static String[] stat(Path process) {
        try {
            String stat = Files.readString(process.resolve("stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        } catch (IOException ended) {
            return "0 ".repeat(20).split(" ");
        }
    }

    @Override
    public void close() throws IOException {
        replicas.forEach(AppProcess::close);
        portals.close();
        graph.close();
        postgres.close();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
        machine.close();
    }
}
