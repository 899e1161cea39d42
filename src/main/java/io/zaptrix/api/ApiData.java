package io.zaptrix.api;

import io.zaptrix.platform.Holding;
import io.zaptrix.platform.PersonalData;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Keys, webhooks and idempotency keys, none of which is about a customer; what waits for a webhook is the relay's, and
 * what was sent is of the room that sends.
 */
@Component
class ApiData implements PersonalData {

    @Override
    public List<Holding> holdings() {
        return List.of(
                Holding.of("api_key", "id"),
                Holding.of("api_webhook", "id"),
                Holding.of("api_idempotency", "key_id", "idempotency_key"));
    }
}
