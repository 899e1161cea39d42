package io.zaptrix.bitrix24;

import java.net.URI;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Speaks REST with one portal. */
public interface Bitrix24Rest {

    JsonNode call(URI clientEndpoint, String accessToken, String method, Map<String, ?> params);
}
