package io.zaptrix.story;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.TenantId;
import io.zaptrix.sandbox.FileContent;
import io.zaptrix.sandbox.StandInMeta;
import io.zaptrix.sandbox.StandInPortal;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An agent writes to a customer who has not written for long, and all that goes with an agent's message beside its
 * words: receipts, quotes, edits, deletions, and what is not for the customer's eyes.
 */
class WindowStory {

    private static final String SETTINGS = "/admin/phone-numbers/" + World.NUMBER + "/settings";
    private static final AtomicInteger CUSTOMERS = new AtomicInteger();

    private static World world;
    private static Browser admin;

    private static final StandInPortal.AgentFile PDF = new StandInPortal.AgentFile(
            "fatura 42.pdf", "application/pdf", FileContent.of("%PDF-1.7 the invoice".getBytes(ISO_8859_1)));

    private final String ana = "551198765" + (4000 + CUSTOMERS.incrementAndGet());

    @BeforeAll
    static void begin() {
        world = new World();
        world.meta
                .enforceWindow(true)
                .addTemplate(World.WABA, "welcome_back", "pt_BR", "APPROVED", "Olá {{1}}, podemos continuar?")
                .addTemplate(World.WABA, "welcome_back", "en", "APPROVED", "Hello {{1}}, shall we go on?")
                .addTemplate(World.WABA, "order_update", "pt_BR", "APPROVED", "Pedido {{1}}: {{2}}")
                .addTemplate(World.WABA, "spring_sale", "pt_BR", "REJECTED", "Compre!")
                .addTemplate(World.WABA, "invoice", "pt_BR", "APPROVED", "UTILITY", components("""
                        [{"type":"HEADER","format":"DOCUMENT"},{"type":"BODY","text":"{{1}}, segue a fatura."},
                         {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Falar"},
                           {"type":"URL","text":"Pagar","url":"https://pay.example.com/{{1}}"}]}]"""))
                .addTemplate(World.WABA, "new_cake", "pt_BR", "APPROVED", "MARKETING", components("""
                        [{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"Bolo novo!"}]"""))
                .addTemplate(World.WABA, "track", "pt_BR", "APPROVED", "UTILITY", components("""
                        [{"type":"BODY","text":"Seu pedido saiu."},
                         {"type":"BUTTONS","buttons":[{"type":"URL","text":"Ver","url":"https://track.example.com/{{1}}"}]}]"""))
                .addTemplate(World.WABA, "our_shop", "pt_BR", "APPROVED", "UTILITY", components("""
                        [{"type":"HEADER","format":"LOCATION"},{"type":"BODY","text":"Venha!"}]"""));
        world.startReplica();
        admin = world.installAndLink();
    }

    private static JsonNode components(String json) {
        return JsonMapper.shared().readTree(json);
    }

    @AfterAll
    static void end() throws IOException {
        world.close();
    }

    @BeforeEach
    void defaults() {
        world.meta.faults().clear();
        world.portal.faults().clear();
        settings(Map.of("readReceipts", "on"));
    }

    private static void settings(Map<String, String> form) {
        assertThat(admin.submit(SETTINGS, form).statusCode()).isEqualTo(303);
    }

    /** Ana wrote so long ago, and the chat is open; its id. */
    private String wrote(Duration ago) {
        int before = world.seenByAgent(ana).size();
        world.meta.customersWrite(
                World.NUMBER,
                List.of(new StandInMeta.CustomerText(
                        ana, "Ana", "oi", Instant.now().minus(ago))));
        return chatWith(before + 1);
    }

    private String chatWith(int messages) {
        World.await(
                "the chat is open", Talk.PATIENCE, () -> world.seenByAgent(ana).size() >= messages);
        return world.chatOf(ana).id();
    }

    private List<String> told(String chat, int count) {
        World.await(
                "the agent is told",
                Talk.PATIENCE,
                () -> lines(chat).size() >= count,
                () -> lines(chat) + " " + world.meta.sendsTo(ana));
        return lines(chat);
    }

    /** What only agents see. */
    private static List<String> lines(String chat) {
        return world.portal.systemLines(chat).stream()
                .map(StandInPortal.ChatMessage::text)
                .filter(text -> text.contains("\u26a0") || text.contains("\u2705") || text.contains("/template"))
                .toList();
    }

    private StandInMeta.Send gets(int count) {
        World.await(
                "the customer gets it",
                Talk.PATIENCE,
                () -> world.meta.sendsTo(ana).size() >= count);
        return world.meta.sendsTo(ana).getLast();
    }

