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
import java.sql.SQLException;
import java.util.Base64;
import java.util.Locale;
import java.util.UUID;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContextImpl;

/** How benchmarks look at the application's pages: as an admin who is signed in. */
final class Pages {

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();

    private Pages() {}

    /** A session as signing in leaves it. */
    static String signIn(Stage stage, int portal) throws SQLException, IOException {
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

    static String get(AppProcess app, String cookie, String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = CLIENT.send(
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

    /** What the forms of a page bring along. */
    static String csrf(AppProcess app, String cookie, String path) throws IOException, InterruptedException {
        return get(app, cookie, path).replaceAll("(?s).*name=\"_csrf\" value=\"([^\"]+)\".*", "$1");
    }

    /** Sends a form; returns where it leads. */
    static String post(AppProcess app, String cookie, String path, String form)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = CLIENT.send(
                HttpRequest.newBuilder(URI.create(app.url() + path))
                        .header("Cookie", cookie)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 303) {
            throw new IllegalStateException(path + ": " + answer.statusCode());
        }
        return answer.headers().firstValue("Location").orElseThrow().replaceFirst("^https?://[^/]+", "");
    }
}
