package io.zaptrix.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.sandbox.CustomerPhone;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.sandbox.StandInPortal.ChatMessage;
import io.zaptrix.testing.AppProcess;
import io.zaptrix.testing.DatabaseSearch;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Everything that a customer can do on the phone, and the agent sees it in the chat, in the portal's language. */
class KindsStory {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final AtomicInteger CUSTOMERS = new AtomicInteger();

    private static World world;
    private static AppProcess app;

    @BeforeAll
    static void begin() {
        world = new World();
        app = world.startReplica();
        world.installAndLink();
    }

    @AfterAll
    static void end() throws IOException {
        world.close();
    }

    @AfterEach
    void mend() {
        world.portal.faults().clear();
    }

    private static String newCustomer() {
        return "55119870%05d".formatted(CUSTOMERS.incrementAndGet());
    }

    private static CustomerPhone phone(String waId) {
        return world.meta.phoneOf(World.NUMBER, waId, "Ana Lima");
    }

    private static void awaitSeen(String waId, int count) {
        World.await(
                count + " messages of " + waId,
                PATIENCE,
                () -> world.seenByAgent(waId).size() >= count,
                () -> world.seenByAgent(waId).toString());
    }

    private static void await(String what, java.util.function.BooleanSupplier condition) {
        World.await(what, PATIENCE, condition);
    }

    // ---------------------------------------------------------------- the catalogue

    /**
     * Each kind that Meta's documentation knows: type, what the message holds, what the agent reads (| is a new line).
     */
    private static final String CATALOGUE = """
            text        ~ {"text":{"body":"Bom *dia* https://x.y/_a_"}} ~ Bom [b]dia[/b] https://x.y/_a_
            text        ~ {"context":{"forwarded":true},"text":{"body":"Olha"}} ~ ↪️ Encaminhada|Olha
            text        ~ {"context":{"frequently_forwarded":true},"text":{"body":"Olha"}} ~ ↪️ Encaminhada com frequência|Olha
            text        ~ {"context":{"from":"551155550100","id":"wamid.gone"},"text":{"body":"Sim"}} ~ ↩️ Em resposta a uma mensagem nossa|Sim
            text        ~ {"context":{"from":"551155550100","id":"wamid.p","referred_product":{"catalog_id":"1","product_retailer_id":"bolo"}},"text":{"body":"Tem?"}} ~ 🏷 Sobre o produto bolo|Tem?
            text        ~ {"referral":{"source_url":"https://fb.me/1","source_id":"42","source_type":"ad","headline":"Bolos","body":"Promo","ctwa_clid":"ARA1"},"text":{"body":"Oi"}} ~ Oi|📣 Veio de um anúncio:|Bolos — Promo|https://fb.me/1|Anúncio: 42|Clique: ARA1
            location    ~ {"location":{"latitude":-23.5613,"longitude":-46.6565,"name":"MASP","address":"Av. Paulista"}} ~ 📍 Localização: MASP, Av. Paulista|https://www.google.com/maps?q=-23.5613,-46.6565
            contacts    ~ {"contacts":[{"name":{"formatted_name":"Ana Lee","first_name":"Ana"},"phones":[{"phone":"+55 11 98888-7777","wa_id":"5511988887777","type":"CELL"}],"org":{"company":"Loja","title":"Dona"}}]} ~ 👤 Contatos|• Ana Lee, +55 11 98888-7777, Loja, Dona
            button      ~ {"button":{"payload":"P","text":"Quero"}} ~ 🔘 Escolheu: Quero
            interactive ~ {"interactive":{"type":"button_reply","button_reply":{"id":"1","title":"Sim"}}} ~ 🔘 Escolheu: Sim
            interactive ~ {"interactive":{"type":"list_reply","list_reply":{"id":"1","title":"Entrega","description":"2 h"}}} ~ 🔘 Escolheu: Entrega — 2 h
            interactive ~ {"interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent","response_json":"{\\"flow_token\\":\\"t\\",\\"nome_completo\\":\\"Ana\\",\\"itens\\":[\\"a\\",\\"b\\"]}"}}} ~ 📝 Formulário preenchido|Sent|• nome completo: Ana|• itens: a, b
            interactive ~ {"interactive":{"type":"product","product":{"catalog_id":"1","product_retailer_id":"bolo","text":"Tem *hoje*?"}}} ~ 🏷 Escolheu o produto bolo|Tem [b]hoje[/b]?
            interactive ~ {"context":{"from":"551155550100","id":"wacid.1"},"interactive":{"type":"call_permission_reply","call_permission_reply":{"response":"accept","is_permanent":false,"expiration_timestamp":"1780000000","response_source":"user_action"}}} ~ 📞 O cliente permite ligações pelo WhatsApp por algum tempo
            interactive ~ {"interactive":{"type":"call_permission_reply","call_permission_reply":{"response":"accept","is_permanent":true}}} ~ 📞 O cliente permite ligações pelo WhatsApp a qualquer momento
            interactive ~ {"interactive":{"type":"call_permission_reply","call_permission_reply":{"response":"reject","response_source":"user_action"}}} ~ 📞 O cliente não quer receber ligações pelo WhatsApp
            reaction    ~ {"reaction":{"message_id":"wamid.gone","emoji":"👍"}} ~ Reagiu a uma mensagem com 👍
            reaction    ~ {"reaction":{"message_id":"wamid.gone"}} ~ Removeu a reação a uma mensagem
            order       ~ {"order":{"catalog_id":"1","text":"rápido","product_items":[{"product_retailer_id":"pao","quantity":3,"item_price":2.5,"currency":"BRL"}]}} ~ 🛒 Pedido, número de produtos: 1|• 3 × pao (2.5 BRL)|rápido
            system      ~ {"system":{"type":"customer_identity_changed","body":"User identity changed"}} ~ ℹ️ O código de segurança do cliente mudou: ele pode ter trocado de celular ou reinstalado o WhatsApp|User identity changed
            unsupported ~ {"unsupported":{"type":"poll"},"errors":[{"code":131051,"title":"Message type unknown"}]} ~ ⚠️ Uma mensagem de um tipo que o WhatsApp não repassa (poll). Peça ao cliente que a envie de outra forma.|Message type unknown (131051)
            edit        ~ {"edit":{"original_message_id":"wamid.gone","message":{"type":"text","text":{"body":"certo"}}}} ~ ✏️ O cliente editou uma mensagem:|certo
            revoke      ~ {"revoke":{"original_message_id":"wamid.gone"}} ~ 🗑 O cliente apagou uma mensagem
            request_welcome ~ {} ~ 👋 O cliente abriu a conversa pela primeira vez
            hologram    ~ {"hologram":{"depth":3}} ~ ⚠️ Uma mensagem de um tipo que ainda não pode ser mostrado aqui (hologram)
            """;

