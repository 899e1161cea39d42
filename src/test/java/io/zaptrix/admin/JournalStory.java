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
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What an admin, and whoever an admin lets, can find out about messages; and what they cannot. */
class JournalStory {

    private static final String LOG = "/admin/messages";
    private static final String OVERVIEW = "/admin/overview";
    private static final String PEOPLE = "/admin/people";
    private static final String PRIVACY = "/admin/privacy";
    private static final String KEYS = "/admin/api-keys";

    private static Stage stage;

    @BeforeAll
    static void start() throws IOException {
        stage = new Stage();
        stage.meta.statusDelays(Duration.ofMillis(20), Duration.ofMillis(40), Duration.ofMillis(60));
    }

    @AfterAll
    static void stop() {
        stage.close();
    }

    /** A portal with a number, and its admin. */
    private record Shop(StandInPortal portal, Browser admin, Stage.Number number) {

        static Shop open(String language) {
            StandInPortal portal = stage.portal(language).timeZone("America/Sao_Paulo");
            Browser admin = stage.installed(portal);
            Stage.Number number = stage.number();
            assertThat(admin.submit(Stage.NUMBERS, number.form()).statusCode()).isEqualTo(303);
            return new Shop(portal, admin, number);
        }

        /** A customer's message, as soon as it is in a chat; the chat's id. */
        String hears(String customer, String text) {
            stage.meta.customerWrites(number.id(), customer, "Ana", text);
            await(() -> portal.chats().stream()
                    .anyMatch(chat -> portal.inbound(chat.id()).stream()
                            .anyMatch(message -> message.text().contains(text))));
            return portal.chats().stream()
                    .filter(chat -> chat.externalChatId().endsWith(customer))
                    .findFirst()
                    .orElseThrow()
                    .id();
        }

        /** What the log shows for what was typed. */
        String search(Map<String, String> typed) {
            HttpResponse<String> found = admin.submit(LOG, typed);
            assertThat(found.statusCode()).as(found.body()).isEqualTo(303);
            assertThat(path(found)).doesNotContain("9876", "phone");
            return text(admin.get(path(found)));
        }

        /** The addresses of the messages in the log, the newest first. */
        List<String> messages() {
            return links(admin.get(LOG).body());
        }

        /** A message as if it had come some days ago. */
        void move(String address, LocalDate to) {
            JdbcClient.create(stage.database.superuser())
                    .sql("""
                            update item_ledger set accepted_at = accepted_at + cast(:by as interval),
                                finished_at = finished_at + cast(:by as interval)
                            where key_digest = cast(:digest as uuid)
                            """)
                    .param(
                            "by",
                            Period.between(LocalDate.now(ZoneId.of("America/Sao_Paulo")), to)
                                            .getDays() + " days")
                    .param("digest", address.substring(address.lastIndexOf('/') + 1))
                    .update();
        }

        HttpResponse<String> post(Browser who, String path, Map<String, String> fields) {
            return post(who, LOG, path, fields);
        }

        static HttpResponse<String> post(Browser who, String page, String path, Map<String, String> fields) {
            Map<String, String> form = new TreeMap<>(fields);
            form.put("_csrf", who.get(page).body().replaceAll("(?s).*?name=\"_csrf\" value=\"([^\"]+)\".*", "$1"));
            return who.post(path, form);
        }

        /** All but what setting the scene has left. */
        List<String> audit() {
            return JdbcClient.create(stage.database.superuser())
                    .sql("select actor || ' ' || action || ' ' || subject from audit_entry where tenant_id = :tenant"
                            + " and action <> 'number.linked' order by id")
                    .param("tenant", TenantId.ofMember(portal.memberId()).value())
                    .query(String.class)
                    .list();
        }
    }

