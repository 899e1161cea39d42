package io.zaptrix.bitrix24;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.hc.core5.http.ContentType;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@link Bitrix24OAuth} over HTTP. */
final class HttpBitrix24OAuth implements Bitrix24OAuth, AutoCloseable {

    /** What servers answer that take the token request only as the documentation shows it, with GET. */
    private static final Set<Integer> NO_POST = Set.of(404, 405, 415, 501);

    private static final long DEFAULT_LIFE_SECONDS = 3600;

    private final Http http;
    private final Http refreshes;
    private final URI tokenUri;
    private final URI appInfoUri;
    private final RequestMetrics metrics;
    private final InstantSource clock;

    /**
     * @param http for whoever comes with a token or a code, proved or not
     * @param refreshes for the installed portals' tokens, which must be renewed however many strangers make the
     *     authorization server think about theirs
     */
    HttpBitrix24OAuth(Http http, Http refreshes, URI oauthUrl, RequestMetrics metrics, InstantSource clock) {
        String base = oauthUrl.toString();
        while (base.endsWith("/")) {
            base = base.substring(0, base.length() - 1);
        }
        this.http = http;
        this.refreshes = refreshes;
        this.tokenUri = URI.create(base + "/oauth/token/");
        this.appInfoUri = URI.create(base + "/rest/app.info");
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public AppInfo appInfo(String accessToken) {
        return metrics.timed("oauth", () -> {
            ObjectNode json;
            try {
                json = appInfoOf(accessToken);
            } catch (Bitrix24Exception e) {
                // Here these speak of the token that was shown, not of the app.
                throw switch (e.code().toLowerCase(Locale.ROOT)) {
                    case "invalid_client", "no_auth_found", "invalid_token", "invalid_grant" -> as(Kind.REFUSE, e);
                    case "portal_moved" -> as(Kind.RETRY, e);
                    default -> e;
                };
            }
            return appInfo(json);
        });
    }

    /**
     * The SDKs send the token as JSON (PHP) or in the URL (Python). It goes in a body as long as the server sees it
     * there, first as JSON, then as a form, and in the URL only where it does not.
     */
    private ObjectNode appInfoOf(String accessToken) {
        List<String> secrets = List.of(accessToken);
        String form = PhpForm.encode(Map.of("auth", accessToken));
        List<Supplier<Http.Answer>> ways = List.of(
                () -> http.post(
                        appInfoUri,
                        ContentType.APPLICATION_JSON,
                        Json.MAPPER.writeValueAsBytes(Map.of("auth", accessToken))),
                () -> http.post(appInfoUri, ContentType.APPLICATION_FORM_URLENCODED, form.getBytes(UTF_8)),
                () -> http.get(URI.create(appInfoUri + "?" + form)));
        Bitrix24Exception unseen = null;
        for (Supplier<Http.Answer> way : ways) {
            try {
                return Answers.good(way.get(), secrets);
            } catch (Bitrix24Exception e) {
                if (!isNoPost(e) && !e.code().equalsIgnoreCase("no_auth_found")) {
                    throw e;
                }
                unseen = e;
            }
        }
        throw Objects.requireNonNull(unseen);
    }

    @Override
    public TokenPair refresh(String clientId, String clientSecret, String refreshToken) {
        return token(refreshes, clientId, clientSecret, "refresh_token", "refresh_token", refreshToken);
    }

    @Override
    public TokenPair exchange(String clientId, String clientSecret, String code) {
        return token(http, clientId, clientSecret, "authorization_code", "code", code);
    }

    @Override
    public void close() throws Exception {
        try (refreshes) {
            http.close();
        }
    }

    private TokenPair token(
            Http way, String clientId, String clientSecret, String grantType, String grantName, String grant) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put("grant_type", grantType);
        params.put("client_id", clientId);
        params.put("client_secret", clientSecret);
        params.put(grantName, grant);
        List<String> secrets = List.of(clientSecret, grant);
        String form = PhpForm.encode(params);
        return metrics.timed("oauth", () -> {
            try {
                return tokens(Answers.good(post(way, form), secrets));
            } catch (Bitrix24Exception e) {
                if (isNoPost(e)) {
                    return tokens(tokenByGet(way, form, secrets));
                }
                throw grantFailure(e);
            }
        });
    }

