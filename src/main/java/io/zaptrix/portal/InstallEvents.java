package io.zaptrix.portal;

import io.zaptrix.bitrix24.PortalEvent;
import io.zaptrix.platform.FailedProofs;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.SignInRefused.Reason;
import org.springframework.stereotype.Component;

/**
 * {@code ONAPPINSTALL}, wherever it arrives. Anybody may post one, and each makes this service ask the authorization
 * server: so often for one portal and from one address, and no more.
 */
@Component
public class InstallEvents {

    private static final String DOOR = "install_event";

    /** Failures within a minute of one address with one portal's name. */
    static final int MOST_FAILURES = 10;

    /** And with any: many portals share Bitrix24's own addresses, and some may have a broken app of their own. */
    static final int MOST_FAILURES_OF_ADDRESS = 200;

    private final Portals portals;
    private final FailedProofs failures;

    InstallEvents(Portals portals, FailedProofs failures) {
        this.portals = portals;
        this.failures = failures;
    }

    /**
     * Installs as {@link Portals#install(PortalEvent)} does.
     *
     * @param client as {@link FailedProofs#client} says
     * @throws SignInRefused {@link Reason#TOO_MANY_TRIES} besides, when nobody is asked any more
     */
    public void install(PortalEvent event, String client) {
        String claimed = client + " " + TenantId.ofMember(String.valueOf(event.memberId()));
        if (failures.tooMany(DOOR, claimed, MOST_FAILURES)
                || failures.tooMany(DOOR, client, MOST_FAILURES_OF_ADDRESS)) {
            throw new SignInRefused(Reason.TOO_MANY_TRIES, "too many installations that nobody vouched for");
        }
        try {
            portals.install(event);
        } catch (SignInRefused refused) {
            if (refused.reason() == Reason.NOT_PROVED) {
                failures.count(DOOR, claimed);
                failures.count(DOOR, client);
            }
            throw refused;
        }
    }
}