    @Test
    void aMessageIsFoundByItsCustomerAndItsLifeIsTold() {
        Shop shop = Shop.open("br");
        assertThat(text(shop.admin().get(LOG))).contains(Words.say("br", "log.empty"), "America/Sao_Paulo");
        String chat = shop.hears("551198765432", "Segredo");
        shop.hears("5521999990000", "Outro");
        shop.portal().agentWrites(chat, "Resposta secreta");
        await(() -> shows(shop.admin().get(LOG), "br", "log.state.READ"));

        String all = text(shop.admin().get(LOG));
        assertThat(all)
                .contains("55***32", "55***00", Words.say("br", "log.kind.text"))
                .doesNotContain("98765432", "99999", "Segredo", "secreta", "Ana");
        assertThat(shop.messages()).hasSize(3);
        // However it is written, with the digit that Brazil has added or without.
        for (String typed : List.of("+55 (11) 9 9876-5432", "551198765432", "011 9876-5432", "11 99876 5432")) {
            assertThat(links(shop.search(Map.of("phone", typed)))).as(typed).hasSize(2);
        }
        assertThat(shop.search(Map.of("phone", "+55 11 90000-0000"))).contains(Words.say("br", "log.nothing"));
        assertThat(links(shop.search(Map.of("state", "READ", "direction", "OUT"))))
                .hasSize(1);
        assertThat(links(shop.search(
                        Map.of("direction", "IN", "number", shop.number().id()))))
                .hasSize(2);
        assertThat(links(shop.search(Map.of("until", "2020-01-01")))).isEmpty();

        String sent = shop.messages().getFirst();
        HttpResponse<String> life = shop.admin().get(sent);
        for (String step : List.of("ACCEPTED", "SENT", "DELIVERED", "READ")) {
            assertThat(text(life)).contains(Words.say("br", "life.step.out." + step));
        }
        assertThat(life.body()).doesNotContain("98765432", "secreta");
        assertThat(text(shop.admin().get(shop.messages().getLast())))
                .contains(Words.say("br", "life.step.in.ACCEPTED"), Words.say("br", "life.step.in.IN_CHAT"));

        HttpResponse<String> revealed = shop.post(shop.admin(), sent + "/reveal", Map.of());
        assertThat(revealed.statusCode()).isEqualTo(303);
        assertThat(path(revealed)).isEqualTo(sent);
        assertThat(shop.admin().get(sent).body()).contains("+5511998765432");
        assertThat(shop.admin().get(sent).body()).as("shown once").doesNotContain("98765432");
        assertThat(shop.audit()).containsExactly(StandInPortal.ADMIN + " phone.revealed 55***32");

        Shop other = Shop.open("en");
        assertThat(other.admin().get(sent).statusCode()).isEqualTo(404);
        assertThat(other.post(other.admin(), sent + "/reveal", Map.of()).statusCode())
                .isEqualTo(303);
        assertThat(other.audit()).isEmpty();
        assertThat(shop.admin().get(LOG + "/2026-02-31/nonsense").statusCode()).isEqualTo(400);
    }