    /**
     * The documentation shows the token request as GET, with the secret in the URL; Bitrix24's own CRest posts it, and
     * the server takes both. So it is posted, and only a server that takes no POST gets what is documented.
     */
    private Http.Answer post(Http way, String form) {
        return way.post(tokenUri, ContentType.APPLICATION_FORM_URLENCODED, form.getBytes(UTF_8));
    }

    private ObjectNode tokenByGet(Http way, String form, List<String> secrets) {
        try {
            return Answers.good(way.get(URI.create(tokenUri + "?" + form)), secrets);
        } catch (Bitrix24Exception e) {
            throw grantFailure(e);
        }
    }

    private static boolean isNoPost(Bitrix24Exception e) {
        return NO_POST.contains(e.httpStatus()) || e.code().equalsIgnoreCase("invalid_request");
    }

    /** There is nothing that could be refreshed when refreshing fails. */
    private static Bitrix24Exception grantFailure(Bitrix24Exception e) {
        if (e.code().equals(Answers.PORTAL_MOVED)) {
            return as(Kind.RETRY, e);
        }
        return e.kind() == Kind.REFRESH || e.kind() == Kind.REFUSE ? as(Kind.SUSPEND, e) : e;
    }

    private static Bitrix24Exception as(Kind kind, Bitrix24Exception e) {
        return new Bitrix24Exception(
                kind, e.code(), e.description(), e.httpStatus(), e.retryAfter().orElse(null), e.outcomeUnknown(), null);
    }

    private TokenPair tokens(ObjectNode json) {
        String accessToken = Json.text(json, "access_token");
        String refreshToken = Json.text(json, "refresh_token");
        String memberId = Json.text(json, "member_id");
        URI clientEndpoint = Answers.endpoint(Json.text(json, "client_endpoint"));
        if (accessToken == null || refreshToken == null || memberId == null || clientEndpoint == null) {
            throw Answers.unexpected("The answer lacks a token, the member_id or the client_endpoint.", 200);
        }
        return new TokenPair(
                accessToken,
                refreshToken,
                expiry(json),
                memberId,
                clientEndpoint,
                // The answer's own "domain" is the authorization server's.
                clientEndpoint.getHost(),
                Json.text(json, "scope"),
                Json.text(json, "status"),
                Json.text(json, "user_id"));
    }

    /** By the lifetime rather than by the server's clock, which need not be ours. */
    private Instant expiry(ObjectNode json) {
        Long lifetime = Json.number(json, "expires_in");
        Instant now = clock.instant();
        if (lifetime == null) {
            Long expires = Json.number(json, "expires");
            lifetime = expires == null ? DEFAULT_LIFE_SECONDS : expires - now.getEpochSecond();
        }
        return now.plusSeconds(Math.clamp(lifetime, 0, 10 * 365 * 86_400L));
    }

    private static AppInfo appInfo(ObjectNode json) {
        JsonNode result = json.get("result");
        JsonNode install = Json.field(result, "install");
        if (install == null || !install.isObject()) {
            install = result;
        }
        String memberId = either(install, result, "member_id");
        URI clientEndpoint = Answers.endpoint(either(install, result, "client_endpoint"));
        if (memberId == null || clientEndpoint == null) {
            throw Answers.unexpected("The answer lacks the member_id or the client_endpoint.", 200);
        }
        String scope = either(install, result, "scope");
        return new AppInfo(
                Json.text(result, "client_id"),
                memberId,
                clientEndpoint,
                clientEndpoint.getHost(),
                either(install, result, "status"),
                scope == null
                        ? List.of()
                        : Arrays.stream(scope.split("[,\\s]+"))
                                .filter(name -> !name.isEmpty())
                                .toList(),
                Json.yes(install, "installed"),
                Json.text(result, "user_id"),
                expiresAt(Json.text(result, "expires")));
    }

    private static @Nullable String either(@Nullable JsonNode install, @Nullable JsonNode result, String field) {
        String text = Json.text(install, field);
        return text == null ? Json.text(result, field) : text;
    }

    private static @Nullable Instant expiresAt(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return text.chars().allMatch(Character::isDigit)
                    ? Instant.ofEpochSecond(Long.parseLong(text))
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException | NumberFormatException e) {
            return null;
        }
    }
}
