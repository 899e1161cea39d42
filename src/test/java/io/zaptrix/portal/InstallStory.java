package io.zaptrix.portal;

import static io.zaptrix.portal.Bitrix24Stub.admin;
import static io.zaptrix.portal.Bitrix24Stub.colleague;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.portal.Bitrix24Stub.Call;
import io.zaptrix.portal.Bitrix24Stub.Holder;
import io.zaptrix.portal.Portal.Status;
import io.zaptrix.portal.SignInRefused.Reason;
import io.zaptrix.testing.SharedApplication;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A portal's life: it installs the app, is called, moves, breaks, is mended, and goes. */
@SharedApplication
class InstallStory {

    private static final String EVENTS = "http://localhost:8080/webhooks/bitrix24/outbound";

    private static Bitrix24Stub bitrix24;
    private static TestApp app;
    private static Portals portals;

    /** Every story has a portal of its own. */
    private String member;

    @BeforeAll
    static void start() {
        bitrix24 = TestApp.bitrix24();
        app = TestApp.shared();
        portals = app.bean(Portals.class);
    }

    @BeforeEach
    void aNewPortal() {
        member = UUID.randomUUID().toString().replace("-", "");
        bitrix24.portalHost = "127.0.0.1";
        bitrix24.refreshRefusal = null;
        bitrix24.refreshMillis = 0;
        bitrix24.refreshes.set(0);
        app.announced().clear();
    }

    @Test
    void anAdminInstallsFromThePage() {
        PortalUser user = portals.install(bitrix24.opens(admin(member)));

        assertThat(user.admin()).isTrue();
        assertThat(user.name()).isEqualTo("Ana Souza");
        assertThat(user.memberId()).isEqualTo(member);
        assertThat(user.language()).isEqualTo(Locale.of("pt", "BR"));

        Portal portal = portals.find(user.tenant()).orElseThrow();
        assertThat(portal.status()).isEqualTo(Status.ACTIVE);
        assertThat(portal.clientEndpoint()).isEqualTo(bitrix24.clientEndpoint());
        assertThat(portal.portalUrl() + "/rest/")
                .isEqualTo(bitrix24.clientEndpoint().toString());
        assertThat(portal.language()).isEqualTo(Locale.of("pt", "BR"));
        assertThat(app.announced()).containsExactly(new PortalResumed(user.tenant()));

        Call register = bitrix24.calls(member, "imconnector.register").getFirst();
        assertThat(register.params().path("ID").asString()).isEqualTo("zaptrix_whatsapp");
        assertThat(register.params().path("PLACEMENT_HANDLER").asString())
                .isEqualTo("http://localhost:8080/bitrix24/connector");
        assertThat(register.params().path("ICON").path("DATA_IMAGE").asString())
                .startsWith("data:image/svg+xml,%3Csvg");
        assertThat(register.params().path("CHAT_GROUP").isBoolean()).isTrue();
        assertThat(bitrix24.handlersOf(member))
                .contains("ONIMCONNECTORMESSAGEADD " + EVENTS, "ONAPPUNINSTALL " + EVENTS)
                .hasSize(9);
    }

    @Test
    void noSecretIsStoredReadably() {
        PageGrant grant = bitrix24.opens(admin(member));
        portals.install(grant);

        byte[] stored = app.everything()
                .sql("select access_token || refresh_token || application_token from portal_config where member_id = ?")
                .param(member)
                .query(byte[].class)
                .single();
        assertThat(new String(stored, UTF_8))
                .doesNotContain(grant.authId(), grant.refreshId(), grant.applicationToken());
    }

