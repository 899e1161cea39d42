package io.zaptrix.story;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.sandbox.FileContent;
import io.zaptrix.sandbox.StandInMeta;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.sandbox.StandInPortal.AgentFile;
import io.zaptrix.sandbox.StoredFile;
import io.zaptrix.testing.AppProcess;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** Agents attach files, and customers get them as what they are; once, whatever happens on the way. */
@SuppressWarnings("NullAway.Init")
class AttachmentStory {

    private static final int MEGABYTE = 1 << 20;

    private static final byte[] JPEG = "\u00ff\u00d8\u00ff\u00e0 a picture".getBytes(ISO_8859_1);
    private static final byte[] MP4 = "\0\0\0\u0018ftypisom a film".getBytes(ISO_8859_1);
    private static final byte[] OPUS = "OggS\0\2......OpusHead a voice".getBytes(ISO_8859_1);
    private static final byte[] MP3 = "ID3\4 a song".getBytes(ISO_8859_1);
    private static final byte[] PDF = "%PDF-1.7 a paper".getBytes(ISO_8859_1);

    private static World world;
    private static int customers;

    private String customer;
    private String chat;

    @BeforeAll
    static void begin() {
        world = new World();
        world.meta.addTemplate(
                World.WABA,
                "contract",
                "pt_BR",
                "APPROVED",
                "UTILITY",
                JsonMapper.shared().readTree("""
                        [{"type":"HEADER","format":"DOCUMENT"},{"type":"BODY","text":"Segue o contrato."}]"""));
        world.startReplica();
        world.installAndLink();
    }

    @AfterAll
    static void end() throws IOException {
        world.close();
    }

    @BeforeEach
    void aCustomerHasWritten() {
        customer = "55119990" + (1000 + customers++);
        world.meta.customerWrites(World.NUMBER, customer, "Maria", "Oi");
        World.await(
                "the agent sees the customer",
                Talk.PATIENCE,
                () -> !world.seenByAgent(customer).isEmpty());
        chat = world.chatOf(customer).id();
    }

    @AfterEach
    void allIsWell() {
        world.meta.faults().clear();
        world.portal.faults().clear();
    }

    private static AgentFile file(String name, String contentType, byte[] content) {
        return new AgentFile(name, contentType, FileContent.of(content));
    }

    private static AgentFile large(String name, byte[] beginning, int megabytes, long seed) {
        return new AgentFile(
                name, "application/octet-stream", FileContent.generated(beginning, (long) megabytes * MEGABYTE, seed));
    }

    private List<StandInMeta.Send> arrived(int count) {
        World.await(
                count + " messages reach the customer",
                Talk.PATIENCE,
                () -> world.meta.sendsTo(customer).size() >= count,
                () -> world.meta.sendsTo(customer) + " " + world.portal.systemLines(chat));
        Talk.pause(300);
        assertThat(world.meta.sendsTo(customer)).hasSize(count);
        return world.meta.sendsTo(customer);
    }

    private static StoredFile fileOf(StandInMeta.Send send) {
        return Objects.requireNonNull(world.meta.fileOf(send));
    }

    private static String caption(StandInMeta.Send send) {
        return send.body().path(send.type()).path("caption").asString("");
    }

    private void agentIsTold(String words) {
        World.await(
                "the agent reads: " + words,
                Talk.PATIENCE,
                () -> world.portal.systemLines(chat).stream()
                        .anyMatch(line -> line.text().contains(words)),
                () -> String.valueOf(world.portal.systemLines(chat)));
    }

    private void isRead(String messageId) {
        World.await(
                "the agent sees that it was read",
                Talk.PATIENCE,
                () -> world.portal.chat(chat).messages().stream()
                        .anyMatch(message ->
                                message.id().equals(messageId) && message.mark() == StandInPortal.Mark.READ));
    }

    // ---- what it is, is what it goes as

