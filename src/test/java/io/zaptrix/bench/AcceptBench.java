package io.zaptrix.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.platform.TenantId;
import io.zaptrix.testing.AppProcess;
import io.zaptrix.testing.TestSettings;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many signed, unique webhooks a second are accepted durably, over HTTP and in a process of their own, beside what
 * the same database does in the same run with one 600-byte insert a transaction.
 */
class AcceptBench {

    private static final int WEBHOOK_CLIENTS = 64;
    private static final int INSERT_CLIENTS = 16;
    private static final Duration TIME = Duration.ofSeconds(15);

    @TempDir
    Path directory;

    @Test
    void webhooksASecondAgainstPlainInserts() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setDataDirectory(directory.resolve("postgres"))
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("shared_buffers", "128MB")
                .start()) {
            String url = "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/";
            try (Connection connection = DriverManager.getConnection(url + "postgres", "postgres", "");
                    Statement statement = connection.createStatement()) {
                statement.execute("create role zaptrix login nosuperuser nobypassrls password 'zaptrix'");
                statement.execute("create database zaptrix owner zaptrix");
            }
            try (AppProcess app = AppProcess.builder()
                    .env("SPRING_DATASOURCE_URL", url + "zaptrix")
                    .env("SPRING_DATASOURCE_USERNAME", "zaptrix")
                    .env("SPRING_DATASOURCE_PASSWORD", "zaptrix")
                    .asInProduction()
                    .jvm(System.getenv().getOrDefault("ZAPTRIX_BENCH_JVM", "-Xmx256m"))
                    .start()) {
                try (Connection connection = DriverManager.getConnection(url + "zaptrix", "zaptrix", "zaptrix");
                        Statement statement = connection.createStatement()) {
                    statement.execute("create table plain (id bigint generated always as identity, body bytea)");
                    statement.execute("insert into phone_number_route select 'n' || i, '"
                            + TenantId.ofMember("bench").value() + "' from generate_series(0, 49) i");
                }
                webhooks(app, Duration.ofSeconds(10), 0);
                double inserts = inserts(url);
                Run full = webhooks(app, TIME, 0);
                double insertsAgain = inserts(url);
                Run half = webhooks(app, TIME, full.rate() / 2);
                double base = (inserts + insertsAgain) / 2;
                System.out.printf(
                        "%nACCEPT  plain inserts, %d clients: %.0f/s and %.0f/s%n"
                                + "ACCEPT  webhooks, %d clients:      %.0f/s = %.2f times; p50 %.1f ms, p99 %.1f ms%n"
                                + "ACCEPT  webhooks at half that:     %.0f/s; p50 %.1f ms, p99 %.1f ms%n"
                                + "ACCEPT  resident set of the application: %d MB%n%n",
                        INSERT_CLIENTS,
                        inserts,
                        insertsAgain,
                        WEBHOOK_CLIENTS,
                        full.rate(),
                        full.rate() / base,
                        full.millis(0.5),
                        full.millis(0.99),
                        half.rate(),
                        half.millis(0.5),
                        half.millis(0.99),
                        residentMegabytes(app.pid()));
            }
        }
    }

    private record Run(double rate, long[] nanos) {

        double millis(double quantile) {
            return nanos.length == 0 ? 0 : nanos[(int) Math.min(nanos.length - 1, nanos.length * quantile)] / 1e6;
        }
    }

    private static double inserts(String url) throws Exception {
        AtomicInteger done = new AtomicInteger();
        long end = System.nanoTime() + TIME.toNanos();
        try (ExecutorService threads = Executors.newFixedThreadPool(INSERT_CLIENTS)) {
            List<Future<?>> clients = new ArrayList<>();
            for (int c = 0; c < INSERT_CLIENTS; c++) {
                clients.add(threads.submit(() -> {
                    try (Connection connection = DriverManager.getConnection(url + "zaptrix", "zaptrix", "zaptrix");
                            PreparedStatement insert =
                                    connection.prepareStatement("insert into plain (body) values (?)")) {
                        byte[] body = new byte[600];
                        while (System.nanoTime() < end) {
                            insert.setBytes(1, body);
                            insert.executeUpdate();
                            done.incrementAndGet();
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> client : clients) {
                client.get();
            }
        }
        return done.get() / (double) TIME.toSeconds();
    }

    private static final AtomicInteger COUNT = new AtomicInteger();

    /** @param rate webhooks a second to keep to; 0: as fast as they are answered */
    private static Run webhooks(AppProcess app, Duration time, double rate) throws Exception {
        List<long[]> samples = new ArrayList<>();
        long start = System.nanoTime();
        long end = start + time.toNanos();
        try (ExecutorService threads = Executors.newFixedThreadPool(WEBHOOK_CLIENTS)) {
            List<Future<long[]>> clients = new ArrayList<>();
            for (int c = 0; c < WEBHOOK_CLIENTS; c++) {
                int client = c;
                clients.add(threads.submit(() -> {
                    Mac mac = Mac.getInstance("HmacSHA256");
                    mac.init(new SecretKeySpec(TestSettings.META_APP_SECRET.getBytes(UTF_8), "HmacSHA256"));
                    long[] nanos = new long[1 << 20];
                    int n = 0;
                    double every = rate == 0 ? 0 : WEBHOOK_CLIENTS / rate * 1e9;
                    try (RawHttp http = new RawHttp(app.port())) {
                        while (System.nanoTime() < end) {
                            long due = start + (long) (every * (n + client / (double) WEBHOOK_CLIENTS));
                            long early = due - System.nanoTime();
                            if (every > 0 && early > 0) {
                                Thread.sleep(Duration.ofNanos(early));
                            }
                            byte[] request = webhook(mac, COUNT.incrementAndGet());
                            // From when it was due, so that a stall counts for all that it held up.
                            long from = every > 0 ? due : System.nanoTime();
                            if (http.exchange(request) != 200) {
                                throw new IllegalStateException("a webhook was not accepted");
                            }
                            nanos[n++] = System.nanoTime() - from;
                        }
                    }
                    return Arrays.copyOf(nanos, n);
                }));
            }
            for (Future<long[]> client : clients) {
                samples.add(client.get());
            }
        }
        long[] all = samples.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        return new Run(all.length / (time.toMillis() / 1e3), all);
    }

    private static byte[] webhook(Mac mac, int n) throws GeneralSecurityException {
        byte[] body = """
                {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"messaging_product":\
                "whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"n%d"},"contacts":\
                [{"profile":{"name":"Customer"},"wa_id":"5511%07d"}],"messages":[{"from":"5511%07d","id":\
                "wamid.HBgLNTUxMTk4NzY1NDMyMRUCABIYFDNBMDAw%012d","timestamp":"1780000000","type":"text",\
                "text":{"body":"Hello, is this still available in blue?"}}]},"field":"messages"}]}]}""".formatted(n % 50, n % 5_000, n % 5_000, n).getBytes(UTF_8);
        String signature = HexFormat.of().formatHex(mac.doFinal(body));
        return RawHttp.post(
                "/webhooks/meta",
                "Content-Type: application/json\r\nX-Hub-Signature-256: sha256=" + signature + "\r\n",
                body);
    }

    private static long residentMegabytes(long pid) throws Exception {
        return java.nio.file.Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(-1);
    }
}