    // ---------------------------------------------------------------- the window

    @Test
    void withinTheWindowAnAnswerGoesOut() {
        String chat = wrote(Duration.ofHours(23));

        world.portal.agentWrites(chat, "ainda a tempo");

        assertThat(gets(1).text()).endsWith("ainda a tempo");
        assertThat(lines(chat)).isEmpty();
    }

    @Test
    void afterTheWindowAnAnswerIsNotThrownAtMetaAndTheAgentKnows() {
        String chat = wrote(Duration.ofHours(25));

        world.portal.agentWrites(chat, "tarde demais");

        assertThat(told(chat, 1).getFirst()).contains("24 horas").contains("/template");
        assertThat(world.meta.sendsTo(ana)).isEmpty();

        wrote(Duration.ZERO);
        world.portal.agentWrites(chat, "agora sim");
        assertThat(gets(1).text()).endsWith("agora sim");
        assertThat(world.meta.sendsTo(ana)).hasSize(1);
    }

    @Test
    void anOldMessageThatComesLateDoesNotCloseTheWindow() {
        wrote(Duration.ZERO);
        String chat = wrote(Duration.ofHours(30));

        world.portal.agentWrites(chat, "a tempo");

        assertThat(gets(1).text()).endsWith("a tempo");
    }

    @Test
    void whoCameByAnAdIsWithinReachFor72Hours() {
        String chat = cameByAnAd(Duration.ofHours(70));
        // Whether it still passes is Meta's to say.
        world.meta.enforceWindow(false);
        try {
            world.portal.agentWrites(chat, "vi que voce gostou");
            assertThat(gets(1).text()).endsWith("vi que voce gostou");
        } finally {
            world.meta.enforceWindow(true);
        }
    }

    @Test
    void whatMetaRefusesThenEndsInTheSameWords() {
        String chat = cameByAnAd(Duration.ofHours(70));

        world.portal.agentWrites(chat, "vi que voce gostou");

        assertThat(told(chat, 1).getFirst())
                .contains("24 horas")
                .contains("131047")
                .contains("/template");
    }

    @Test
    void after72HoursTheAdCountsNoMore() {
        String chat = cameByAnAd(Duration.ofHours(73));

        world.portal.agentWrites(chat, "vi que voce gostou");

        assertThat(told(chat, 1).getFirst()).contains("24 horas");
        assertThat(world.meta.sendsTo(ana)).isEmpty();
    }

    private String cameByAnAd(Duration ago) {
        ObjectNode message = JsonMapper.shared().createObjectNode();
        message.putObject("text").put("body", "quero saber mais");
        message.putObject("referral")
                .put("source_url", "https://fb.me/1")
                .put("source_id", "120")
                .put("source_type", "ad")
                .put("headline", "Oferta")
                .put("ctwa_clid", "ARAk");
        world.meta.customerSends(
                World.NUMBER, ana, "Ana", "text", message, Instant.now().minus(ago));
        return chatWith(1);
    }

    // ---------------------------------------------------------------- templates

    @Test
    void aCommandSendsATemplateInThePortalsLanguage() {
        String chat = wrote(Duration.ofHours(25));

        world.portal.agentWrites(chat, "/template welcome_back Ana Maria");

        StandInMeta.Send send = gets(1);
        assertThat(send.type()).isEqualTo("template");
        assertThat(send.text()).isEqualTo("Olá Ana Maria, podemos continuar?");
        assertThat(told(chat, 1).getFirst()).contains("welcome_back", "Olá Ana Maria, podemos continuar?");
        World.await(
                "the command bears the template's marks",
                Talk.PATIENCE,
                () -> world.chatOf(ana).messages().stream()
                        .anyMatch(message -> message.mark() == StandInPortal.Mark.READ));
    }

    @Test
    void valuesOfSeveralWordsAreQuotedAndALanguageCanBeNamed() {
        String chat = wrote(Duration.ofHours(25));

        world.portal.agentWrites(chat, "/template order_update 1234 \"a caminho\"");
        assertThat(gets(1).text()).isEqualTo("Pedido 1234: a caminho");
        world.portal.agentWrites(chat, "/template welcome_back:en Ana");
        assertThat(gets(2).text()).isEqualTo("Hello Ana, shall we go on?");
    }

