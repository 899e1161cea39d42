package io.zaptrix.meta;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.fuzz.Target;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** Meta's webhooks and their signatures. */
public final class MetaFuzz {

    private static final JsonMapper JSON = JsonMapper.shared();

    private MetaFuzz() {}

    private static final List<String> WEBHOOKS = List.of("""
            {"object":"whatsapp_business_account","entry":[{"id":"419","changes":[{"field":"messages","value":{
            "messaging_product":"whatsapp","metadata":{"display_phone_number":"551155550100","phone_number_id":"106"},
            "contacts":[{"profile":{"name":"Ana"},"wa_id":"5511987654321","user_id":"BR.1"}],"messages":[{"from":"5511987654321",
            "id":"wamid.A","timestamp":"1700000000","type":"text","text":{"body":"Oi"},"context":{"id":"wamid.B"}}]}}]}]}""", """
            {"object":"whatsapp_business_account","entry":[{"id":"419","time":1700000000,"changes":[{"field":"messages","value":{
            "metadata":{"phone_number_id":"106"},"statuses":[{"id":"wamid.A","status":"failed","timestamp":"1700000000",
            "recipient_id":"5511987654321","errors":[{"code":131026,"title":"x","error_data":{"details":"y"}}],
            "conversation":{"id":"c","expiration_timestamp":"1700086400","origin":{"type":"service"}},
            "pricing":{"billable":true,"pricing_model":"PMP","category":"service"},"biz_opaque_callback_data":"x"}]}}]}]}""", """
            {"object":"whatsapp_business_account","entry":[{"id":"419","changes":[{"field":"smb_message_echoes","value":{
            "metadata":{"phone_number_id":"106"},"message_echoes":[{"from":"55115555","to":"5511987654321","id":"wamid.C",
            "timestamp":"1700000000","type":"image","image":{"id":"1","mime_type":"image/jpeg","sha256":"x","caption":"c"}}]}}]}]}""", """
            {"object":"whatsapp_business_account","entry":[{"id":"419","changes":[{"field":"account_update","value":{
            "event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"DISABLE"}}},{"field":"phone_number_quality_update",
            "value":{"display_phone_number":"5511","event":"FLAGGED","current_limit":"TIER_1K"}}]}]}""");

    public static List<Target> targets() {
        WebhookSignature signature = WebhookSignatureTest.of("a-secret,another");
        return List.of(
                Target.ofText(
                        "Meta's webhooks",
                        WEBHOOKS,
                        List.of(
                                "\"messages\":",
                                "\"statuses\":",
                                "\"contacts\":",
                                "\"value\":",
                                "\"errors\":[{}]",
                                "\"timestamp\":\"-1\"",
                                "\"timestamp\":1e30",
                                "\"id\":null",
                                "\"type\":\"reaction\"",
                                "\"from_user_id\":\"BR.1\"",
                                "[[[[[[[[",
                                "{\"a\":",
                                "\"entry\":[null]",
                                "\"changes\":{}"),
                        body -> {
                            try {
                                for (WebhookEvent event : Webhooks.parse(body.getBytes(UTF_8))) {
                                    // What was understood is stored and read again.
                                    JSON.readValue(JSON.writeValueAsBytes(event), WebhookEvent.class);
                                }
                            } catch (MalformedWebhook documented) {
                                // Answered 400.
                            }
                        }),
                Target.ofText(
                        "signatures",
                        List.of(
                                "sha256=" + "0".repeat(64),
                                "sha256=" + "ab".repeat(32),
                                "sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709"),
                        List.of("sha256=", "SHA256=", "ff", "FF", " ", "\t"),
                        header -> Target.promised(
                                !signature.proves("{}".getBytes(UTF_8), header),
                                "a made-up signature proves something")));
    }
}
