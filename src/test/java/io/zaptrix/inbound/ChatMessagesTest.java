package io.zaptrix.inbound;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.meta.ContactProfile;
import io.zaptrix.meta.InboundMessage;
import io.zaptrix.meta.MessageReceived;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import tools.jackson.databind.json.JsonMapper;

/** A customer's file on its way into the chat: as a link where one can be made, else as a line that names it. */
class ChatMessagesTest {

    private static final ChatAddress CHAT = new ChatAddress("106", "5511900000001");
    private static final TenantId ACME = TenantId.ofMember("acme");

    private final Files files = new Files();

    private ChatMessages withFiles() {
        StaticListableBeanFactory beans = new StaticListableBeanFactory(Map.of("files", files));
        return new ChatMessages(beans.getBeanProvider(CustomerFiles.class));
    }

    private static ChatMessages withoutFiles() {
        return new ChatMessages(new StaticListableBeanFactory().getBeanProvider(CustomerFiles.class));
    }

    private static MessageReceived received(String type, String raw) {
        return new MessageReceived(
                "1",
                "106",
                "1555",
                new ContactProfile("16505551234", null, null, "Ann Lee"),
                new InboundMessage(
                        "wamid.1",
                        "16505551234",
                        Instant.ofEpochSecond(5),
                        type,
                        null,
                        null,
                        new JsonMapper().readTree(raw)));
    }

    private static ChatMessages.Content content(ChatMessages messages, MessageReceived received) {
        return TenantContext.call(ACME, () -> messages.content(received, CHAT, Locale.ENGLISH, null, true));
    }

    @Test
    void aFileIsAttachedUnderItsCaption() {
        MessageReceived image = received(
                "image",
                "{\"image\":{\"id\":\"77\",\"mime_type\":\"image/jpeg\",\"sha256\":\"x=\",\"caption\":\"my *dog*\"}}");

        ChatMessages.Content content = content(withFiles(), image);

        assertThat(content.pages()).containsExactly("my [b]dog[/b]");
        assertThat(content.files()).containsExactly(new FileLink("https://z.example/media/77", "image.bin"));
        assertThat(files.asked).containsExactly(new MediaReference("wamid.1", "image", "77", "image/jpeg", "x=", null));
        assertThat(ChatMessages.sends(
                        image, Sender.of(image), new ChatAddress("106", "16505551234"), false, content, List.of(0)))
                .containsExactly(Map.of(
                        "user",
                        Map.of(
                                "id", "106:16505551234",
                                "name", "Ann",
                                "last_name", "Lee",
                                "phone", "+16505551234",
                                "skip_phone_validate", "Y"),
                        "message",
                        Map.of(
                                "id",
                                "wamid.1",
                                "date",
                                5L,
                                "text",
                                "my [b]dog[/b]",
                                "files",
                                List.of(Map.of("url", "https://z.example/media/77", "name", "image.bin"))),
                        "chat",
                        Map.of("id", "106:16505551234")));
    }

    @Test
    void aVoiceMessageWithoutWordsIsTheFileAlone() {
        MessageReceived voice = received("audio", "{\"audio\":{\"id\":\"78\",\"voice\":true}}");

        ChatMessages.Content content = content(withFiles(), voice);

        assertThat(content.pages()).containsExactly("");
        assertThat(files.asked).extracting(MediaReference::kind).containsExactly("voice");
        Map<String, ?> sent = ChatMessages.sends(
                        voice, Sender.of(voice), new ChatAddress("106", "1"), true, content, List.of(0))
                .getFirst();
        assertThat(String.valueOf(sent.get("message"))).doesNotContain("text").contains("files");
    }

    @Test
    void withoutALinkTheMessageSaysWhatItWas() {
        MessageReceived image = received("image", "{\"image\":{\"id\":\"77\",\"caption\":\"dog\"}}");

        files.broken = true;
        assertThat(content(withFiles(), image)).isEqualTo(content(withoutFiles(), image));
        assertThat(content(withoutFiles(), image).files()).isEmpty();
        assertThat(content(withoutFiles(), image).pages().getFirst()).startsWith("\ud83d\udcf7 Image\ndog\n");
        assertThat(content(withFiles(), received("image", "{\"image\":{\"id\":{}}}"))
                        .files())
                .isEmpty();
    }

    @Test
    void aSharedContactIsReadAndComesAsACard() {
        MessageReceived contacts = received("contacts", """
                {"contacts":[{"name":{"formatted_name":"Ann; Lee","first_name":"Ann","last_name":"Lee"},
                  "phones":[{"phone":"+1 650 555","type":"CELL"},{"wa_id":"1651"}],
                  "emails":[{"email":"a@x.y","type":"work stuff"}],"org":{"company":"Shop, Inc."},
                  "addresses":[{"street":"Main St 1","city":"Sofia"}]},{}]}""");

        ChatMessages.Content content = content(withFiles(), contacts);

        assertThat(content.pages().getFirst()).startsWith("\ud83d\udc64 Contacts\n\u2022 Ann; Lee, +1 650 555, +1651");
        assertThat(content.files())
                .extracting(FileLink::name)
                .containsExactly("Ann; Lee.vcf text/vcard", "contact 2.vcf text/vcard");
        assertThat(files.contents.getFirst())
                .isEqualTo(String.join(
                        "\r\n",
                        "BEGIN:VCARD",
                        "VERSION:3.0",
                        "N:Lee;Ann;;;",
                        "FN:Ann\\; Lee",
                        "TEL;TYPE=CELL:+1 650 555",
                        "TEL:+1651",
                        "EMAIL:a@x.y",
                        "ADR:;;Main St 1;Sofia;;;",
                        "ORG:Shop\\, Inc.",
                        "END:VCARD",
                        ""));
    }

    @Test
    void aFileOfTheCompanysOwnPhoneIsALinkInTheLine() {
        InboundMessage message = received("image", "{\"image\":{\"id\":\"77\",\"caption\":\"new [menu]\"}}")
                .message();

        assertThat(TenantContext.call(ACME, () -> withFiles().echoed(CHAT, message, Locale.ENGLISH)))
                .containsExactly("\ud83d\udcf1 Sent from the WhatsApp Business app:\nnew [\u200bmenu]\n"
                        + "[url=https://z.example/media/77]image.bin[/url]");
    }

    /** Links as the application makes them, with what they were asked for. */
    private static final class Files implements CustomerFiles {

        private final List<MediaReference> asked = new ArrayList<>();
        private final List<String> contents = new ArrayList<>();
        private boolean broken;

        @Override
        public Optional<FileLink> link(TenantId tenant, ChatAddress chat, MediaReference media) {
            if (broken) {
                throw new IllegalStateException("no key");
            }
            assertThat(tenant).isEqualTo(ACME);
            asked.add(media);
            return Optional.of(new FileLink("https://z.example/media/" + media.mediaId(), media.kind() + ".bin"));
        }

        @Override
        public Optional<FileLink> link(TenantId tenant, String name, String mimeType, byte[] content) {
            contents.add(new String(content, UTF_8));
            return Optional.of(new FileLink("https://z.example/media/card", name + " " + mimeType));
        }
    }
}
