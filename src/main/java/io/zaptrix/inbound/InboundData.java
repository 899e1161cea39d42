package io.zaptrix.inbound;

import io.zaptrix.platform.Holding;
import io.zaptrix.platform.PersonalData;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * What happened to the portal's accounts at Meta; customers' messages are the relay's while they wait, and nobody's
 * after.
 */
@Component
class InboundData implements PersonalData {

    @Override
    public List<Holding> holdings() {
        return List.of(Holding.of("account_event", "id"));
    }
}
