package io.zaptrix.portal;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import io.zaptrix.bitrix24.Bitrix24Rest;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.ZaptrixProperties;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Makes the connector known to a portal and asks for its events. Everything may be repeated, and must be: an update of
 * the app drops its event handlers. In single calls, not in a batch, because a portal that lacks one event (of a scope
 * that its plan does not have) should still get the others.
 */
@Component
class Registration implements PortalConnection {

    private static final Logger log = LoggerFactory.getLogger(Registration.class);

    /** Without it an agent's answer would not leave the portal. */
    private static final String ESSENTIAL_EVENT = "ONIMCONNECTORMESSAGEADD";

    private static final List<String> EVENTS = List.of(
            ESSENTIAL_EVENT,
            "ONIMCONNECTORMESSAGEUPDATE",
            "ONIMCONNECTORMESSAGEDELETE",
            "ONIMCONNECTORLINEDELETE",
            "ONIMCONNECTORSTATUSDELETE",
            "ONIMCONNECTORDIALOGSTART",
            "ONIMCONNECTORDIALOGFINISH",
            "ONAPPUNINSTALL",
            "ONAPPUPDATE");

    private static final int ATTEMPTS = 3;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(3);

    private final Bitrix24Rest rest;
    private final PortalRest portalRest;
    private final String settingsUrl;
    private final String eventsUrl;

    Registration(Bitrix24Rest rest, PortalRest portalRest, ZaptrixProperties properties) {
        this.rest = rest;
        this.portalRest = portalRest;
        this.settingsUrl = properties.publicUrl() + "/bitrix24/connector";
        this.eventsUrl = properties.publicUrl() + "/webhooks/bitrix24/outbound";
    }

    /** @throws Bitrix24Exception when the connector or the event that carries agents' answers cannot be had */
    void register(URI clientEndpoint, String accessToken) {
        register(new Session(
                clientEndpoint.getHost(), (method, params) -> rest.call(clientEndpoint, accessToken, method, params)));
    }

    @Override
    public void register() {
        register(session());
    }

    /** The bound tenant's portal, with its own tokens. */
    private Session session() {
        return new Session(TenantContext.require().toString(), portalRest::call);
    }

    @Override
    public String actsAs() {
        JsonNode profile = session().call("profile", Map.of());
        return (profile.path("NAME").asString("") + " "
                        + profile.path("LAST_NAME").asString(""))
                .strip();
    }

    @Override
    public boolean isConnectorRegistered() {
        return session().call("imconnector.list", Map.of()).has(Connector.CODE);
    }

    @Override
    public Set<String> missingEvents() {
        Set<String> missing = new TreeSet<>(EVENTS);
        for (JsonNode handler : session().call("event.get", Map.of())) {
            if (handler.path("handler").asString("").equals(eventsUrl)) {
                missing.remove(handler.path("event").asString("").toUpperCase(Locale.ROOT));
            }
        }
        return missing;
    }

    private void register(Session portal) {
        portal.call("imconnector.register", connector());
        Set<String> bound = tidiedHandlers(portal);
        for (String event : EVENTS) {
            if (!bound.contains(event)) {
                bind(portal, event);
            }
        }
    }

    /** Takes back what {@link #register} made, as far as the portal lets it: it is about to be forgotten. */
    void withdraw(PortalRest portal) {
        try {
            for (JsonNode handler : portal.call("event.get", Map.of())) {
                String event = handler.path("event").asString("").toUpperCase(Locale.ROOT);
                String address = handler.path("handler").asString("");
                if (address.equals(eventsUrl)) {
                    portal.call("event.unbind", Map.of("event", event, "handler", address));
                }
            }
            portal.call("imconnector.unregister", Map.of("ID", Connector.CODE));
        } catch (Bitrix24Exception e) {
            log.info("a portal that leaves keeps its connector: {}", e.getMessage());
        }
    }

