package io.zaptrix.bench;

import io.zaptrix.platform.Sha256;
import io.zaptrix.testing.AppProcess;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * How long the pages take with a thousand portals and a month of their messages, and what the log's and the overview's
 * statements plan. Portal 0 is a large one: a tenth of all messages are its own.
 */
@ExtendWith(Table.class)
class PagesBench {

    private static final int PORTALS = 1_000;
    private static final int MESSAGES = 1_500_000;
    private static final int LOOKS = 150;

    private static final Pattern LIFE = Pattern.compile("href=\"(/admin/messages/\\d[^\"]+)\"");

    @Test
    void pagesComeAtOnce() throws Exception {
        try (Stage stage = new Stage()) {
            AppProcess app = stage.replica();
            stage.install(0, PORTALS);
            fill(stage);
            Map<Integer, String> sessions = new LinkedHashMap<>();
            for (int p = 0; p < 40; p++) {
                sessions.put(p, Pages.signIn(stage, p));
            }
            warmUp(app, sessions);
            for (String path : List.of(
                    "/admin/overview",
                    "/admin/messages",
                    "/admin/messages?state=FAILED",
                    "/admin/messages?direction=OUT&state=SENT",
                    "/admin/people",
                    "/admin/people/audit",
                    "/admin/start",
                    "/admin/phone-numbers",
                    "/admin/connector/1",
                    "/admin/messages/undelivered",
                    "/admin/privacy",
                    "/admin/api-keys",
                    "/admin/help")) {
                Table.row("page " + path + ", 1,000 portals", measure(app, sessions, path), "p95 < 50 ms", "");
            }
            String operator = operator(stage);
            for (String path : List.of(
                    "/operator",
                    "/operator/portals",
                    "/operator/portals?q=portal&show=attention",
                    "/operator/portals/" + Portals.tenant(0).value(),
                    "/operator/unrouted",
                    "/operator/keys",
                    "/operator/audit",
                    "/operator/access")) {
                Table.row(
                        "page " + path.replaceAll("[0-9a-f-]{36}", "{portal}") + ", 1,000 portals",
                        measure(app, Map.of(0, operator), path),
                        "p95 < 50 ms",
                        "");
            }
            Table.row("page of one message, 1,000 portals", lives(app, sessions), "p95 < 50 ms", "");
            Table.row("search by phone, 1,000 portals, both requests", searches(app, sessions), "p95 < 50 ms", "");
            explain(stage);
        }
    }

    private static void fill(Stage stage) throws SQLException {
        stage.run("create table bench_portal as select row_number() over (order by member_id) as n, tenant_id,"
                + " (select phone_number_id from phone_number where phone_number.tenant_id = portal_config.tenant_id)"
                + " as number from portal_config");
        stage.run("create unique index on bench_portal (n)");
        stage.run("update bench_portal set n = n + 10000 where tenant_id = '"
                + Portals.tenant(0).value() + "'");
        stage.run("select item_ledger_week((current_date - 7 * week)::date) from generate_series(0, 5) week");
        stage.run("""
                insert into item_ledger (tenant_id, written_on, key_digest, lane, item_key, correlation_id, accepted_at,
                    state, finished_at, subject, kind, reason, attempts)
                select tenant_id, at::date, gen_random_uuid(),
                    case when i %% 2 = 0 then 'inbound:' || number else 'outbound:' || number || ':' || customer end,
                    'message' || i, '0123456789abcdef', at,
                    case when i %% 200 = 1 then 'refused' else 'done' end, at + interval '1 second', customer,
                    case when i %% 2 = 0 then 'text' else 'agent' end,
                    case when i %% 200 = 1 then 'window_closed' end, 0
                from (
                    select i, now() - (i %% 2592000) * interval '1 second' as at, '55119' || lpad((i / 7 %% 5000)::text, 8, '8')
                        as customer, case when i %% 10 = 0 then 10000 + first.n else 1 + i %% 999 end as portal
                    from generate_series(1, %d) i cross join (select n - 10000 as n from bench_portal where n > 10000) first
                ) message join bench_portal on n = portal
                """.formatted(MESSAGES));
        stage.run("""
                insert into outbound_message (tenant_id, im_message_id, part, parts, phone_number_id, whatsapp_id, line_id,
                    chat_id, im, wamid, state, created_at, sent_at, delivered_at, read_at)
                select tenant_id, item_key, 0, 1, split_part(lane, ':', 2), subject, '1', '1', '{}', 'wamid.' || item_key,
                    'read', accepted_at, accepted_at, accepted_at, accepted_at
                from item_ledger where kind = 'agent' and state = 'done'
                """);
        stage.run("""
                insert into message_cost
                select tenant_id, current_date - day, number, category, 'regular', 'PMP', true, 100 + day
                from bench_portal cross join generate_series(0, 29) day
                    cross join unnest(array['marketing', 'utility', 'service']) category
                """);
        stage.run("""
                insert into lane (tenant_id, lane, flow, sleeping, due_at)
                select tenant_id, 'inbound:' || number, 'inbound', true, now() + interval '1 day'
                from bench_portal where n % 3 = 0
                """);
        stage.run("""
                insert into lane_item (tenant_id, lane, position, item_key, written_on, key_digest, payload, correlation_id)
                select tenant_id, lane, i, 'waits' || i, current_date, gen_random_uuid(), '{}', '0123456789abcdef'
                from lane cross join generate_series(1, 300) i
                """);
        stage.run("""
                insert into dead_letter (tenant_id, lane, position, seq, item_key, written_on, key_digest, payload, attempts,
                    reason, correlation_id, accepted_at)
                select tenant_id, 'inbound:' || number, i, i, 'died' || i, current_date, gen_random_uuid(), '{}', 3,
                    'handler_failed', '0123456789abcdef', now() - interval '1 hour'
                from bench_portal cross join generate_series(1, 20) i
                """);
        stage.run("""
                insert into tenant_hold (tenant_id, reason)
                select tenant_id, 'Invoice 17 is not paid' from bench_portal where n % 20 = 0
                """);
        stage.run("""
                insert into unrouted_event (received_at, source, reason, reference, body)
                select now() - i * interval '20 seconds', 'meta', 'unknown_number', i::text, '{}'
                from generate_series(1, 100000) i
                """);
        stage.run("""
                insert into operator_audit (at, operator, action, portal)
                select now() - i * interval '1 minute', 'bench', 'portal.resumed', tenant_id
                from bench_portal cross join generate_series(1, 30) i
                """);
        stage.run("vacuum analyze");
        stage.run("checkpoint");
    }