    @Test
    void everyKindArrivesAsWhatItIs() {
        int warned = world.portal.warnings().size();
        Map<String, String> expected = new LinkedHashMap<>();
        CATALOGUE.lines().forEach(line -> {
            String[] parts = line.split("\\s+~\\s+");
            String waId = newCustomer();
            world.meta.customerSends(World.NUMBER, waId, "Ana", parts[0].strip(), JSON.readTree(parts[1]));
            expected.put(waId, parts[2].strip().replace('|', '\n'));
        });

        expected.forEach((waId, text) -> {
            awaitSeen(waId, 1);
            assertThat(world.seenByAgent(waId)).containsExactly(text);
        });
        assertThat(world.portal.warnings()).hasSize(warned);
    }

    /** A file is either attached or named; its caption is read in any case. */
    @Test
    void everyKindOfFileArrivesWithItsCaption() {
        Map<String, String> captions = new LinkedHashMap<>();
        for (String type : List.of("image", "video", "document")) {
            String waId = newCustomer();
            ObjectNode content = JSON.createObjectNode();
            content.putObject(type)
                    .put("id", "1")
                    .put("mime_type", "x/y")
                    .put("caption", "minha legenda")
                    .put("filename", "a.pdf");
            world.meta.customerSends(World.NUMBER, waId, "Ana", type, content);
            captions.put(waId, "minha legenda");
        }
        for (String type : List.of("audio", "sticker")) {
            String waId = newCustomer();
            world.meta.customerSends(World.NUMBER, waId, "Ana", type);
            captions.put(waId, "");
        }

        captions.forEach((waId, caption) -> {
            awaitSeen(waId, 1);
            ChatMessage message = world.portal.inbound(world.chatOf(waId).id()).getFirst();
            assertThat(message.text()).contains(caption);
            assertThat(message.files().isEmpty() && message.text().isBlank()).isFalse();
        });
    }

