package io.zaptrix.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.attack.Target.Attacker;
import io.zaptrix.attack.Target.Victim;
import io.zaptrix.sandbox.StandInPortal;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Somebody wants to go in with a session that is not theirs, or is no longer anybody's. */
class SessionAttackStory {

    private static final String PAGE = "/admin/phone-numbers";

    private static Target target;
    private static Victim acme;

    @BeforeAll
    static void company() {
        target = Target.shared();
        acme = target.victim();
    }

    private static Attacker admin() {
        Attacker admin = target.somebody();
        assertThat(admin.open("/bitrix24/app", acme.portal().installPage(StandInPortal.ADMIN), Map.of())
                        .statusCode())
                .isEqualTo(303);
        assertThat(admin.get(PAGE).statusCode()).isEqualTo(200);
        return admin;
    }

    private static void moved(Attacker whose, String column, Duration back) {
        // Spring Session's cookie is the session id in Base64.
        String id = new String(
                java.util.Base64.getDecoder().decode(whose.session), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(target.rows()
                        .sql("update spring_session set " + column + " = " + column + " - :back where session_id = :id")
                        .param("back", back.toMillis())
                        .param("id", id)
                        .update())
                .isEqualTo(1);
    }

    @Test
    void theCookieIsOutOfReachOfScriptsOtherSitesAndPlainHttp() {
        HttpResponse<String> opened =
                target.somebody().open("/bitrix24/app", acme.portal().installPage(StandInPortal.ADMIN), Map.of());

        assertThat(opened.headers().allValues("Set-Cookie"))
                .singleElement()
                .asString()
                .contains("; Secure", "; HttpOnly", "; SameSite=None", "; Partitioned")
                .doesNotContain("Domain=");
    }

    @Test
    void aSessionThatWasPlantedIsNotTheOneThatIsSignedIn() {
        Attacker planter = admin();
        String planted = planter.session;

        Attacker victim = planter.with(planted);
        victim.open("/bitrix24/app", acme.portal().installPage(StandInPortal.ADMIN), Map.of());

        assertThat(victim.session).isNotEqualTo(planted);
        assertThat(planter.with(planted).get(PAGE).statusCode()).isEqualTo(401);
        assertThat(planter.with("bm8tc3VjaC1zZXNzaW9u").get(PAGE).statusCode()).isEqualTo(401);
    }

    @Test
    void aFormWithoutTheSessionsOwnTokenDoesNothing() {
        Attacker admin = admin();
        String another = admin().csrf(PAGE);
        for (Map<String, String> form :
                List.of(Map.<String, String>of(), Map.of("_csrf", ""), Map.of("_csrf", another))) {
            assertThat(admin.post(PAGE + "/" + acme.number() + "/unlink", form).statusCode())
                    .isEqualTo(403);
        }
        assertThat(admin.get(PAGE).body()).contains(acme.number());
    }

    @Test
    void whatIsNotUsedEndsAfterTwoHours() {
        Attacker admin = admin();
        moved(admin, "last_access_time", Duration.ofMinutes(121));

        assertThat(admin.get(PAGE).statusCode()).isEqualTo(401);
    }

    @Test
    void whatIsUsedAllTheTimeEndsAfterTwelveHours() {
        Attacker admin = admin();
        moved(admin, "creation_time", Duration.ofHours(12).minusMinutes(5));
        assertThat(admin.get(PAGE).statusCode()).isEqualTo(200);
        moved(admin, "creation_time", Duration.ofMinutes(6));

        assertThat(admin.get(PAGE).statusCode()).isEqualTo(401);
        assertThat(target.rows()
                        .sql("select count(*) from spring_session where creation_time < :then")
                        .param("then", Instant.now().minus(Duration.ofHours(12)).toEpochMilli())
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void whoIsNoAdminAnyMoreIsSignedOutWhenBitrix24SaysSo() {
        acme.portal().addUser("77", "Carla", "Lima", true);
        Attacker carla = target.somebody();
        carla.open("/bitrix24/app", acme.portal().installPage("77"), Map.of());
        assertThat(carla.get(PAGE).statusCode()).isEqualTo(200);
        Attacker other = admin();

        acme.portal().addUser("77", "Carla", "Lima", false);
        HttpResponse<String> denied =
                target.somebody().open("/bitrix24/app", acme.portal().installPage("77"), Map.of());

        assertThat(denied.statusCode()).isEqualTo(403);
        assertThat(carla.get(PAGE).statusCode()).isEqualTo(401);
        assertThat(other.get(PAGE).statusCode()).isEqualTo(200);
    }

    @Test
    void whenThePortalUninstallsAllItsSessionsEndAndStayEndedWhenItComesBack() {
        Victim leaving = target.victim();
        Attacker admin = leaving.admin();
        assertThat(admin.get(PAGE).statusCode()).isEqualTo(200);

        leaving.portal().uninstall(false);
        Target.await("the session ends", () -> admin.get(PAGE).statusCode() == 401);

        String session = admin.session;
        target.somebody().open("/bitrix24/install", leaving.portal().installPage(StandInPortal.ADMIN), Map.of());
        assertThat(admin.with(session).get(PAGE).statusCode()).isEqualTo(401);
    }

    @Test
    void postsOfNobodyLeaveNoSessions() {
        long before = sessionsOfNobody();
        for (String path :
                List.of(PAGE, "/admin/nothing", "/oauth2/authorization/bitrix24", "/login/oauth2/code/bitrix24")) {
            for (String method : List.of("POST", "POST", "POST", "PUT", "DELETE")) {
                Attacker nobody = target.somebody();
                HttpResponse<String> answer = nobody.send(
                        method,
                        path,
                        "_csrf=made-up".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        Map.of("Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html"));
                assertThat(answer.statusCode()).as(path).isEqualTo(403);
                assertThat(nobody.session).as(path).isNull();
            }
        }
        assertThat(sessionsOfNobody()).isEqualTo(before);
    }

    /** Of those that nobody is signed in with, as other attacks open theirs meanwhile. */
    private static long sessionsOfNobody() {
        return target.rows()
                .sql("select count(*) from spring_session where principal_name is null")
                .query(Long.class)
                .single();
    }

    @Test
    void signInsThatAreNotFinishedLeaveSessionsForMinutesOnly() {
        Attacker starter = target.somebody();
        HttpResponse<String> started = starter.get("/oauth2/authorization/bitrix24?domain=whoever.bitrix24.com");
        assertThat(started.statusCode()).isEqualTo(302);

        assertThat(target.rows()
                        .sql("select max_inactive_interval from spring_session where principal_name is null")
                        .query(Integer.class)
                        .list())
                .isNotEmpty()
                .allMatch(seconds -> seconds <= 600);
    }

    @Test
    void whoCameByHttpsIsToldToComeByNothingElse() {
        for (String path : List.of("/", "/admin/phone-numbers", "/bitrix24/app", "/health")) {
            Map<String, String> byHttps = Map.of("X-Forwarded-Proto", "https", "Accept", "text/html");
            assertThat(target.somebody()
                            .send("GET", path, new byte[0], byHttps)
                            .headers()
                            .firstValue("Strict-Transport-Security")
                            .orElse("none at " + path))
                    .contains("max-age=31536000", "includeSubDomains");
        }
    }

    @Test
    void pagesRunNoScriptOfAnybodysAndAreFramedByTheirPortalAlone() {
        for (String path : List.of("/", "/health", "/documentation", "/admin/nothing", "/webhooks/meta", "/media/x")) {
            HttpResponse<String> answer = target.somebody().get(path);
            String policy =
                    answer.headers().firstValue("Content-Security-Policy").orElse("none at " + path);
            assertThat(policy)
                    .as(path)
                    .contains("default-src 'none'")
                    .contains("frame-ancestors 'none'")
                    .doesNotContain("unsafe-inline", "unsafe-eval", "data: *");
            assertThat(answer.headers().firstValue("X-Content-Type-Options"))
                    .as(path)
                    .hasValue("nosniff");
        }
        String page = acme.admin().get(PAGE).body();
        assertThat(page).doesNotContainPattern("<script(?![^>]*src=)").doesNotContainPattern(" on[a-z]+=\"");
        assertThat(page).doesNotContain("<style", "style=\"");
    }
}
