package io.zaptrix.attack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.attack.Target.Attacker;
import io.zaptrix.attack.Target.Victim;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.testing.TestSettings;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One company tries everything to get at another's customers, numbers and keys. */
class TenancyAttackStory {

    private static Target target;
    private static Victim acme;
    private static Victim rival;

    @BeforeAll
    static void twoCompanies() {
        target = Target.shared();
        acme = target.victim();
        rival = target.victim();
    }

    private static String status(Victim victim) {
        return target.rows()
                .sql("select status from portal_config where tenant_id = ?")
                .param(victim.tenant().value())
                .query(String.class)
                .single();
    }

    // ---- who is who

    @Test
    void aForgedMemberIdOpensNoPageOfTheOtherPortal() {
        for (String path :
                List.of("/bitrix24/app", "/bitrix24/install", "/bitrix24/connector", "/bitrix24/local-app")) {
            Attacker thief = target.somebody();
            HttpResponse<String> answer = thief.open(
                    path,
                    rival.portal().installPage(StandInPortal.ADMIN),
                    Map.of("member_id", acme.portal().memberId(), "clientSecret", "guess"));

            assertThat(answer.statusCode()).as(path).isEqualTo(401);
            assertThat(thief.session).as(path).isNull();
            assertThat(answer.body())
                    .doesNotContain(acme.number(), acme.portal().domain());
        }
    }

    @Test
    void aForgedMemberIdSendsNoEventInTheOtherPortalsName() {
        HttpResponse<String> answer = target.event(
                acme.portal().memberId(),
                "ONAPPUNINSTALL",
                Map.of("CLEAN", "1"),
                rival.portal().applicationToken());

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(status(acme)).isEqualTo("ACTIVE");
    }