    @Test
    void aFileThatIsLostIsAtLeastNamed() {
        String waId = newCustomer();
        ObjectNode content = JSON.createObjectNode();
        content.putObject("document").put("id", "404").put("filename", "a.pdf");
        world.meta.customerSends(World.NUMBER, waId, "Ana", "document", content);
        awaitSeen(waId, 1);

        assertThat(world.seenByAgent(waId).getFirst()).startsWith("📄 Documento: a.pdf\n");
        World.await(
                "the agent is told that the file is lost, and what to do",
                Duration.ofSeconds(30),
                () -> world.portal.systemLines(world.chatOf(waId).id()).stream()
                        .anyMatch(line -> line.text().contains("já não guarda o arquivo “a.pdf”")));
    }

    @Test
    void aVoiceMessageIsHeardAndAContactCanBeSaved() {
        String waId = newCustomer();
        world.meta.customerSends(World.NUMBER, waId, "Ana", "audio");
        world.meta.customerSends(World.NUMBER, waId, "Ana", "contacts");
        awaitSeen(waId, 2);

        List<ChatMessage> seen = world.portal.inbound(world.chatOf(waId).id());
        assertThat(seen.getFirst().text()).isEmpty();
        assertThat(seen.getFirst().files()).singleElement().asString().endsWith(".ogg");
        assertThat(seen.getLast().text()).startsWith("👤 Contatos\n• João Lima");
        assertThat(seen.getLast().files()).singleElement().asString().endsWith(".vcf");
    }

    // ---------------------------------------------------------------- calls, wishes, groups

    private static void tells(String field, String news, String waId) {
        world.meta.webhook(World.WABA, field, JSON.readTree("""
                        {"messaging_product":"whatsapp",
                         "metadata":{"display_phone_number":"551155550100","phone_number_id":"%s"},
                         "contacts":[{"profile":{"name":"Ana Lima"},"wa_id":"%s"}],
                         "%s":[%s]}
                        """.formatted(World.NUMBER, waId, field, news)));
    }

    @Test
    void theAgentReadsOfCallsAndMayAnswer() {
        String waId = newCustomer();
        String call = """
                {"id":"wacid.%s.%s","from":"%s","to":"551155550100","event":"%s","direction":"USER_INITIATED",
                 "timestamp":"%d"%s}
                """;
        long now = Instant.now().getEpochSecond();
        tells("calls", call.formatted(waId, 1, waId, "connect", now, ""), waId);
        tells("calls", call.formatted(waId, 1, waId, "terminate", now + 1, ",\"status\":\"FAILED\""), waId);
        awaitSeen(waId, 1);
        tells("calls", call.formatted(waId, 2, waId, "terminate", now + 2, ",\"duration\":125"), waId);
        awaitSeen(waId, 2);

        assertThat(world.seenByAgent(waId))
                .containsExactly(
                        "📞 O cliente ligou pelo WhatsApp e não foi atendido",
                        "📞 Ligação do cliente pelo WhatsApp, 2:05 min");
        world.portal.agentWrites(world.chatOf(waId).id(), "Você ligou?");
        await("a call opens the window", () -> world.meta.sendsTo(waId).size() == 1);
    }

    @Test
    void theAgentReadsWhoWantsNoMoreAdvertising() {
        String waId = newCustomer();
        String wish = """
                {"wa_id":"%s","detail":"User requested to stop marketing messages","category":"marketing_messages",
                 "value":"%s","timestamp":"%d"}
                """;
        long now = Instant.now().getEpochSecond();
        tells("user_preferences", wish.formatted(waId, "stop", now), waId);
        awaitSeen(waId, 1);
        tells("user_preferences", wish.formatted(waId, "resume", now + 1), waId);
        awaitSeen(waId, 2);

        assertThat(world.seenByAgent(waId))
                .containsExactly(
                        "🔕 O cliente não quer mais receber mensagens de marketing",
                        "🔔 O cliente voltou a aceitar mensagens de marketing");
    }