    @Test
    void aCommandThatCannotWorkSaysWhy() {
        String chat = wrote(Duration.ZERO);

        world.portal.agentWrites(chat, "/template");
        assertThat(told(chat, 1).getLast())
                .contains("welcome_back (pt_BR)", "order_update")
                .doesNotContain("spring_sale");
        world.portal.agentWrites(chat, "/template no_such_thing");
        assertThat(told(chat, 2).getLast()).contains("no_such_thing", "welcome_back");
        world.portal.agentWrites(chat, "/template order_update 1234");
        assertThat(told(chat, 3).getLast()).contains("/template order_update \"1\" \"2\"");
        world.portal.agentWrites(chat, "/template spring_sale");
        assertThat(told(chat, 4).getLast()).contains("spring_sale", "REJECTED");
        world.meta.faults().refuseNext(1, 132015);
        world.portal.agentWrites(chat, "/template welcome_back Ana");
        assertThat(told(chat, 5).getLast()).contains("132015");
        assertThat(world.meta.sendsTo(ana)).isEmpty();
    }

    @Test
    void aFileWithTheCommandStandsInTheHeaderAndTheLastValueEndsTheButtonsAddress() {
        String chat = wrote(Duration.ofHours(25));

        world.portal.agentSends(chat, "/template invoice Ana 2026-42", List.of(PDF));

        StandInMeta.Send send = gets(1);
        assertThat(send.type()).isEqualTo("template");
        assertThat(send.body()
                        .at("/template/components/0/parameters/0/document/filename")
                        .asString())
                .isEqualTo("fatura 42.pdf");
        assertThat(Objects.requireNonNull(world.meta.fileOf(send)).sha256())
                .isEqualTo(PDF.content().sha256());
        assertThat(send.text()).contains("Ana, segue a fatura.", "https://pay.example.com/2026-42");
        assertThat(told(chat, 1).getFirst())
                .contains(
                        "invoice",
                        "\ud83d\udcce fatura 42.pdf",
                        "Ana, segue a fatura.",
                        "Pagar: https://pay.example.com/2026-42");
        assertThat(world.meta.sendsTo(ana))
                .as("the file goes once, in the header")
                .hasSize(1);

        world.portal.agentWrites(chat, "/template track 42");
        assertThat(gets(2).text()).contains("https://track.example.com/42");
    }

    @Test
    void aFileThatIsMissingTooManyOrOfAnotherKindIsAskedFor() {
        String chat = wrote(Duration.ZERO);

        world.portal.agentWrites(chat, "/template new_cake");
        assertThat(told(chat, 1).getLast()).contains("new_cake", "JPEG", "/template new_cake");
        world.portal.agentSends(chat, "/template new_cake", List.of(PDF));
        assertThat(told(chat, 2).getLast()).contains("new_cake", "JPEG");
        world.portal.agentSends(chat, "/template invoice Ana 42", List.of(PDF, PDF));
        assertThat(told(chat, 3).getLast()).contains("invoice", "PDF", "/template invoice \"1\" \"2\"");
        world.portal.agentSends(chat, "/template invoice Ana", List.of(PDF));
        assertThat(told(chat, 4).getLast()).contains("\"1\" \"2\"", "Pagar: https://pay.example.com/");
        world.portal.agentSends(chat, "/template order_update 1 2", List.of(PDF));
        assertThat(told(chat, 5).getLast()).contains("order_update", "não aceita arquivo");
        world.portal.agentWrites(chat, "/template our_shop");
        assertThat(told(chat, 6).getLast()).contains("our_shop", "um local");
        world.portal.faults().askForLogin(1);
        world.portal.agentSends(chat, "/template invoice Ana 42", List.of(PDF));
        assertThat(told(chat, 7).getLast()).contains("fatura 42.pdf");
        world.portal.agentWrites(chat, "/template");
        assertThat(told(chat, 8).getLast())
                .contains("invoice (pt_BR, \ud83d\udcce documento)", "https://pay.example.com/")
                .doesNotContain("our_shop");
        assertThat(world.meta.sendsTo(ana)).isEmpty();
    }