    @Test
    void eachRetryAndWhyAMessageDidNotArriveAreTold() {
        Shop shop = Shop.open("en");
        shop.portal().faults().failNext(2, "imconnector.send.messages", 500, "INTERNAL_SERVER_ERROR", "later");
        String chat = shop.hears("5511987654321", "Hello");
        await(() -> shows(shop.admin().get(LOG), "en", "log.state.DELIVERED"));

        String life = text(shop.admin().get(shop.messages().getFirst()));
        assertThat(life)
                .contains(
                        Words.say("en", "life.step.in.RETRIED"),
                        Words.say("en", "life.attempt", 1),
                        Words.say("en", "life.attempt", 2),
                        Words.say("en", "reason.BITRIX24"),
                        "bitrix24_INTERNAL_SERVER_ERROR",
                        Words.say("en", "life.step.in.IN_CHAT"));
        assertThat(life.indexOf(Words.say("en", "life.attempt", 1)))
                .isLessThan(life.indexOf(Words.say("en", "life.attempt", 2)));

        // Refused at once, and refused after WhatsApp had taken it.
        stage.meta.faults().refuseNext(1, 131026);
        shop.portal().agentWrites(chat, "refused");
        await(() -> links(shop.search(Map.of("state", "FAILED"))).size() == 1);
        stage.meta.faults().failNext(1, 131049);
        shop.portal().agentWrites(chat, "failed");
        await(() -> links(shop.search(Map.of("state", "FAILED"))).size() == 2);
        assertThat(text(shop.admin().get(shop.messages().getFirst())))
                .contains(Words.say("en", "life.step.out.FAILED"), "marketing messages", "meta_131049");
        assertThat(text(shop.admin().get(shop.messages().get(1)))).contains("may not be on WhatsApp", "meta_131026");

        // Refused for good: it can be sent again from here.
        shop.portal().faults().refuseMessages(1);
        stage.meta.customerWrites(shop.number().id(), "5511987654321", "Ana", "once more");
        await(() -> links(shop.search(Map.of("state", "GIVEN_UP"))).size() == 1);
        HttpResponse<String> given = shop.admin().get(shop.messages().getFirst());
        String replay = Pattern.compile("/admin/messages/undelivered/\\d+/replay")
                .matcher(given.body())
                .results()
                .findFirst()
                .orElseThrow()
                .group();
        assertThat(shop.post(shop.admin(), replay, Map.of()).statusCode()).isEqualTo(303);
        await(() -> links(shop.search(Map.of("state", "GIVEN_UP"))).isEmpty());

        String overview = text(shop.admin().get(OVERVIEW));
        assertThat(overview).contains(Words.say("en", "overview.today"), Words.say("en", "reason.WHATSAPP"));
        await(() -> today(shop, "overview.in").equals("2"));
        assertThat(today(shop, "overview.out")).isEqualTo("2");
        assertThat(today(shop, "overview.refused")).isEqualTo("2");
        assertThat(today(shop, "overview.delivered")).isEqualTo("0%");
    }

    /** A figure of today. */
    private static String today(Shop shop, String what) {
        return Pattern.compile("<strong>([^<]*)</strong><span>" + Pattern.quote(Words.say("en", what)) + "</span>")
                .matcher(text(shop.admin().get(OVERVIEW)))
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
    }

    @Test
    void theLogIsSearchedByTheDaysOfThePortal() {
        Shop shop = Shop.open("br");
        shop.hears("551198765432", "Hoje");
        LocalDate today = LocalDate.now(ZoneId.of("America/Sao_Paulo"));
        shop.move(links(shop.admin().get(LOG).body()).getFirst(), today.minusDays(2));
        shop.hears("551198765433", "Hoje também");

        assertThat(found(shop, today.toString(), "")).isEqualTo(1);
        assertThat(found(shop, today.plusDays(1).toString(), "")).isZero();
        assertThat(found(shop, today.minusDays(2).toString(), "")).isEqualTo(2);
        assertThat(found(shop, "", today.minusDays(1).toString())).isEqualTo(1);
        assertThat(found(shop, today.minusDays(2).toString(), today.minusDays(2).toString()))
                .isEqualTo(1);
        assertThat(found(shop, "", today.minusDays(3).toString())).isZero();
        assertThat(found(shop, "2026-02-31", "")).as("no day means any").isEqualTo(2);
    }

    private static int found(Shop shop, String from, String until) {
        return links(shop.search(Map.of("from", from, "until", until))).size();
    }