    @Test
    void aGroupIsAChatOfItsOwnInWhichTheAgentSeesWhoWroteAndCanAnswer() {
        String ana = newCustomer();
        String rui = newCustomer();
        String group = "Y2FwaV9ncm91cDoxODA1NTU1MDE3MjoxMjAzNjMyMjI3NzE5NjMwNjcZD";
        inGroup(group, ana, "Ana Lima", "Bom dia a todos");
        awaitSeen(group, 1);
        inGroup(group, rui, "Rui [b]", "Bom dia");
        awaitSeen(group, 2);

        assertThat(world.seenByAgent(group))
                .containsExactly("[b]Ana Lima[/b]\nBom dia a todos", "[b]Rui b[/b]\nBom dia");
        assertThat(world.seenByAgent(ana)).isEmpty();
        world.portal.agentWrites(world.chatOf(group).id(), "Olá, grupo");
        await("the group reads the answer", () -> world.meta.sendsTo(group).size() == 1);
    }

    private static void inGroup(String group, String waId, String name, String text) {
        world.meta.webhook(World.WABA, "messages", JSON.readTree("""
                        {"messaging_product":"whatsapp",
                         "metadata":{"display_phone_number":"551155550100","phone_number_id":"%s"},
                         "contacts":[{"profile":{"name":"%s"},"wa_id":"%s"}],
                         "messages":[{"from":"%s","group_id":"%s","id":"wamid.group.%s","timestamp":"%d","type":"text",
                           "text":{"body":"%s"}}]}
                        """.formatted(
                World.NUMBER, name, waId, waId, group, waId, Instant.now().getEpochSecond(), text)));
    }

    /** When a number of the WhatsApp Business app is connected, Meta sends its chats of months and all its contacts. */
    @Test
    void chatsAndContactsOfTheAppAreNotKept() throws Exception {
        String stranger = newCustomer();
        for (String field : List.of("history", "smb_app_state_sync")) {
            world.meta.webhook(
                    World.WABA, field, JSON.readTree("""
                            {"messaging_product":"whatsapp",
                             "metadata":{"display_phone_number":"551155550100","phone_number_id":"%s"},
                             "%s":[{"threads":[{"id":"%s"}],"contact":{"phone_number":"%s"}}]}
                            """.formatted(World.NUMBER, field, stranger, stranger)));
        }
        assertThat(world.meta.awaitIdle(PATIENCE)).isTrue();

        assertThat(new DatabaseSearch(world.database).places(stranger)).isEmpty();
    }

    // ---------------------------------------------------------------- about other messages

    @Test
    void anAnswerQuotesWhatItAnswersAndAReactionNamesIt() {
        String waId = newCustomer();
        String asked = phone(waId).writes("Quanto custa o *bolo*?");
        awaitSeen(waId, 1);
        world.portal.agentWrites(world.chatOf(waId).id(), "Custa [b]30[/b] reais");
        await("the answer is on the phone", () -> world.meta.sendsTo(waId).size() == 1);
        String answered = world.meta.sendsTo(waId).getFirst().wamid();
        await(
                "and the chat knows its id",
                () -> world.chatOf(waId).messages().stream()
                        .anyMatch(message -> message.externalIds().contains(answered)));

        phone(waId).replies("Fechado", answered);
        phone(waId).reacts(answered, "❤️");
        phone(waId).replies("(perguntei errado)", asked);
        phone(waId).presses("Sim", answered);
        awaitSeen(waId, 5);

        assertThat(world.seenByAgent(waId).subList(1, 5))
                .containsExactly(
                        "↩️ Em resposta a uma mensagem nossa\n>>Custa 30 reais\nFechado",
                        "Reagiu a uma mensagem com ❤️\n>>Custa 30 reais",
                        "↩️ Em resposta a uma mensagem do próprio cliente\n>>Quanto custa o bolo?\n(perguntei errado)",
                        "↩️ Em resposta a uma mensagem nossa\n>>Custa 30 reais\n🔘 Escolheu: Sim");
    }

    @Test
    void anEditChangesTheMessageAndADeletionTakesItAway() {
        String waId = newCustomer();
        String first = phone(waId).writes("as 8h");
        String second = phone(waId).writes("apagar");
        phone(waId).edits(first, "às *9h*");
        phone(waId).deletes(second);
        phone(waId).writes("fim");
        await("the last one", () -> world.seenByAgent(waId).contains("fim"));

        assertThat(world.seenByAgent(waId)).containsExactly("às [b]9h[/b]", "fim");
        assertThat(world.portal.inbound(world.chatOf(waId).id()).getFirst().edited())
                .isTrue();
    }

