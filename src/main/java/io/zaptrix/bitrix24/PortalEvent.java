package io.zaptrix.bitrix24;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Locale.ROOT;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * An event as Bitrix24 posts it (REST documentation, {@code api-reference/events}). Nothing in it is proved before its
 * {@code application_token} has been compared with the one that the portal got at its installation.
 *
 * @param event its name in capitals, such as {@code ONIMCONNECTORMESSAGEADD}
 * @param memberId the portal's unchanging id, as the event claims
 * @param domain the portal's host, as the event claims
 * @param applicationToken proves the sender
 * @param auth tokens and addresses; absent where the event brought none
 * @param data what happened; an object for most events, a scalar for {@code ONIMCONNECTORLINEDELETE}
 * @param ts when the event was put into Bitrix24's queue
 */
public record PortalEvent(
        String event,
        @Nullable String memberId,
        @Nullable String domain,
        @Nullable String applicationToken,
        @Nullable Auth auth,
        JsonNode data,
        @Nullable Instant ts) {

    private static final Pattern NAME = Pattern.compile("[A-Z0-9_:\\\\.]{1,100}");

    /**
     * What an event says of its authorization. The tokens are those of the user whose action caused the event; they are
     * missing when a robot or an agent did, and {@code refreshToken} comes with {@code ONAPPINSTALL} only.
     *
     * @param expiresIn seconds that the access token lives
     * @param scope comma-separated
     * @param status L local, F free, D demo, T trial, P paid, S subscription
     */
    public record Auth(
            @Nullable String accessToken,
            @Nullable String refreshToken,
            @Nullable Long expiresIn,
            @Nullable URI clientEndpoint,
            @Nullable URI serverEndpoint,
            @Nullable String scope,
            @Nullable String status,
            @Nullable String userId) {

        /** Leaves the tokens out. */
        @Override
        public String toString() {
            return "Auth[clientEndpoint=" + clientEndpoint + ", status=" + status + ", userId=" + userId + "]";
        }
    }

    /**
     * Reads a posted event: PHP's bracketed form, which Bitrix24 sends, or JSON.
     *
     * @param contentType the request's, if it had one; a body that starts with a brace is taken as JSON anyway
     * @throws MalformedEvent when it is neither, or names no event; never throws anything else
     */
    public static PortalEvent parse(byte[] body, @Nullable String contentType) {
        ObjectNode posted = isJson(body, contentType) ? json(body) : PhpForm.decode(body);
        String event = Json.text(posted, "event");
        if (event == null || !NAME.matcher(event.toUpperCase(ROOT)).matches()) {
            throw new MalformedEvent("The body names no event.");
        }
        JsonNode auth = Json.field(posted, "auth");
        JsonNode data = Json.field(posted, "data");
        return new PortalEvent(
                event.toUpperCase(ROOT),
                Json.text(auth, "member_id"),
                Json.text(auth, "domain"),
                Json.text(auth, "application_token"),
                auth == null || !auth.isObject() ? null : auth(auth),
                data == null || data.isNull() ? JsonNodeFactory.instance.objectNode() : data,
                instant(posted));
    }

    /** The open line that the event is about, where it is about one. */
    public Optional<String> lineId() {
        String line = data.isValueNode() ? Json.text(data) : Json.text(data, "LINE");
        return Optional.ofNullable(line).filter(text -> !text.isBlank());
    }

    /** The connector that the event is about, in lower case, where it is about one. */
    public Optional<String> connector() {
        return Optional.ofNullable(Json.text(data, "CONNECTOR")).map(text -> text.toLowerCase(ROOT));
    }

    /** Leaves tokens and content out. */
    @Override
    public String toString() {
        return "PortalEvent[event=" + event + ", memberId=" + memberId + ", ts=" + ts + "]";
    }

    private static boolean isJson(byte[] body, @Nullable String contentType) {
        if (contentType != null && contentType.toLowerCase(ROOT).contains("json")) {
            return true;
        }
        int first = 0;
        while (first < body.length && body[first] <= ' ' && body[first] >= 0) {
            first++;
        }
        return first < body.length && body[first] == '{';
    }

    private static ObjectNode json(byte[] body) {
        if (body.length > PhpForm.MAX_BYTES) {
            throw new MalformedEvent("The body is larger than " + PhpForm.MAX_BYTES + " bytes.");
        }
        try {
            // Through a string, so that bytes that are no UTF-8 become U+FFFD instead of an error.
            if (Json.MAPPER.readTree(new String(body, UTF_8)) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            throw new MalformedEvent("The body is no JSON.");
        }
        throw new MalformedEvent("The body is no JSON object.");
    }

    private static Auth auth(JsonNode auth) {
        return new Auth(
                Json.text(auth, "access_token"),
                Json.text(auth, "refresh_token"),
                Json.number(auth, "expires_in"),
                uri(Json.text(auth, "client_endpoint")),
                uri(Json.text(auth, "server_endpoint")),
                Json.text(auth, "scope"),
                Json.text(auth, "status"),
                Json.text(auth, "user_id"));
    }

    private static @Nullable URI uri(@Nullable String text) {
        try {
            return text == null ? null : new URI(text);
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static @Nullable Instant instant(ObjectNode posted) {
        Long seconds = Json.number(posted, "ts");
        return seconds == null || seconds < 0 || seconds > Instant.MAX.getEpochSecond()
                ? null
                : Instant.ofEpochSecond(seconds);
    }
}
