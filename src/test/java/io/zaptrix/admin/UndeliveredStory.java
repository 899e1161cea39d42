package io.zaptrix.admin;

import static io.zaptrix.admin.Seen.path;
import static io.zaptrix.admin.Seen.says;
import static io.zaptrix.admin.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.TenantId;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.story.Browser;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Messages that a portal refuses, and what its admin does about them. */
class UndeliveredStory {

    private static final String UNDELIVERED = "/admin/messages/undelivered";
    private static final String CUSTOMER = "5511987654321";

    private static Stage stage;

    @BeforeAll
    static void start() throws IOException {
        stage = new Stage();
    }

    @AfterAll
    static void stop() {
        stage.close();
    }

    /** A portal with a number, and its admin. */
    private record Shop(StandInPortal portal, Browser admin, Stage.Number number) {

        static Shop open(String language) {
            StandInPortal portal = stage.portal(language);
            Browser admin = stage.installed(portal);
            Stage.Number number = stage.number();
            assertThat(admin.submit(Stage.NUMBERS, number.form()).statusCode()).isEqualTo(303);
            return new Shop(portal, admin, number);
        }

        /** The portal refuses what a customer writes. */
        void refuses(String... texts) {
            for (String text : texts) {
                int before = ids().size();
                portal.faults().refuseMessages(1);
                stage.meta.customerWrites(number.id(), CUSTOMER, "Ana", text);
                await(() -> ids().size() > before);
            }
        }

        /** The letters on the page, from the newest. */
        List<String> ids() {
            return Pattern.compile("undelivered/(\\d+)/drop\"")
                    .matcher(admin.get(UNDELIVERED).body())
                    .results()
                    .map(found -> found.group(1))
                    .toList();
        }

        HttpResponse<String> post(String id, String action) {
            return submit(id + "/" + action, Map.of());
        }

        /** As a page does: with the token, which every page of a session shares. */
        HttpResponse<String> submit(String action, Map<String, String> fields) {
            Map<String, String> form = new TreeMap<>(fields);
            form.put(
                    "_csrf",
                    admin.get(Stage.NUMBERS).body().replaceAll("(?s).*name=\"_csrf\" value=\"([^\"]+)\".*", "$1"));
            return admin.post(UNDELIVERED + "/" + action, form);
        }

        String upTo() {
            return admin.get(UNDELIVERED).body().replaceAll("(?s).*name=\"upTo\" value=\"(\\d+)\".*", "$1");
        }

        List<String> arrived() {
            return portal.chats().stream()
                    .flatMap(chat -> portal.inbound(chat.id()).stream())
                    .map(StandInPortal.ChatMessage::text)
                    .toList();
        }

        List<String> audit() {
            return JdbcClient.create(stage.database.superuser())
                    .sql("select actor || ' ' || action || ' ' || subject from audit_entry where tenant_id = :tenant"
                            // Of the story's own beginning; everything else is looked at.
                            + " and action <> 'number.linked' order by id")
                    .param("tenant", TenantId.ofMember(portal.memberId()).value())
                    .query(String.class)
                    .list();
        }
    }

