package io.zaptrix.meta;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Everything else: changes of the account, its numbers and templates, and whatever Meta adds in the future.
 *
 * @param at when it happened, to the second; null if the webhook does not say
 * @param field the webhook field, such as {@code account_update}; empty if there was none
 * @param value what Meta sent for it, unchanged
 */
public record AccountChanged(String wabaId, @Nullable Instant at, String field, JsonNode value)
        implements WebhookEvent {

    @Override
    public String toString() {
        return "AccountChanged[wabaId=" + wabaId + ", field=" + field + "]";
    }
}
