package io.zaptrix.bitrix24;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** An event as a portal sends it. */
public record PortalEvent(
        String event,
        @Nullable String memberId,
        @Nullable String domain,
        @Nullable String applicationToken,
        JsonNode data) {}
