package io.zaptrix.channel;

import static io.zaptrix.portal.Bitrix24Stub.admin;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.channel.LinkRefused.Reason;
import io.zaptrix.channel.PhoneNumber.Status;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.Bitrix24Stub;
import io.zaptrix.portal.Portals;
import io.zaptrix.portal.TestApp;
import io.zaptrix.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** A number is linked to a line of a portal, or it is not at all. */
class LinkStory {

    private static final String LINE = "7";

    private static Bitrix24Stub bitrix24;
    private static MetaStub meta;
    private static TestApp app;
    private static Channels channels;

    private String member;
    private String number;

    @BeforeAll
    static void start() {
        bitrix24 = new Bitrix24Stub();
        meta = new MetaStub();
        app = TestApp.start(TestDatabase.createWithSchema(), bitrix24, Map.of("zaptrix.meta.graph-url", meta.url()));
        channels = app.bean(Channels.class);
    }

    @AfterAll
    static void stop() {
        app.close();
        meta.close();
        bitrix24.close();
    }

    @BeforeEach
    void aNewPortalAndANewNumber() {
        meta.down = false;
        meta.subscriptions.clear();
        number = Long.toString(ThreadLocalRandom.current().nextLong(1_000_000_000_000L, 9_000_000_000_000L));
        member = portal();
    }

    @Test
    void aNumberIsLinkedToANewLine() {
        PhoneNumber linked = link(request("new"));

        assertThat(linked.displayName()).isEqualTo("Jaspers Market");
        assertThat(linked.displayPhoneNumber()).isEqualTo("+55 11 99999-0001");
        assertThat(linked.status()).isEqualTo(Status.ACTIVE);
        assertThat(bitrix24.linesOf(member)).containsEntry(linked.lineId(), "Jaspers Market");
        JsonNode made = calls("imopenlines.config.add").getFirst().path("PARAMS");
        assertThat(made.path("QUEUE").path(0).path("ENTITY_ID").asString()).isEqualTo("1");
        assertThat(made.path("CRM").asString()).isEqualTo("Y");
        assertThat(calls("imconnector.activate")).singleElement().satisfies(call -> {
            assertThat(call.path("CONNECTOR").asString()).isEqualTo("zaptrix_whatsapp");
            assertThat(call.path("LINE").asString()).isEqualTo(linked.lineId());
            assertThat(call.path("ACTIVE").asString()).isEqualTo("1");
        });
        assertThat(calls("imconnector.connector.data.set"))
                .singleElement()
                .satisfies(call ->
                        assertThat(call.path("DATA").path("URL").asString()).isEqualTo("https://wa.me/5511999990001"));
        assertThat(meta.subscriptions).containsExactly(MetaStub.WABA);

        assertThat(channels.route(number)).hasValue(tenant());
        assertThat(asPortal(() -> channels.find(number))).hasValue(linked);
        assertThat(asPortal(channels::list)).containsExactly(linked);
        assertThat(asPortal(() -> channels.accessToken(number))).isEqualTo(MetaStub.TOKEN);
    }

    @Test
    void aNumberIsLinkedToALineThatIsThere() {
        PhoneNumber linked = link(new LinkRequest(number, MetaStub.WABA, MetaStub.TOKEN, " Vendas ", LINE));

        assertThat(linked.lineId()).isEqualTo(LINE);
        assertThat(linked.displayName()).isEqualTo("Vendas");
        assertThat(bitrix24.linesOf(member)).containsOnlyKeys(LINE);
        assertThat(asPortal(channels::openLines)).containsExactly(new OpenLine(LINE, "Sales", true));
    }

    @Test
    void theTokenIsNotStoredReadably() {
        link(request(LINE));

        byte[] stored = app.everything()
                .sql("select access_token from phone_number where phone_number_id = ?")
                .param(number)
                .query(byte[].class)
                .single();
        assertThat(new String(stored, UTF_8)).doesNotContain(MetaStub.TOKEN);
    }