    private static void await(BooleanSupplier condition) {
        Instant end = Instant.now().plus(Duration.ofSeconds(20));
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("waited long enough").isBefore(end);
            try {
                Thread.sleep(50);
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }

    @Test
    void anAdminSeesWhatWasRefusedAndSendsItAgain() {
        Shop shop = Shop.open("br");
        says(shop.admin().get(UNDELIVERED), 200, "br", "undelivered.title", "undelivered.empty");
        shop.refuses("Bom dia");

        HttpResponse<String> page = shop.admin().get(UNDELIVERED);
        says(page, 200, "br", "undelivered.direction.inbound", "undelivered.reason.BITRIX24_REFUSED");
        assertThat(text(page))
                .contains(Words.say("br", "undelivered.minutes", 1), Words.say("br", "undelivered.attempts", 1))
                .contains("55***21")
                .doesNotContain(CUSTOMER, "Bom dia", "Ana");
        assertThat(shop.admin().get(Stage.NUMBERS).body())
                .contains("href=\"" + UNDELIVERED + "\"")
                .contains("<span class=\"pill bad\">1</span>");

        String id = shop.ids().getFirst();
        HttpResponse<String> replayed = shop.post(id, "replay");
        assertThat(replayed.statusCode()).isEqualTo(303);
        assertThat(text(shop.admin().get(path(replayed)))).contains(Words.say("br", "undelivered.again", 1));
        await(() -> shop.arrived().equals(List.of("Bom dia")));

        // Once more, by whoever still has the page open.
        says(shop.post(id, "replay"), 404, "br", "undelivered.gone", "undelivered.empty");
        assertThat(shop.arrived()).hasSize(1);
        assertThat(shop.audit()).containsExactly(StandInPortal.ADMIN + " letter.replayed " + id);
    }

    @Test
    void allAreSentAgainInTheirOrderAndTwoClicksAreOne() {
        Shop shop = Shop.open("ru");
        shop.refuses("one", "two", "three");
        String upTo = shop.upTo();

        HttpResponse<String> replayed = shop.submit("replay", Map.of("upTo", upTo, "direction", "inbound"));
        HttpResponse<String> again = shop.submit("replay", Map.of("upTo", upTo, "direction", "inbound"));

        assertThat(replayed.statusCode()).isEqualTo(303);
        assertThat(text(shop.admin().get(path(replayed)))).contains(Words.say("ru", "undelivered.again", 3));
        assertThat(text(shop.admin().get(path(again)))).contains(Words.say("ru", "undelivered.again", 0));
        await(() -> shop.arrived().size() == 3);
        assertThat(shop.arrived()).containsExactly("one", "two", "three");
        assertThat(shop.audit().subList(0, 2))
                .containsExactly(
                        StandInPortal.ADMIN + " letters.replay.started ",
                        StandInPortal.ADMIN + " letters.replay.finished ");
    }

    @Test
    void aMessageIsReadOnlyByWhoAsksAndThatIsRecorded() {
        Shop shop = Shop.open("en");
        shop.refuses("Is <b>this</b> private?");
        String id = shop.ids().getFirst();

        HttpResponse<String> shown = shop.post(id, "show");

        says(shown, 200, "en", "undelivered.content.title", "undelivered.content.text");
        assertThat(shown.body()).contains("Is &lt;b&gt;this&lt;/b&gt; private?").doesNotContain("<b>this");
        assertThat(shop.audit()).containsExactly(StandInPortal.ADMIN + " letter.shown " + id);
        assertThat(shop.admin().get(UNDELIVERED + "/" + id + "/show").statusCode())
                .isEqualTo(405);
    }

    @Test
    void aMessageIsDroppedAfterAQuestion() {
        Shop shop = Shop.open("la");
        shop.refuses("Olvídalo");
        String id = shop.ids().getFirst();

        says(
                shop.admin().get(UNDELIVERED + "/" + id + "/drop"),
                200,
                "la",
                "undelivered.drop.title",
                "undelivered.drop.text");
        HttpResponse<String> dropped = shop.post(id, "drop");

        assertThat(dropped.statusCode()).isEqualTo(303);
        says(shop.admin().get(path(dropped)), 200, "la", "undelivered.dropped", "undelivered.empty");
        says(shop.admin().get(UNDELIVERED + "/" + id + "/drop"), 404, "la", "undelivered.gone");
        assertThat(shop.arrived()).isEmpty();
        assertThat(shop.audit()).containsExactly(StandInPortal.ADMIN + " letter.dropped " + id);
    }

    @Test
    void allCanBeTakenAlongAsAFile() {
        Shop shop = Shop.open("en");
        shop.refuses("first", "second");

        HttpResponse<String> file = shop.submit("export", Map.of());

        assertThat(file.statusCode()).isEqualTo(200);
        assertThat(file.headers().firstValue("Content-Type").orElseThrow()).startsWith("application/x-ndjson");
        assertThat(file.headers().firstValue("Content-Disposition").orElseThrow())
                .contains("undelivered.jsonl");
        assertThat(file.body().lines().toList())
                .hasSize(2)
                .satisfiesExactly(
                        line -> assertThat(line).contains("\"first\"", "\"flow\":\"inbound\"", CUSTOMER),
                        line -> assertThat(line).contains("\"second\""));
        assertThat(shop.submit("export", Map.of("direction", "outbound")).body())
                .isEmpty();
        assertThat(shop.audit()).hasSize(2).allMatch(line -> line.contains("letters.exported"));
    }

    @Test
    void anotherPortalsMessagesAreNotThereAndTheTokenIsNeeded() {
        Shop shop = Shop.open("en");
        shop.refuses("ours");
        String id = shop.ids().getFirst();
        Shop eva = Shop.open("en");

        for (String action : List.of("replay", "drop", "show")) {
            assertThat(eva.post(id, action).statusCode()).as(action).isEqualTo(404);
            assertThat(shop.admin()
                            .post(UNDELIVERED + "/" + id + "/" + action, Map.of())
                            .statusCode())
                    .as(action)
                    .isEqualTo(403);
        }
        assertThat(eva.admin().get(UNDELIVERED + "/" + id + "/drop").statusCode())
                .isEqualTo(404);
        assertThat(text(eva.admin().get(path(eva.submit("replay", Map.of("upTo", id))))))
                .contains(Words.say("en", "undelivered.again", 0));
        assertThat(eva.submit("export", Map.of()).body()).isEmpty();
        assertThat(shop.admin().post(UNDELIVERED + "/export", Map.of()).statusCode())
                .isEqualTo(403);
        assertThat(shop.admin()
                        .post(UNDELIVERED + "/replay", Map.of("upTo", id))
                        .statusCode())
                .isEqualTo(403);
        assertThat(stage.browser().get(UNDELIVERED).statusCode()).isEqualTo(401);

        assertThat(shop.ids()).containsExactly(id);
        assertThat(shop.audit()).isEmpty();
    }
}