    @Test
    void aPhotoAndItsWordsAreOneMessage() {
        String id = world.portal.agentSends(chat, "Veja [b]isto[/b]", List.of(file("foto.png", "image/png", JPEG)));

        StandInMeta.Send send = arrived(1).getFirst();
        assertThat(send.type()).isEqualTo("image");
        assertThat(caption(send)).endsWith("Veja *isto*");
        // What the portal calls it is not believed.
        assertThat(fileOf(send).contentType()).isEqualTo("image/jpeg");
        assertThat(fileOf(send).sha256()).isEqualTo(FileContent.of(JPEG).sha256());
        isRead(id);
    }

    @Test
    void aVoiceMessageHasNoWordsAndTheyGoBeforeIt() {
        world.portal.agentSends(chat, "Escute", List.of(file("voz.ogg", "audio/ogg", OPUS)));

        List<StandInMeta.Send> sends = arrived(2);
        assertThat(sends).extracting(StandInMeta.Send::type).containsExactly("text", "audio");
        assertThat(sends.getFirst().text()).endsWith("Escute");
        assertThat(sends.getLast().body().path("audio").has("caption")).isFalse();
        assertThat(sends.getLast().body().at("/audio/voice").asBoolean()).isTrue();
    }

    @Test
    void aVoiceMessageWithoutWordsComesAlone() {
        world.portal.agentSends(chat, "", List.of(file("voz.ogg", "audio/ogg", OPUS)));

        assertThat(arrived(1).getFirst().type()).isEqualTo("audio");
    }

    @Test
    void onlyAVoiceMessageLooksLikeOne() {
        world.portal.agentSends(chat, "", List.of(file("musica.ogg", "audio/ogg", MP3)));
        assertThat(arrived(1).getFirst().body().path("audio").has("voice")).isFalse();

        // Sent once more, it is uploaded already.
        byte[] voice = "OggS\0\2......OpusHead twice".getBytes(ISO_8859_1);
        world.portal.agentSends(chat, "", List.of(file("a.ogg", "audio/ogg", voice)));
        arrived(2);
        world.portal.agentSends(chat, "", List.of(file("a.ogg", "audio/ogg", voice)));
        assertThat(arrived(3).getLast().body().at("/audio/voice").asBoolean()).isTrue();
    }

    @Test
    void severalFilesComeAfterTheirWordsInTheirOrder() {
        world.portal.agentSends(
                chat,
                "Três coisas",
                List.of(
                        file("a.jpg", "image/jpeg", JPEG),
                        file("b.mp4", "video/mp4", MP4),
                        file("contrato final.pdf", "application/pdf", PDF)));

        List<StandInMeta.Send> sends = arrived(4);
        assertThat(sends).extracting(StandInMeta.Send::type).containsExactly("text", "image", "video", "document");
        assertThat(sends.getLast().body().at("/document/filename").asString()).isEqualTo("contrato final.pdf");
    }

    @Test
    void wordsThatAreTooManyForACaptionGoFirst() {
        world.portal.agentSends(chat, "x".repeat(1100), List.of(file("a.jpg", "image/jpeg", JPEG)));

        assertThat(arrived(2)).extracting(StandInMeta.Send::type).containsExactly("text", "image");
    }

    @Test
    void aPhotoThatIsTooLargeForAPhotoGoesAsADocument() {
        world.portal.agentSends(chat, "", List.of(large("foto.jpg", JPEG, 6, 1)));

        StandInMeta.Send send = arrived(1).getFirst();
        assertThat(send.type()).isEqualTo("document");
        assertThat(send.body().at("/document/filename").asString()).isEqualTo("foto.jpg");
        assertThat(fileOf(send).size()).isEqualTo(6L * MEGABYTE);
    }