    @Test
    void aSwappedApplicationTokenIsNotTakenOver() {
        // Somebody of the rival opens their own page, but with the other's token, and another time as no admin.
        target.somebody()
                .open(
                        "/bitrix24/app",
                        rival.portal().installPage(StandInPortal.AGENT),
                        Map.of("APPLICATION_TOKEN", "chosen-by-an-agent"));
        assertThat(target.event(rival.portal().memberId(), "ONAPPUNINSTALL", Map.of(), "chosen-by-an-agent")
                        .statusCode())
                .isEqualTo(403);

        // An installation event with a token of the rival's own, in the other's name.
        Map<String, Object> auth = new LinkedHashMap<>();
        auth.put("member_id", acme.portal().memberId());
        auth.put(
                "access_token",
                rival.portal().installPage(StandInPortal.ADMIN).form().get("AUTH_ID"));
        auth.put("application_token", "swapped");
        Map<String, Object> form = new LinkedHashMap<>();
        form.put("event", "ONAPPINSTALL");
        form.put("data", Map.of("LANGUAGE_ID", "en"));
        form.put("auth", auth);
        for (String path : List.of("/webhooks/bitrix24/outbound", "/bitrix24/install")) {
            assertThat(target.somebody()
                            .send(
                                    "POST",
                                    path,
                                    io.zaptrix.bitrix24.PhpForm.encode(form).getBytes(UTF_8),
                                    Map.of("Content-Type", "application/x-www-form-urlencoded"))
                            .statusCode())
                    .as(path)
                    .isEqualTo(403);
        }
        assertThat(target.event(acme.portal().memberId(), "ONIMCONNECTORDIALOGSTART", Map.of(), "swapped")
                        .statusCode())
                .isEqualTo(403);
        assertThat(target.event(
                                acme.portal().memberId(),
                                "ONIMCONNECTORDIALOGSTART",
                                Map.of(),
                                acme.portal().applicationToken())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void anEmptyOrMissingApplicationTokenProvesNothing() {
        for (String token : new String[] {null, "", " ", "0"}) {
            assertThat(target.event(acme.portal().memberId(), "ONAPPUNINSTALL", Map.of("CLEAN", "1"), token)
                            .statusCode())
                    .as(String.valueOf(token))
                    .isEqualTo(403);
        }
        assertThat(status(acme)).isEqualTo("ACTIVE");
    }

    // ---- numbers

    @Test
    void thePhoneNumberIdOfAnotherPortalCannotBeLinkedNorStolen() {
        HttpResponse<String> taken = rival.admin()
                .submit(
                        "/admin/phone-numbers",
                        Map.of(
                                "phoneNumberId", acme.number(),
                                "wabaId", acme.waba(),
                                "accessToken", acme.token(),
                                "displayName", "Mine now",
                                "lineId", "new"));

        assertThat(taken.statusCode()).isEqualTo(409);
        assertThat(target.rows()
                        .sql("select tenant_id::text from phone_number_route where phone_number_id = ?")
                        .param(acme.number())
                        .query(String.class)
                        .single())
                .isEqualTo(acme.tenant().toString());
    }

    @Test
    void anEventOfOnePortalWritesNothingByTheOthersNumber() throws InterruptedException {
        target.meta.customerWrites(acme.number(), "5511987650001", "Cliente", "hello");
        Target.await("the customer's chat", () -> !acme.portal().chats().isEmpty());
        StandInPortal.Chat chat = acme.portal().chats().getFirst();
        int sent = target.meta.sends().size();

        // All ids are the other's; only the sender is the rival.
        HttpResponse<String> answer = target.event(
                rival.portal().memberId(),
                "ONIMCONNECTORMESSAGEADD",
                Map.of(
                        "CONNECTOR",
                        Target.CONNECTOR,
                        "LINE",
                        chat.lineId(),
                        "MESSAGES",
                        List.of(Map.of(
                                "im", Map.of("chat_id", chat.id(), "message_id", "990001"),
                                "message", Map.of("user_id", "1", "text", "written by the rival"),
                                "chat", Map.of("id", chat.externalChatId())))),
                rival.portal().applicationToken());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(target.meta.awaitIdle(java.time.Duration.ofSeconds(10))).isTrue();
        assertThat(target.meta.sends()).hasSize(sent);
        assertThat(acme.portal().systemLines(chat.id())).isEmpty();
    }

    // ---- ids guessed

    @Test
    void idsGuessedInEveryUrlAndFormOpenNothingOfTheOthers() {
        long letter = target.rows()
                .sql("""
                        insert into dead_letter (tenant_id, lane, position, seq, item_key, written_on, key_digest, payload,
                            attempts, reason, correlation_id, accepted_at, uncertain)
                        select ?, 'outbound:' || ? || ':5511987650001', 1, -1, 'key', current_date, gen_random_uuid(),
                            convert_to('{"text": "a secret of Acme"}', 'UTF8'), 3, 'handler_failed', 'attack', now(), false
                        returning id
                        """)
                .param(acme.tenant().value())
                .param(acme.number())
                .query(Long.class)
                .single();
        Map<String, String> settings = Map.of("readReceipts", "true", "typing", "true", "template", "");
        for (String path : List.of(
                "/admin/phone-numbers/" + acme.number() + "/unlink",
                "/admin/phone-numbers/" + acme.number() + "/settings",
                "/admin/messages/undelivered/" + letter + "/drop")) {
            HttpResponse<String> seen = rival.admin().get(path);
            assertThat(seen.statusCode()).as(path).isIn(404, 410, 303);
            // Its own address, which links for another language repeat, holds what the guesser wrote.
            assertThat(seen.body().replace(path, "")).doesNotContain("a secret of Acme", acme.number());
            HttpResponse<String> done = rival.admin().submit(path, settings);
            assertThat(done.statusCode()).as(path).isIn(404, 410, 303);
        }
        for (String path : List.of("/show", "/replay")) {
            assertThat(rival.admin()
                            .submit("/admin/messages/undelivered/" + letter + path, Map.of())
                            .body())
                    .doesNotContain("a secret of Acme");
        }
        rival.admin().submit("/admin/messages/undelivered/replay", Map.of("upTo", Long.toString(letter)));
        assertThat(rival.admin()
                        .submit("/admin/messages/undelivered/export", Map.of("upTo", Long.toString(letter)))
                        .body())
                .doesNotContain("a secret of Acme");
        assertThat(rival.admin()
                        .get("/admin/messages/undelivered?before=" + (letter + 1))
                        .body())
                .doesNotContain("Acme", acme.number());

        // It is there all the same, for its own portal, under the very same addresses.
        assertThat(acme.admin()
                        .submit("/admin/messages/undelivered/" + letter + "/show", Map.of())
                        .body())
                .contains("a secret of Acme");
        assertThat(acme.admin()
                        .submit("/admin/messages/undelivered/export", Map.of())
                        .body())
                .contains("a secret of Acme");
        assertThat(acme.admin()
                        .get("/admin/phone-numbers/" + acme.number() + "/settings")
                        .statusCode())
                .isEqualTo(200);
        assertThat(target.rows()
                        .sql("select count(*) from dead_letter where id = ? and tenant_id = ?")
                        .params(letter, acme.tenant().value())
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
        assertThat(acme.admin().get("/admin/phone-numbers").body()).contains(acme.number());
    }

    /** The same with what came later: programs' keys and webhooks, the log, people's rights, moving, checking. */
    @Test
    void idsGuessedInKeysWebhooksLogAndPrivacyOpenNothingOfTheOthers() {
        String phone = "5511987650099";
        target.meta.customerWrites(acme.number(), phone, "Customer of Acme", "a word to Acme");
        Target.await("it is in the log", () -> ledger(phone).size() == 1);
        String entry = "/admin/messages/" + ledger(phone).getFirst();
        String key = made("""
                insert into api_key (tenant_id, id, name, digest, hint, scopes, made_by, expires_at)
                values (cast(:tenant as uuid), gen_random_uuid(), 'Key of Acme', '\\x00', 'acme01', 'numbers:read', '1',
                    now() + interval '1 day')
                returning id::text
                """);
        String hook = made("""
                insert into api_webhook (tenant_id, id, url, events, with_text, secret, key_id, failing_since, failure,
                    off_since)
                values (cast(:tenant as uuid), gen_random_uuid(), 'https://acme.example.com/', 'message.status', false,
                    '\\x00', gen_random_uuid(), now() - interval '3 days', 'timeout', now())
                returning id::text
                """);
        String keys = "/admin/api-keys/";
        String number = "/admin/phone-numbers/" + acme.number();

        for (String path : List.of(
                entry,
                keys + key + "/revoke",
                keys + "webhooks/" + hook + "/remove",
                number + "/move",
                "/admin/check/number/" + acme.number())) {
            HttpResponse<String> seen = rival.admin().get(path);
            assertThat(seen.statusCode()).as(path).isEqualTo(404);
            assertThat(seen.body().replace(path, ""))
                    .as(path)
                    .doesNotContain(phone, "Customer of Acme", "Key of Acme", "acme.example.com");
        }
        for (String path : List.of(
                entry + "/reveal",
                keys + key + "/revoke",
                keys + "webhooks/" + hook + "/remove",
                keys + "webhooks/" + hook + "/on",
                number + "/move",
                number + "/reconnect",
                number + "/pin",
                "/admin/check/number/" + acme.number())) {
            HttpResponse<String> done = rival.admin().submit(path, Map.of("lineId", "new"));
            assertThat(done.statusCode()).as(path).isIn(303, 404, 422);
            assertThat(done.body()).as(path).doesNotContain(phone, "Customer of Acme");
        }
        for (String deed : List.of("/person", "/person/export", "/person/erase")) {
            HttpResponse<String> answer = rival.admin().submit("/admin/privacy" + deed, Map.of("phone", phone));
            assertThat(answer.body()).as(deed).doesNotContain("Customer of Acme");
        }

        assertThat(target.rows()
                        .sql("select count(*) from api_key where id::text = ? and revoked_at is null")
                        .param(key)
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
        assertThat(target.rows()
                        .sql("select count(*) from api_webhook where id::text = ? and off_since is not null")
                        .param(hook)
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
        assertThat(ledger(phone)).as("she was not erased").hasSize(1);
        assertThat(status(acme)).isEqualTo("ACTIVE");
        // All of it is there for its own portal, under the very same addresses.
        assertThat(acme.admin().get(entry).statusCode()).isEqualTo(200);
        assertThat(acme.admin().get(keys + key + "/revoke").body()).contains("Key of Acme");
        assertThat(acme.admin().get(keys + "webhooks/" + hook + "/remove").body())
                .contains("acme.example.com");
        assertThat(acme.admin().get(number + "/move").statusCode()).isEqualTo(200);
    }

    private static List<String> ledger(String phone) {
        return target.rows()
                .sql("select written_on || '/' || key_digest from item_ledger where subject = ?")
                .param(phone)
                .query(String.class)
                .list();
    }

    private static String made(String sql) {
        return target.rows()
                .sql(sql)
                .param("tenant", acme.tenant().toString())
                .query(String.class)
                .single();
    }

    /** An admin's session is none for programs and none for the operator; nor is a program's key one for pages. */
    @Test
    void aSessionOpensNeitherTheApiNorTheConsole() {
        for (String path : List.of("/api/v1/numbers", "/api/v1/conversations", "/api/v1/webhooks")) {
            assertThat(acme.admin().get(path).statusCode()).as(path).isEqualTo(401);
        }
        for (String path : List.of("/operator", "/operator/portals", "/operator/keys", "/operator/unrouted")) {
            HttpResponse<String> answer = acme.admin().get(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(401);
            assertThat(answer.body()).doesNotContain(rival.number());
        }
        assertThat(target.somebody()
                        .send(
                                "GET",
                                "/admin/phone-numbers",
                                new byte[0],
                                Map.of("Authorization", "Bearer zpx_guess", "Accept", "text/html"))
                        .statusCode())
                .isEqualTo(401);
    }

    // ---- sessions

    @Test
    void aSessionOfOnePortalReplayedInTheOthersIframeIsReplacedAndNeverShowsTheOther() {
        Attacker acmes = target.somebody();
        acmes.open("/bitrix24/app", acme.portal().installPage(StandInPortal.ADMIN), Map.of());
        String stolen = acmes.session;

        // Only its own portal may frame what the session shows, whoever sends it.
        HttpResponse<String> framed = acmes.with(stolen).get("/admin/phone-numbers");
        assertThat(framed.headers().firstValue("Content-Security-Policy").orElseThrow())
                .endsWith("frame-ancestors http://" + acme.portal().url().getAuthority());

        // The rival's frame opens the app while the browser sends the session along.
        Attacker inFrame = acmes.with(stolen);
        HttpResponse<String> opened =
                inFrame.open("/bitrix24/app", rival.portal().installPage(StandInPortal.ADMIN), Map.of());
        assertThat(opened.statusCode()).isEqualTo(303);
        assertThat(inFrame.session).isNotEqualTo(stolen);
        assertThat(inFrame.get("/admin/phone-numbers").body())
                .contains(rival.number())
                .doesNotContain(acme.number());
        assertThat(acmes.with(stolen).get("/admin/phone-numbers").statusCode()).isEqualTo(401);
    }

    // ---- caches

    @Test
    void cachesAreNotPoisonedBetweenTenants() {
        // What tells how pages are cached: nothing of a tenant's is kept by anybody on the way.
        HttpResponse<String> page = acme.admin().get("/admin/phone-numbers");
        assertThat(page.headers().firstValue("Cache-Control")).hasValue("no-store");
        // Forged hosts change neither links nor redirects.
        HttpResponse<String> forged = target.somebody()
                .send(
                        "GET",
                        "/oauth2/authorization/bitrix24?domain=" + acme.portal().domain(),
                        new byte[0],
                        Map.of(
                                "X-Forwarded-Host",
                                "evil.example",
                                "X-Forwarded-Proto",
                                "https",
                                "Accept",
                                "text/html"));
        assertThat(forged.headers().firstValue("Location").orElse("")).doesNotContain("evil.example");

        // Asked for one by one and in turns, every cache that knows a portal gives each its own.
        for (int turn = 0; turn < 3; turn++) {
            for (Victim each : List.of(acme, rival)) {
                Victim other = each == acme ? rival : acme;
                assertThat(each.admin().get("/admin/phone-numbers").body())
                        .contains(each.number())
                        .doesNotContain(other.number());
                assertThat(target.event(
                                        each.portal().memberId(),
                                        "ONIMCONNECTORDIALOGSTART",
                                        Map.of(),
                                        each.portal().applicationToken())
                                .statusCode())
                        .isEqualTo(200);
                assertThat(target.event(
                                        each.portal().memberId(),
                                        "ONIMCONNECTORDIALOGSTART",
                                        Map.of(),
                                        other.portal().applicationToken())
                                .statusCode())
                        .isEqualTo(403);
            }
        }
    }

    // ---- the database itself

    @Test
    void sqlWithoutATenantSeesAndChangesNothing() throws SQLException {
        try (Connection connection = target.database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (String table :
                    List.of("portal_config", "phone_number", "conversation_mapping", "lane", "dead_letter")) {
                var count = statement.executeQuery("select count(*) from " + table);
                count.next();
                assertThat(count.getLong(1)).as(table).isZero();
                assertThat(statement.executeUpdate("delete from " + table))
                        .as(table)
                        .isZero();
            }
            statement.execute("set zaptrix.tenant = '" + rival.tenant() + "'");
            assertThat(statement.executeUpdate(
                            "update portal_config set problem = 'x' where tenant_id = '" + acme.tenant() + "'"))
                    .isZero();
            assertThatThrownBy(() -> statement.execute("insert into phone_number (tenant_id, phone_number_id, waba_id, "
                            + "display_phone_number, display_name, line_id, access_token, status) values ('"
                            + acme.tenant() + "', '1', '1', '1', '1', '1', '', 'ACTIVE')"))
                    .hasMessageContaining("row-level security");
        }
        assertThat(status(acme)).isEqualTo("ACTIVE");
    }

    @Test
    void ciphertextMovedBetweenRowsOpensNothing() {
        Victim thief = target.victim();
        // With the whole database at hand: Acme's sealed tokens are put into the thief's rows, and between columns.
        target.rows()
                .sql("""
                        update phone_number set access_token =
                            (select access_token from phone_number where tenant_id = :acme)
                        where tenant_id = :thief
                        """)
                .param("acme", acme.tenant().value())
                .param("thief", thief.tenant().value())
                .update();
        int requests = target.meta.requests().size();
        target.meta.customerWrites(thief.number(), "5511987650009", "Cliente", "hello");
        Target.await("the chat", () -> !thief.portal().chats().isEmpty());
        thief.portal().agentWrites(thief.portal().chats().getFirst().id(), "by the stolen token?");
        Target.await(
                "the failure is noticed", () -> target.app.output().contains("cannot open phone_number.access_token"));
        assertThat(target.meta.sendsTo("5511987650009")).isEmpty();
        assertThat(target.meta
                        .requests()
                        .subList(requests, target.meta.requests().size()))
                .noneMatch(request -> request.path().contains("/messages"));

        target.rows()
                .sql("update portal_config set application_token = access_token where tenant_id = ?")
                .param(thief.tenant().value())
                .update();
        assertThat(target.event(thief.portal().memberId(), "ONIMCONNECTORDIALOGSTART", Map.of(), "anything")
                        .statusCode())
                .isIn(403, 500, 503);
        assertThat(target.app.output()).doesNotContain(acme.token(), TestSettings.META_APP_SECRET);
    }
}