    @Test
    void anEditOfACaptionLeavesTheFileWhereItIs() {
        String waId = newCustomer();
        String photo = world.meta.customerSends(World.NUMBER, waId, "Ana", "image");
        awaitSeen(waId, 1);
        ChatMessage before = world.portal.inbound(world.chatOf(waId).id()).getFirst();
        assertThat(before.text()).isEqualTo("Look at this");
        assertThat(before.files()).hasSize(1);

        ObjectNode content = JSON.createObjectNode();
        ObjectNode edited = content.putObject("edit")
                .put("original_message_id", photo)
                .putObject("message")
                .put("type", "image");
        edited.putObject("image").put("id", "1").put("mime_type", "image/jpeg").put("caption", "Veja *isto*");
        world.meta.customerSends(World.NUMBER, waId, "Ana", "edit", content);
        phone(waId).writes("fim");
        await("the last one", () -> world.seenByAgent(waId).contains("fim"));

        assertThat(world.seenByAgent(waId)).containsExactly("Veja [b]isto[/b]", "fim");
        ChatMessage after = world.portal.inbound(world.chatOf(waId).id()).getFirst();
        assertThat(after.edited()).isTrue();
        assertThat(after.files()).isEqualTo(before.files());
    }

    @Test
    void aTextThatBitrixWouldCutComesInSeveralMessagesAndIsDeletedAsAWhole() {
        String waId = newCustomer();
        String typed = "palavra ".repeat(4_000).strip();
        String wamid = phone(waId).writes(typed);
        phone(waId).writes("fim");
        await("the last one", () -> world.seenByAgent(waId).contains("fim"));

        List<String> seen = world.seenByAgent(waId);
        assertThat(seen).hasSizeGreaterThan(2).allMatch(text -> text.length() < 20_000);
        assertThat(String.join(" ", seen.subList(0, seen.size() - 1)).split("\\s+"))
                .hasSize(4_000)
                .containsOnly("palavra");

        phone(waId).deletes(wamid);
        await("all of it is gone", () -> world.seenByAgent(waId).equals(List.of("fim")));
    }

    // ---------------------------------------------------------------- the company's own phone

    @Test
    void whatTheCompanyWritesInTheAppIsShownAsItsOwnAndNeverSentAgain() {
        String waId = newCustomer();
        phone(waId).writes("Oi");
        awaitSeen(waId, 1);

        phone(waId).isAnsweredInTheApp("Já *vou*");
        await("it is in the chat", () -> !lines(waId).isEmpty());
        assertThat(lines(waId)).containsExactly("📱 Enviada pelo aplicativo WhatsApp Business:\nJá [b]vou[/b]");

        world.portal.faults().denySystemLines(true);
        phone(waId).isAnsweredInTheApp("Pronto");
        awaitSeen(waId, 2);
        assertThat(world.seenByAgent(waId).getLast())
                .isEqualTo("📱 Enviada pelo aplicativo WhatsApp Business:\nPronto");
        Talk.pause(500);
        assertThat(world.meta.sendsTo(waId)).isEmpty();
    }

    @Test
    void anEchoToSomebodyWithoutAChatOpensNone() {
        String waId = newCustomer();
        phone(waId).isAnsweredInTheApp("Oi, tudo bem?");
        String other = newCustomer();
        phone(other).writes("depois");
        awaitSeen(other, 1);

        assertThat(world.portal.chats()).noneMatch(chat -> chat.externalChatId().endsWith(waId));
    }

    private static List<String> lines(String waId) {
        return world.portal.systemLines(world.chatOf(waId).id()).stream()
                .map(ChatMessage::text)
                .toList();
    }

    // ---------------------------------------------------------------- who they are

    @Test
    void theSpellingsOfANumberAreOneCustomer() {
        phone("551187001234").writes("do celular antigo");
        awaitSeen("551187001234", 1);
        phone("5511987001234").writes("do celular novo");
        awaitSeen("551187001234", 2);

        StandInPortal.Chat chat = world.chatOf("551187001234");
        assertThat(chat.phone()).isEqualTo("+5511987001234");
        assertThat(world.portal.chats())
                .noneMatch(other -> other.externalChatId().endsWith("5511987001234"));
        world.portal.agentWrites(chat.id(), "resposta");
        await(
                "the answer goes to the number that Meta gave last",
                () -> world.meta.sendsTo("5511987001234").size() == 1);
    }

