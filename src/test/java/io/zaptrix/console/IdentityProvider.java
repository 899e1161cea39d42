package io.zaptrix.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Date;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** An OpenID Connect provider that vouches for whomever the test says, at once. */
final class IdentityProvider implements AutoCloseable {

    static final String CLIENT = "console";

    private final HttpServer server;
    private final RSAKey key;

    /** Whom the next sign-in is for. */
    volatile String address = "";

    volatile boolean verified = true;
    volatile String nonce = "";

    IdentityProvider() {
        try {
            key = new RSAKeyGenerator(2048).keyID("k").generate();
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException | JOSEException failed) {
            throw new IllegalStateException(failed);
        }
        server.createContext(
                "/.well-known/openid-configuration",
                exchange -> answer(
                        exchange,
                        Map.of(
                                "issuer",
                                url(),
                                "authorization_endpoint",
                                url() + "/authorize",
                                "token_endpoint",
                                url() + "/token",
                                "jwks_uri",
                                url() + "/keys",
                                "subject_types_supported",
                                new String[] {"public"},
                                "response_types_supported",
                                new String[] {"code"},
                                "id_token_signing_alg_values_supported",
                                new String[] {"RS256"})));
        server.createContext("/authorize", exchange -> {
            exchange.getResponseHeaders().add("Location", back(exchange.getRequestURI()));
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        server.createContext("/keys", exchange -> answer(exchange, new JWKSet(key.toPublicJWK()).toJSONObject()));
        server.createContext(
                "/token",
                exchange -> answer(
                        exchange,
                        Map.of("access_token", "a", "token_type", "Bearer", "expires_in", 60, "id_token", idToken())));
        server.start();
    }

    String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    /** As the provider's page does when somebody has signed in there. */
    String back(URI asked) {
        Map<String, String> query = java.util.Arrays.stream(asked.getRawQuery().split("&"))
                .map(pair -> pair.split("=", 2))
                .collect(java.util.stream.Collectors.toMap(
                        pair -> pair[0], pair -> java.net.URLDecoder.decode(pair[1], UTF_8)));
        nonce = java.util.Objects.requireNonNull(query.get("nonce"));
        return query.get("redirect_uri") + "?code=c&state=" + java.net.URLEncoder.encode(query.get("state"), UTF_8);
    }

    private String idToken() {
        try {
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k").build(),
                    new JWTClaimsSet.Builder()
                            .issuer(url())
                            .audience(CLIENT)
                            .subject("subject of " + address)
                            .claim("email", address)
                            .claim("email_verified", verified)
                            .claim("nonce", nonce)
                            .issueTime(new Date())
                            .expirationTime(new Date(System.currentTimeMillis() + 60_000))
                            .build());
            token.sign(new RSASSASigner(key));
            return token.serialize();
        } catch (JOSEException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static void answer(HttpExchange exchange, Object body) throws IOException {
        byte[] json = JsonMapper.shared().writeValueAsBytes(body);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, json.length);
        exchange.getResponseBody().write(json);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