    @Test
    void anEventInstallsThePortalWithoutPages() {
        HttpResponse<String> answer = app.event(installEvent(admin(member)));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(app.status(member)).isEqualTo("ACTIVE");
        // The application token that it brought proves what follows.
        assertThat(event(member, "ONIMCONNECTORDIALOGSTART", Map.of(), "token-from-event")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void anInstallEventWithAnInventedTokenIsForbidden() {
        Map<String, Object> forged = installEvent(admin(member));
        forged.put("auth", Map.of("access_token", "invented", "member_id", member, "application_token", "mine now"));

        assertThat(app.event(forged).statusCode()).isEqualTo(403);
        assertThat(app.status(member)).isEqualTo("none");
    }

    @Test
    void anUpdateOfTheAppBringsANewApplicationToken() {
        portals.install(bitrix24.opens(admin(member)));
        bitrix24.handlersOf(member).clear();
        Map<String, Object> update = installEvent(admin(member));
        update.put("event", "ONAPPUPDATE");

        assertThat(app.event(update).statusCode()).isEqualTo(200);
        assertThat(event(member, "ONIMCONNECTORDIALOGSTART", Map.of(), "token-from-event")
                        .statusCode())
                .isEqualTo(200);
        assertThat(bitrix24.handlersOf(member)).contains("ONIMCONNECTORMESSAGEADD " + EVENTS);
    }

    @Test
    void anInventedTokenProvesNothing() {
        PageGrant real = bitrix24.opens(admin(member));
        PageGrant forged =
                new PageGrant("invented", real.refreshId(), "3600", member, "127.0.0.1", "en", "mine now", "im", "P");

        refused(() -> portals.install(forged), Reason.NOT_PROVED);
        refused(() -> portals.signIn(forged), Reason.NOT_PROVED);
        assertThat(app.status(member)).isEqualTo("none");
    }

    @Test
    void anAdminOfOnePortalIsNobodyInAnother() {
        portals.install(bitrix24.opens(admin(member)));
        PageGrant attackers = bitrix24.opens(admin("attackers" + member));
        PageGrant posedAs = new PageGrant(
                attackers.authId(), attackers.refreshId(), "3600", member, "127.0.0.1", "en", "mine now", "im", "P");

        refused(() -> portals.install(posedAs), Reason.NOT_PROVED);
        refused(() -> portals.signIn(posedAs), Reason.NOT_PROVED);
        assertThat(event(member, "ONIMCONNECTORDIALOGSTART", Map.of(), "mine now")
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void thePostedDomainIsNotBelieved() {
        PageGrant grant = bitrix24.opens(admin(member));
        PageGrant elsewhere = new PageGrant(
                grant.authId(),
                grant.refreshId(),
                "3600",
                member,
                "evil.example",
                "en",
                grant.applicationToken(),
                "im",
                "P");

        PortalUser user = portals.install(elsewhere);

        assertThat(user.portalUrl()).startsWith("http://127.0.0.1:");
    }

    @Test
    void aTokenOfAnotherAppOfThePortalIsRefused() {
        portals.install(bitrix24.opens(admin(member)));
        Holder otherApp = new Holder(member, "1", true, "app.somebody-elses", "P");

        refused(() -> portals.install(bitrix24.opens(otherApp)), Reason.NOT_PROVED);
        refused(() -> portals.signIn(bitrix24.opens(otherApp)), Reason.NOT_INSTALLED);
    }

    @Test
    void aColleagueWhoIsNoAdminMayLookButNotInstall() {
        refused(() -> portals.install(bitrix24.opens(colleague(member))), Reason.NOT_ADMIN);
        assertThat(app.status(member)).isEqualTo("none");

        portals.install(bitrix24.opens(admin(member)));
        PageGrant forgedApplicationToken = bitrix24.opens(colleague(member));
        PortalUser user = portals.signIn(
                new PageGrant(forgedApplicationToken.authId(), "r", "3600", member, null, "en", "forged", null, null));

        assertThat(user.admin()).isFalse();
        assertThat(event(member, "ONIMCONNECTORDIALOGSTART", Map.of(), "forged").statusCode())
                .isEqualTo(403);
        assertThat(call("profile")).isEqualTo("1");
    }

    @Test
    void aPortalThatHasNotInstalledIsNotSignedIn() {
        refused(() -> portals.signIn(bitrix24.opens(admin(member))), Reason.NOT_INSTALLED);
    }

    @Test
    void installingAgainChangesNothingButTheTokens() {
        portals.install(bitrix24.opens(admin(member)));
        bitrix24.handlersOf(member).add("ONIMCONNECTORMESSAGEADD https://old.example/webhooks/bitrix24/outbound");
        portals.install(bitrix24.opens(admin(member)));

        assertThat(bitrix24.handlersOf(member)).hasSize(9).allMatch(handler -> handler.endsWith(EVENTS));
        assertThat(app.everything()
                        .sql("select count(*) from portal_config where member_id = ?")
                        .param(member)
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
    }

    @Test
    void aHandlerThatIsAlreadyBoundIsASuccess() {
        portals.install(bitrix24.opens(admin(member)));
        bitrix24.refuses("event.get", "ERROR_METHOD_NOT_FOUND");
        try {
            portals.install(bitrix24.opens(admin(member)));
        } finally {
            bitrix24.refuses("event.get", null);
        }
        assertThat(app.status(member)).isEqualTo("ACTIVE");
    }

    @Test
    void withoutTheConnectorThereIsNoInstallation() {
        bitrix24.refuses("imconnector.register", "insufficient_scope");
        try {
            refused(() -> portals.install(bitrix24.opens(admin(member))), Reason.BITRIX24_FAILED);
        } finally {
            bitrix24.refuses("imconnector.register", null);
        }
        // The same click again repairs it.
        portals.install(bitrix24.opens(admin(member)));
        assertThat(app.status(member)).isEqualTo("ACTIVE");
    }

    @Test
    void twoInstallationsAtTheSameMomentAreOne() throws Exception {
        PageGrant first = bitrix24.opens(admin(member));
        PageGrant second = bitrix24.opens(admin(member));

        together(List.of(() -> portals.install(first), () -> portals.install(second)));

        assertThat(app.status(member)).isEqualTo("ACTIVE");
        assertThat(call("profile")).isEqualTo("1");
    }

    @Test
    void anybodysVisitNoticesThatThePortalHasMoved() {
        portals.install(bitrix24.opens(admin(member)));
        bitrix24.portalHost = "localhost";

        portals.signIn(bitrix24.opens(colleague(member)));

        Portal portal = portals.find(app.tenant(member)).orElseThrow();
        assertThat(portal.portalUrl().getHost()).isEqualTo("localhost");
        assertThat(portal.clientEndpoint()).isEqualTo(bitrix24.clientEndpoint());
    }

    // Local apps

    @Test
    void aLocalAppIsAskedForItsSecretOnce() {
        Holder admin = localAdmin();
        bitrix24.secret(admin.clientId(), "local-secret");

        refused(() -> portals.install(bitrix24.opens(admin)), Reason.LOCAL_APP_SECRET_NEEDED);
        refused(() -> portals.installLocalApp(bitrix24.opens(admin), "mistyped"), Reason.LOCAL_APP_SECRET_WRONG);
        assertThat(app.status(member)).isEqualTo("none");

        portals.installLocalApp(bitrix24.opens(admin), " local-secret ");
        assertThat(app.status(member)).isEqualTo("ACTIVE");
        assertThat(call("profile")).isEqualTo("1");

        // From now on it is known, for pages and for refreshing.
        portals.install(bitrix24.opens(admin));
        portals.signIn(bitrix24.opens(admin));
        bitrix24.expireAll(member);
        assertThat(call("profile")).isEqualTo("1");
    }

    @Test
    void theMarketplaceAppIsNotTakenForTheLocalOne() {
        Holder admin = localAdmin();
        bitrix24.secret(admin.clientId(), "local-secret");
        portals.installLocalApp(bitrix24.opens(admin), "local-secret");

        refused(() -> portals.signIn(bitrix24.opens(admin(member))), Reason.NOT_INSTALLED);

        portals.install(bitrix24.opens(admin(member)));
        refused(() -> portals.signIn(bitrix24.opens(admin)), Reason.NOT_INSTALLED);
        assertThat(portals.signIn(bitrix24.opens(admin(member))).admin()).isTrue();
    }

    // Tokens

    @Test
    void aTokenThatExpiresEarlyIsRefreshedAndTheCallRepeated() {
        portals.install(bitrix24.opens(admin(member)));
        bitrix24.expireAll(member);

        assertThat(call("profile")).isEqualTo("1");
        assertThat(bitrix24.refreshes).hasValue(1);
    }

    @Test
    void aTokenIsRefreshedBeforeItEnds() {
        portals.install(bitrix24.opens(admin(member)));
        endsAt(Instant.now().plusSeconds(240));

        assertThat(call("profile")).isEqualTo("1");
        assertThat(bitrix24.refreshes).hasValue(1);
    }

    @Test
    void anAuthorizationServerThatStumblesCostsNothingWhileTheTokenLives() {
        portals.install(bitrix24.opens(admin(member)));
        endsAt(Instant.now().plusSeconds(240));
        bitrix24.refreshRefusal = "INTERNAL_SERVER_ERROR";

        assertThat(call("profile")).isEqualTo("1");
        assertThat(app.status(member)).isEqualTo("ACTIVE");
    }

    @Test
    void twentyCallersOnTwoReplicasRefreshOnce() throws Exception {
        portals.install(bitrix24.opens(admin(member)));
        try (TestApp replica = app.replica(bitrix24, Map.of())) {
            // Both have the token in memory, and it dies.
            assertThat(call(app, "profile")).isEqualTo("1");
            assertThat(call(replica, "profile")).isEqualTo("1");
            bitrix24.expireAll(member);
            bitrix24.refreshMillis = 300;

            List<Runnable> callers = IntStream.range(0, 20)
                    .<Runnable>mapToObj(i -> () -> assertThat(call(i % 2 == 0 ? app : replica, "profile"))
                            .isEqualTo("1"))
                    .toList();
            together(callers);

            assertThat(bitrix24.refreshes).hasValue(1);
        }
    }

    @Test
    void aDeadRefreshTokenSuspendsThePortalUntilAnAdminComes() {
        portals.install(bitrix24.opens(admin(member)));
        bitrix24.expireAll(member);
        bitrix24.refreshRefusal = "invalid_grant";

        suspended(() -> call("profile"));
        assertThat(app.status(member)).isEqualTo("SUSPENDED");

        // Nobody is asked in vain again.
        bitrix24.refreshes.set(0);
        suspended(() -> call("profile"));
        assertThat(bitrix24.refreshes).hasValue(0);

        bitrix24.refreshRefusal = null;
        portals.signIn(bitrix24.opens(colleague(member)));
        assertThat(app.status(member)).isEqualTo("SUSPENDED");

        app.announced().clear();
        portals.signIn(bitrix24.opens(admin(member)));
        assertThat(app.status(member)).isEqualTo("ACTIVE");
        assertThat(app.announced()).containsExactly(new PortalResumed(app.tenant(member)));
        assertThat(call("profile")).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalid_client", "wrong_client"})
    void aWrongSecretIsTheOperatorsToMendAndSuspendsNoPortal(String code) {
        portals.install(bitrix24.opens(admin(member)));
        bitrix24.expireAll(member);
        bitrix24.refreshRefusal = code;
        try {
            assertThatThrownBy(() -> call("profile"))
                    .isInstanceOfSatisfying(
                            Bitrix24Exception.class,
                            failure -> assertThat(failure.kind()).isEqualTo(Bitrix24Exception.Kind.RETRY));
        } finally {
            bitrix24.refreshRefusal = null;
        }
        assertThat(app.status(member)).isEqualTo("ACTIVE");
        assertThat(call("profile")).isEqualTo("1");
    }

    @Test
    void aPortalThatSaysThatTheAppIsGoneIsSuspended() {
        portals.install(bitrix24.opens(admin(member)));
        bitrix24.refuses("imconnector.status", "APPLICATION_NOT_FOUND");
        try {
            suspended(() -> call("imconnector.status"));
        } finally {
            bitrix24.refuses("imconnector.status", null);
        }
        assertThat(app.status(member)).isEqualTo("SUSPENDED");

        // It was a passing trouble: the next look after suspended portals finds that the tokens work.
        app.announced().clear();
        app.bean(PortalUpkeep.class).reviveSuspended();
        assertThat(app.status(member)).isEqualTo("ACTIVE");
        assertThat(app.announced()).contains(new PortalResumed(app.tenant(member)));
    }

    @Test
    void aLineThatIsOffSuspendsNoPortal() {
        portals.install(bitrix24.opens(admin(member)));
        bitrix24.refuses("imconnector.status", "NOT_ACTIVE_LINE");
        try {
            suspended(() -> call("imconnector.status"));
        } finally {
            bitrix24.refuses("imconnector.status", null);
        }
        assertThat(app.status(member)).isEqualTo("ACTIVE");
    }

    @Test
    void tokensThatComeTooLateAreKeptAllTheSame() throws Exception {
        portals.install(bitrix24.opens(admin(member)));
        bitrix24.expireAll(member);
        bitrix24.refreshMillis = 10_500;

        assertThatThrownBy(() -> call("profile"))
                .isInstanceOfSatisfying(
                        Bitrix24Exception.class,
                        failure -> assertThat(failure.kind()).isEqualTo(Bitrix24Exception.Kind.RETRY));
        Thread.sleep(1_500);

        assertThat(call("profile")).isEqualTo("1");
        assertThat(bitrix24.refreshes).hasValue(1);
    }

    @Test
    void anIdlePortalsTokensAreRenewedOnceAMonth() {
        portals.install(bitrix24.opens(admin(member)));
        PortalUpkeep upkeep = app.bean(PortalUpkeep.class);
        endsAt(Instant.now().minusSeconds(20 * 86_400));
        upkeep.refreshIdle();
        assertThat(bitrix24.refreshes).hasValue(0);

        endsAt(Instant.now().minusSeconds(26 * 86_400));
        upkeep.refreshIdle();
        upkeep.refreshIdle();
        assertThat(bitrix24.refreshes).hasValue(1);
    }

    // Events

    @Test
    void anEventOfThePortalReachesItsHandler() {
        portals.install(bitrix24.opens(admin(member)));
        int before = app.taken().size();

        assertThat(event(member, "ONIMCONNECTORDIALOGSTART", Map.of("LINE", "3"), token())
                        .statusCode())
                .isEqualTo(200);
        assertThat(app.taken()).hasSize(before + 1);
    }

    @Test
    void anEventInJsonIsReadToo() {
        portals.install(bitrix24.opens(admin(member)));
        String json = "{\"event\":\"ONIMCONNECTORDIALOGSTART\",\"data\":{\"LINE\":3},\"auth\":{\"member_id\":\""
                + member + "\",\"application_token\":\"" + token() + "\"}}";

        assertThat(app.post("/webhooks/bitrix24/outbound", "application/json", json.getBytes(UTF_8))
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "wrong"})
    void anEventWithTheWrongApplicationTokenIsForbidden(String wrong) {
        portals.install(bitrix24.opens(admin(member)));
        int before = app.taken().size();

        HttpResponse<String> answer = event(member, "ONIMCONNECTORDIALOGSTART", Map.of(), wrong);

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(app.taken()).hasSize(before);
    }

    @Test
    void whereNoApplicationTokenIsKnownNoneIsRight() {
        PageGrant grant = bitrix24.opens(admin(member));
        portals.install(new PageGrant(grant.authId(), grant.refreshId(), "3600", member, null, "en", null, null, "P"));

        assertThat(event(member, "ONIMCONNECTORDIALOGSTART", Map.of(), "").statusCode())
                .isEqualTo(403);
    }

    @Test
    void anEventOfAPortalThatNobodyKnowsIsKeptForTheOperator() {
        assertThat(event(member, "ONIMCONNECTORMESSAGEADD", Map.of("LINE", "3"), "whatever")
                        .statusCode())
                .isEqualTo(200);

        String kept = app.everything()
                .sql("select convert_from(body, 'UTF8') from unrouted_event where reference = ?")
                .param(member)
                .query(String.class)
                .single();
        assertThat(kept).contains("ONIMCONNECTORMESSAGEADD").doesNotContain("whatever");
    }

    @Test
    void anEventThatNobodyHandlesIsCountedAndForgotten() {
        portals.install(bitrix24.opens(admin(member)));

        assertThat(event(member, "ONCRMLEADADD", Map.of("ID", "1"), token()).statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "{", "event=ONIMCONNECTORMESSAGEADD", "[1,2]"})
    void whatIsNoEventIsABadRequest(String body) {
        HttpResponse<String> answer =
                app.post("/webhooks/bitrix24/outbound", "application/x-www-form-urlencoded", body.getBytes(UTF_8));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    }

    @Test
    void threeMegabytesAreEnough() {
        byte[] large = ("event=ONCRMLEADADD&data=" + "x".repeat(3 * 1024 * 1024)).getBytes(UTF_8);

        assertThat(app.post("/webhooks/bitrix24/outbound", "application/x-www-form-urlencoded", large)
                        .statusCode())
                .isEqualTo(413);
    }

    // Going

    @Test
    void anUninstalledPortalKeepsNoTokenAndNoSession() {
        PortalUser user = portals.install(bitrix24.opens(admin(member)));
        app.everything()
                .sql("insert into spring_session values (?, ?, 0, 0, 1800, 9999999999999, ?)")
                .params(UUID.randomUUID().toString(), UUID.randomUUID().toString(), user.getName())
                .update();

        assertThat(event(member, "ONAPPUNINSTALL", Map.of("CLEAN", "0"), token())
                        .statusCode())
                .isEqualTo(200);

        assertThat(portals.find(user.tenant()).orElseThrow().status()).isEqualTo(Status.UNINSTALLED);
        assertThat(app.announced()).contains(new PortalUninstalled(user.tenant()));
        assertThat(app.everything().sql("""
                                select count(*) from portal_config where member_id = ? and access_token is null
                                    and refresh_token is null and application_token is null
                                    and erase_after between now() + interval '29 days' and now() + interval '31 days'
                                """).param(member).query(Long.class).single())
                .isEqualTo(1);
        assertThat(app.everything()
                        .sql("select count(*) from spring_session where principal_name = ?")
                        .param(user.getName())
                        .query(Long.class)
                        .single())
                .isZero();
        suspended(() -> call("profile"));
        refused(() -> portals.signIn(bitrix24.opens(admin(member))), Reason.NOT_INSTALLED);
        assertThat(event(member, "ONIMCONNECTORDIALOGSTART", Map.of(), token()).statusCode())
                .isEqualTo(403);
    }

    @Test
    void whatOneReplicaUninstallsTheOtherAsksNoMore() throws Exception {
        portals.install(bitrix24.opens(admin(member)));
        try (TestApp replica = app.replica(bitrix24, Map.of())) {
            assertThat(call(replica, "profile")).isEqualTo("1");

            assertThat(event(member, "ONAPPUNINSTALL", Map.of("CLEAN", "0"), token())
                            .statusCode())
                    .isEqualTo(200);

            // The portal would still answer; but the other replica has nothing in memory any more to ask it with.
            Instant soon = Instant.now().plusSeconds(5);
            boolean asked = true;
            while (asked && Instant.now().isBefore(soon)) {
                try {
                    call(replica, "profile");
                    Thread.sleep(20);
                } catch (Bitrix24Exception refused) {
                    assertThat(refused.code()).isEqualTo("NOT_INSTALLED");
                    asked = false;
                }
            }
            assertThat(asked).isFalse();
        }
    }

    @Test
    void nobodyElseUninstallsAPortal() {
        portals.install(bitrix24.opens(admin(member)));

        assertThat(event(member, "ONAPPUNINSTALL", Map.of("CLEAN", "1"), "wrong")
                        .statusCode())
                .isEqualTo(403);
        assertThat(app.status(member)).isEqualTo("ACTIVE");
    }

    @Test
    void aPortalThatComesBackIsNotErased() {
        portals.install(bitrix24.opens(admin(member)));
        event(member, "ONAPPUNINSTALL", Map.of("CLEAN", "1"), token());
        erasable();
        portals.install(bitrix24.opens(admin(member)));

        app.bean(PortalUpkeep.class).erase();

        assertThat(app.status(member)).isEqualTo("ACTIVE");
        assertThat(call("profile")).isEqualTo("1");
    }

    @Test
    void whatAPortalLeavesIsErasedFromEveryTable() {
        String neighbour = "neighbour" + member;
        portals.install(bitrix24.opens(admin(member)));
        portals.install(bitrix24.opens(admin(neighbour)));
        Stream.of(member, neighbour).forEach(portal -> {
            app.everything()
                    .sql(
                            "insert into conversation_mapping (tenant_id, phone_number_id, meta_whatsapp_id) values (?, '1', '2')")
                    .param(app.tenant(portal).value())
                    .update();
            app.everything().sql("""
                            insert into lane (tenant_id, lane, flow, sleeping, due_at)
                            values (?, 'inbound:1', 'inbound', true, now() + interval '1 day')
                            """).param(app.tenant(portal).value()).update();
        });
        event(member, "ONAPPUNINSTALL", Map.of("CLEAN", "1"), token());
        app.bean(PortalUpkeep.class).erase();
        assertThat(rows(member)).isEqualTo(3);

        erasable();
        app.bean(PortalUpkeep.class).erase();

        assertThat(rows(member)).isZero();
        assertThat(rows(neighbour)).isEqualTo(3);
    }

    @Test
    void aPortalThatCannotBeErasedHoldsUpNoOther() {
        // The one that fails is looked at first, in whatever order the database tells of them.
        List<String> members = Stream.of("first" + member, "second" + member)
                .sorted(Comparator.comparing(each -> app.tenant(each).toString()))
                .toList();
        for (String each : members) {
            app.everything().sql("""
                            insert into portal_config (tenant_id, member_id, portal_url, client_endpoint, status, language,
                                erase_after)
                            values (?, ?, '', '', 'UNINSTALLED', 'en', now() - interval '1 second')
                            """).params(app.tenant(each).value(), each).update();
        }
        app.everything()
                .sql(
                        "insert into conversation_mapping (tenant_id, phone_number_id, meta_whatsapp_id) values (?, '1', 'stuck')")
                .param(app.tenant(members.getFirst()).value())
                .update();
        app.everything().sql("""
                        create function stuck_portal() returns trigger language plpgsql as $$
                        begin raise exception 'it is stuck'; end $$
                        """).update();
        app.everything().sql("""
                        create trigger stuck before delete on conversation_mapping for each row
                        when (old.meta_whatsapp_id = 'stuck') execute function stuck_portal()
                        """).update();
        try {
            app.bean(PortalUpkeep.class).erase();
            assertThat(rows(members.getFirst())).isEqualTo(2);
            assertThat(rows(members.getLast())).isZero();
        } finally {
            app.everything().sql("drop trigger stuck on conversation_mapping").update();
            app.everything().sql("drop function stuck_portal()").update();
        }
        app.bean(PortalUpkeep.class).erase();
        assertThat(rows(members.getFirst())).isZero();
    }

    // Outside the iframe

    @Test
    void anAdminSignsInFromOutsideTheIframe() {
        portals.install(bitrix24.opens(admin(member)));

        HttpResponse<String> answer = comesBack(new CookieManager(), admin(member));

        assertThat(answer.body()).isEqualTo(member + "/1");
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @Test
    void signingInFromOutsideInstallsWhatWasNotInstalled() {
        HttpResponse<String> answer = comesBack(new CookieManager(), admin(member));

        assertThat(answer.body()).isEqualTo(member + "/1");
        assertThat(app.status(member)).isEqualTo("ACTIVE");
        assertThat(bitrix24.handlersOf(member)).contains("ONIMCONNECTORMESSAGEADD " + EVENTS);
        assertThat(call("profile")).isEqualTo("1");
    }

    @Test
    void aColleagueCannotInstallFromOutsideEither() {
        HttpResponse<String> answer = comesBack(new CookieManager(), colleague(member));

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(app.status(member)).isEqualTo("none");
    }

    @Test
    void aCodeWithoutTheBrowserThatAskedForItIsWorthless() {
        portals.install(bitrix24.opens(admin(member)));
        URI begun = begins(new CookieManager());

        HttpResponse<String> answer = app.send(HttpRequest.newBuilder(app.url("/login/oauth2/code/bitrix24?code="
                        + bitrix24.code(admin(member)) + "&state=" + query(begun, "state")))
                .build());

        assertThat(answer.statusCode()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "evil.example",
                "acme.bitrix24.evil",
                "bitrix24.com",
                "evil.example/path",
                "a@b",
                "https://evil.example",
                "evil example",
                "..",
                "%5Cevil"
            })
    void nobodyIsSentToWhatIsNoHost(String domain) {
        HttpResponse<String> answer = app.send(
                HttpRequest.newBuilder(app.url("/oauth2/authorization/bitrix24?domain=" + domain.replace(" ", "%20")))
                        .build());

        assertThat(answer.statusCode()).isEqualTo(400);
    }

    @Test
    void anInstalledPortalIsFoundWhereverItIs() {
        portals.install(bitrix24.opens(admin(member)));
        URI portal = bitrix24.clientEndpoint();

        HttpResponse<String> sent = app.send(
                HttpRequest.newBuilder(app.url("/oauth2/authorization/bitrix24?domain=" + portal.getAuthority()))
                        .build());

        assertThat(sent.headers().firstValue("Location").orElseThrow())
                .startsWith("http://" + portal.getAuthority() + "/oauth/authorize/?client_id=app.zaptrix&state=");
    }

    private HttpResponse<String> comesBack(CookieManager browser, Holder holder) {
        URI begun = begins(browser);
        assertThat(begun.getPath()).isEqualTo("/oauth/authorize/");
        assertThat(query(begun, "client_id")).isEqualTo(Bitrix24Stub.MARKETPLACE_APP);
        // Back at the address that the app's settings name.
        HttpResponse<String> passedOn = app.send(
                HttpRequest.newBuilder(app.url("/bitrix24/app?code=" + bitrix24.code(holder) + "&state="
                                + query(begun, "state") + "&domain=x&member_id=y"))
                        .build(),
                browser);
        assertThat(passedOn.statusCode()).isEqualTo(302);
        return app.send(
                HttpRequest.newBuilder(app.url("/")
                                .resolve(passedOn.headers()
                                        .firstValue("Location")
                                        .orElseThrow()))
                        .build(),
                browser);
    }

    private URI begins(CookieManager browser) {
        HttpResponse<String> sent = app.send(
                HttpRequest.newBuilder(app.url("/oauth2/authorization/bitrix24?domain=Acme.bitrix24.com"))
                        .build(),
                browser);
        assertThat(sent.statusCode()).isEqualTo(302);
        URI location = URI.create(sent.headers().firstValue("Location").orElseThrow());
        assertThat(location.getHost()).isEqualTo("acme.bitrix24.com");
        return location;
    }

    private static String query(URI uri, String name) {
        return Stream.of(uri.getQuery().split("&"))
                .filter(pair -> pair.startsWith(name + "="))
                .map(pair -> pair.substring(name.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    private Holder localAdmin() {
        return new Holder(member, "1", true, "local." + member, "L");
    }

    private String token() {
        return "application-token-of-" + member;
    }

    private String call(String method) {
        return call(app, method);
    }

    private String call(TestApp replica, String method) {
        return TenantContext.call(
                replica.tenant(member),
                () -> replica.bean(PortalRest.class)
                        .call(method, Map.of())
                        .path("ID")
                        .asString());
    }

    private void endsAt(Instant end) {
        app.everything()
                .sql("update portal_config set token_expiration_time = ? where member_id = ?")
                .params(java.sql.Timestamp.from(end), member)
                .update();
        app.bean(FreshPortalRest.class).forget(app.tenant(member));
    }

    private void erasable() {
        app.everything()
                .sql("update portal_config set erase_after = now() - interval '1 second' where member_id = ?")
                .param(member)
                .update();
    }

    private long rows(String portal) {
        return Stream.of("portal_config", "conversation_mapping", "lane")
                .mapToLong(table -> app.everything()
                        .sql("select count(*) from " + table + " where tenant_id = ?")
                        .param(app.tenant(portal).value())
                        .query(Long.class)
                        .single())
                .sum();
    }

    private HttpResponse<String> event(String memberId, String name, Map<String, ?> data, String applicationToken) {
        return app.event(Map.of(
                "event",
                name,
                "data",
                data,
                "ts",
                "1773759161",
                "auth",
                Map.of("member_id", memberId, "domain", "127.0.0.1", "application_token", applicationToken)));
    }

    private Map<String, Object> installEvent(Holder holder) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("event", "ONAPPINSTALL");
        event.put("data", Map.of("VERSION", "1", "LANGUAGE_ID", "ru"));
        event.put(
                "auth",
                Map.of(
                        "access_token",
                        bitrix24.accessToken(holder),
                        "refresh_token",
                        bitrix24.refreshToken(holder),
                        "expires_in",
                        "3600",
                        "member_id",
                        member,
                        "domain",
                        "evil.example",
                        "application_token",
                        "token-from-event"));
        return event;
    }

    private static void refused(ThrowingCallable action, Reason reason) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        SignInRefused.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(reason));
    }

    private static void suspended(ThrowingCallable action) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        Bitrix24Exception.class,
                        failure -> assertThat(failure.kind()).isEqualTo(Bitrix24Exception.Kind.SUSPEND));
    }

    private static void together(List<Runnable> actions) throws Exception {
        CountDownLatch ready = new CountDownLatch(actions.size());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<? extends Future<?>> running = actions.stream()
                    .map(action -> threads.submit(() -> {
                        ready.countDown();
                        ready.await();
                        action.run();
                        return null;
                    }))
                    .toList();
            for (Future<?> future : running) {
                future.get();
            }
        }
    }
}