    @ParameterizedTest
    @CsvSource({
        "phoneNumberId, 12a, 4195, EAAgood, 7",
        "phoneNumberId, '', 4195, EAAgood, 7",
        "phoneNumberId, , 4195, EAAgood, 7",
        "wabaId, 123, ../x, EAAgood, 7",
        "accessToken, 123, 4195, '  ', 7",
        "accessToken, 123, 4195, 'two words', 7",
        "lineId, 123, 4195, EAAgood, NEW",
        "lineId, 123, 4195, EAAgood, 0",
        "lineId, 123, 4195, EAAgood, ",
    })
    @SuppressWarnings("NullAway") // A form without the field binds null.
    void aFormThatCannotBeMeantNamesItsField(
            String field, @Nullable String id, String waba, String token, @Nullable String line) {
        int before = bitrix24.calls.size();

        assertThatThrownBy(() -> link(new LinkRequest(id, waba, token, null, line)))
                .isInstanceOfSatisfying(LinkRefused.class, refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.INVALID);
                    assertThat(refused.detail()).isEqualTo(field);
                });
        assertThat(bitrix24.calls).hasSize(before);
    }

    @Test
    void aTokenThatMetaRefusesLinksNothing() {
        refused(new LinkRequest(number, MetaStub.WABA, "EAAbad", null, "new"), Reason.TOKEN_REFUSED);
        nothingIsLeft();
    }

    @Test
    void aNumberThatMetaDoesNotKnowIsNotLinked() {
        meta.doesNotKnow(number);

        refused(request("new"), Reason.NUMBER_UNKNOWN);
        nothingIsLeft();
    }

    @Test
    void theWrongAccountIsNamed() {
        refused(new LinkRequest(number, "999", MetaStub.TOKEN, null, "new"), Reason.SUBSCRIPTION_REFUSED);
        nothingIsLeft();
    }

    @Test
    void whenMetaIsDownNothingIsLinked() {
        meta.down = true;

        refused(request("new"), Reason.META_FAILED);
        nothingIsLeft();
    }

    @Test
    void aLineThatDoesNotExistIsNamed() {
        refused(request("4711"), Reason.LINE_UNKNOWN);
        assertThat(meta.subscriptions).isEmpty();
        nothingIsLeft();
    }

    static Stream<Arguments> failingSteps() {
        return Stream.of(
                Arguments.of("imopenlines.config.list.get", "ERROR_CORE", LINE, Reason.LINE_REFUSED),
                Arguments.of("imopenlines.config.add", "ERROR_CORE", "new", Reason.LINE_REFUSED),
                Arguments.of("imopenlines.config.add", "INTERNAL_SERVER_ERROR", "new", Reason.BITRIX24_FAILED),
                Arguments.of("imconnector.activate", "ERROR_ARGUMENT", LINE, Reason.LINE_REFUSED),
                Arguments.of("imconnector.activate", "ERROR_ARGUMENT", "new", Reason.LINE_REFUSED),
                Arguments.of("imconnector.activate", "INTERNAL_SERVER_ERROR", LINE, Reason.BITRIX24_FAILED),
                Arguments.of("imconnector.connector.data.set", "ERROR_ARGUMENT", LINE, Reason.LINE_REFUSED),
                Arguments.of("imconnector.connector.data.set", "ERROR_ARGUMENT", "new", Reason.LINE_REFUSED));
    }

    @ParameterizedTest
    @MethodSource("failingSteps")
    void aStepThatFailsIsNamedAndWhatWasDoneIsUndone(String method, String error, String line, Reason reason) {
        bitrix24.refuses(method, error);
        try {
            refused(request(line), reason);
        } finally {
            bitrix24.refuses(method, null);
        }
        nothingIsLeft();

        // And nothing stands in the way of the next attempt.
        assertThat(link(request(line)).status()).isEqualTo(Status.ACTIVE);
    }

    @Test
    void aSecondPortalIsRefused() {
        link(request(LINE));
        String other = portal();

        assertThatThrownBy(() -> TenantContext.call(TenantId.ofMember(other), () -> channels.link(request(LINE))))
                .isInstanceOfSatisfying(
                        LinkRefused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.TAKEN));
        assertThat(bitrix24.calls(other, "imconnector.activate")).isEmpty();
        assertThat(channels.route(number)).hasValue(tenant());
    }

    @Test
    void ofTwoPortalsAtTheSameMomentOneGetsTheNumber() throws Exception {
        List<String> portals = List.of(member, portal(), portal(), portal());
        List<String> winners = new ArrayList<>();
        for (String portal : together(portals.stream()
                .<Supplier<String>>map(portal -> () -> {
                    try {
                        TenantContext.call(TenantId.ofMember(portal), () -> channels.link(request("new")));
                        return portal;
                    } catch (LinkRefused e) {
                        assertThat(e.reason()).isEqualTo(Reason.TAKEN);
                        return "";
                    }
                })
                .toList())) {
            if (!portal.isEmpty()) {
                winners.add(portal);
            }
        }

        assertThat(winners).hasSize(1);
        assertThat(channels.route(number)).hasValue(TenantId.ofMember(winners.getFirst()));
        portals.stream()
                .filter(portal -> !winners.contains(portal))
                .forEach(loser -> assertThat(bitrix24.linesOf(loser)).containsOnlyKeys(LINE));
    }

    @Test
    void aDoubleClickMakesOneLine() throws Exception {
        Supplier<String> click =
                () -> asPortal(() -> channels.link(request("new")).lineId());

        assertThat(together(List.of(click, click)).stream().distinct()).hasSize(1);
        assertThat(bitrix24.linesOf(member)).hasSize(2);
    }

    @Test
    void linkingAgainMovesTheNumberToAnotherLineAndMendsIt() {
        link(request(LINE));
        asPortal(() -> {
            channels.suspend(number, "Error validating access token");
            return true;
        });
        assertThat(asPortal(() -> channels.find(number)).orElseThrow().problem())
                .isEqualTo("Error validating access token");

        PhoneNumber again = link(request("new"));

        assertThat(again.lineId()).isNotEqualTo(LINE);
        assertThat(again.status()).isEqualTo(Status.ACTIVE);
        assertThat(again.problem()).isNull();
        assertThat(activations()).endsWith(again.lineId() + "=1", LINE + "=0");
        assertThat(asPortal(channels::list)).hasSize(1);
    }

    @Test
    void linkingAgainInVainLeavesTheNumberAsItWas() {
        PhoneNumber before = link(request(LINE));
        bitrix24.refuses("imconnector.connector.data.set", "ERROR_ARGUMENT");
        try {
            refused(request(LINE), Reason.LINE_REFUSED);
            refused(request("new"), Reason.LINE_REFUSED);
        } finally {
            bitrix24.refuses("imconnector.connector.data.set", null);
        }

        assertThat(asPortal(() -> channels.find(number))).hasValue(before);
        assertThat(bitrix24.linesOf(member)).containsOnlyKeys(LINE);
        // The line that the number is on was never switched off.
        assertThat(activations()).doesNotContain(LINE + "=0");
    }

    @Test
    void theConnectorStaysOnWhileTheLineHasAnotherNumber() {
        link(request(LINE));
        String second = number + "2";
        link(new LinkRequest(second, MetaStub.WABA, MetaStub.TOKEN, null, LINE));

        asPortal(() -> {
            channels.unlink(number);
            return true;
        });
        assertThat(activations()).doesNotContain(LINE + "=0");
        assertThat(channels.route(number)).isEmpty();

        asPortal(() -> {
            channels.unlink(second);
            return true;
        });
        assertThat(activations()).endsWith(LINE + "=0");
        assertThat(asPortal(channels::list)).isEmpty();
    }

    @Test
    void aPortalCannotUnlinkOrReadAnothersNumber() {
        link(request(LINE));
        TenantId other = TenantId.ofMember(portal());

        TenantContext.run(other, () -> channels.unlink(number));
        TenantContext.run(other, () -> channels.suspend(number, "mischief"));

        assertThat(TenantContext.call(other, () -> channels.find(number))).isEmpty();
        assertThat(TenantContext.call(other, channels::list)).isEmpty();
        assertThatThrownBy(() -> TenantContext.call(other, () -> channels.accessToken(number)))
                .hasMessageContaining("not linked");
        assertThat(asPortal(() -> channels.find(number)).orElseThrow().status()).isEqualTo(Status.ACTIVE);
        assertThat(channels.route(number)).hasValue(tenant());
    }

    @Test
    void whoForgetsTheTenantSeesNoNumber() {
        link(request(LINE));
        TransactionTemplate transaction = new TransactionTemplate(app.bean(PlatformTransactionManager.class));
        LinkedNumberRepository numbers = app.bean(LinkedNumberRepository.class);

        assertThat(numbers.findAll()).isEmpty();
        assertThat(numbers.findById(number)).isEmpty();
        List<String> seen = transaction.execute(status -> app.bean(JdbcClient.class)
                .sql("select phone_number_id from phone_number")
                .query(String.class)
                .list());
        assertThat(seen).isEmpty();
    }

    @Test
    void otherReplicasLearnAtOnceWhoseNumberItIs() {
        try (TestApp replica = app.replica(bitrix24, Map.of("zaptrix.meta.graph-url", meta.url()))) {
            Channels theirs = replica.bean(Channels.class);
            // Both remember that it is nobody's.
            assertThat(channels.route(number)).isEmpty();
            assertThat(theirs.route(number)).isEmpty();

            link(request(LINE));
            assertThat(channels.route(number)).hasValue(tenant());
            within(Duration.ofSeconds(10), () -> theirs.route(number).isPresent());

            asPortal(() -> {
                channels.unlink(number);
                return true;
            });
            assertThat(channels.route(number)).isEmpty();
            // By itself a replica would remember the owner for a minute.
            within(Duration.ofSeconds(20), () -> theirs.route(number).isEmpty());
        }
    }

    @Test
    void aDeletedLineSuspendsItsNumbers() {
        link(request(LINE));

        assertThat(event("ONIMCONNECTORLINEDELETE", LINE)).isEqualTo(200);

        assertThat(asPortal(() -> channels.find(number))).hasValueSatisfying(suspended -> {
            assertThat(suspended.status()).isEqualTo(Status.SUSPENDED);
            assertThat(suspended.problem()).isEqualTo("line_deleted");
        });
        // It is linked to another and works.
        assertThat(link(request("new")).status()).isEqualTo(Status.ACTIVE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zaptrix_whatsapp", "telegram"})
    void aConnectorThatIsSwitchedOffSuspendsItsOwnNumbers(String connector) {
        link(request(LINE));

        assertThat(event("ONIMCONNECTORSTATUSDELETE", Map.of("connector", connector, "line", LINE)))
                .isEqualTo(200);

        assertThat(asPortal(() -> channels.find(number)).orElseThrow().status())
                .isEqualTo(connector.equals("telegram") ? Status.ACTIVE : Status.SUSPENDED);
    }

    @Test
    void withItsLastNumberAnAccountIsLeftAtMeta() {
        String account = MetaStub.WABA + number;
        String second = number + "7";
        TenantId other = TenantId.ofMember(portal());
        link(new LinkRequest(number, account, MetaStub.TOKEN, null, LINE));
        TenantContext.run(other, () -> channels.link(new LinkRequest(second, account, MetaStub.TOKEN, null, LINE)));

        asPortal(() -> {
            channels.unlink(number);
            return true;
        });
        assertThat(meta.subscriptions).as("another portal has a number of it").containsExactly(account);

        TenantContext.run(other, () -> channels.unlink(second));
        assertThat(meta.subscriptions).isEmpty();
    }

    @Test
    void whenMetaIsDownANumberIsUnlinkedAllTheSame() {
        String account = MetaStub.WABA + number;
        PhoneNumber linked = link(new LinkRequest(number, account, MetaStub.TOKEN, null, LINE));
        meta.down = true;

        asPortal(() -> {
            channels.unlink(linked.phoneNumberId());
            return true;
        });

        assertThat(asPortal(channels::list)).isEmpty();
        assertThat(channels.route(number)).isEmpty();
        assertThat(meta.subscriptions).as("what Meta still sends is nobody's").containsExactly(account);
    }

    @Test
    void aTokenThatNoKeyOpensAnyMoreKeepsNobodyFromGoing() {
        String second = number + "8";
        for (String each : List.of(number, second)) {
            link(new LinkRequest(each, MetaStub.WABA + each, MetaStub.TOKEN, null, LINE));
        }
        app.everything()
                .sql("update phone_number set access_token = '\\x00' where phone_number_id in (?, ?)")
                .params(number, second)
                .update();

        asPortal(() -> {
            channels.unlink(number);
            return true;
        });
        assertThat(channels.route(number)).isEmpty();

        assertThat(event("ONAPPUNINSTALL", Map.of("CLEAN", "0"))).isEqualTo(200);
        assertThat(channels.route(second)).isEmpty();
    }

    @Test
    void aPortalThatUninstallsLeavesItsNumberToOthers() throws InterruptedException {
        link(new LinkRequest(number, MetaStub.WABA + number, MetaStub.TOKEN, null, LINE));
        assertThat(meta.subscriptions).containsExactly(MetaStub.WABA + number);
        assertThat(channels.route(number)).hasValue(tenant());

        assertThat(event("ONAPPUNINSTALL", Map.of("CLEAN", "0"))).isEqualTo(200);

        assertThat(channels.route(number)).isEmpty();
        for (int i = 0; i < 200 && !meta.subscriptions.isEmpty(); i++) {
            Thread.sleep(50);
        }
        assertThat(meta.subscriptions)
                .as("Meta is told, with the token that is gone by now")
                .isEmpty();
        assertThat(app.everything()
                        .sql("select count(*) from phone_number where phone_number_id = ?")
                        .param(number)
                        .query(Long.class)
                        .single())
                .isZero();
        TenantId other = TenantId.ofMember(portal());
        TenantContext.run(other, () -> channels.link(request(LINE)));
        assertThat(channels.route(number)).hasValue(other);
    }

    private String portal() {
        String name = UUID.randomUUID().toString().replace("-", "");
        app.bean(Portals.class).install(bitrix24.opens(admin(name)));
        bitrix24.hasLine(name, LINE, "Sales");
        return name;
    }

    private TenantId tenant() {
        return TenantId.ofMember(member);
    }

    private LinkRequest request(String lineId) {
        return new LinkRequest(number, MetaStub.WABA, MetaStub.TOKEN, null, lineId);
    }

    private PhoneNumber link(LinkRequest request) {
        return asPortal(() -> channels.link(request));
    }

    private <T> T asPortal(Supplier<T> work) {
        return TenantContext.call(tenant(), work);
    }

    private void refused(LinkRequest request, Reason reason) {
        assertThatThrownBy(() -> link(request)).isInstanceOfSatisfying(LinkRefused.class, refused -> {
            assertThat(refused.reason()).isEqualTo(reason);
            assertThat(refused.getMessage()).doesNotContain("EAA");
        });
    }

    /** No row, no route, no line that was not there before, no connector that is on. */
    private void nothingIsLeft() {
        assertThat(asPortal(channels::list)).isEmpty();
        assertThat(channels.route(number)).isEmpty();
        assertThat(app.everything()
                        .sql("select count(*) from phone_number_route where phone_number_id = ?")
                        .param(number)
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(bitrix24.linesOf(member)).containsOnlyKeys(LINE);
        List<String> activations = activations();
        if (!activations.isEmpty()) {
            assertThat(activations.getLast()).endsWith("=0");
        }
    }

    private List<JsonNode> calls(String method) {
        return bitrix24.calls(member, method).stream()
                .map(Bitrix24Stub.Call::params)
                .toList();
    }

    private List<String> activations() {
        return calls("imconnector.activate").stream()
                .map(call ->
                        call.path("LINE").asString() + "=" + call.path("ACTIVE").asString())
                .toList();
    }

    private int event(String name, Object data) {
        return app.event(Map.of(
                        "event",
                        name,
                        "data",
                        data,
                        "auth",
                        Map.of("member_id", member, "application_token", "application-token-of-" + member)))
                .statusCode();
    }

    private static void within(Duration patience, Supplier<Boolean> condition) {
        Instant end = Instant.now().plus(patience);
        while (!condition.get()) {
            assertThat(Instant.now()).as("in time").isBefore(end);
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    private static List<String> together(List<Supplier<String>> actions) throws Exception {
        CountDownLatch ready = new CountDownLatch(actions.size());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> running = actions.stream()
                    .map(action -> threads.submit(() -> {
                        ready.countDown();
                        ready.await();
                        return action.get();
                    }))
                    .toList();
            List<String> results = new ArrayList<>();
            for (Future<String> future : running) {
                results.add(future.get());
            }
            return results;
        }
    }
}
