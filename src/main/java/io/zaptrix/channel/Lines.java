package io.zaptrix.channel;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import io.zaptrix.portal.Connector;
import io.zaptrix.portal.PortalRest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * The bound tenant's open lines and the connector on them (REST documentation, {@code api-reference/imopenlines}). All
 * methods throw {@link Bitrix24Exception}.
 */
@Component
class Lines {

    private static final int PAGE = 200;
    private static final int MOST_PAGES = 25;
    private static final int ATTEMPTS = 3;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(3);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final PortalRest rest;

    Lines(PortalRest rest) {
        this.rest = rest;
    }

    List<OpenLine> list() {
        Map<String, OpenLine> lines = new LinkedHashMap<>();
        for (int page = 0; page < MOST_PAGES; page++) {
            JsonNode listed = call(
                    "imopenlines.config.list.get",
                    Map.of(
                            "PARAMS",
                            Map.of(
                                    "select",
                                    List.of("ID", "LINE_NAME", "ACTIVE"),
                                    "order",
                                    Map.of("ID", "ASC"),
                                    "limit",
                                    PAGE,
                                    "offset",
                                    page * PAGE)));
            int before = lines.size();
            for (JsonNode line : listed) {
                String id = line.path("ID").asString("");
                if (!id.isEmpty()) {
                    String name = line.path("LINE_NAME").asString("");
                    lines.putIfAbsent(
                            id,
                            new OpenLine(
                                    id,
                                    name.isBlank() ? "#" + id : name,
                                    line.path("ACTIVE").asString("Y").equals("Y")));
                }
            }
            if (listed.size() < PAGE || lines.size() == before) {
                break;
            }
        }
        return new ArrayList<>(lines.values());
    }

    /** Makes a line whose first agent is the admin that the app speaks for; a line without agents answers nobody. */
    String add(String name) {
        String admin = call("profile", Map.of()).path("ID").asString("");
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("LINE_NAME", name);
        params.put("ACTIVE", "Y");
        params.put("CRM", "Y");
        if (!admin.isEmpty()) {
            params.put("QUEUE", List.of(Map.of("ENTITY_TYPE", "user", "ENTITY_ID", admin)));
        }
        String id = call("imopenlines.config.add", Map.of("PARAMS", params)).asString("");
        if (!id.matches("[1-9][0-9]*")) {
            throw new Bitrix24Exception(Kind.REFUSE, "LINE_NOT_ADDED", "The portal did not make an open line.");
        }
        return id;
    }

    void delete(String lineId) {
        call("imopenlines.config.delete", Map.of("CONFIG_ID", number(lineId)));
    }

    void activate(String lineId) {
        requireTrue(call("imconnector.activate", onLine(lineId, Map.of("ACTIVE", "1"))), "The connector stayed off.");
    }

    void deactivate(String lineId) {
        call("imconnector.activate", onLine(lineId, Map.of("ACTIVE", "0")));
    }

    /** Tells the line what the portal shows as the channel's address. */
    void describe(String lineId, String phoneNumberId, String displayPhoneNumber, String name) {
        String digits = displayPhoneNumber.replaceAll("[^0-9]", "");
        String url = "https://wa.me/" + digits;
        requireTrue(
                call(
                        "imconnector.connector.data.set",
                        onLine(
                                lineId,
                                Map.of("DATA", Map.of("ID", phoneNumberId, "URL", url, "URL_IM", url, "NAME", name)))),
                "The portal did not keep the channel's address.");
    }

    /** Whether the connector is on and in order on the line, as the portal says now. */
    boolean isActive(String lineId) {
        JsonNode status = call("imconnector.status", onLine(lineId, Map.of()));
        return status.path("STATUS").asBoolean(false);
    }

    private JsonNode call(String method, Map<String, ?> params) {
        for (int attempt = 1; ; attempt++) {
            try {
                return rest.call(method, params);
            } catch (Bitrix24Exception e) {
                Duration wait = e.retryAfter().orElse(PAUSE);
                // Only what was certainly not done: a line that is made twice would stay.
                if (e.kind() != Kind.LIMIT || attempt == ATTEMPTS || wait.compareTo(LONGEST_WAIT) > 0) {
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

    private static void requireTrue(JsonNode result, String otherwise) {
        if (result.isBoolean() && !result.booleanValue()) {
            throw new Bitrix24Exception(Kind.REFUSE, "NOT_DONE", otherwise);
        }
    }

    private static Map<String, Object> onLine(String lineId, Map<String, ?> more) {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("CONNECTOR", Connector.CODE);
        params.put("LINE", number(lineId));
        params.putAll(more);
        return params;
    }

    private static long number(String lineId) {
        return Long.parseLong(lineId);
    }
}
