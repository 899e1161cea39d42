package io.zaptrix.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.bitrix24.MalformedEvent;
import io.zaptrix.bitrix24.PhpForm;
import io.zaptrix.bitrix24.PortalLanguage;
import io.zaptrix.platform.BoundedJson;
import io.zaptrix.portal.PageGrant;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What Bitrix24 posts when it opens a page of the app: parameters in the address and a form ("Installing the app" and
 * "Placements" in the REST documentation). Where both have a field, the form's counts.
 */
record Opening(
        Map<String, String> fields, byte[] body, @Nullable String contentType) {

    private static final JsonMapper JSON = BoundedJson.ofAnybody();

    /** @throws MalformedEvent when the form is none */
    static Opening of(HttpServletRequest request) throws IOException {
        // As much as anybody's body may have (operations' filter counts).
        byte[] body = request.getInputStream().readAllBytes();
        Map<String, String> fields = new LinkedHashMap<>();
        String query = request.getQueryString();
        if (query != null) {
            put(fields, PhpForm.decode(query.getBytes(UTF_8)));
        }
        String type = request.getContentType();
        if (type == null || !type.toLowerCase(java.util.Locale.ROOT).contains("json")) {
            put(fields, PhpForm.decode(body));
        }
        return new Opening(fields, body, type);
    }

    /** Leaves out what the fields hold, and the body, which is the same: tokens and secrets are among them. */
    @Override
    public String toString() {
        return "Opening[fields=" + fields.keySet() + ", contentType=" + contentType + "]";
    }

    private static void put(Map<String, String> fields, JsonNode form) {
        form.properties().forEach(field -> {
            if (field.getValue().isValueNode()) {
                fields.put(field.getKey(), field.getValue().asString(""));
            }
        });
    }

    @Nullable
    String field(String name) {
        String value = fields.get(name);
        return value == null || value.isBlank() ? null : value;
    }

    /** Whether it is no page at all but {@code ONAPPINSTALL}, which goes to the installer's address too. */
    boolean isEvent() {
        return field("event") != null
                || fields.isEmpty() && new String(body, UTF_8).stripLeading().startsWith("{");
    }

    @Nullable
    PageGrant grant() {
        String authId = field("AUTH_ID");
        return authId == null
                ? null
                : new PageGrant(
                        authId,
                        field("REFRESH_ID"),
                        field("AUTH_EXPIRES"),
                        field("member_id"),
                        field("DOMAIN"),
                        field("LANG"),
                        field("APPLICATION_TOKEN"),
                        field("APPLICATION_SCOPE"),
                        field("status"));
    }

    java.util.Locale language() {
        String code = field("LANG");
        return code == null ? java.util.Locale.ENGLISH : PortalLanguage.of(code).locale();
    }

    boolean saysLanguage() {
        return field("LANG") != null;
    }

    /** The open line whose settings are shown: {@code LINE} in {@code PLACEMENT_OPTIONS}. */
    @Nullable
    String line() {
        String options = field("PLACEMENT_OPTIONS");
        if (options == null) {
            return null;
        }
        try {
            JsonNode line = JSON.readTree(options).path("LINE");
            String id = line.isValueNode() ? line.asString("") : "";
            return id.matches("[1-9][0-9]{0,17}") ? id : null;
        } catch (JacksonException notJson) {
            return null;
        }
    }
}