    /** A session of the operator's, as signing in leaves it. */
    private static String operator(Stage stage) throws SQLException {
        String value = "b".repeat(43);
        try (Connection connection = stage.superuser();
                PreparedStatement session = connection.prepareStatement(
                        "insert into operator_session (digest, operator, stage, client) values (?, 'bench', 'full', '-')")) {
            session.setBytes(1, Sha256.of(value));
            session.executeUpdate();
        }
        return "zaptrix_operator=" + value;
    }

    private void warmUp(AppProcess app, Map<Integer, String> sessions) throws Exception {
        for (int i = 0; i < 10; i++) {
            for (String cookie : sessions.values()) {
                Pages.get(app, cookie, "/admin/overview");
                Pages.get(app, cookie, "/admin/messages");
            }
        }
    }

    private String measure(AppProcess app, Map<Integer, String> sessions, String path) throws Exception {
        long[] nanos = new long[LOOKS];
        long[] large = new long[20];
        for (int i = 0; i < LOOKS; i++) {
            nanos[i] = timed(app, Objects.requireNonNull(sessions.get(i % sessions.size())), path);
        }
        for (int i = 0; i < large.length; i++) {
            large[i] = timed(app, Objects.requireNonNull(sessions.get(0)), path);
        }
        return figures(nanos) + "; the large portal's " + figures(large);
    }

    private long timed(AppProcess app, String cookie, String path) throws Exception {
        long start = System.nanoTime();
        Pages.get(app, cookie, path);
        return System.nanoTime() - start;
    }

    private String lives(AppProcess app, Map<Integer, String> sessions) throws Exception {
        long[] nanos = new long[LOOKS];
        for (int i = 0; i < LOOKS; i++) {
            String cookie = Objects.requireNonNull(sessions.get(i % sessions.size()));
            Matcher link = LIFE.matcher(Pages.get(app, cookie, "/admin/messages"));
            if (!link.find()) {
                throw new IllegalStateException("no message in the log");
            }
            nanos[i] = timed(app, cookie, link.group(1));
        }
        return figures(nanos);
    }

    private String searches(AppProcess app, Map<Integer, String> sessions) throws Exception {
        long[] nanos = new long[LOOKS];
        for (int i = 0; i < LOOKS; i++) {
            String cookie = Objects.requireNonNull(sessions.get(i % sessions.size()));
            String token = Pages.csrf(app, cookie, "/admin/messages");
            long start = System.nanoTime();
            Pages.get(
                    app,
                    cookie,
                    Pages.post(app, cookie, "/admin/messages", "_csrf=" + token + "&phone=551198888%04d".formatted(i)));
            nanos[i] = System.nanoTime() - start;
        }
        return figures(nanos);
    }

    private static String figures(long[] nanos) {
        Arrays.sort(nanos);
        return Table.number("p50 %.1f ms, p95 %.1f ms", Load.millis(nanos, 0.5), Load.millis(nanos, 0.95));
    }

    /** The plans that the pages' connections use. */
    private static void explain(Stage stage) throws SQLException {
        String tenant = "tenant_id = '" + Portals.tenant(0).value() + "'";
        try (Connection connection = stage.connection();
                Statement statement = connection.createStatement()) {
            statement.execute("set zaptrix.tenant = '" + Portals.tenant(0).value() + "'");
            for (String sql : List.of(
                    "select * from item_ledger where " + tenant + " and subject is not null"
                            + " order by accepted_at desc, key_digest desc limit 51",
                    "select * from item_ledger where " + tenant + " and subject is not null"
                            + " and accepted_at <= now() - interval '10 days' and (accepted_at, key_digest) <"
                            + " (now() - interval '10 days', '00000000-0000-0000-0000-000000000000')"
                            + " order by accepted_at desc, key_digest desc limit 51",
                    "select * from item_ledger where " + tenant + " and subject is not null"
                            + " and subject = any(array['5511988880001', '551188880001'])"
                            + " order by accepted_at desc, key_digest desc limit 51",
                    "select * from item_ledger where " + tenant + " and subject is not null and reason is not null"
                            + " and accepted_at >= now() - interval '3 days' and written_on >= current_date - 11"
                            + " order by accepted_at desc, key_digest desc limit 51")) {
                System.out.println("EXPLAIN " + sql);
                try (ResultSet rows =
                        statement.executeQuery("explain (analyze, costs off, timing off, buffers) " + sql)) {
                    while (rows.next()) {
                        System.out.println("    " + rows.getString(1));
                    }
                }
            }
        }
    }
}