    @Test
    void aChatFollowsACustomerToAnotherNumberAndItsOldNumberBeginsANewOne() {
        String old = newCustomer();
        String now = newCustomer();
        phone(old).writes("antes");
        awaitSeen(old, 1);
        CustomerPhone moved = phone(old).changesNumberTo(now);
        awaitSeen(old, 2);
        moved.writes("depois");
        awaitSeen(old, 3);

        assertThat(world.seenByAgent(old).get(1)).contains("+" + now, "Este chat continua com o novo número.");
        assertThat(world.seenByAgent(old).getLast()).isEqualTo("depois");
        String chat = world.chatOf(old).id();
        world.portal.agentWrites(chat, "para o novo");
        await("the answer goes to the new number", () -> world.meta.sendsTo(now).size() == 1);
        assertThat(world.meta.sendsTo(old)).isEmpty();

        phone(old).writes("sou outra pessoa");
        awaitSeen(old + ".2", 1);
        assertThat(world.portal.inbound(chat)).hasSize(3);
        world.portal.agentWrites(world.chatOf(old + ".2").id(), "bem-vinda");
        await("and its answer to the old one", () -> world.meta.sendsTo(old).size() == 1);
    }

    @Test
    void whoHidesTheNumberIsKnownByTheUserIdBeforeAndAfterShowingIt() {
        String userId = "BR.13491208655302741918";
        world.meta.phoneOf(World.NUMBER, userId, "ana_doces").writes("Oi");
        awaitSeen(userId, 1);
        StandInPortal.Chat chat = world.chatOf(userId);
        assertThat(chat.name()).isEqualTo("ana doces");
        assertThat(chat.phone()).isEmpty();
        world.portal.agentWrites(chat.id(), "Olá!");
        await("the answer goes to the user id", () -> world.meta.sendsTo(userId).size() == 1);
        assertThat(world.meta
                        .sendsTo(userId)
                        .getFirst()
                        .body()
                        .path("recipient")
                        .asString(""))
                .isEqualTo(userId);

        String waId = newCustomer();
        arrives("""
                {"contacts":[{"profile":{"name":"Ana"},"wa_id":"%s","user_id":"%s"}],
                 "messages":[{"from":"%s","from_user_id":"%s","id":"wamid.shown","timestamp":"1780000000",
                              "type":"text","text":{"body":"agora com número"}}]}""".formatted(waId, userId, waId, userId));
        awaitSeen(userId, 2);
        world.portal.agentWrites(chat.id(), "Obrigada");
        await("from now on the number is used", () -> world.meta.sendsTo(waId).size() == 1);
    }

    @Test
    void aNewUserIdLeadsToTheSameChat() {
        leadsToTheSameChat("BR.111", "BR.222", """
                {"messages":[{"from_user_id":"BR.111","id":"wamid.changed","timestamp":"1780000000","type":"system",
                  "system":{"type":"user_changed_user_id","user_id":"BR.222","body":"changed"}}]}""");
    }

    /** Meta may name the old id in no other place; a contact that comes along has the new one. */
    @Test
    void aNewUserIdLeadsToTheSameChatByThePreviousOneAlone() {
        leadsToTheSameChat("BR.333", "BR.444", """
                {"messages":[{"id":"wamid.changed.3","timestamp":"1780000000","type":"system",
                  "system":{"type":"user_changed_user_id","previous_user_id":"BR.333","user_id":"BR.444"}}]}""");
        leadsToTheSameChat("BR.555", "BR.666", """
                {"contacts":[{"profile":{"name":"Bia"},"user_id":"BR.666"}],
                 "messages":[{"id":"wamid.changed.5","timestamp":"1780000000","type":"system",
                  "system":{"type":"user_changed_user_id","previous_user_id":"BR.555","user_id":"BR.666"}}]}""");
    }

