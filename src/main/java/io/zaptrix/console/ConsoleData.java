package io.zaptrix.console;

import io.zaptrix.platform.Holding;
import io.zaptrix.platform.PersonalData;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * What the operator has decided about portals, and the operator's own: who signs in to run the service. The latter is
 * no portal's, names no customer, and is in no portal's export; what was done to a portal stays recorded when it is
 * gone.
 */
@Component
class ConsoleData implements PersonalData {

    private static final String NO_PORTALS = "false";

    @Override
    public List<Holding> holdings() {
        return List.of(
                Holding.of("tenant_hold", "tenant_id"),
                Holding.of("portal_flag", "flag"),
                Holding.of("operator_second_factor", "id").ofTenant(NO_PORTALS),
                Holding.of("operator_recovery_code", "digest").ofTenant(NO_PORTALS),
                Holding.of("operator_session", "digest").ofTenant(NO_PORTALS),
                Holding.of("operator_attempt", "client").ofTenant(NO_PORTALS),
                Holding.of("operator_audit", "id").ofTenant(NO_PORTALS));
    }
}