    @Test
    void whatMetasUploadDoesNotTakeGoesAsADocumentUnderItsRealName() {
        world.portal.agentSends(
                chat,
                "Os arquivos",
                List.of(file("projeto.exe", "image/jpeg", "MZ\u0090\0 a program".getBytes(ISO_8859_1))));

        StandInMeta.Send send = arrived(1).getFirst();
        assertThat(send.type()).isEqualTo("document");
        assertThat(send.body().at("/document/filename").asString()).isEqualTo("projeto.exe");
        assertThat(send.body().at("/document/link").asString()).contains("/disk/");
        assertThat(caption(send)).endsWith("Os arquivos");
    }

    @Test
    void whatIsTooLargeForWhatsAppComesAsALink() {
        world.portal.agentSends(chat, "O vídeo", List.of(large("filme.mp4", MP4, 101, 2)));

        StandInMeta.Send send = arrived(1).getFirst();
        assertThat(send.type()).isEqualTo("text");
        assertThat(send.text()).contains("O vídeo\nfilme.mp4\n", "/disk/");
    }

    // ---- what is lost

    @Test
    void ofALostFileTheAgentIsToldAndTheWordsGo() {
        // Where a link needs a login after all, the portal answers 200 with a page.
        world.portal.faults().askForLogin(1);

        world.portal.agentSends(chat, "Segue o arquivo", List.of(file("perdido.pdf", "application/pdf", PDF)));

        agentIsTold("perdido.pdf");
        assertThat(arrived(1).getFirst().text()).endsWith("Segue o arquivo");
        assertThat(world.portal.systemLines(chat)).hasSize(1);
    }

    @Test
    void aPortalThatStumblesIsAskedAgain() {
        world.portal.faults().breakFiles(1);

        world.portal.agentSends(chat, "", List.of(file("a.jpg", "image/jpeg", JPEG)));

        assertThat(arrived(1).getFirst().type()).isEqualTo("image");
    }

    @Test
    void aPortalThatDoesNotGiveItsFileOutLeavesTheCustomerItsLink() {
        world.portal.faults().breakFiles(1000);

        world.portal.agentSends(chat, "", List.of(file("a.jpg", "image/jpeg", JPEG)));

        assertThat(arrived(1).getFirst().text()).contains("a.jpg\n", "/disk/");
    }

    @Test
    void oneLostFileHoldsUpNoOther() {
        world.portal.faults().askForLogin(1);

        world.portal.agentSends(
                chat, "", List.of(file("um.pdf", "application/pdf", PDF), file("dois.jpg", "image/jpeg", JPEG)));

        agentIsTold("um.pdf");
        assertThat(arrived(1).getFirst().type()).isEqualTo("image");
    }

    // ---- what Meta has already

    @Test
    void whatMetaHasIsNotUploadedAgain() {
        byte[] list = "%PDF-1.7 the price list".getBytes(UTF_8);
        byte[] sameBeginning = Arrays.copyOf(PDF, 300 * 1024);
        AgentFile book = large("catalogo.pdf", sameBeginning, 3, 42);
        int before = world.meta.uploads().size();
        for (int i = 0; i < 2; i++) {
            world.portal.agentSends(chat, "", List.of(file("precos " + i + ".pdf", "application/pdf", list), book));
        }
        AgentFile similar = large("catalogo.pdf", sameBeginning, 3, 43);
        List<StandInMeta.Send> sends = arrived(4);
        assertThat(world.meta.uploads()).hasSize(before + 2);
        assertThat(sends.get(2).body().at("/document/id"))
                .isEqualTo(sends.get(0).body().at("/document/id"));
        assertThat(sends.get(2).body().at("/document/filename").asString()).isEqualTo("precos 1.pdf");

        // As long, and another.
        world.portal.agentSends(chat, "", List.of(similar));
        assertThat(fileOf(arrived(5).getLast()).sha256())
                .isEqualTo(similar.content().sha256())
                .isNotEqualTo(book.content().sha256());
    }

