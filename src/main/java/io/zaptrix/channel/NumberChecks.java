package io.zaptrix.channel;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.meta.AppWebhook;
import io.zaptrix.meta.GraphClient;
import io.zaptrix.meta.GraphException;
import io.zaptrix.platform.TenantContext;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;

/**
 * Looks live whether the bound tenant's numbers are joined to their lines, and mends what is not. Everything may be
 * repeated.
 */
@Service
public class NumberChecks {

    private final Channels channels;
    private final Lines lines;
    private final GraphClient graph;
    private final ApplicationEventPublisher events;

    NumberChecks(Channels channels, Lines lines, GraphClient graph, ApplicationEventPublisher events) {
        this.channels = channels;
        this.lines = lines;
        this.graph = graph;
        this.events = events;
    }

    /** How a number's open line is. */
    public enum LineState {
        /** It is there, and the connector is on and in order. */
        CONNECTED,
        /** It is there; the connector is off, or has an error. */
        CONNECTOR_OFF,
        /** It is there and switched off itself. */
        LINE_OFF,
        /** It is deleted. */
        GONE
    }

    /**
     * Asks the portal.
     *
     * @throws Bitrix24Exception when it does not say
     */
    public LineState line(String lineId) {
        Optional<OpenLine> line =
                lines.list().stream().filter(one -> one.id().equals(lineId)).findFirst();
        if (line.isEmpty()) {
            return LineState.GONE;
        }
        if (!lines.isActive(lineId)) {
            return LineState.CONNECTOR_OFF;
        }
        return line.get().active() ? LineState.CONNECTED : LineState.LINE_OFF;
    }

    /**
     * Switches the connector on where the number is, and lets what waited for it go on.
     *
     * @throws Bitrix24Exception when the portal does not do it
     * @throws NoSuchElementException when the tenant has no such number
     */
    public void activate(String phoneNumberId) {
        PhoneNumber number = find(phoneNumberId);
        lines.activate(number.lineId());
        lines.describe(number.lineId(), number.phoneNumberId(), number.displayPhoneNumber(), number.displayName());
        if (PhoneNumber.CONNECTOR_OFF.equals(number.problem()) || LineEvents.LINE_DELETED.equals(number.problem())) {
            channels.resume(phoneNumberId);
        }
        events.publishEvent(new NumberResumed(TenantContext.require(), phoneNumberId));
    }

    /**
     * Whether Meta sends this app the webhooks of a number's account.
     *
     * @throws GraphException when it does not say
     * @throws NoSuchElementException when the tenant has no such number
     */
    public boolean isSubscribed(String phoneNumberId) {
        return graph.isSubscribed(
                channels.accessToken(phoneNumberId), find(phoneNumberId).wabaId());
    }

    /**
     * Has Meta send this app the webhooks of a number's account.
     *
     * @throws GraphException when it does not
     * @throws NoSuchElementException when the tenant has no such number
     */
    public void subscribe(String phoneNumberId) {
        graph.subscribeApp(
                channels.accessToken(phoneNumberId), find(phoneNumberId).wabaId());
    }

    /**
     * Where Meta sends the webhooks of this service, for all portals.
     *
     * @throws GraphException when it does not say
     */
    public Optional<AppWebhook> appWebhook() {
        return graph.appWebhook();
    }

    private PhoneNumber find(String phoneNumberId) {
        return channels.find(phoneNumberId)
                .orElseThrow(() -> new NoSuchElementException("the number " + phoneNumberId + " is not linked"));
    }
}
