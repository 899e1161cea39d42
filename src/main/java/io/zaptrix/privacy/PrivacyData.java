package io.zaptrix.privacy;

import io.zaptrix.platform.Holding;
import io.zaptrix.platform.PersonalData;
import java.util.List;
import org.springframework.stereotype.Component;

/** The room's own tables. A request names whom it is about until it is done, and goes with them. */
@Component
class PrivacyData implements PersonalData {

    @Override
    public List<Holding> holdings() {
        return List.of(
                Holding.of("erasure_request", "id")
                        .ofPerson("names && :names::text[]")
                        .byHand(),
                Holding.of("privacy_settings", "tenant_id"));
    }
}
