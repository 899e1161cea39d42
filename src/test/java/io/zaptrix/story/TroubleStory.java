package io.zaptrix.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.sandbox.StandInMeta;
import io.zaptrix.sandbox.StandInPortal;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What goes wrong on either side, and what agents and admins see of it; one world for all, in which they take turns.
 */
@SuppressWarnings("NullAway.Init")
class TroubleStory {

    private static final String UNDELIVERED = "/admin/messages/undelivered";

    private static final AtomicInteger FAMILIES = new AtomicInteger();

    private static World world;
    private static Browser admin;

    private final Talk talk = new Talk(world, FAMILIES.incrementAndGet());

    @BeforeAll
    static void begin() {
        world = new World();
        world.startReplica();
        admin = world.installAndLink();
    }

    @AfterEach
    void allIsWellAgain() {
        world.meta.faults().clear();
        world.portal.faults().clear();
        world.portal.noLimit();
    }

    @AfterAll
    static void end() throws IOException {
        world.close();
    }

    @Test
    void whatIsReorderedOnItsWayToAWaitingPortalIsPutInOrder() {
        String waId = talk.customer(0);
        world.meta.customerWrites(World.NUMBER, waId, "Ana", "pergunta 0");
        World.await(
                "the chat is open", Talk.PATIENCE, () -> world.seenByAgent(waId).size() == 1);

        // The one request that the portal allows in five seconds is used up; what comes now waits together.
        world.portal.limit(1, 0.2);
        world.meta.customerWrites(World.NUMBER, waId, "Ana", "pergunta 0");
        World.await(
                "the limit holds", Talk.PATIENCE, () -> world.seenByAgent(waId).size() == 2);
        world.meta.faults().reorder(true).deliverTwice(true);
        Instant first = Instant.now().minusSeconds(60);
        for (int i = 1; i <= Talk.MESSAGES; i++) {
            world.meta.customersWrite(
                    World.NUMBER,
                    List.of(new StandInMeta.CustomerText(waId, "Ana", "pergunta " + i, first.plusSeconds(i))));
        }
        Talk.pause(1_500);
        world.portal.noLimit();
        World.await("all arrive", Talk.PATIENCE, () -> world.seenByAgent(waId).size() >= Talk.MESSAGES + 2);
        Talk.pause(1_000);

        List<String> seen = world.seenByAgent(waId);
        assertThat(seen.subList(2, seen.size())).containsExactlyElementsOf(Talk.texts("pergunta"));
    }

    @Test
    void oneOfSeveralInACallIsRefusedAndComesWhenItIsReplayed() {
        String first = talk.customer(0);
        world.meta.customerWrites(World.NUMBER, first, "Ana", "oi");
        World.await(
                "the chat is open",
                Talk.PATIENCE,
                () -> world.seenByAgent(first).size() == 1);

        world.portal.limit(1, 0.2);
        world.meta.customerWrites(World.NUMBER, first, "Ana", "tudo bem?");
        World.await(
                "the limit holds", Talk.PATIENCE, () -> world.seenByAgent(first).size() == 2);
        int before = calls().size();
        world.portal.faults().refuseMessages(1);
        List<String> customers =
                IntStream.rangeClosed(1, 5).mapToObj(talk::customer).toList();
        world.meta.customersWrite(
                World.NUMBER,
                customers.stream()
                        .map(waId -> new StandInMeta.CustomerText(waId, "Cliente", "de " + waId))
                        .toList());
        World.await("all five wait", Talk.PATIENCE, () -> count("lane_item where lane like 'inbound:%'") == 5);
        world.portal.noLimit();
        World.await(
                "four arrive and one does not",
                Talk.PATIENCE,
                () -> count("lane_item where lane like 'inbound:%'") == 0);

        assertThat(calls()).as("it was one call").hasSize(before + 1);
        assertThat(arrivals(customers))
                .containsExactlyElementsOf(
                        customers.stream().skip(1).map(waId -> "de " + waId).toList());
        assertThat(count("dead_letter where reason like 'bitrix24_refused%'")).isEqualTo(1);

        Matcher letter = Pattern.compile("undelivered/(\\d+)/replay\"")
                .matcher(admin.get(UNDELIVERED).body());
        assertThat(letter.find()).as("the admin sees it").isTrue();
        admin.post(UNDELIVERED + "/" + letter.group(1) + "/replay", Map.of("_csrf", admin.csrf(UNDELIVERED)));
        World.await(
                "it arrives, too",
                Talk.PATIENCE,
                () -> world.seenByAgent(customers.getFirst()).size() == 1);

        for (String waId : customers) {
            assertThat(world.seenByAgent(waId)).containsExactly("de " + waId);
        }
        assertThat(count("dead_letter")).isZero();
    }

    /** The calls with messages that the portal has carried out. */
    private static List<StandInPortal.RestRequest> calls() {
        return world.portal.requests().stream()
                .filter(request -> request.method().equals("imconnector.send.messages") && request.status() == 200)
                .toList();
    }

    /** What these customers wrote, in the order in which it came. */
    private static List<String> arrivals(List<String> customers) {
        return world.portal.chats().stream()
                .filter(chat -> customers.stream().anyMatch(chat.externalChatId()::endsWith))
                .flatMap(chat -> world.portal.inbound(chat.id()).stream())
                .sorted(Comparator.comparingLong(message -> Long.parseLong(message.id())))
                .map(StandInPortal.ChatMessage::text)
                .toList();
    }

    private static long count(String from) {
        return JdbcClient.create(world.database.superuser())
                .sql("select count(*) from " + from)
                .query(Long.class)
                .single();
    }