    private static void leadsToTheSameChat(String userId, String next, String told) {
        world.meta.phoneOf(World.NUMBER, userId, "bia").writes("Oi");
        awaitSeen(userId, 1);
        arrives(told);
        awaitSeen(userId, 2);
        world.meta.phoneOf(World.NUMBER, next, "bia").writes("sou eu");
        awaitSeen(userId, 3);

        world.portal.agentWrites(world.chatOf(userId).id(), "certo");
        await("the answer goes to the new id", () -> world.meta.sendsTo(next).size() == 1);
    }

    // ---------------------------------------------------------------- what nobody expects

    @Test
    void whateverComesTheNextMessageFlows() {
        String waId = newCustomer();
        List<String> odd = new ArrayList<>(List.of(
                "{\"from\":\"%s\",\"id\":\"%s\"}",
                "{\"from\":\"%s\",\"id\":\"%s\",\"type\":null,\"text\":null}",
                "{\"from\":\"%s\",\"id\":\"%s\",\"type\":7,\"timestamp\":{}}",
                "{\"from\":\"%s\",\"id\":\"%s\",\"type\":\"text\",\"text\":[[]],\"context\":7,\"referral\":[]}",
                "{\"from\":\"%s\",\"id\":\"%s\",\"type\":\"image\",\"image\":{\"id\":5,\"mime_type\":{},\"caption\":[]}}",
                "{\"from\":\"%s\",\"id\":\"%s\",\"type\":\"edit\",\"edit\":{\"original_message_id\":{}}}",
                "{\"from\":\"%s\",\"id\":\"%s\",\"type\":\"reaction\",\"reaction\":{\"message_id\":3,\"emoji\":4}}",
                "{\"from\":\"%s\",\"id\":\"%s\",\"type\":\"system\",\"system\":{\"type\":\"user_changed_number\",\"wa_id\":{}}}",
                "{\"from\":\"%s\",\"id\":\"%s\",\"type\":\"text\",\"text\":{\"body\":\"\\ud83d meia \\u0000 letra\"}}",
                "{\"from\":\"%s\",\"id\":\"%s\",\"type\":\"text\",\"text\":{\"body\":\"שלום مرحبا 👨‍👩‍👧 \\u202e\"}}",
                "{\"from\":\"%s\",\"id\":\"%s\",\"type\":\"contacts\",\"contacts\":{\"name\":[1]}}",
                "{\"from\":\"%s\",\"id\":\"%s\",\"type\":\"text\",\"text\":{\"body\":\"" + "x".repeat(1_000_000)
                        + "\"}}"));
        int number = 0;
        for (String message : odd) {
            arrives("{\"contacts\":[7,null,{\"wa_id\":[]}],\"messages\":["
                    + message.formatted(waId, "wamid.odd" + number++) + "],\"errors\":[{\"code\":\"x\"}]}");
        }
        phone(waId).writes("fim");
        // The megabyte comes on four pages, of which the last says that there is more.
        awaitSeen(waId, odd.size() + 4);

        assertThat(world.seenByAgent(waId)).contains("fim").noneMatch(String::isBlank);
        assertThat(world.seenByAgent(waId)).anyMatch(text -> text.startsWith("\ufffd meia \ufffd letra"));
        assertThat(world.seenByAgent(waId)).anyMatch(text -> text.startsWith("שלום مرحبا 👨‍👩‍👧"));
    }

    private static void arrives(String value) {
        ObjectNode all = (ObjectNode) JSON.readTree(value);
        all.putObject("metadata").put("display_phone_number", "551155550100").put("phone_number_id", World.NUMBER);
        world.meta.webhook(World.WABA, "messages", all);
    }

    // ---------------------------------------------------------------- the account

