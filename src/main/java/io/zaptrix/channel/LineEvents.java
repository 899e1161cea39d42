package io.zaptrix.channel;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.bitrix24.PortalEvent;
import io.zaptrix.portal.Connector;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.PortalEventHandler;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Somebody deleted an open line, or switched the connector off on one (REST documentation,
 * {@code imopenlines/imconnector/events}). The numbers there keep their token and wait: linking one again, to another
 * line or to the same, is one form for the admin.
 */
@Component
class LineEvents implements PortalEventHandler {

    /** {@link PhoneNumber#problem()} of a number whose line is gone. */
    static final String LINE_DELETED = "line_deleted";

    private static final Logger log = LoggerFactory.getLogger(LineEvents.class);

    private static final String DELETED = "ONIMCONNECTORLINEDELETE";
    private static final String SWITCHED_OFF = "ONIMCONNECTORSTATUSDELETE";

    private final LinkedChannels channels;
    private final Lines lines;

    LineEvents(LinkedChannels channels, Lines lines) {
        this.channels = channels;
        this.lines = lines;
    }

    @Override
    public Set<String> events() {
        return Set.of(DELETED, SWITCHED_OFF);
    }

    @Override
    public void accept(Portal portal, PortalEvent event) {
        String lineId = event.lineId().orElse("");
        boolean otherConnector =
                event.connector().filter(code -> !code.equals(Connector.CODE)).isPresent();
        if (lineId.isEmpty() || otherConnector) {
            return;
        }
        if (event.event().equals(DELETED)) {
            channels.suspendLine(lineId, LINE_DELETED);
        } else if (!isOnAgain(lineId)) {
            channels.suspendLine(lineId, PhoneNumber.CONNECTOR_OFF);
        }
    }

    /** Events come late, and linking switches the connector off and on. */
    private boolean isOnAgain(String lineId) {
        try {
            return lineId.matches("[0-9]{1,18}") && lines.isActive(lineId);
        } catch (Bitrix24Exception e) {
            log.info("line {} not asked for its connector: {}", lineId, e.getMessage());
            return false;
        }
    }
}