    @Test
    void whatMetaHasForgottenIsUploadedAnew() {
        byte[] content = "%PDF-1.7 forgotten".getBytes(UTF_8);
        world.portal.agentSends(chat, "", List.of(file("a.pdf", "application/pdf", content)));
        world.meta.forgetMedia(arrived(1).getFirst().body().at("/document/id").asString());

        world.portal.agentSends(chat, "", List.of(file("a.pdf", "application/pdf", content)));

        assertThat(fileOf(arrived(2).getLast()).size()).isEqualTo(content.length);
        assertThat(world.portal.systemLines(chat)).isEmpty();
    }

    @Test
    void whatMetaWouldHaveDroppedIsUploadedAnew() {
        byte[] content = "%PDF-1.7 a month old".getBytes(UTF_8);
        world.portal.agentSends(chat, "", List.of(file("a.pdf", "application/pdf", content)));
        arrived(1);
        int before = world.meta.uploads().size();
        JdbcClient.create(world.database.superuser())
                .sql("update media_upload set uploaded_at = uploaded_at - interval '29 days 1 hour'")
                .update();

        world.portal.agentSends(chat, "", List.of(file("a.pdf", "application/pdf", content)));

        assertThat(fileOf(arrived(2).getLast()).size()).isEqualTo(content.length);
        assertThat(world.meta.uploads()).hasSize(before + 1);
    }

    // ---- crashes

    @Test
    void aCrashBetweenTheUploadAndTheSendUploadsAndSendsOnce() {
        AppProcess victim = world.replicas.getFirst();
        int before = world.meta.uploads().size();
        int seen = world.meta.requests().size();
        world.meta.faults().refuseAll(131016);
        byte[] content = "%PDF-1.7 interrupted".getBytes(UTF_8);
        byte[] other = "%PDF-1.7 interrupted in a header".getBytes(UTF_8);
        String first = customer;
        String chatOfFirst = chat;
        aCustomerHasWritten();

        world.portal.agentSends(chatOfFirst, "Contrato", List.of(file("contrato.pdf", "application/pdf", content)));
        world.portal.agentSends(chat, "/template contract", List.of(file("anexo.pdf", "application/pdf", other)));
        World.await(
                "the uploads are done, and the sends are known to have been refused",
                Talk.PATIENCE,
                () -> world.meta.requests().stream()
                                        .skip(seen)
                                        .filter(request -> request.path().endsWith("/messages"))
                                        .count()
                                >= 2
                        && world.meta.uploads().size() == before + 2
                        && beingSent() == 0);
        world.kill(victim);
        world.meta.faults().clear();
        world.startReplica();

        assertThat(arrived(1).getFirst().body().at("/template/components/0/parameters/0/document/filename"))
                .hasToString("\"anexo.pdf\"");
        customer = first;
        assertThat(caption(arrived(1).getFirst())).endsWith("Contrato");
        assertThat(world.meta.uploads()).hasSize(before + 2);
    }

    private static long beingSent() {
        return JdbcClient.create(world.database.superuser())
                .sql("select count(*) from outbound_message where state = 'sending'")
                .query(Long.class)
                .single();
    }

    @Test
    void aCrashDuringTheUploadSendsOnce() throws InterruptedException {
        CountDownLatch uploaded = new CountDownLatch(1);
        AppProcess victim = world.replicas.getFirst();
        world.meta.faults().onUpload(id -> {
            uploaded.countDown();
            Talk.pause(10_000);
        });
        byte[] content = "%PDF-1.7 interrupted early".getBytes(UTF_8);

        world.portal.agentSends(chat, "Contrato", List.of(file("contrato.pdf", "application/pdf", content)));
        uploaded.await();
        world.kill(victim);
        world.meta.faults().clear();
        world.startReplica();

        assertThat(caption(arrived(1).getFirst())).endsWith("Contrato");
        assertThat(world.portal.systemLines(chat)).isEmpty();
    }
}