    /** Whatever an admin does stands there: who, what and when, in words, and of things what people call them. */
    @Test
    void allThatAnAdminDoesIsRecordedInWords() {
        Shop shop = Shop.open("en");
        Browser admin = shop.admin();
        String number = Stage.NUMBERS + "/" + shop.number().id();
        shop.hears("5511987654321", "Hello");
        admin.submit(
                number + "/settings",
                Map.of("typingIndicator", "on", "templateName", "welcome_back", "templateLanguage", "en"));
        Shop.post(admin, Stage.NUMBERS, number + "/reconnect", Map.of());
        Shop.post(admin, Stage.NUMBERS, number + "/move", Map.of("lineId", "1"));
        shop.portal().forgetConnector(Stage.CONNECTOR);
        Shop.post(admin, "/admin/check?now", "/admin/check/connector/-", Map.of());
        Shop.post(admin, PRIVACY, PRIVACY + "/retention", Map.of("days", "20"));
        Shop.post(admin, PRIVACY, PRIVACY + "/person/export", Map.of("phone", "5511987654321"));
        Shop.post(admin, PRIVACY, PRIVACY + "/export", Map.of());
        Shop.post(admin, PRIVACY, PRIVACY + "/person/erase", Map.of("phone", "5511987654321"));
        String keys = admin.get(KEYS).body();
        String key = keys.replaceAll("(?s).*name=\"id\"[^>]*value=\"([^\"]+)\".*", "$1");
        admin.submit(KEYS, Map.of("name", "Our shop", "days", "30", "scope", "messages:send", "id", key));
        admin.submit(KEYS + "/" + key + "/revoke", Map.of());
        admin.submit(OVERVIEW + "/prices", Map.of("currency", "BRL", "price.marketing", "0,3"));
        admin.submit(number + "/unlink", Map.of());
        await(() -> shop.audit().stream().anyMatch(line -> line.contains("person.erased")));
        Shop.post(admin, PRIVACY, PRIVACY + "/erase", Map.of("host", "wrong.example"));

        List<String> done =
                shop.audit().stream().map(line -> line.split(" ")[1]).toList();
        assertThat(done)
                .contains(
                        "number.settings",
                        "number.reconnected",
                        "number.moved",
                        "connection.repaired",
                        "retention.changed",
                        "person.exported",
                        "portal.exported",
                        "person.erasure.asked",
                        "person.erased",
                        "api_key.made",
                        "api_key.revoked",
                        "prices.changed",
                        "number.unlinked")
                .doesNotContain("portal.erasure.asked");
        String page = text(admin.get(PEOPLE + "/audit"));
        done.forEach(action -> assertThat(page).contains(Words.say("en", "audit." + action)));
        assertThat(page)
                .contains(
                        shop.number().display(),
                        Words.say("en", "settings.typingIndicator") + ": yes",
                        Words.say("en", "settings.readReceipts") + ": no",
                        "template: welcome_back (en)",
                        "Open Channel: 1",
                        "part: " + Words.say("en", "check.CONNECTOR"),
                        "to: 20",
                        "55***21",
                        "Our shop · ",
                        "may do: " + Words.say("en", "api.scope.messages:send"),
                        Words.say("en", "overview.category.marketing") + ": 0.3")
                .doesNotContain("5511987654321", "read_receipts", shop.number().id(), key, "messages:send");
    }

