package io.zaptrix.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.TenantId;
import io.zaptrix.sandbox.StandInBitrix24;
import io.zaptrix.sandbox.StandInMeta;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.story.Browser;
import io.zaptrix.testing.AppProcess;
import io.zaptrix.testing.TestDatabase;
import io.zaptrix.testing.TestSettings;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The application as a process, Meta and Bitrix24; every test brings portals and numbers of its own. */
final class Stage implements AutoCloseable {

    static final String NUMBERS = "/admin/phone-numbers";
    static final String CONNECTOR = "zaptrix_whatsapp";

    /** At times when little is written: the more, the fewer messages are left. */
    private static final String QUIET = """
            abs(hashtext(?::text)) % 10 < case when extract(isodow from ?) > 5 then 7
                else abs(hashtext(?::date::text)) % 5 end""";

    final StandInMeta meta;
    final StandInBitrix24 bitrix24;
    final TestDatabase.Database database = TestDatabase.createWithSchema();
    final AppProcess app;
    private final AtomicInteger count = new AtomicInteger();

    Stage() throws IOException {
        int port = AppProcess.freePort();
        URI url = URI.create("http://localhost:" + port);
        meta = new StandInMeta(0)
                .app(TestSettings.META_APP_ID, TestSettings.META_APP_SECRET, TestSettings.META_VERIFY_TOKEN)
                .webhookUrl(url.resolve("/webhooks/meta"));
        bitrix24 =
                new StandInBitrix24(0).app(TestSettings.BITRIX24_CLIENT_ID, TestSettings.BITRIX24_CLIENT_SECRET, url);
        app = AppProcess.builder()
                .port(port)
                .database(database)
                .env("ZAPTRIX_PUBLIC_URL", url.toString())
                .env("ZAPTRIX_META_GRAPH_URL", meta.graphUrl().toString())
                .env("ZAPTRIX_META_CONFIG_ID", "1234567890")
                .env("ZAPTRIX_META_SDK_URL", meta.graphUrl().toString())
                .env("ZAPTRIX_BITRIX24_OAUTH_URL", bitrix24.oauthUrl().toString())
                .argument("--zaptrix.bitrix24.rate-per-second=50")
                .argument("--zaptrix.bitrix24.burst=500")
                .start();
    }

    /** A number as Meta knows it, and what its owner types. */
    record Number(String id, String wabaId, String display, String token) {

        Map<String, String> form() {
            return Map.of(
                    "phoneNumberId", id,
                    "wabaId", wabaId,
                    "accessToken", token,
                    "displayName", "Vendas " + id,
                    "lineId", "new");
        }

        Map<String, String> form(String field, String value) {
            Map<String, String> form = new TreeMap<>(form());
            form.put(field, value);
            return form;
        }
    }

    StandInPortal portal(String language) {
        return bitrix24.addPortal("portal" + count.incrementAndGet()).language(language);
    }

    Number number() {
        return numberOf(null);
    }

    /** Another number of the same account, with the same token. */
    Number numberOf(@Nullable Number sibling) {
        int n = count.incrementAndGet();
        Number number = new Number(
                "10654035224%04d".formatted(n),
                sibling == null ? "41956125791%04d".formatted(n) : sibling.wabaId(),
                "+55 11 5555-%04d".formatted(n),
                sibling == null ? "EAAtoken%04d".formatted(n) : sibling.token());
        meta.addNumber(number.id(), number.wabaId(), number.display(), "Acme", number.token());
        return number;
    }

    /** Dead letters of every kind; they die anew when they are replayed, or wait for ever, but never at once. */
    void deadLetters(StandInPortal portal, Number number) {
        JdbcClient.create(database.superuser())
                .sql("""
                        insert into dead_letter (tenant_id, lane, position, seq, item_key, written_on, key_digest, payload,
                            attempts, reason, correlation_id, accepted_at, uncertain)
                        select :tenant, lane, n, -n, 'key' || n, current_date, gen_random_uuid(),
                            convert_to('{"text": "Olá, tudo bem? ' || n || '"}', 'UTF8'), 3 * n, reason, 'stage',
                            now() - n * n * interval '7 hours', n = 2
                        from (values
                            (1, 'notice:' || :number || ':5511987654321', 'handler_failed'),
                            (2, 'outbound:' || :number || ':5511987654321', 'gave_up: meta_131000'),
                            (3, 'outbound:' || :number || ':5521999990000', 'restored'),
                            (4, 'outbound:' || :number || ':5521999990000', 'unreadable_payload'),
                            (5, 'status:' || :number, 'gave_up: bitrix24_INTERNAL_SERVER_ERROR'),
                            (6, 'elsewhere:' || :number, 'a_reason_that_nobody_knows')) as letter (n, lane, reason)
                        """)
                .param("tenant", TenantId.ofMember(portal.memberId()).value())
                .param("number", number.id())
                .update();
    }

