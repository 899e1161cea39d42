package io.zaptrix.console;

import io.zaptrix.platform.OperatorScope;
import io.zaptrix.platform.Sha256;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.context.HttpRequestResponseHolder;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.security.web.csrf.CsrfTokenRepository;
import org.springframework.security.web.csrf.DefaultCsrfToken;
import org.springframework.stereotype.Component;

/**
 * The console's sessions, which have nothing in common with those of the portals' pages: another table, another cookie,
 * another principal. The cookie is sent by no other site ({@code SameSite=Strict}) and to no other path; the database
 * knows its digest only. A session ends after 15 minutes without a request and after 8 hours in any case; each step of
 * signing in begins a new one. The CSRF token is computed from the cookie, which no script can read.
 */
@Component
class OperatorSessions {

    static final String COOKIE = "zaptrix_operator";
    static final String PATH = "/operator";

    /** The password was right; the second factor is still to come. */
    static final String HALF = "OPERATOR_HALF";

    static final String FULL = "OPERATOR";

    private static final String NEW = OperatorSessions.class.getName();
    private static final int BYTES = 32;

    private final JdbcClient jdbc;
    private final OperatorScope scope;
    private final SecureRandom random = new SecureRandom();

    OperatorSessions(JdbcClient jdbc, OperatorScope scope) {
        this.jdbc = jdbc;
        this.scope = scope;
    }

    /** A session as the operator may look at it. */
    record Shown(String operator, String client, Instant startedAt, Instant seenAt, boolean own) {}

    /** Begins a session in place of the one that the request has. */
    void begin(
            String operator,
            boolean complete,
            String client,
            HttpServletRequest request,
            HttpServletResponse response) {
        end(request);
        String value = give(request, response);
        scope.call(() -> jdbc.sql(
                        "insert into operator_session (digest, operator, stage, client) values (:digest, :operator, :stage, :client)")
                .param("digest", Sha256.of(value))
                .param("operator", operator)
                .param("stage", complete ? "full" : "password")
                .param("client", client)
                .update());
    }

    /** Ends the request's session, and takes its cookie away. */
    void end(HttpServletRequest request, HttpServletResponse response) {
        end(request);
        response.addHeader(HttpHeaders.SET_COOKIE, cookie("").maxAge(0).build().toString());
    }

    private void end(HttpServletRequest request) {
        String value = value(request);
        if (value != null) {
            scope.call(() -> jdbc.sql("delete from operator_session where digest = :digest")
                    .param("digest", Sha256.of(value))
                    .update());
        }
    }

    /** @return how many of the same operator's were ended */
    int endOthers(Operator operator) {
        return scope.call(() -> jdbc.sql(
                        "delete from operator_session where operator = :operator and digest <> decode(:own, 'hex')")
                .param("operator", operator.name())
                .param("own", operator.session())
                .update());
    }

    List<Shown> of(Operator operator) {
        return scope.call(() -> jdbc.sql("""
                        select operator, client, started_at, seen_at, encode(digest, 'hex') = :own as own
                        from operator_session
                        where operator = :operator and stage = 'full' and seen_at > now() - interval '15 minutes'
                            and started_at > now() - interval '8 hours'
                        order by started_at desc
                        """)
                .param("operator", operator.name())
                .param("own", operator.session())
                .query((row, n) -> new Shown(
                        row.getString("operator"),
                        row.getString("client"),
                        row.getObject("started_at", OffsetDateTime.class).toInstant(),
                        row.getObject("seen_at", OffsetDateTime.class).toInstant(),
                        row.getBoolean("own")))
                .list());
    }

    @Scheduled(initialDelayString = "PT10M", fixedDelayString = "PT1H")
    void forget() {
        scope.call(() -> jdbc.sql(
                        "delete from operator_session where seen_at < now() - interval '1 day' or started_at < now() - interval '1 day'")
                .update());
    }