    @Test
    void whoIsOnTheListSeesTheLogAndNothingElseUntilTakenOff() {
        Shop shop = Shop.open("en");
        shop.hears("5511987654321", "Private");
        String agent = StandInPortal.AGENT;
        assertThat(stage.browser()
                        .open("/bitrix24/app", shop.portal().installPage(agent))
                        .statusCode())
                .isEqualTo(403);

        assertThat(text(shop.admin().get(PEOPLE + "?find=brun")))
                .contains("Bruno Costa", Words.say("en", "people.allow"));
        assertThat(text(shop.admin().get(PEOPLE + "?find=b"))).contains(Words.say("en", "people.problem.short"));
        says(shop.admin().submit(PEOPLE, Map.of("userId", "4711")), 422, "en", "people.problem.nobody");
        shop.portal().faults().failNext(1, "im.user.get", 500, "INTERNAL_SERVER_ERROR", "later");
        says(shop.admin().submit(PEOPLE, Map.of("userId", agent)), 502, "en", "people.problem.silent");
        HttpResponse<String> allowed = shop.admin().submit(PEOPLE, Map.of("userId", agent));
        assertThat(allowed.statusCode()).isEqualTo(303);
        says(shop.admin().get(path(allowed)), 200, "en", "people.done.allowed", "people.masked");
        assertThat(shop.admin().submit(PEOPLE, Map.of("userId", agent)).statusCode())
                .as("twice is once")
                .isEqualTo(303);

        Browser viewer = stage.browser();
        HttpResponse<String> opened =
                viewer.get(path(viewer.open("/bitrix24/app", shop.portal().installPage(agent))));
        says(opened, 200, "en", "log.title");
        assertThat(opened.body()).contains("55***21").doesNotContain("5511987654321");
        String message = links(opened.body()).getFirst();
        says(viewer.get(message), 200, "en", "life.title");
        assertThat(viewer.get(message).body()).doesNotContain("reveal");
        for (String closed :
                List.of(OVERVIEW, PEOPLE, PEOPLE + "/audit", Stage.NUMBERS, "/admin/messages/undelivered")) {
            assertThat(viewer.get(closed).statusCode()).as(closed).isEqualTo(403);
        }
        assertThat(shop.post(viewer, message + "/reveal", Map.of()).statusCode())
                .isEqualTo(403);
        assertThat(Shop.post(viewer, LOG, PEOPLE, Map.of("userId", agent, "reveal", "true"))
                        .statusCode())
                .isEqualTo(403);

        assertThat(Shop.post(shop.admin(), PEOPLE, PEOPLE + "/" + agent + "/reveal", Map.of("reveal", "true"))
                        .statusCode())
                .isEqualTo(303);
        assertThat(shop.post(viewer, message + "/reveal", Map.of()).statusCode())
                .isEqualTo(303);
        assertThat(viewer.get(message).body()).contains("+5511987654321");

        assertThat(Shop.post(shop.admin(), PEOPLE, PEOPLE + "/" + agent + "/remove", Map.of())
                        .statusCode())
                .isEqualTo(303);
        assertThat(viewer.get(LOG).statusCode()).as("at once").isEqualTo(403);
        assertThat(stage.browser()
                        .open("/bitrix24/app", shop.portal().installPage(agent))
                        .statusCode())
                .isEqualTo(403);

        assertThat(shop.audit())
                .containsExactly(
                        StandInPortal.ADMIN + " viewer.allowed 27",
                        StandInPortal.ADMIN + " viewer.allowed 27",
                        "27 phone.revealed 55***21",
                        StandInPortal.ADMIN + " viewer.removed 27");
        assertThat(text(shop.admin().get(PEOPLE + "/audit")))
                .contains(
                        "Ana Souza",
                        "Bruno Costa",
                        Words.say("en", "audit.viewer.allowed"),
                        Words.say("en", "audit.viewer.removed"),
                        Words.say("en", "audit.phone.revealed"));
    }