    /** A template cannot go without what its header shows, and a link in its place would be another message. */
    @Test
    void aPortalThatDoesNotGiveOutTheHeadersFileIsAskedThreeTimesAndThenTheAgentKnows() {
        String chat = wrote(Duration.ofHours(25));

        world.portal.faults().breakFiles(2);
        world.portal.agentSends(chat, "/template invoice Ana 2026-42", List.of(PDF));
        assertThat(gets(1).type()).as("the third attempt gets it").isEqualTo("template");

        world.portal.faults().breakFiles(1000);
        String unsent = world.portal.agentSends(chat, "/template invoice Ana 2026-43", List.of(PDF));
        assertThat(told(chat, 2).getLast()).contains("fatura 42.pdf", "\u26a0");
        JdbcClient everything = JdbcClient.create(world.database.superuser());
        assertThat(everything
                        .sql("select state from outbound_message where im_message_id = :id")
                        .param("id", unsent)
                        .query(String.class)
                        .list())
                .as("found again as what it is")
                .containsExactly("failed");
        World.await(
                "the lane has settled it",
                Talk.PATIENCE,
                () -> everything
                        .sql("select state from item_ledger where item_key = :id")
                        .param("id", unsent)
                        .query(String.class)
                        .single()
                        .equals("refused"));
        assertThat(everything.sql("""
                                select item_retry.reason from item_retry join item_ledger using (tenant_id, written_on, key_digest)
                                where item_key = :id""").param("id", unsent).query(String.class).list())
                .containsExactly("portal_file", "portal_file");
        assertThat(world.meta.sendsTo(ana)).hasSize(1);
        assertThat(lines(chat)).as("told once").hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"invoice, PDF", "track, Ver"})
    void whatNeedsAFileOrTheEndOfAButtonsAddressDoesNotGoOutByItself(String template, String asked) {
        settings(Map.of("templateName", template, "autoTemplate", "on"));
        String chat = wrote(Duration.ofHours(25));

        world.portal.agentWrites(chat, "tarde demais");

        assertThat(told(chat, 2)).anySatisfy(line -> assertThat(line).contains("/template " + template, asked));
        assertThat(world.meta.sendsTo(ana)).isEmpty();
    }

    @Test
    void theAdminsTemplateIsOffered() {
        settings(Map.of("templateName", "welcome_back"));
        String chat = wrote(Duration.ofHours(25));

        world.portal.agentWrites(chat, "tarde demais");

        assertThat(told(chat, 1).getFirst()).contains("/template welcome_back");
        assertThat(world.meta.sendsTo(ana)).isEmpty();
    }

    @Test
    void theAdminsTemplateGoesOutByItselfOnceAndTheAgentsWordsDoNot() {
        settings(Map.of("templateName", "welcome_back", "templateLanguage", "en", "autoTemplate", "on"));
        String chat = wrote(Duration.ofHours(25));

        world.portal.agentWrites(chat, "tarde demais");

        assertThat(gets(1).text()).isEqualTo("Hello Ana, shall we go on?");
        assertThat(told(chat, 2)).anySatisfy(line -> assertThat(line).contains("24 horas", "welcome_back"));
        world.portal.agentWrites(chat, "e esta?");
        told(chat, 3);
        Talk.pause(1_000);
        assertThat(world.meta.sendsTo(ana)).hasSize(1);
        assertThat(world.chatOf(ana).messages())
                .as("no mark on what the customer never got")
                .allSatisfy(message ->
                        assertThat(message.mark()).isNotIn(StandInPortal.Mark.DELIVERED, StandInPortal.Mark.READ));
    }

    @Test
    void theOperatorCanKeepTemplatesFromGoingOutByThemselves() {
        settings(Map.of("templateName", "welcome_back", "autoTemplate", "on"));
        String chat = wrote(Duration.ofHours(25));
        flag(false);
        try {
            // Other replicas hear of it within a moment.
            Talk.pause(500);
            world.portal.agentWrites(chat, "tarde demais");

            assertThat(told(chat, 1).getFirst()).contains("24 horas", "/template welcome_back");
            Talk.pause(700);
            assertThat(world.meta.sendsTo(ana)).isEmpty();
        } finally {
            flag(true);
        }
        Talk.pause(500);
        world.portal.agentWrites(chat, "e agora?");

        assertThat(gets(1).text()).isEqualTo("Olá Ana, podemos continuar?");
    }

    private static void flag(boolean on) {
        JdbcClient.create(world.database.superuser())
                .sql("""
                        insert into portal_flag (tenant_id, flag, enabled) values (:tenant, 'auto_template', :on)
                        on conflict (tenant_id, flag) do update set enabled = :on
                        """)
                .param("tenant", TenantId.ofMember(world.portal.memberId()).value())
                .param("on", on)
                .update();
    }

    @Test
    void whatMetaRefusesAsTooLateSendsTheTemplateToo() {
        settings(Map.of("templateName", "welcome_back", "autoTemplate", "on"));
        String chat = wrote(Duration.ZERO);
        world.meta.faults().failNext(1, 131047);

        world.portal.agentWrites(chat, "aceita e depois recusada");

        assertThat(gets(2).text()).isEqualTo("Olá Ana, podemos continuar?");
        assertThat(told(chat, 2)).anySatisfy(line -> assertThat(line).contains("131047"));
    }

    @Test
    void noTemplateGoesOutForAnAutomaticText() {
        settings(Map.of("templateName", "welcome_back", "autoTemplate", "on"));
        String chat = wrote(Duration.ofHours(25));

        world.portal.lineWrites(chat, "Avalie nosso atendimento");

        assertThat(told(chat, 1).getFirst()).contains("24 horas");
        Talk.pause(700);
        assertThat(world.meta.sendsTo(ana)).isEmpty();
    }

    @Test
    void aLineForTheAgentWhoseAnswerGotLostIsNotWrittenTwice() {
        String chat = wrote(Duration.ofHours(25));
        world.portal.faults().dropAnswerNext(1, "im.message.add");

        world.portal.agentWrites(chat, "tarde demais");
        World.await(
                "it was looked for",
                Talk.PATIENCE,
                () -> world.portal.requests().stream()
                        .anyMatch(request -> request.method().equals("imopenlines.session.history.get")));
        wrote(Duration.ofHours(25));
        world.portal.agentWrites(chat, "de novo");

        told(chat, 2);
        Talk.pause(700);
        assertThat(lines(chat)).hasSize(2);
    }

    // ---------------------------------------------------------------- receipts

    @Test
    void anAnswerShowsThatTheQuestionWasRead() {
        String chat = wrote(Duration.ZERO);
        world.portal.lineWrites(chat, "Bem-vindo");
        gets(1);
        assertThat(marks()).as("nobody has read it yet").isEmpty();

        world.portal.agentWrites(chat, "bom dia");
        gets(2);
        world.portal.agentWrites(chat, "em que posso ajudar?");
        gets(3);

        assertThat(marks())
                .singleElement()
                .satisfies(mark -> assertThat(mark.typing()).isFalse());
    }

    @Test
    void theCustomerSeesAnAnswerComingWhereTheAdminWantsIt() {
        settings(Map.of("readReceipts", "on", "typingIndicator", "on"));
        String chat = wrote(Duration.ZERO);

        world.portal.agentWrites(chat, "bom dia");
        gets(1);

        assertThat(marks())
                .singleElement()
                .satisfies(mark -> assertThat(mark.typing()).isTrue());
    }

    @Test
    void withoutReceiptsNothingIsShown() {
        settings(Map.of("typingIndicator", "on"));
        String chat = wrote(Duration.ZERO);

        world.portal.agentWrites(chat, "bom dia");
        gets(1);

        assertThat(marks()).isEmpty();
    }

    private List<StandInMeta.ReadMark> marks() {
        return world.meta.readMarks().stream()
                .filter(mark -> mark.waId().equals(ana))
                .toList();
    }

    // ---------------------------------------------------------------- what it costs

    @Test
    void eachDeliveredMessageIsCountedOnceByItsPrice() throws SQLException {
        String chat = wrote(Duration.ZERO);
        Map<String, Long> before = costs();

        world.portal.agentWrites(chat, "de graca");
        world.portal.agentWrites(chat, "/template order_update 1 2");
        gets(2);
        World.await(
                "both are read",
                Talk.PATIENCE,
                () -> world.chatOf(ana).messages().stream()
                                .filter(message -> message.mark() == StandInPortal.Mark.READ)
                                .count()
                        == 2);
        world.meta.status(world.meta.sendsTo(ana).getLast().wamid(), "read");
        Talk.pause(500);

        Map<String, Long> after = costs();
        before.forEach((price, count) -> after.merge(price, -count, Long::sum));
        assertThat(after)
                .containsEntry("service free_customer_service pmp false", 1L)
                .containsEntry("utility regular pmp true", 1L);
    }

    /** WhatsApp tells of a voice note that it was played, and may not tell that it was read. */
    @Test
    void aVoiceNoteThatWasPlayedWasRead() {
        String chat = wrote(Duration.ZERO);
        world.meta.statusDelays(Duration.ZERO, Duration.ofMillis(20), null);
        try {
            world.portal.agentSends(
                    chat,
                    "",
                    List.of(new StandInPortal.AgentFile(
                            "voz.ogg",
                            "audio/ogg",
                            FileContent.of("OggS\0\2......OpusHead a voice".getBytes(ISO_8859_1)))));
            StandInMeta.Send send = gets(1);
            assertThat(send.type()).isEqualTo("audio");
            awaitMark(StandInPortal.Mark.DELIVERED);
            world.meta.status(send.wamid(), "played");
            awaitMark(StandInPortal.Mark.READ);
        } finally {
            world.meta.statusDelays(World.SENT, World.DELIVERED, World.READ);
        }
    }

    private void awaitMark(StandInPortal.Mark mark) {
        World.await(
                "its mark is " + mark,
                Talk.PATIENCE,
                () -> world.chatOf(ana).messages().stream().anyMatch(message -> message.mark() == mark));
    }

    private static Map<String, Long> costs() throws SQLException {
        try (Connection connection = world.database.superuser().getConnection();
                ResultSet rows = connection
                        .createStatement()
                        .executeQuery("select category || ' ' || type || ' ' || pricing_model || ' ' || billable,"
                                + " sum(messages) from message_cost group by 1")) {
            Map<String, Long> costs = new TreeMap<>();
            while (rows.next()) {
                costs.put(rows.getString(1), rows.getLong(2));
            }
            return costs;
        }
    }

    // ---------------------------------------------------------------- quotes, edits, what is not for the customer

    @Test
    void aQuoteBecomesAnAnswerToTheMessage() {
        String chat = wrote(Duration.ZERO);
        StandInPortal.ChatMessage question = world.portal.inbound(chat).getFirst();

        world.portal.agentWrites(chat, world.portal.quote(chat, question.id()) + "sobre isto");
        StandInMeta.Send first = gets(1);
        assertThat(first.replyTo()).isEqualTo(question.externalIds().getFirst());
        assertThat(first.text()).endsWith("sobre isto").doesNotContain("---", "#chat");

        String own = world.portal.agentWrites(chat, "mais uma coisa");
        String ownWamid = gets(2).wamid();
        world.portal.agentWrites(chat, world.portal.quote(chat, own) + "e esta");
        assertThat(gets(3).replyTo()).isEqualTo(ownWamid);
    }

    @Test
    void aQuoteOfWhatWhatsAppNeverSawStaysInTheText() {
        String chat = wrote(Duration.ZERO);
        String unseen = world.portal.agentWhispers(chat, "cuidado com este cliente");

        world.portal.agentWrites(chat, world.portal.quote(chat, unseen) + "certo");

        assertThat(gets(1).replyTo()).isNull();
        assertThat(gets(1).text()).contains("certo");
    }

    @Test
    void editsAndDeletionsAreExplainedOnceAndOnlyWhereThereIsSomethingToExplain() {
        String chat = wrote(Duration.ZERO);
        String message = world.portal.agentWrites(chat, "um");
        String greeting = world.portal.lineWrites(chat, "Bem-vindo");
        World.await(
                "both have arrived",
                Talk.PATIENCE,
                () -> world.chatOf(ana).messages().stream()
                                .filter(one -> one.mark() == StandInPortal.Mark.READ)
                                .count()
                        == 2);

        world.portal.agentEdits(message, "dois");
        world.portal.agentEdits(message, "tres");
        world.portal.agentDeletes(greeting);
        assertThat(told(chat, 1).getFirst()).contains("texto antigo");
        world.portal.agentDeletes(message);

        assertThat(told(chat, 2).getLast()).contains("continua vendo a mensagem");
        Talk.pause(700);
        assertThat(lines(chat)).hasSizeBetween(2, 3);
        assertThat(world.meta.sendsTo(ana)).hasSize(2);
    }

    @Test
    void whatIsForAgentsEyesStaysInsideAndWhatTheLineSaysGoesOut() {
        String chat = wrote(Duration.ZERO);

        world.portal.agentWhispers(chat, "este cliente e dificil");
        world.portal.lineWrites(chat, "Bem-vindo");
        world.portal.agentCloses(chat);

        assertThat(gets(1).text()).isEqualTo("Bem-vindo");
        Talk.pause(700);
        assertThat(world.meta.sendsTo(ana)).hasSize(1);
        assertThat(world.portal.events())
                .filteredOn(event -> event.event().contains("DIALOG"))
                .isNotEmpty()
                .allMatch(event -> event.status() == 200);
    }
}