    private Optional<UsernamePasswordAuthenticationToken> find(byte[] digest) {
        record Row(String operator, boolean full, boolean stale) {}
        return scope.call(() -> {
            Optional<Row> found = jdbc.sql("""
                            select operator, stage = 'full' as complete, seen_at < now() - interval '30 seconds' as stale
                            from operator_session
                            where digest = :digest and seen_at > now() - interval '15 minutes'
                                and started_at > now() - case stage when 'full' then interval '8 hours'
                                    else interval '15 minutes' end
                            """)
                    .param("digest", digest)
                    .query((row, n) ->
                            new Row(row.getString("operator"), row.getBoolean("complete"), row.getBoolean("stale")))
                    .optional();
            if (found.filter(Row::stale).isPresent()) {
                jdbc.sql("update operator_session set seen_at = now() where digest = :digest")
                        .param("digest", digest)
                        .update();
            }
            return found.map(row -> UsernamePasswordAuthenticationToken.authenticated(
                    new Operator(row.operator(), HexFormat.of().formatHex(digest)),
                    null,
                    AuthorityUtils.createAuthorityList("ROLE_" + (row.full() ? FULL : HALF))));
        });
    }

    /** For the forms of the page that answers this request, whose session may have begun with it. */
    static String csrf(HttpServletRequest request) {
        Object value = request.getAttribute(NEW);
        return value instanceof String begun
                ? token(begun).getToken()
                : request.getAttribute(CsrfToken.class.getName()) instanceof CsrfToken token ? token.getToken() : "";
    }

    private static CsrfToken token(String value) {
        return new DefaultCsrfToken(
                "X-CSRF-TOKEN",
                "_csrf",
                Base64.getUrlEncoder().withoutPadding().encodeToString(Sha256.of("csrf|" + value)));
    }

    private String give(HttpServletRequest request, HttpServletResponse response) {
        String value = fresh();
        request.setAttribute(NEW, value);
        response.addHeader(HttpHeaders.SET_COOKIE, cookie(value).build().toString());
        return value;
    }

    private String fresh() {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static ResponseCookie.ResponseCookieBuilder cookie(String value) {
        return ResponseCookie.from(COOKIE, value)
                .path(PATH)
                .httpOnly(true)
                .secure(true)
                .sameSite("Strict");
    }

    private static @Nullable String value(HttpServletRequest request) {
        Cookie[] cookies = request.getCookies();
        if (cookies != null) {
            for (Cookie cookie : cookies) {
                if (cookie.getName().equals(COOKIE) && cookie.getValue().length() == 43) {
                    return cookie.getValue();
                }
            }
        }
        return null;
    }

    /** For the console's own security chain; no bean, of which there is one for the portals' pages. */
    SecurityContextRepository contexts() {
        return new Contexts();
    }

    CsrfTokenRepository csrfTokens() {
        return new CsrfTokens();
    }

    private final class Contexts implements SecurityContextRepository {

        @Override
        @Deprecated
        public SecurityContext loadContext(HttpRequestResponseHolder holder) {
            SecurityContext context = SecurityContextHolder.createEmptyContext();
            String value = value(holder.getRequest());
            if (value != null) {
                find(Sha256.of(value)).ifPresent(context::setAuthentication);
            }
            return context;
        }

        /** Sessions begin and end by word, not by what a filter leaves behind. */
        @Override
        public void saveContext(SecurityContext context, HttpServletRequest request, HttpServletResponse response) {}

        @Override
        public boolean containsContext(HttpServletRequest request) {
            return value(request) != null;
        }
    }

    private final class CsrfTokens implements CsrfTokenRepository {

        @Override
        public CsrfToken generateToken(HttpServletRequest request) {
            String value = fresh();
            request.setAttribute(NEW, value);
            return token(value);
        }

        /** Who is nobody yet gets a cookie too, so that a sign-in cannot be sent from elsewhere. */
        @Override
        public void saveToken(@Nullable CsrfToken token, HttpServletRequest request, HttpServletResponse response) {
            if (token != null && request.getAttribute(NEW) instanceof String value) {
                response.addHeader(HttpHeaders.SET_COOKIE, cookie(value).build().toString());
            }
        }

        @Override
        public @Nullable CsrfToken loadToken(HttpServletRequest request) {
            String value = value(request);
            return value == null ? null : token(value);
        }
    }
}
