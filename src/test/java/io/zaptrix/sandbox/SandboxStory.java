package io.zaptrix.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.testing.AppProcess;
import io.zaptrix.testing.Chromium;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.util.HtmlUtils;
import tools.jackson.databind.JsonNode;

/** What a newcomer sees who has no account anywhere. */
@Order(4)
class SandboxStory {

    private static final String JOAO = SandboxWorld.CUSTOMERS.get(1).waId();

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    private Path data;

    @AfterEach
    void close() {
        http.close();
    }

    @Test
    void aVisitorTriesEverythingAndAKilledProcessForgetsNothing() throws Exception {
        int metaPort = AppProcess.freePort();
        int bitrix24Port = AppProcess.freePort();
        try (AppProcess app = start(metaPort, bitrix24Port)) {
            await(app, "the number is linked", state -> app.output().contains("Sandbox: open " + app.url()));
            onlyThePageItselfMayGiveCommands(app);

            post(app, "/sandbox/customer", Map.of("waId", JOAO, "text", "Vocês abrem hoje?"));
            JsonNode arrived = await(
                    app, "the agent sees it", state -> texts(state, "chats").equals(List.of("Vocês abrem hoje?")));
            String chat = arrived.at("/chats/0/id").stringValue();
            assertThat(arrived.at("/chats/0/name").stringValue()).isEqualTo("João Lima");

            post(app, "/sandbox/agent", Map.of("chat", chat, "text", "Sim, [b]até as 18h[/b]"));
            JsonNode read = await(
                    app,
                    "the customer has read the answer",
                    state -> state.at("/chats/0/messages/1/mark").asString("").equals("READ"));
            assertThat(texts(read, "phones").getLast()).endsWith("Sim, *até as 18h*");

            Optional<Chromium> browser = Chromium.start();
            if (browser.isPresent()) {
                try (Chromium chromium = browser.get()) {
                    SandboxVisit.play(chromium, app.url());
                }
            }
            Thread.sleep(1000);
            app.kill9();
        }
        try (AppProcess app = start(metaPort, bitrix24Port)) {
            await(app, "it is linked still", state -> app.output().contains("Sandbox: open " + app.url()));
            int chats = state(app).path("chats").size();
            post(app, "/sandbox/faults", Map.of("fault", "expire"));
            post(app, "/sandbox/customer", Map.of("waId", JOAO, "text", "Obrigado!"));

            JsonNode state = await(
                    app,
                    "the agent sees it in the same chat",
                    seen -> seen.at("/chats/0/messages")
                            .valueStream()
                            .anyMatch(
                                    message -> message.path("text").asString("").equals("Obrigado!")));
            assertThat(state.path("chats")).hasSize(chats);
        }
    }

    private void onlyThePageItselfMayGiveCommands(AppProcess app) throws Exception {
        HttpResponse<String> page = http.send(
                HttpRequest.newBuilder(URI.create(app.url() + "/sandbox"))
                        .header("Accept-Language", "pt-BR,pt;q=0.9")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(page.body()).contains("Celular do cliente");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("script-src 'self'")
                .doesNotContain("unsafe");

        HttpResponse<Void> stranger = http.send(
                HttpRequest.newBuilder(URI.create(app.url() + "/sandbox/customer"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString("waId=" + JOAO + "&text=hi"))
                        .build(),
                HttpResponse.BodyHandlers.discarding());
        assertThat(stranger.statusCode()).isEqualTo(403);
    }

    @Test
    void productionHasNoSandbox() {
        try (AppProcess refused = AppProcess.builder()
                .env("ZAPTRIX_SANDBOX_ENABLED", "true")
                .env("ZAPTRIX_DATA_DIR", data.toString())
                .launch()) {
            assertThat(refused.awaitExit()).isEqualTo(1);
            assertThat(refused.output()).contains("Zaptrix cannot start: ZAPTRIX_SANDBOX_ENABLED is true while ");
        }
    }

    private AppProcess start(int metaPort, int bitrix24Port) {
        return AppProcess.builder()
                .bare()
                .env("ZAPTRIX_SANDBOX_ENABLED", "true")
                .env("ZAPTRIX_DATA_DIR", data.toString())
                .argument("--zaptrix.sandbox.meta-port=" + metaPort)
                .argument("--zaptrix.sandbox.bitrix24-port=" + bitrix24Port)
                .start();
    }

    private JsonNode await(AppProcess app, String what, Predicate<JsonNode> condition) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        JsonNode state = state(app);
        while (!condition.test(state)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not in time: " + what + "\n" + state.toPrettyString() + "\n" + app.output());
            }
            Thread.sleep(100);
            state = state(app);
        }
        return state;
    }

    private static List<String> texts(JsonNode state, String side) {
        return state.path(side)
                .valueStream()
                .flatMap(one -> one.path("messages").valueStream())
                .map(message -> message.path("text").asString(""))
                .toList();
    }

    private JsonNode state(AppProcess app) throws Exception {
        return SandboxJson.MAPPER.readTree(attribute(page(app), "data-state"));
    }

    private void post(AppProcess app, String path, Map<String, String> fields) throws Exception {
        String page = page(app);
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(app.url() + path))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .header(attribute(page, "data-csrf-header"), attribute(page, "data-csrf"))
                        .POST(HttpRequest.BodyPublishers.ofString(fields.entrySet().stream()
                                .map(field -> field.getKey() + "="
                                        + java.net.URLEncoder.encode(
                                                field.getValue(), java.nio.charset.StandardCharsets.UTF_8))
                                .collect(Collectors.joining("&"))))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
    }

    private String page(AppProcess app) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create(app.url() + "/sandbox"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static String attribute(String page, String name) {
        int start = page.indexOf(name + "=\"") + name.length() + 2;
        return HtmlUtils.htmlUnescape(page.substring(start, page.indexOf('"', start)));
    }
}
