package io.zaptrix.story;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.TenantId;
import io.zaptrix.sandbox.StandInMeta;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.testing.DatabaseSearch;
import io.zaptrix.testing.TestSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Ana asks what is held of her, and then to be forgotten; Bruno, who wrote at the same time, is not. Whether somebody
 * is forgotten is looked up in the whole database. At last the portal itself goes.
 */
@SuppressWarnings("NullAway.Init")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PrivacyStory {

    private static final String PAGE = "/admin/privacy";
    private static final String ANA = "5511987654321";
    private static final String BRUNO = "5511987654322";
    private static final String CARLA = "5521999998888";
    private static final String[] ANAS_WORDS = {
        "Ana Procurada",
        "segredo primeiro",
        "resposta secreta",
        "segredo que espera",
        "resposta que espera",
        "segredo morto"
    };
    private static final String[] BRUNOS_WORDS = {"Bruno Quefica", "pergunta de bruno", "bruno espera"};

    private static World world;
    private static Browser admin;
    private static JdbcClient database;
    private static DatabaseSearch search;

    /** All that Ana and Bruno are found by. */
    private static final List<String> anas = new ArrayList<>();

    private static final List<String> brunos = new ArrayList<>();

    @BeforeAll
    static void everybodyHasWritten() throws InterruptedException {
        world = new World();
        world.startReplica();
        admin = world.installAndLink();
        database = JdbcClient.create(world.database.superuser());
        search = new DatabaseSearch(world.database);

        anas.add(world.meta.customerWrites(World.NUMBER, ANA, "Ana Procurada", "segredo primeiro"));
        brunos.add(world.meta.customerWrites(World.NUMBER, BRUNO, "Bruno Quefica", "pergunta de bruno"));
        awaitArrival(ANA, 1);
        awaitArrival(BRUNO, 1);
        String chat = world.chatOf(ANA).id();
        world.portal.agentWrites(chat, "resposta secreta");
        world.portal.agentWrites(world.chatOf(BRUNO).id(), "resposta a bruno");
        World.await(
                "both are answered",
                Talk.PATIENCE,
                () -> world.seenByCustomer(ANA).size() == 1
                        && world.seenByCustomer(BRUNO).size() == 1);
        world.meta.awaitIdle(Talk.PATIENCE);
        world.meta.sendsTo(ANA).forEach(send -> anas.add(send.wamid()));
        world.meta.sendsTo(BRUNO).forEach(send -> brunos.add(send.wamid()));

        // The portal's connector is off and the number's token revoked: what comes now waits, both ways.
        world.portal.disconnect("zaptrix_whatsapp", world.chatOf(ANA).lineId());
        world.meta.faults().revokeToken(World.NUMBER);
        anas.add(world.meta.customerWrites(World.NUMBER, ANA, "Ana Procurada", "segredo que espera"));
        anas.add(world.meta.customerWrites(World.NUMBER, ANA, "Ana Procurada", "segredo morto"));
        brunos.add(world.meta.customerWrites(World.NUMBER, BRUNO, "Bruno Quefica", "bruno espera"));
        world.portal.agentWrites(chat, "resposta que espera");
        for (String waiting : List.of("segredo que espera", "segredo morto", "bruno espera", "resposta que espera")) {
            World.await(
                    waiting + " waits",
                    Talk.PATIENCE,
                    () -> search.places(waiting).contains("lane_item.payload"));
        }
        // One of them was given up, long ago; and some of it went astray, or was looked at by somebody.
        database.sql("""
                        with taken as (
                            delete from lane_item where position(convert_to('segredo morto', 'UTF8') in payload) > 0
                            returning *
                        )
                        insert into dead_letter (tenant_id, lane, position, seq, item_key, written_on, key_digest, payload,
                            attempts, reason, correlation_id, accepted_at)
                        select tenant_id, lane, position, seq, item_key, written_on, key_digest, payload, 9,
                            'gave_up: bitrix24', correlation_id, accepted_at from taken
                        """).update();
        database.sql("update item_ledger set state = 'dead' where key_digest in (select key_digest from dead_letter)")
                .update();
        for (String who : List.of(ANA, BRUNO)) {
            database.sql("insert into unrouted_event (source, reason, reference, body)"
                            + " values ('meta', 'group_message', :number, convert_to(:body, 'UTF8'))")
                    .param("number", World.NUMBER)
                    .param("body", "{\"from\": \"" + who + "\"}")
                    .update();
            database.sql("insert into audit_entry (tenant_id, actor, action, subject, detail)"
                            + " values (:tenant, '1', 'letter.shown', '7', jsonb_build_object('key', :who))")
                    .param("tenant", tenant(world.portal))
                    .param("who", who)
                    .update();
            database.sql(
                            "insert into media_upload (tenant_id, phone_number_id, sha256, mime_type, kind, size, head_sha256,"
                                    + " media_id, source) select tenant_id, phone_number_id, 'digest-of-' || whatsapp_id, 'x/y',"
                                    + " 'document', 1, '', 'media', im_message_id || '.1' from outbound_message"
                                    + " where whatsapp_id = :who limit 1")
                    .param("who", who)
                    .update();
        }
        anas.add(ANA);
        anas.addAll(List.of(ANAS_WORDS));
        brunos.add(BRUNO);
        brunos.addAll(List.of(BRUNOS_WORDS));
    }

    @AfterAll
    static void end() throws IOException {
        world.close();
    }

    private static void awaitArrival(String waId, int messages) {
        World.await(
                "messages of " + waId + " arrive",
                Talk.PATIENCE,
                () -> world.seenByAgent(waId).size() == messages);
    }

    private static long count(String from) {
        return database.sql("select count(*) from " + from).query(Long.class).single();
    }

    private static java.util.UUID tenant(StandInPortal portal) {
        return TenantId.ofMember(portal.memberId()).value();
    }

    private static Map<String, TreeSet<String>> places(List<String> words) {
        Map<String, TreeSet<String>> places = new LinkedHashMap<>();
        words.forEach(word -> places.put(word, search.places(word)));
        return places;
    }

    private static HttpResponse<String> post(String path, Map<String, String> fields) {
        Map<String, String> form = new LinkedHashMap<>(fields);
        form.put("_csrf", admin.csrf(PAGE));
        return admin.post(path, form);
    }

    @Test
    @Order(1)
    void anaSeesWhatIsHeldOfHerAndTakesItAlong() {
        // As people write it, and as it was before Brazil had nine digits.
        for (String typed :
                List.of("+55 (11) 98765-4321", "0055 11 98765 4321", "551187654321", "(11) 8765-4321", ANA)) {
            assertThat(post(PAGE + "/person", Map.of("phone", typed)).body())
                    .as(typed)
                    .contains("Ana Procurada", ANA)
                    .doesNotContain("Bruno", BRUNO);
        }
        HttpResponse<String> nonsense = post(PAGE + "/person", Map.of("phone", "9876 \"x"));
        assertThat(nonsense.statusCode()).isEqualTo(422);
        assertThat(nonsense.body()).contains("value=\"9876 &quot;x\"");
        assertThat(post(PAGE + "/person", Map.of("phone", "+49 170 1234567")).body())
                .contains("Não guardamos nada desta pessoa")
                .contains("+49 170 1234567");

        HttpResponse<String> export = post(PAGE + "/person/export", Map.of("phone", ANA));
        assertThat(export.headers().firstValue("Content-Disposition").orElse(""))
                .startsWith("attachment")
                .doesNotContain(ANA);
        JsonNode document = JsonMapper.shared().readTree(export.body());
        assertThat(document.path("complete").booleanValue()).isTrue();
        JsonNode tables = document.path("tables");
        assertThat(tables.path("conversation_mapping")).hasSize(1);
        assertThat(tables.path("outbound_message")).hasSize(1);
        assertThat(tables.path("dead_letter").get(0).at("/payload/message/text").asString())
                .isEqualTo("segredo morto");
        assertThat(tables.path("unrouted_event")).hasSize(1);
        // All but the words of what was delivered, which nobody has kept.
        List<String> held =
                anas.stream().filter(word -> !search.places(word).isEmpty()).toList();
        assertThat(held).hasSizeGreaterThanOrEqualTo(9).contains(ANA, "Ana Procurada", "segredo que espera");
        assertThat(held).allSatisfy(word -> assertThat(export.body()).contains(word));
        assertThat(brunos).allSatisfy(word -> assertThat(export.body()).doesNotContain(word));
    }

    @Test
    @Order(2)
    void thePortalTakesEverythingAlongButItsSecrets() {
        String export = post(PAGE + "/export", Map.of()).body();
        JsonNode document = JsonMapper.shared().readTree(export);

        assertThat(document.path("complete").booleanValue()).isTrue();
        assertThat(document.path("tables").path("phone_number")).hasSize(1);
        assertThat(document.path("tables").path("conversation_mapping")).hasSize(2);
        assertThat(export).contains(ANA, BRUNO, "bruno espera", World.NUMBER);
        assertThat(export)
                .doesNotContain(
                        World.TOKEN,
                        world.portal.applicationToken(),
                        TestSettings.BITRIX24_CLIENT_SECRET,
                        "access_token",
                        "refresh_token",
                        "application_token",
                        "client_secret",
                        "session_id");
        assertThat(admin.get(PAGE).body()).contains("Tudo exportado", "Pessoa exportada", "55***21");
    }

    @Test
    @Order(3)
    void retentionIsThePortalsChoiceWithinBounds() {
        for (String days : List.of("7", "31", "-1", "dez", "")) {
            HttpResponse<String> refused = post(PAGE + "/retention", Map.of("days", days));
            assertThat(refused.statusCode()).as(days).isEqualTo(422);
            assertThat(refused.body()).contains("value=\"" + days + "\"");
        }
        assertThat(post(PAGE + "/retention", Map.of("days", "8")).statusCode()).isEqualTo(303);
        assertThat(admin.get(PAGE).body()).contains("value=\"8\"");
    }

    @Test
    @Order(4)
    void anaIsErasedAndBrunoIsNot() throws IOException, InterruptedException {
        Map<String, TreeSet<String>> bruno = places(brunos);
        byte[] herFirstWebhook = world.meta.webhooks().stream()
                .map(StandInMeta.WebhookDelivery::body)
                .filter(body -> new String(body, UTF_8).contains("segredo primeiro"))
                .findFirst()
                .orElseThrow();
        assertThat(post(PAGE + "/person/erasure", Map.of("phone", ANA)).body()).contains("Excluir esta pessoa?");
        assertThat(search.places(ANA)).as("to be asked erases nothing").isNotEmpty();

        assertThat(post(PAGE + "/person/erase", Map.of("phone", "+55 11 8765-4321"))
                        .statusCode())
                .isEqualTo(303);
        // A double click.
        post(PAGE + "/person/erase", Map.of("phone", ANA));
        awaitErased();

        Map<String, TreeSet<String>> ana = places(anas);
        assertThat(ana.values()).as("%s", ana).allMatch(TreeSet::isEmpty);
        assertThat(search.places("551187654321")).isEmpty();
        assertThat(search.places("digest-of-" + ANA)).isEmpty();
        assertThat(places(brunos)).isEqualTo(bruno);
        assertThat(post(PAGE + "/person", Map.of("phone", ANA)).body()).contains("Não guardamos nada desta pessoa");
        assertThat(admin.get(PAGE).body()).contains("Pessoa excluída", "55***21");

        // What Meta sends again from before does not bring her back.
        assertThat(deliver(herFirstWebhook)).isEqualTo(200);
        assertThat(places(anas).values()).allMatch(TreeSet::isEmpty);
        assertThat(world.replicas.getFirst().output()).doesNotContain(ANA);
    }

    @Test
    @Order(5)
    void whatWaitedForOthersArrivesAndAnaIsSomebodyNew() {
        world.meta.faults().restoreToken(World.NUMBER);
        world.link(admin, world.chatOf(BRUNO).lineId());
        awaitArrival(BRUNO, 2);
        assertThat(world.seenByAgent(ANA)).containsExactly("segredo primeiro");

        world.meta.customerWrites(World.NUMBER, ANA, "Ana de novo", "olá outra vez");
        awaitArrival(ANA, 2);
        world.portal.agentWrites(world.chatOf(ANA).id(), "bem-vinda");
        World.await(
                "she is answered",
                Talk.PATIENCE,
                () -> world.seenByCustomer(ANA).contains("bem-vinda"));
        assertThat(world.seenByCustomer(ANA)).doesNotContain("resposta que espera");
        assertThat(post(PAGE + "/person", Map.of("phone", ANA)).body()).contains("Ana de novo");
    }

    @Test
    @Order(6)
    void anErasureThatIsKilledInItsMiddleIsDoneAfterwards() throws SQLException {
        world.meta.customerWrites(World.NUMBER, CARLA, "Carla Interrompida", "não me esqueça assim");
        awaitArrival(CARLA, 1);
        TreeSet<String> before = search.places(CARLA);
        try (Connection held = world.database.superuser().getConnection()) {
            held.setAutoCommit(false);
            held.createStatement()
                    .execute("select from conversation_mapping where meta_whatsapp_id = '" + CARLA + "' for update");
            assertThat(post(PAGE + "/person/erase", Map.of("phone", CARLA)).statusCode())
                    .isEqualTo(303);
            World.await(
                    "the erasure is in its middle",
                    Talk.PATIENCE,
                    () -> count(
                                    "pg_stat_activity where wait_event_type = 'Lock' and query like '%conversation_mapping%'"
                                            + " and datname = current_database()")
                            > 0);
            world.kill(world.replicas.getFirst());
            held.rollback();
        }
        assertThat(search.places(CARLA)).containsAll(before).contains("erasure_request.names");

        world.startReplica();
        awaitErased();

        assertThat(search.places(CARLA)).isEmpty();
        assertThat(search.places("Carla Interrompida")).isEmpty();
    }

    private static void awaitErased() {
        World.await("nobody is left to be erased", Talk.PATIENCE, () -> count("erasure_request") == 0);
    }

    /** As Meta would, once more. */
    private static int deliver(byte[] body) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(TestSettings.META_APP_SECRET.getBytes(UTF_8), "HmacSHA256"));
            return client.send(
                            HttpRequest.newBuilder(URI.create(world.door.url() + "/webhooks/meta"))
                                    .header("Content-Type", "application/json")
                                    .header(
                                            "X-Hub-Signature-256",
                                            "sha256=" + HexFormat.of().formatHex(mac.doFinal(body)))
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    @Test
    @Order(7)
    void anAdminWhoTypesThePortalsHostErasesIt() {
        StandInPortal beta = world.bitrix24.addPortal("beta").language("en");
        Browser betas = new Browser(world.door.url());
        betas.open("/bitrix24/install", beta.installPage(StandInPortal.ADMIN));
        beta.finishInstall();
        world.meta.addNumber("206540352242922", "519561257915477", "+55 11 5555-0200", "Beta", "EAAbeta");
        assertThat(betas.submit(
                                "/admin/phone-numbers",
                                Map.of(
                                        "phoneNumberId", "206540352242922",
                                        "wabaId", "519561257915477",
                                        "accessToken", "EAAbeta",
                                        "displayName", "Beta sales",
                                        "lineId", "new"))
                        .statusCode())
                .isEqualTo(303);
        world.meta.customerWrites("206540352242922", BRUNO, "Bruno Quefica", "a question to beta");
        World.await("beta has a chat", Talk.PATIENCE, () -> !beta.chats().isEmpty());
        TreeSet<String> acme = search.places(World.NUMBER);

        HttpResponse<String> wrong = betas.submit(PAGE + "/erase", Map.of("host", "acme.example"));
        assertThat(wrong.statusCode()).isEqualTo(422);
        assertThat(wrong.body()).contains("value=\"acme.example\"");
        assertThat(beta.isInstalled()).isTrue();
        HttpResponse<String> gone = betas.submit(PAGE + "/erase", Map.of("host", "https://" + host(beta) + "/"));

        assertThat(gone.statusCode()).as(gone.body()).isEqualTo(200);
        assertThat(betas.get(PAGE).statusCode()).isIn(302, 303, 401, 403);
        assertThat(beta.registeredConnectors()).isEmpty();
        assertThat(beta.boundEvents()).isEmpty();
        assertThat(search.places(beta.memberId())).isNotEmpty();
        theTimeIsOver(beta);
        assertThat(search.places("206540352242922")).isEmpty();
        assertThat(search.places(World.NUMBER)).isEqualTo(acme);
    }

    @Test
    @Order(8)
    void afterACleanUninstallationNothingIsLeftWhenItsTimeIsOver() {
        assertThat(search.places(BRUNO)).isNotEmpty();
        world.portal.uninstall(true);
        World.await(
                "the portal is gone",
                Talk.PATIENCE,
                () -> count("portal_config where status = 'UNINSTALLED'"
                                + " and erase_after between now() and now() + interval '24 hours'")
                        == 1);

        theTimeIsOver(world.portal);

        Map<String, TreeSet<String>> bruno = places(brunos);
        assertThat(bruno.values()).as("%s", bruno).allMatch(TreeSet::isEmpty);
        assertThat(search.places(ANA)).isEmpty();
        assertThat(search.places(World.NUMBER)).isEmpty();
        assertThat(search.places(host(world.portal))).isEmpty();
        assertThat(count("spring_session")).isZero();
    }

    private static void theTimeIsOver(StandInPortal portal) {
        database.sql("update portal_config set erase_after = now() - interval '1 second' where member_id = :member")
                .param("member", portal.memberId())
                .update();
        World.await(
                "the portal is erased",
                Talk.PATIENCE,
                () -> search.places(portal.memberId()).isEmpty());
        assertThat(search.places(tenant(portal).toString())).isEmpty();
    }

    private static String host(StandInPortal portal) {
        return portal.url().getHost();
    }
}
