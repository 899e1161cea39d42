package io.zaptrix.bitrix24;

import java.net.URI;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;

/**
 * Speaks REST with one portal at a time, at the pace that Bitrix24 grants it (REST documentation, {@code limits.md}).
 * Keeps no tokens. Never repeats a call by itself and never follows a redirect.
 *
 * <p>Every method throws {@link Bitrix24Exception}. Worth knowing beside its kinds: {@code PACED} (kind {@code LIMIT})
 * is this side's own pace, and nothing was sent; {@code PORTAL_MOVED} (kind {@code REFRESH}) is a redirect, and the
 * next refresh of the tokens tells the portal's new address.
 */
public interface Bitrix24Rest {

    /** The most calls that a batch carries. */
    int BATCH_SIZE = 50;

    /**
     * Calls one method.
     *
     * @param clientEndpoint where the portal's REST answers, such as {@code https://acme.bitrix24.com/rest/}
     * @param method such as {@code imconnector.send.messages}
     * @param params sent as JSON; may hold maps, lists, scalars and {@link JsonNode}s
     * @return the answer's {@code result}. PHP writes an empty object as an empty array, and numbers often as strings.
     *     A result may tell of failures inside it, as that of {@code imconnector.send.messages} does for each message
     * @throws Bitrix24Exception when the call failed, also where the server says so with status 200
     */
    JsonNode call(URI clientEndpoint, String accessToken, String method, Map<String, ?> params);

    /**
     * Makes up to {@value #BATCH_SIZE} calls in one request, one after the other; a failure of one does not stop the
     * next. Takes one place in the portal's request limit.
     *
     * @param calls by keys of the caller's choice; keys that are identifiers may be referred to as {@code $result[key]}
     * @throws Bitrix24Exception when the batch as a whole failed
     * @throws IllegalArgumentException when there are more than {@value #BATCH_SIZE}
     */
    BatchResult batch(URI clientEndpoint, String accessToken, SequencedMap<String, RestCall> calls);
}