    /** A month of messages in the log, of every state; the last one came with its second attempt. */
    void monthOfMessages(StandInPortal portal, Number number) {
        JdbcClient.create(database.superuser())
                .sql("""
                        with message as (
                            select i, i % 2 = 1 as asks, now() - interval '3 minutes' - i * interval '107 minutes'
                                    - case when i % 2 = 0 then i % 7 * interval '13 minutes' else '0' end as at,
                                '55119' || lpad((87654321 + i / 2 * 137)::text, 8, '0') as customer
                            from generate_series(0, 400) i
                        ), kept as (
                            insert into item_ledger (tenant_id, written_on, key_digest, lane, item_key, correlation_id,
                                accepted_at, state, finished_at, subject, kind, reason, attempts)
                            select :tenant, at::date, md5('stage' || i)::uuid,
                                case when asks then 'inbound:' || :number else 'outbound:' || :number || ':' || customer end,
                                'stage' || i, 'stage', at,
                                case i % 20 when 6 then 'refused' when 10 then 'failed' when 13 then 'dead' when 5 then 'waiting'
                                    else 'done' end, at + interval '2 seconds', customer,
                                case when not asks then 'agent' when i % 3 = 0 then 'text' when i % 3 = 1 then 'audio'
                                    else 'image' end,
                                case i % 20 when 6 then 'window_closed' when 10 then 'meta_131026'
                                    when 13 then 'gave_up: bitrix24_INTERNAL_SERVER_ERROR' end,
                                case when i in (0, 1) then 2 else 0 end
                            from message
                            returning written_on, key_digest, item_key, accepted_at
                        ), retried as (
                            insert into item_retry (tenant_id, written_on, key_digest, at, attempt, reason, uncertain)
                            select :tenant, written_on, key_digest, accepted_at + attempt * interval '700 milliseconds', attempt,
                                case item_key when 'stage1' then 'bitrix24_INTERNAL_SERVER_ERROR' else 'meta_131016' end,
                                attempt = 2
                            from kept cross join (values (1), (2)) as failed (attempt) where item_key in ('stage0', 'stage1')
                        ), sent as (
                            insert into outbound_message (tenant_id, im_message_id, part, parts, phone_number_id, whatsapp_id,
                                line_id, chat_id, im, wamid, state, error_code, created_at, sent_at, delivered_at, read_at,
                                failed_at)
                            select :tenant, 'stage' || i, part, 2, :number, customer, '1', '1', '{}', 'stage' || i || part,
                                case when i % 20 = 10 then 'failed' when i % 3 = 2 then 'delivered' else 'read' end,
                                case when i % 20 = 10 then 131026 end, at, at + interval '2 seconds',
                                case when i % 20 <> 10 then at + interval '3 seconds' end,
                                case when i % 20 <> 10 and i % 3 <> 2 then at + interval '4 minutes' end,
                                case when i % 20 = 10 then at + interval '5 seconds' end
                            from message cross join generate_series(0, 1) part where not asks and i % 20 <> 6
                        )
                        insert into message_cost
                        select :tenant, current_date - day, :number, category, type, 'PMP', category <> 'service',
                            10 + day * 37 % 90
                        from generate_series(1, 28) day cross join (values ('marketing', 'regular'), ('utility', 'regular'),
                            ('service', 'free_customer_service')) as price (category, type)
                        """)
                .param("tenant", TenantId.ofMember(portal.memberId()).value())
                .param("number", number.id())
                .update();
        JdbcClient.create(database.superuser())
                .sql("delete from figure_day where tenant_id = :tenant")
                .param("tenant", TenantId.ofMember(portal.memberId()).value())
                .update();
    }

    /** Takes from {@link #monthOfMessages} so that days differ, weekends are quiet and little goes wrong. */
    void likeABusyMonth(StandInPortal portal) {
        for (String table : new String[] {
            "delete from item_ledger where tenant_id = :tenant and %s and item_key not in ('stage0', 'stage1')"
                    .formatted(QUIET.replace("?", "accepted_at")),
            "delete from outbound_message where tenant_id = :tenant and " + QUIET.replace("?", "created_at"),
            """
            delete from item_ledger where tenant_id = :tenant and state in ('refused', 'failed', 'dead')
                and hashtext(item_key) % 4 <> 0""",
            "delete from figure_day where tenant_id = :tenant"
        }) {
            JdbcClient.create(database.superuser())
                    .sql(table)
                    .param("tenant", TenantId.ofMember(portal.memberId()).value())
                    .update();
        }
    }

    Browser browser() {
        return new Browser(app.url());
    }

    /** An admin who has just installed the app. */
    Browser installed(StandInPortal portal) {
        Browser admin = browser();
        assertThat(admin.open("/bitrix24/install", portal.installPage(StandInPortal.ADMIN))
                        .statusCode())
                .isEqualTo(200);
        portal.finishInstall();
        return admin;
    }

    @Override
    public void close() {
        app.close();
        meta.close();
        bitrix24.close();
    }
}
