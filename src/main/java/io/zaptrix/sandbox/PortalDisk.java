package io.zaptrix.sandbox;

import io.zaptrix.sandbox.LoopbackServer.Reply;
import io.zaptrix.sandbox.LoopbackServer.Request;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/**
 * The files of a portal: those of agents, given out by links that need no login, and those of customers, fetched as the
 * connector module fetches them. It asks once, follows redirects, takes nothing but a 200, waits 30 s for a byte and 60
 * s for all of them, and keeps the last 50 characters of a name; what it does not get is left out without a word, and
 * the message comes without it.
 */
final class PortalDisk implements AutoCloseable {

    private static final int LONGEST_NAME = 50;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.ALWAYS)
            .connectTimeout(Duration.ofSeconds(30))
            .build();
    private final Map<String, Shared> shared = new ConcurrentHashMap<>();
    private final Map<String, List<StoredFile>> received = new ConcurrentHashMap<>();
    private final Map<String, List<String>> links = new ConcurrentHashMap<>();
    private final Map<String, List<StoredFile>> given = new ConcurrentHashMap<>();

    final AtomicInteger broken = new AtomicInteger();
    final AtomicInteger asksForLogin = new AtomicInteger();
    volatile Duration mostTime = Duration.ofSeconds(60);

    private record Shared(String name, String contentType, FileContent content) {}

    /** Gives a file a link of its own; returns the path's last part. */
    String share(String name, String contentType, FileContent content) {
        String key = Long.toHexString((long) (Math.random() * Long.MAX_VALUE));
        shared.put(key, new Shared(name, contentType, content));
        return key;
    }

    /** The files behind all links are gone. */
    void removeAll() {
        shared.clear();
    }

    Reply give(Request request, String key) {
        if (broken.getAndUpdate(n -> n > 0 ? n - 1 : 0) > 0) {
            return Reply.empty(500);
        }
        if (asksForLogin.getAndUpdate(n -> n > 0 ? n - 1 : 0) > 0) {
            return Reply.text(200, "text/html", "<html><body><form>Login</form></body></html>");
        }
        Shared file = shared.get(key);
        return file == null
                ? Reply.text(404, "text/html", "<html><body>404</body></html>")
                : Reply.file(file.content(), file.contentType(), request.header("Range"));
    }

    /** Fetches what a message names, before the message is looked at. */
    Map<String, StoredFile> fetch(JsonNode messages) {
        Map<String, StoredFile> files = new ConcurrentHashMap<>();
        messages.findValues("files")
                .forEach(list -> list.forEach(file -> {
                    String url = file.path("url").asString("");
                    fetch(url, file.path("name").asString("")).ifPresent(stored -> files.put(url, stored));
                }));
        return files;
    }

    private Optional<StoredFile> fetch(String url, String name) {
        try {
            HttpResponse<InputStream> answer = http.send(
                    HttpRequest.newBuilder(URI.create(url))
                            .timeout(Duration.ofSeconds(30))
                            .header("User-Agent", "Bitrix Connector Client")
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = answer.body();
                    FileForm.Sink sink = new FileForm.Sink()) {
                if (answer.statusCode() != 200) {
                    return Optional.empty();
                }
                long deadline = System.nanoTime() + mostTime.toNanos();
                byte[] buffer = new byte[16 * 1024];
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    sink.write(buffer, 0, read);
                    if (System.nanoTime() - deadline > 0) {
                        return Optional.empty();
                    }
                }
                String called = name.isEmpty() ? url.replaceFirst("[?#].*", "").replaceFirst(".*/", "") : name;
                called = called.replaceFirst(".*/", "");
                return Optional.of(sink.stored(
                        called.substring(Math.max(0, called.length() - LONGEST_NAME)),
                        answer.headers().firstValue("Content-Type").orElse("application/octet-stream")));
            }
        } catch (IOException | IllegalArgumentException lost) {
            return Optional.empty();
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    void received(String messageId, List<StoredFile> files, List<String> from) {
        if (!files.isEmpty()) {
            received.put(messageId, new ArrayList<>(files));
            links.put(messageId, List.copyOf(from));
        }
    }

    List<StoredFile> filesOf(String messageId) {
        return List.copyOf(received.getOrDefault(messageId, List.of()));
    }

    /** An agent's own files of a message. */
    void given(String messageId, List<StandInPortal.AgentFile> files) {
        given.put(
                messageId,
                files.stream()
                        .map(file -> new StoredFile(
                                file.name(), file.contentType(), file.content().size(), "", file.content()))
                        .toList());
    }

    /** The files of a message, whoever sent it. */
    List<StoredFile> attachedTo(String messageId) {
        List<StoredFile> own = given.get(messageId);
        return own == null ? filesOf(messageId) : own;
    }

    /** Where the files of a customer's message were fetched from, in their order. */
    List<String> linksOf(String messageId) {
        return links.getOrDefault(messageId, List.of());
    }

    /** What the portal says of a file's kind. */
    static String kind(String contentType) {
        String family = contentType.replaceFirst("/.*", "").toLowerCase(Locale.ROOT);
        return List.of("image", "video", "audio").contains(family) ? family : "file";
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