    /** Field, what it holds, and what the admin is notified of; nothing where nobody has to act. */
    private static final String ACCOUNT = """
            account_update ~ {"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"DISABLE","waba_ban_date":"April 17, 2025"}} ~ O WhatsApp desativou a conta
            account_update ~ {"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"RESTRICTED_BIZ_INITIATED_MESSAGING","expiration":1641330498}]} ~ O WhatsApp restringiu a conta
            account_update ~ {"event":"ACCOUNT_VIOLATION","violation_info":{"violation_type":"ADULT"}} ~ viola suas políticas
            account_update ~ {"event":"PARTNER_REMOVED","waba_info":{"waba_id":"419561257915477","owner_business_id":"2"}} ~ foi removido. Vincule o número
            account_update ~ {"event":"VERIFIED_ACCOUNT"} ~
            account_review_update ~ {"decision":"REJECTED","rejection_reason":"ADULT"} ~ não passou na análise
            account_alerts ~ {"entity_type":"BUSINESS","entity_id":"1","alert_info":{"alert_severity":"WARNING","alert_status":"ACTIVE","alert_type":"X","alert_description":"Do this"}} ~ tem um alerta
            message_template_status_update ~ {"event":"REJECTED","message_template_id":1,"message_template_name":"promo","message_template_language":"pt_BR","reason":"INVALID_FORMAT"} ~ rejeitou o modelo promo (pt_BR)
            message_template_status_update ~ {"event":"APPROVED","message_template_id":1,"message_template_name":"ok","message_template_language":"pt_BR","reason":"NONE"} ~
            message_template_quality_update ~ {"previous_quality_score":"GREEN","new_quality_score":"RED","message_template_name":"aviso","message_template_language":"pt_BR"} ~ qualidade do modelo aviso
            message_template_components_update ~ {"message_template_name":"mudado","message_template_language":"pt_BR"} ~
            template_category_update ~ {"message_template_name":"cat","message_template_language":"pt_BR","new_category":"UTILITY","correct_category":"MARKETING"} ~ mudará a categoria do modelo cat
            phone_number_quality_update ~ {"display_phone_number":"551155550100","event":"FLAGGED","current_limit":"TIER_1K"} ~ A qualidade de Vendas
            phone_number_quality_update ~ {"display_phone_number":"15550000000","event":"FLAGGED","current_limit":"TIER_1K"} ~
            phone_number_name_update ~ {"display_phone_number":"551155550100","decision":"REJECTED","requested_verified_name":"Acme","rejection_reason":"NAME_EMPLOYEE_LOGO"} ~ rejeitou o nome de exibição
            business_capability_update ~ {"max_daily_conversation_per_phone":-1,"max_phone_numbers_per_business":25} ~
            security ~ {"display_phone_number":"551155550100","event":"PIN_CHANGED","requester":"1"} ~ o PIN de Vendas
            """;

    @Test
    void whatHappensToTheAccountIsKeptAndNotifiedWhereItNeedsAction() throws Exception {
        int before = world.portal.notifications().size();
        List<String> expected = new ArrayList<>();
        ACCOUNT.lines().forEach(line -> {
            String[] parts = line.split("\\s+~\\s*");
            JsonNode value = JSON.readTree(parts[1]);
            world.meta.webhook(World.WABA, parts[0].strip(), value);
            if (parts.length > 2) {
                expected.add(parts[2].strip());
            }
        });
        await("all notifications", () -> world.portal.notifications().size() >= before + expected.size());
        assertThat(world.meta.awaitIdle(PATIENCE)).isTrue();
        Talk.pause(500);

        assertThat(world.portal.notifications()).hasSize(before + expected.size());
        assertThat(world.portal.notifications())
                .allMatch(notification -> notification.userId().equals(StandInPortal.ADMIN));
        for (String text : expected) {
            assertThat(world.portal.notifications())
                    .as(text)
                    .anyMatch(notification -> notification.text().contains(text));
        }
        assertThat(world.portal.notifications())
                .anyMatch(notification -> notification.text().endsWith("O WhatsApp diz: INVALID_FORMAT"));
    }

    @Test
    void anAccountEventIsToldOnceHoweverOftenItComes() throws InterruptedException {
        ObjectNode value = JSON.createObjectNode().put("event", "ACCOUNT_OFFBOARDED");
        world.meta.faults().deliverTwice(true);
        world.portal.faults().dropAnswerNext(1, "im.notify.system.add");
        try {
            world.meta.webhook(World.WABA, "account_update", value);
            assertThat(world.meta.awaitIdle(PATIENCE)).isTrue();
        } finally {
            world.meta.faults().deliverTwice(false);
        }
        await("it is told", () -> told("desconectado da Cloud API") == 1);
        Talk.pause(1_500);

        assertThat(told("desconectado da Cloud API")).isEqualTo(1);
    }

    private static long told(String words) {
        return world.portal.notifications().stream()
                .filter(notification -> notification.text().contains(words))
                .count();
    }
}
