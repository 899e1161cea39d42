package io.zaptrix.inbound;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.platform.CleanText;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** A contact that a customer shared, as a card that address books read (RFC 2426, vCard 3.0). */
final class VCard {

    private static final int MOST_LINES = 100;
    private static final int LONGEST_VALUE = 500;

    private final StringBuilder card = new StringBuilder("BEGIN:VCARD\r\nVERSION:3.0\r\n");
    private int lines;

    private VCard() {}

    /**
     * Writes a card.
     *
     * @param contact one entry of a {@code contacts} message
     * @param name what to call somebody without a name
     */
    static byte[] of(JsonNode contact, String name) {
        VCard card = new VCard();
        JsonNode names = contact.path("name");
        card.line(
                "N",
                value(names, "last_name") + ";" + value(names, "first_name") + ";" + value(names, "middle_name") + ";"
                        + value(names, "prefix") + ";" + value(names, "suffix"));
        String formatted = value(names, "formatted_name");
        card.line("FN", formatted.isEmpty() ? escaped(name) : formatted);
        for (JsonNode phone : contact.path("phones")) {
            String number = value(phone, "phone");
            String waId = value(phone, "wa_id");
            if (!number.isEmpty() || !waId.isEmpty()) {
                card.line("TEL" + type(phone), number.isEmpty() ? "+" + waId : number);
            }
        }
        for (JsonNode email : contact.path("emails")) {
            card.lineIfAny("EMAIL" + type(email), value(email, "email"));
        }
        for (JsonNode url : contact.path("urls")) {
            card.lineIfAny("URL" + type(url), value(url, "url"));
        }
        for (JsonNode address : contact.path("addresses")) {
            card.line(
                    "ADR" + type(address),
                    ";;" + value(address, "street") + ";" + value(address, "city") + ";" + value(address, "state") + ";"
                            + value(address, "zip") + ";" + value(address, "country"));
        }
        JsonNode org = contact.path("org");
        String company = value(org, "company");
        String department = value(org, "department");
        card.lineIfAny("ORG", department.isEmpty() ? company : company + ";" + department);
        card.lineIfAny("TITLE", value(org, "title"));
        card.lineIfAny("BDAY", value(contact, "birthday"));
        return card.card.append("END:VCARD\r\n").toString().getBytes(UTF_8);
    }

    private void lineIfAny(String property, String value) {
        if (!value.isEmpty()) {
            line(property, value);
        }
    }

    private void line(String property, String value) {
        if (++lines <= MOST_LINES) {
            card.append(property).append(':').append(value).append("\r\n");
        }
    }

    private static String type(JsonNode entry) {
        String type = value(entry, "type").toUpperCase(Locale.ROOT);
        return type.matches("[A-Z]{1,12}") ? ";TYPE=" + type : "";
    }

    private static String value(JsonNode object, String field) {
        JsonNode node = object.path(field);
        return node.isString() || node.isNumber() ? escaped(node.asString()) : "";
    }

    private static String escaped(String text) {
        String clean = CleanText.of(text).strip();
        if (clean.length() > LONGEST_VALUE) {
            clean = clean.substring(0, clean.offsetByCodePoints(0, clean.codePointCount(0, LONGEST_VALUE) - 1));
        }
        return clean.replace("\\", "\\\\")
                .replace("\n", "\\n")
                .replace(",", "\\,")
                .replace(";", "\\;");
    }
}