    @Test
    void whatWhatsAppRefusesTheAgentLearnsInTheChat() {
        String waId = talk.customer(0);
        world.meta.customerWrites(World.NUMBER, waId, "Ana", "oi");
        World.await(
                "the chat is open", Talk.PATIENCE, () -> world.seenByAgent(waId).size() == 1);
        String chat = world.chatOf(waId).id();

        world.meta.faults().refuseNext(1, 131047);
        world.portal.agentWrites(chat, "tarde demais");
        World.await(
                "the refusal is told",
                Talk.PATIENCE,
                () -> world.portal.systemLines(chat).size() == 1);
        world.meta.faults().failNext(1, 131026);
        world.portal.agentWrites(chat, "aceita e depois falha");
        World.await(
                "the failure is told",
                Talk.PATIENCE,
                () -> world.portal.systemLines(chat).size() == 2);
        world.portal.agentWrites(chat, "esta chega");
        World.await(
                "the next one flows",
                Talk.PATIENCE,
                () -> world.seenByCustomer(waId).contains("esta chega"));

        assertThat(world.portal.systemLines(chat))
                .extracting(StandInPortal.ChatMessage::text)
                .satisfiesExactly(
                        first -> assertThat(first).contains("24 horas").contains("131047"),
                        second -> assertThat(second).contains("131026"));
    }

    @Test
    void whatIsBrokenHoldsItsMessagesUntilItIsMended() {
        String waId = talk.customer(0);
        world.meta.customerWrites(World.NUMBER, waId, "Ana", "oi");
        World.await(
                "the chat is open", Talk.PATIENCE, () -> world.seenByAgent(waId).size() == 1);
        StandInPortal.Chat chat = world.chatOf(waId);

        world.portal.disconnect("zaptrix_whatsapp", chat.lineId());
        world.meta.faults().revokeToken(World.NUMBER);
        world.meta.customerWrites(World.NUMBER, waId, "Ana", "alguem?");
        world.portal.agentWrites(chat.id(), "aqui");
        World.await(
                "the agent knows",
                Talk.PATIENCE,
                () -> world.portal.systemLines(chat.id()).size() == 1);
        World.await(
                "the admin sees it",
                Talk.PATIENCE,
                () -> admin.get("/admin/phone-numbers").body().contains("Precisa da sua atenção"));
        assertThat(world.seenByAgent(waId)).hasSize(1);
        assertThat(world.seenByCustomer(waId)).isEmpty();

        world.meta.faults().restoreToken(World.NUMBER);
        world.link(admin, chat.lineId());
        World.await(
                "the customer's message arrives",
                Talk.PATIENCE,
                () -> world.seenByAgent(waId).size() == 2);
        World.await(
                "the agent's, too",
                Talk.PATIENCE,
                () -> world.seenByCustomer(waId).size() == 1);

        assertThat(world.seenByAgent(waId)).containsExactly("oi", "alguem?");
        assertThat(world.seenByCustomer(waId)).containsExactly("aqui");
        World.await(
                "the page says so, once Meta was asked",
                Talk.PATIENCE,
                () -> admin.get("/admin/phone-numbers").body().contains("Funcionando"),
                () -> admin.get("/admin/phone-numbers")
                        .body()
                        .replaceAll("(?s)<[^>]*>", " ")
                        .replaceAll("\\s+", " "));
    }

    @Test
    void anUnpaidBillOfWhichMetaTellsLaterIsShownToTheAdmin() {
        String waId = talk.customer(0);
        world.meta.customerWrites(World.NUMBER, waId, "Ana", "oi");
        World.await(
                "the chat is open", Talk.PATIENCE, () -> world.seenByAgent(waId).size() == 1);
        String chat = world.chatOf(waId).id();

        world.meta.faults().failNext(1, 131042);
        world.portal.agentWrites(chat, "aceita e não paga");
        World.await(
                "the agent knows",
                Talk.PATIENCE,
                () -> world.portal.systemLines(chat).stream()
                        .anyMatch(line -> line.text().contains("131042")));
        World.await(
                "the admin sees it",
                Talk.PATIENCE,
                () -> admin.get("/admin/phone-numbers").body().contains("Precisa da sua atenção"));

        world.link(admin, world.chatOf(waId).lineId());
        world.portal.agentWrites(chat, "paga");
        World.await(
                "the next one flows",
                Talk.PATIENCE,
                () -> world.seenByCustomer(waId).contains("paga"));
    }

    @Test
    void anAnswerThatGotLostIsNotRepeatedButResolvedByItsStatus() {
        String waId = talk.customer(0);
        world.meta.customerWrites(World.NUMBER, waId, "Ana", "oi");
        World.await(
                "the chat is open", Talk.PATIENCE, () -> world.seenByAgent(waId).size() == 1);
        String chat = world.chatOf(waId).id();

        world.meta.faults().dropAnswerNext(1);
        world.portal.agentWrites(chat, "um");
        world.portal.agentWrites(chat, "dois");
        World.await(
                "both arrive", Talk.PATIENCE, () -> world.seenByCustomer(waId).size() == 2);
        World.await(
                "both are marked",
                Talk.PATIENCE,
                () -> world.chatOf(waId).messages().stream()
                        .filter(message -> message.author() == StandInPortal.Author.AGENT)
                        .allMatch(message -> message.mark() == StandInPortal.Mark.READ));

        assertThat(world.seenByCustomer(waId)).containsExactly("um", "dois");
        assertThat(world.portal.systemLines(chat)).isEmpty();
    }

    @Test
    void expiredTokensAndLimitsCostTimeButNoMessage() throws InterruptedException {
        world.portal.limit(5, 4);
        world.bitrix24.expireAccessTokens();

        talk.customersWrite();
        talk.awaitQuestions();
        world.bitrix24.expireAccessTokens();
        talk.agentsAnswer();
        talk.awaitAnswers();

        talk.everythingOnceAndInOrder();
    }
}