    @Test
    void theOverviewTellsOfTodayAndOfThirtyDays() {
        Shop shop = Shop.open("la");
        says(shop.admin().get(OVERVIEW), 200, "la", "overview.fine", "overview.answers.none", "overview.refusals.none");
        TenantId tenant = TenantId.ofMember(shop.portal().memberId());
        // What the relay's and the sender's tables hold of three weeks, a morning and today.
        JdbcClient.create(stage.database.superuser())
                .sql("""
                        with day as (select n, now() - n * interval '1 day' as at from generate_series(1, 20) n),
                        asked as (
                            insert into item_ledger (tenant_id, written_on, key_digest, lane, item_key, correlation_id,
                                accepted_at, state, subject, kind)
                            select :tenant, at::date, gen_random_uuid(), 'inbound:' || :number, 'in' || n, 'story', at, 'done',
                                '5511987654321', 'text' from day
                        ), answered as (
                            insert into item_ledger (tenant_id, written_on, key_digest, lane, item_key, correlation_id,
                                accepted_at, state, subject, kind, reason)
                            select :tenant, at::date, gen_random_uuid(), 'outbound:' || :number || ':5511987654321',
                                'out' || n, 'story', at + case when n <= 10 then interval '2 minutes' else interval '1 hour' end,
                                case when n = 20 then 'refused' else 'done' end, '5511987654321', 'agent',
                                case when n = 20 then 'window_closed' end
                            from day
                        ), sent as (
                            insert into outbound_message (tenant_id, im_message_id, part, parts, phone_number_id, whatsapp_id,
                                line_id, chat_id, im, wamid, state, created_at)
                            select :tenant, 'out' || n, 0, 1, :number, '5511987654321', '1', '1', '{}', 'wamid' || n,
                                case when n % 2 = 0 then 'read' else 'delivered' end, at
                            from day where n < 20
                        )
                        insert into message_cost values
                            (:tenant, current_date - 3, :number, 'marketing', 'regular', 'PMP', true, 8),
                            (:tenant, current_date - 3, :number, 'service', 'free_customer_service', 'PMP', false, 5)
                        """)
                .param("tenant", tenant.value())
                .param("number", shop.number().id())
                .update();
        JdbcClient.create(stage.database.superuser())
                .sql("delete from figure_day where tenant_id = :tenant")
                .param("tenant", tenant.value())
                .update();
        await(() -> {
            shop.admin().get(OVERVIEW);
            return count("figure_day", tenant) == 30;
        });

        String overview = text(shop.admin().get(OVERVIEW));
        assertThat(overview)
                .contains(
                        Words.say("la", "overview.month", 20),
                        Words.say("la", "overview.month", "100%"),
                        Words.say("la", "overview.month", "47%"),
                        Words.say("la", "reason.WINDOW_CLOSED"),
                        Words.say("la", "overview.category.marketing"),
                        Words.say("la", "overview.costs.unpriced"))
                .containsPattern("La mitad de los clientes recibió respuesta en (1\\d\\d s|2 min)");
        // Counted again, by whatever replica, nothing is doubled.
        long rows = count("daily_figure", tenant);
        JdbcClient.create(stage.database.superuser())
                .sql("update figure_day set computed_at = computed_at - interval '1 day' where tenant_id = :tenant")
                .param("tenant", tenant.value())
                .update();
        shop.admin().get(OVERVIEW);
        await(() -> JdbcClient.create(stage.database.superuser())
                        .sql("""
                                select count(*) from figure_day
                                where tenant_id = :tenant and computed_at > now() - interval '1 hour'
                                """)
                        .param("tenant", tenant.value())
                        .query(Long.class)
                        .single()
                >= 3);
        assertThat(count("daily_figure", tenant)).isEqualTo(rows);

        String prices = OVERVIEW + "/prices";
        says(
                shop.admin().submit(prices, Map.of("currency", "BRL", "price.marketing", "much")),
                422,
                "la",
                "prices.wrong");
        HttpResponse<String> saved = shop.admin().submit(prices, Map.of("currency", "brl", "price.marketing", "0,3"));
        says(shop.admin().get(path(saved)), 200, "la", "prices.saved");
        assertThat(text(shop.admin().get(OVERVIEW))).contains("2,40 BRL", Words.say("la", "overview.costs.hint"));
        assertThat(shop.audit()).containsExactly(StandInPortal.ADMIN + " prices.changed ");

        shop.portal()
                .disconnect(
                        Stage.CONNECTOR,
                        shop.portal().activeLines(Stage.CONNECTOR).iterator().next());
        stage.deadLetters(shop.portal(), shop.number());
        await(() -> text(shop.admin().get(OVERVIEW))
                .contains(Words.say(
                        "la",
                        "overview.attention.number",
                        "Vendas " + shop.number().id())));
        assertThat(text(shop.admin().get(OVERVIEW))).contains(Words.say("la", "overview.attention.letters", 6));
    }

    private static long count(String table, TenantId tenant) {
        return JdbcClient.create(stage.database.superuser())
                .sql("select count(*) from " + table + " where tenant_id = :tenant")
                .param("tenant", tenant.value())
                .query(Long.class)
                .single();
    }

    // ---------------------------------------------------------------- how it is looked at

    private static List<String> links(String page) {
        return Pattern.compile("href=\"(/admin/messages/\\d[^\"?]+)\"")
                .matcher(page)
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    private static boolean shows(HttpResponse<String> page, String language, String key) {
        // The choices of the form say it, too.
        return text(page).contains(">" + Words.say(language, key) + "</span>");
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
}
