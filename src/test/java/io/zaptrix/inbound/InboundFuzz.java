package io.zaptrix.inbound;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.fuzz.Target;
import io.zaptrix.meta.InboundMessage;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What customers write, and what their messages hold. */
public final class InboundFuzz {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<String> TYPES = List.of(
            "text",
            "location",
            "contacts",
            "button",
            "interactive",
            "reaction",
            "order",
            "system",
            "unsupported",
            "edit",
            "hologram");

    private InboundFuzz() {}

    public static List<Target> targets() {
        return List.of(
                Target.ofText(
                        "WhatsApp's formatting",
                        List.of(
                                "*bold _both_* ~gone~ ```code *x*``` `a` https://x.y/_a_ [b]x[/b] [url=x]y[/url]",
                                "\uD83D\uDE00 _x_"),
                        List.of("*", "_", "~", "`", "```", "[", "]", "[/b]", "[url=", "\n", "https://", "* ", " _"),
                        text -> {
                            ChatMarkup.formatted(text);
                            ChatMarkup.literal(text);
                        }),
                Target.ofText(
                        "customers' messages",
                        List.of(
                                "{\"location\":{\"latitude\":-23.5,\"longitude\":-46.6,\"name\":\"x\"}}",
                                "{\"contacts\":[{\"name\":{\"formatted_name\":\"Ana\"},\"phones\":[{\"phone\":\"+55\",\"wa_id\":\"55\"}]}]}",
                                "{\"interactive\":{\"type\":\"nfm_reply\",\"nfm_reply\":{\"response_json\":\"{\\\"a\\\":[1]}\"}}}",
                                "{\"order\":{\"product_items\":[{\"quantity\":3,\"item_price\":2.5,\"currency\":\"BRL\"}]}}",
                                "{\"edit\":{\"message\":{\"type\":\"text\",\"text\":{\"body\":\"x\"}}},\"referral\":{\"ctwa_clid\":\"x\"}}"),
                        List.of(
                                "\"response_json\":\"{\\\"",
                                "\"phones\":null",
                                "\"name\":[]",
                                "\"quantity\":1e99",
                                "\"errors\":[1]",
                                "\"type\":\"edit\""),
                        raw -> {
                            JsonNode json;
                            try {
                                json = JSON.readTree(raw);
                            } catch (JacksonException noJson) {
                                return;
                            }
                            for (String type : TYPES) {
                                CustomerText.of(
                                        new InboundMessage(
                                                "wamid.1", "16505551234", Instant.EPOCH, type, null, null, json),
                                        Locale.ENGLISH);
                            }
                            VCard.of(json.path("contacts").path(0), "x");
                        }),
                Target.ofText(
                        "names",
                        List.of("Ana Lima", "João da Silva Sauro", "@ana", ""),
                        List.of(" ", "\u00a0", "\u200b", ".", "-", "\uD83D\uDE00"),
                        name -> CustomerName.of(
                                new io.zaptrix.meta.ContactProfile("5511987654321", name, null, null),
                                "5511987654321")));
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
