package io.zaptrix.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.bench.Stage;
import io.zaptrix.testing.AppProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A PostgreSQL, portals, and replicas of the application between them. */
final class Scene implements AutoCloseable {

    static final int PORTALS = 10;
    static final Duration LEASE = Duration.ofSeconds(2);

    final Postgres postgres;
    final RecordingPortals portals;
    final RecordingGraph graph;
    final List<AppProcess> replicas = new CopyOnWriteArrayList<>();

    Scene(int count) throws IOException, SQLException {
        postgres = new Postgres();
        portals = new RecordingPortals();
        graph = new RecordingGraph(() -> replicas.stream().map(AppProcess::port).toList());
        AppProcess first = replica().start();
        replicas.add(first);
        try (Connection connection = postgres.superuser()) {
            Stage.install(connection, portals.port(), 0, PORTALS);
        }
        for (int i = 1; i < count; i++) {
            replicas.add(replica().start());
        }
    }

    private AppProcess.Builder replica() {
        return AppProcess.builder()
                .env(postgres.environment())
                .env("ZAPTRIX_META_GRAPH_URL", "http://127.0.0.1:" + graph.port())
                .argument("--zaptrix.bitrix24.rate-per-second=1000")
                .argument("--zaptrix.bitrix24.burst=1000")
                .argument("--spring.datasource.hikari.connection-init-sql="
                        + "set idle_in_transaction_session_timeout = '2s'")
                .argument("--zaptrix.relay.lease=" + LEASE.toMillis() + "ms");
    }

    /** Ends a replica as a deployment does, and starts its successor at the same address. */
    AppProcess renew(AppProcess replica) {
        assertThat(replica.stop()).as("it ends by itself").isEqualTo(143);
        replicas.remove(replica);
        AppProcess successor = replica().port(replica.port()).start();
        replicas.add(successor);
        return successor;
    }

    Customers customersOf(AppProcess replica) {
        return new Customers(replica.port(), portals);
    }

    Agents agentsOf(AppProcess replica) {
        return new Agents(replica.port(), graph);
    }

    /** Everybody has written once, so that the portal's chats are known. */
    void greet(Customers customers, int portalCount, int each) throws InterruptedException {
        for (int p = 0; p < portalCount; p++) {
            for (int c = 0; c < each; c++) {
                customers.deliver(Customers.message(p, c, Customers.now()));
            }
        }
        await("greetings arrive", () -> customers.reconcile().complete());
    }

    /** The status of {@code GET path}. */
    static int status(AppProcess replica, String path) throws IOException, InterruptedException {
        return get(replica, path).statusCode();
    }

    /** What a counter stands at; 0 while it has counted nothing. */
    static double metric(AppProcess replica, String name) throws IOException, InterruptedException {
        return get(replica, "/actuator/prometheus")
                .body()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static HttpResponse<String> get(AppProcess replica, String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(replica.url() + path))
                            .timeout(Duration.ofSeconds(10))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    static void await(String what, Condition condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (true) {
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (InterruptedException stop) {
                throw stop;
            } catch (Exception failed) {
                throw new AssertionError(what, failed);
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("not in time: " + what);
            }
            Thread.sleep(50);
        }
    }

    @Override
    public void close() throws IOException {
        replicas.forEach(AppProcess::close);
        portals.close();
        graph.close();
        postgres.close();
    }
}
