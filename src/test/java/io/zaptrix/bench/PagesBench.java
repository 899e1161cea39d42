package io.zaptrix.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.PortalUser;
import io.zaptrix.testing.AppProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContextImpl;

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

    private final HttpClient client =
            HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();

    @Test
    void pagesComeAtOnce() throws Exception {
        try (Stage stage = new Stage()) {
            AppProcess app = stage.replica();
            stage.install(0, PORTALS);
            fill(stage);
            Map<Integer, String> sessions = new LinkedHashMap<>();
            for (int p = 0; p < 40; p++) {
                sessions.put(p, signIn(stage, p));
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
        stage.run("vacuum analyze");
        stage.run("checkpoint");
    }

    /** A session as signing in leaves it. */
    private static String signIn(Stage stage, int portal) throws SQLException, IOException {
        TenantId tenant = Portals.tenant(portal);
        PortalUser user =
                new PortalUser(tenant, "bench" + portal, "1", "Ana", true, "https://bench.example", Locale.ENGLISH);
        ByteArrayOutputStream context = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(context)) {
            out.writeObject(new SecurityContextImpl(
                    UsernamePasswordAuthenticationToken.authenticated(user, null, user.getAuthorities())));
        }
        String id = UUID.randomUUID().toString();
        long now = System.currentTimeMillis();
        try (Connection connection = stage.superuser();
                PreparedStatement session =
                        connection.prepareStatement("insert into spring_session values (?, ?, ?, ?, 28800, ?, ?)");
                PreparedStatement attribute =
                        connection.prepareStatement("insert into spring_session_attributes values (?, ?, ?)")) {
            session.setString(1, id);
            session.setString(2, id);
            session.setLong(3, now);
            session.setLong(4, now);
            session.setLong(5, now + 28_800_000);
            session.setString(6, user.getName());
            session.executeUpdate();
            attribute.setString(1, id);
            attribute.setString(2, "SPRING_SECURITY_CONTEXT");
            attribute.setBytes(3, context.toByteArray());
            attribute.executeUpdate();
        }
        return "zaptrix_session=" + Base64.getEncoder().encodeToString(id.getBytes(UTF_8));
    }

    private void warmUp(AppProcess app, Map<Integer, String> sessions) throws Exception {
        for (int i = 0; i < 10; i++) {
            for (String cookie : sessions.values()) {
                get(app, cookie, "/admin/overview");
                get(app, cookie, "/admin/messages");
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
        get(app, cookie, path);
        return System.nanoTime() - start;
    }

    private String lives(AppProcess app, Map<Integer, String> sessions) throws Exception {
        long[] nanos = new long[LOOKS];
        for (int i = 0; i < LOOKS; i++) {
            String cookie = Objects.requireNonNull(sessions.get(i % sessions.size()));
            Matcher link = LIFE.matcher(get(app, cookie, "/admin/messages"));
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
            String token =
                    get(app, cookie, "/admin/messages").replaceAll("(?s).*name=\"_csrf\" value=\"([^\"]+)\".*", "$1");
            HttpRequest request = HttpRequest.newBuilder(URI.create(app.url() + "/admin/messages"))
                    .header("Cookie", cookie)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("_csrf=" + token + "&phone=551198888%04d".formatted(i)))
                    .build();
            long start = System.nanoTime();
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 303) {
                throw new IllegalStateException("search: " + answer.statusCode());
            }
            get(
                    app,
                    cookie,
                    answer.headers().firstValue("Location").orElseThrow().replaceFirst("^https?://[^/]+", ""));
            nanos[i] = System.nanoTime() - start;
        }
        return figures(nanos);
    }

    private String get(AppProcess app, String cookie, String path) throws Exception {
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create(app.url() + path))
                        .header("Cookie", cookie)
                        .header("Accept", "text/html")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(path + ": " + answer.statusCode());
        }
        return answer.body();
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