    /**
     * The events that arrive here already. Handlers at another address are from a time when this service had another;
     * they would get what is not theirs any more.
     */
    private Set<String> tidiedHandlers(Session portal) {
        Set<String> here = new HashSet<>();
        try {
            for (JsonNode handler : portal.call("event.get", Map.of())) {
                String event = handler.path("event").asString("").toUpperCase(Locale.ROOT);
                String address = handler.path("handler").asString("");
                if (!EVENTS.contains(event)) {
                    continue;
                }
                if (address.equals(eventsUrl)) {
                    here.add(event);
                } else {
                    portal.call("event.unbind", Map.of("event", event, "handler", address));
                }
            }
        } catch (Bitrix24Exception e) {
            log.info("event handlers of {} not tidied: {}", portal.name(), e.getMessage());
        }
        return here;
    }

    private void bind(Session portal, String event) {
        try {
            JsonNode bound = portal.call("event.bind", Map.of("event", event, "handler", eventsUrl));
            if (bound.isBoolean() && !bound.booleanValue()) {
                // The answer when the handler is not on the host that the app's settings name.
                throw new Bitrix24Exception(Kind.REFUSE, "NOT_BOUND", "The portal does not send " + event + " here.");
            }
        } catch (Bitrix24Exception e) {
            if (e.description().toLowerCase(Locale.ROOT).contains("already bind")
                    || e.description().toLowerCase(Locale.ROOT).contains("already bound")) {
                return;
            }
            if (event.equals(ESSENTIAL_EVENT)) {
                throw e;
            }
            log.warn("portal {} does not give {}: {}", portal.name(), event, e.getMessage());
        }
    }

    /** The REST documentation's {@code imconnector-register.md}; it places SETTING_CONNECTOR by itself. */
    private Map<String, Object> connector() {
        return Map.ofEntries(
                Map.entry("ID", Connector.CODE),
                Map.entry("NAME", "WhatsApp (Zaptrix)"),
                Map.entry("ICON", icon("#25a55f")),
                Map.entry("ICON_DISABLED", icon("#a8adb4")),
                Map.entry("PLACEMENT_HANDLER", settingsUrl),
                // WhatsApp's Cloud API can neither edit nor take back, so the chat does not offer it.
                Map.entry("DEL_EXTERNAL_MESSAGES", false),
                Map.entry("EDIT_INTERNAL_MESSAGES", false),
                Map.entry("DEL_INTERNAL_MESSAGES", false),
                Map.entry("NEWSLETTER", false),
                Map.entry("NEED_SYSTEM_MESSAGES", true),
                Map.entry("NEED_SIGNATURE", true),
                // In group mode the portal's CRM would not look for the customer.
                Map.entry("CHAT_GROUP", false));
    }

    private static Map<String, String> icon(String color) {
        String svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 70 71'>"
                + "<path fill='#fff' d='M35 15c-11.6 0-21 8.7-21 19.5 0 4.3 1.5 8.3 4.1 11.5L15.5 56l10.300-3.300"
                + "c2.8 1.2 5.9 1.8 9.2 1.8 11.600 0 21-8.7 21-19.5S46.600 15 35 15z'/>"
                + "<path fill='" + color + "' d='M24 30h22v4H24zM24 38h14v4H24z'/></svg>";
        return Map.of(
                "DATA_IMAGE",
                "data:image/svg+xml,"
                        + URLEncoder.encode(svg, StandardCharsets.UTF_8).replace("+", "%20"),
                "COLOR",
                color,
                "SIZE",
                "100%",
                "POSITION",
                "center");
    }

    private interface Call {

        JsonNode make(String method, Map<String, ?> params);
    }

    /**
     * One portal, called with a little patience: a busy portal's request limit should not fail its installation.
     *
     * @param name for the log
     */
    private record Session(String name, Call call) {

        JsonNode call(String method, Map<String, ?> params) {
            for (int attempt = 1; ; attempt++) {
                try {
                    return call.make(method, params);
                } catch (Bitrix24Exception e) {
                    Duration wait = e.retryAfter().orElse(Duration.ofMillis(300));
                    boolean passes = e.kind() == Kind.LIMIT || e.kind() == Kind.RETRY;
                    if (!passes || attempt == ATTEMPTS || wait.compareTo(LONGEST_WAIT) > 0) {
                        throw e;
                    }
                    pause(wait, e);
                }
            }
        }

        private static void pause(Duration wait, Bitrix24Exception why) {
            try {
                Thread.sleep(wait);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw why;
            }
        }
    }
}
