package io.zaptrix.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.testing.AppProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The database hangs for a while: health says so in time, and that it is over. */
class DatabaseOutageStory {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    private Path directory;

    @Test
    void healthTellsOfADatabaseThatHangs() throws Exception {
        try (AppProcess application = AppProcess.builder()
                .env("ZAPTRIX_DATA_DIR", directory.toString())
                .start()) {
            assertThat(health(application).statusCode()).isEqualTo(200);

            // All its processes: those that serve open connections would go on answering.
            ProcessHandle server = server();
            signal(server, "STOP");
            try {
                for (int attempt = 0; attempt < 3; attempt++) {
                    Instant asked = Instant.now();
                    HttpResponse<String> response = health(application);
                    assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofMillis(3500));
                    assertThat(response.statusCode()).isEqualTo(503);
                    JsonNode health = JSON.readTree(response.body());
                    assertThat(health.get("database").asString()).isEqualTo("DOWN");
                    assertThat(health.get("service").asString()).isEqualTo("DEGRADED");
                }
                assertThat(get(application, "/actuator/health/readiness").statusCode())
                        .isEqualTo(503);
                assertThat(get(application, "/actuator/health/liveness").statusCode())
                        .isEqualTo(200);
            } finally {
                signal(server, "CONT");
            }

            Instant patienceEnds = Instant.now().plusSeconds(30);
            while (health(application).statusCode() != 200 && Instant.now().isBefore(patienceEnds)) {
                Thread.sleep(200);
            }
            assertThat(health(application).statusCode()).isEqualTo(200);

            application.stop();
            for (String line : application.output().lines().toList()) {
                assertThat(JSON.readTree(line).get("@timestamp").asString())
                        .as(line)
                        .isNotEmpty();
            }
        }
    }

    private ProcessHandle server() throws Exception {
        String pid =
                Files.readAllLines(directory.resolve("postgres/postmaster.pid")).getFirst();
        return ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow();
    }

    private static void signal(ProcessHandle server, String name) throws Exception {
        StringBuilder pids = new StringBuilder(Long.toString(server.pid()));
        server.descendants().forEach(child -> pids.append(' ').append(child.pid()));
        Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + pids).start();
        assertThat(kill.waitFor()).isZero();
    }

    private static HttpResponse<String> health(AppProcess application) throws Exception {
        return get(application, "/health");
    }

    private static HttpResponse<String> get(AppProcess application, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(application.url() + path))
                            .timeout(Duration.ofSeconds(20))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
