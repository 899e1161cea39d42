package io.zaptrix.story;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.media.LinkMaker;
import io.zaptrix.platform.TenantId;
import io.zaptrix.sandbox.FileContent;
import io.zaptrix.sandbox.StandInMeta;
import io.zaptrix.sandbox.StandInPortal.AgentFile;
import io.zaptrix.sandbox.StoredFile;
import io.zaptrix.testing.AppProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The largest documents that WhatsApp has, both ways and several at once, through an application with 256 MB of memory:
 * none of them is ever in it as a whole.
 */
class LargeFileStory {

    private static final long SIZE = 100L << 20;
    private static final int AT_ONCE = 4;
    private static final String CUSTOMER = "5511999120001";
    private static final byte[] PDF = "%PDF-1.7 ".getBytes(ISO_8859_1);
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @Test
    void documentsOfAHundredMegabytesGoThroughBothWays() throws Exception {
        try (World world = new World()) {
            AppProcess app = world.startReplica();
            world.installAndLink();
            world.meta.customerWrites(World.NUMBER, CUSTOMER, "Maria", "Oi");
            World.await(
                    "the agent sees the customer",
                    Talk.PATIENCE,
                    () -> !world.seenByAgent(CUSTOMER).isEmpty());

            sentByTheCustomer(world);
            fetchedByFour(world);
            sentByAgents(world);

            long peak = peakMemory(app);
            System.out.println("Peak resident memory with files of 100 MB, four at once: " + (peak >> 20) + " MB");
            // A heap of 256 MB, and what a JVM needs beside it; four files would be 400 MB more.
            assertThat(peak).isLessThan(600L << 20);
            assertThat(app.output()).doesNotContain("OutOfMemoryError");
        }
    }

    private static void sentByTheCustomer(World world) {
        FileContent content = FileContent.generated(PDF, SIZE, 6);
        ObjectNode document = JsonMapper.shared().createObjectNode();
        document.putObject("document")
                .put("id", world.meta.addMedia("application/pdf", content))
                .put("mime_type", "application/pdf")
                .put("sha256", content.sha256())
                .put("filename", "projeto.pdf");
        world.meta.customerSends(World.NUMBER, CUSTOMER, "Maria", "document", document);
        String chat = world.chatOf(CUSTOMER).id();
        World.await(
                "the document is in the chat",
                PATIENCE,
                () -> world.portal.inbound(chat).size() == 2,
                () -> world.seenByAgent(CUSTOMER).toString());
        StoredFile file =
                world.portal.filesOf(world.portal.inbound(chat).getLast().id()).getFirst();
        assertThat(file.name()).isEqualTo("projeto.pdf");
        assertThat(file.size()).isEqualTo(SIZE);
        assertThat(file.sha256()).isEqualTo(content.sha256());
    }

    private static void fetchedByFour(World world) throws Exception {
        FileContent content = FileContent.generated(PDF, SIZE, 7);
        String id = world.meta.addMedia("application/pdf", content);
        String path = LinkMaker.path(
                TenantId.ofMember(world.portal.memberId()), World.NUMBER, id, "application/pdf", content.sha256());
        try (HttpClient http = HttpClient.newHttpClient();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<String>> readers = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                readers.add(() -> hashOf(http, URI.create(world.door.url() + path)));
            }
            for (Future<String> reader : threads.invokeAll(readers)) {
                assertThat(reader.get()).isEqualTo(content.sha256());
            }
        }
    }

    private static String hashOf(HttpClient http, URI url) throws Exception {
        HttpResponse<InputStream> response =
                http.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(response.body(), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void sentByAgents(World world) {
        String chat = world.chatOf(CUSTOMER).id();
        FileContent content = FileContent.generated(PDF, SIZE, 8);
        world.portal.agentSends(chat, "O contrato", List.of(new AgentFile("contrato.pdf", "application/pdf", content)));
        World.await(
                "the document reaches the customer",
                PATIENCE,
                () -> !world.meta.sendsTo(CUSTOMER).isEmpty(),
                () -> String.valueOf(world.portal.systemLines(chat)));
        StandInMeta.Send send = world.meta.sendsTo(CUSTOMER).getFirst();
        StoredFile file = Objects.requireNonNull(world.meta.fileOf(send));
        assertThat(send.type()).isEqualTo("document");
        assertThat(file.size()).isEqualTo(SIZE);
        assertThat(file.sha256()).isEqualTo(content.sha256());
    }

    /** As the kernel counts it. */
    private static long peakMemory(AppProcess app) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(app.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElseThrow();
    }
}
