package io.zaptrix.story;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.sandbox.FileContent;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.testing.AppProcess;
import io.zaptrix.testing.DatabaseSearch;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Two replicas remember much, so that the database is not asked each time. What ends on one ends on the other: a key
 * that is revoked, a customer who is erased, a portal that goes. Each is asked by its own address, with all of it in
 * memory.
 */
@SuppressWarnings("NullAway.Init")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TwoReplicasStory {

    private static final String ANA = "5511987650011";

    /** Much less than anything is remembered for by itself. */
    private static final Duration AT_ONCE = Duration.ofSeconds(3);

    private static World world;
    private static AppProcess one;
    private static AppProcess other;
    private static Browser admin;
    private static String key;

    @BeforeAll
    static void bothKnowEverything() {
        world = new World();
        one = world.startReplica();
        other = world.startReplica();
        world.installAndLink();
        admin = visits(one);
        key = makeKey("Program");
        for (AppProcess each : new AppProcess[] {one, other}) {
            only(each);
            int seen = world.seenByAgent(ANA).size();
            world.meta.customerWrites(World.NUMBER, ANA, "Ana Antiga", "segredo " + seen);
            World.await(
                    "it arrives", Talk.PATIENCE, () -> world.seenByAgent(ANA).size() > seen);
            assertThat(conversations(each, key).body()).contains(ANA);
        }
    }

    @AfterAll
    static void end() throws IOException {
        world.close();
    }

    /** Whoever comes by the front door from now on comes to this one. */
    private static void only(AppProcess replica) {
        world.door.to(replica.port());
    }

    private static Browser visits(AppProcess replica) {
        Browser browser = new Browser(replica.url());
        assertThat(browser.open("/bitrix24/app", world.portal.installPage(StandInPortal.ADMIN))
                        .statusCode())
                .isEqualTo(303);
        return browser;
    }

    private static String makeKey(String name) {
        String page = admin.get("/admin/api-keys").body();
        Matcher id = Pattern.compile("name=\"id\"[^>]*value=\"([^\"]+)\"").matcher(page);
        assertThat(id.find()).isTrue();
        String made = admin.submit(
                        "/admin/api-keys",
                        Map.of("id", id.group(1), "name", name, "days", "30", "scope", "conversations:read"))
                .body();
        Matcher text = Pattern.compile("zpx_[0-9A-Za-z]{71}").matcher(made);
        assertThat(text.find()).as(made).isTrue();
        return text.group();
    }

    private static HttpResponse<String> conversations(AppProcess replica, String as) {
        return send(HttpRequest.newBuilder(URI.create(replica.url() + "/api/v1/conversations"))
                .header("Authorization", "Bearer " + as));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException failed) {
            throw new AssertionError(failed);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Test
    @Order(1)
    void aKeyThatIsRevokedOnOneReplicaOpensNothingOnTheOther() {
        String doomed = makeKey("Doomed");
        assertThat(conversations(one, doomed).statusCode()).isEqualTo(200);
        assertThat(conversations(other, doomed).statusCode()).isEqualTo(200);
        String id = JdbcClient.create(world.database.superuser())
                .sql("select id::text from api_key where name = 'Doomed'")
                .query(String.class)
                .single();

        assertThat(admin.submit("/admin/api-keys/" + id + "/revoke", Map.of()).statusCode())
                .isEqualTo(303);

        assertThat(conversations(one, doomed).statusCode()).isEqualTo(401);
        World.await(
                "the other refuses it",
                AT_ONCE,
                () -> conversations(other, doomed).statusCode() == 401);
        assertThat(conversations(other, key).statusCode())
                .as("and no other key")
                .isEqualTo(200);
    }

    @Test
    @Order(2)
    void aCustomerWhoIsErasedOnOneReplicaIsSomebodyNewToTheOther() {
        DatabaseSearch search = new DatabaseSearch(world.database);
        assertThat(search.places(ANA)).isNotEmpty();
        String file = linkOfAFile();
        assertThat(addressesAskedForBy(other, file)).as("the first time").isEqualTo(1);
        assertThat(addressesAskedForBy(other, file)).as("it is remembered").isZero();

        Map<String, String> form = Map.of("phone", ANA, "_csrf", admin.csrf("/admin/privacy"));
        assertThat(admin.post("/admin/privacy/person/erase", form).statusCode()).isEqualTo(303);
        World.await(
                "she is erased",
                Talk.PATIENCE,
                () -> JdbcClient.create(world.database.superuser())
                                .sql("select count(*) from erasure_request")
                                .query(Long.class)
                                .single()
                        == 0);

        assertThat(conversations(other, key).body()).doesNotContain(ANA);
        assertThat(search.places(ANA)).isEmpty();
        World.await("where her file is was forgotten", AT_ONCE, () -> addressesAskedForBy(other, file) == 1);
        only(other);
        int seen = world.seenByAgent(ANA).size();
        world.meta.customerWrites(World.NUMBER, ANA, "Ana Nova", "de novo");
        World.await("it arrives", Talk.PATIENCE, () -> world.seenByAgent(ANA).size() > seen);
        World.await(
                "the conversation is a new one",
                Talk.PATIENCE,
                () -> JdbcClient.create(world.database.superuser())
                        .sql("select contact_name from conversation_mapping where meta_whatsapp_id = :ana")
                        .param("ana", ANA)
                        .query(String.class)
                        .list()
                        .equals(List.of("Ana Nova")));
        assertThat(search.places("Ana Antiga")).isEmpty();
    }

    /** The link under which the portal got a file of hers. */
    private static String linkOfAFile() {
        only(one);
        int seen = world.seenByAgent(ANA).size();
        world.meta.customerSendsFile(
                World.NUMBER,
                ANA,
                "Ana Antiga",
                "document",
                "application/pdf",
                FileContent.of("%PDF-1.4 contrato".getBytes(UTF_8)),
                "contrato.pdf",
                null,
                null);
        World.await(
                "the file arrives", Talk.PATIENCE, () -> world.seenByAgent(ANA).size() > seen);
        String message = world.portal.inbound(world.chatOf(ANA).id()).getLast().id();
        return world.portal.linksOf(message).getFirst();
    }

    /** How often Meta is asked where a file is when a replica is asked about it. */
    private static long addressesAskedForBy(AppProcess replica, String link) {
        int before = world.meta.requestLines().size();
        assertThat(send(HttpRequest.newBuilder(URI.create(
                                        replica.url() + URI.create(link).getPath()))
                                .HEAD())
                        .statusCode())
                .isEqualTo(200);
        return world.meta.requestLines().stream()
                .skip(before)
                .filter(line -> line.contains("phone_number_id=" + World.NUMBER))
                .count();
    }

    @Test
    @Order(3)
    void aPortalThatUninstallsOnOneReplicaIsServedByNeither() {
        Browser elsewhere = visits(other);
        assertThat(elsewhere.get("/admin/phone-numbers").body()).contains(World.NUMBER);
        String token = world.portal.applicationToken();
        assertThat(event(other, token)).isEqualTo(200);
        int seen = world.seenByAgent(ANA).size();

        only(one);
        world.portal.uninstall(false);
        World.await(
                "it is uninstalled",
                Talk.PATIENCE,
                () -> JdbcClient.create(world.database.superuser())
                                .sql("select count(*) from portal_config where status = 'UNINSTALLED'")
                                .query(Long.class)
                                .single()
                        == 1);

        only(other);
        World.await(
                "its key opens nothing",
                AT_ONCE,
                () -> conversations(other, key).statusCode() == 401);
        World.await("its events prove nothing", AT_ONCE, () -> event(other, token) == 403);
        assertThat(elsewhere.get("/admin/phone-numbers").statusCode()).isEqualTo(401);
        World.await("the account is left at Meta", Talk.PATIENCE, () -> !world.meta.isSubscribed(World.WABA));
        // As if Meta had not been told: what it sends is nobody's.
        world.meta.subscribe(World.WABA);
        world.meta.customerWrites(World.NUMBER, ANA, "Ana Nova", "segredo de ninguém");
        World.await(
                "what is nobody's is put aside",
                Talk.PATIENCE,
                () -> JdbcClient.create(world.database.superuser())
                                .sql("select count(*) from unrouted_event")
                                .query(Long.class)
                                .single()
                        > 0);
        assertThat(world.seenByAgent(ANA)).hasSize(seen);
    }

    private static int event(AppProcess replica, String applicationToken) {
        String form = "event=ONIMCONNECTORDIALOGSTART&auth[member_id]=" + world.portal.memberId()
                + "&auth[application_token]=" + applicationToken;
        return send(HttpRequest.newBuilder(URI.create(replica.url() + "/webhooks/bitrix24/outbound"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(form.getBytes(UTF_8))))
                .statusCode();
    }
}
