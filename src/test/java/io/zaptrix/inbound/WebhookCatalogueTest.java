package io.zaptrix.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.meta.AccountChanged;
import io.zaptrix.meta.MessageReceived;
import io.zaptrix.meta.MetaContract;
import io.zaptrix.meta.StatusChanged;
import io.zaptrix.meta.WebhookEvent;
import io.zaptrix.meta.Webhooks;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whatever Meta's OpenAPI description says that webhooks bring is understood; what it comes to know is asked for here.
 */
class WebhookCatalogueTest {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    static Stream<String> types() {
        return MetaContract.v23().incomingMessages().keySet().stream();
    }

    @Test
    void thereIsSomethingToLookAt() {
        assertThat(types()).hasSizeGreaterThan(10).contains("text", "order", "unsupported");
        assertThat(MetaContract.v23().values("Statuses/properties/status")).contains("failed");
        assertThat(MetaContract.v23().values("Change/properties/field")).contains("messages");
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyTypeOfMessageIsShownAsWhatItIs(String type) throws Exception {
        JsonNode example =
                Objects.requireNonNull(MetaContract.v23().incomingMessages().get(type));
        ObjectNode message = example.isObject()
                ? (ObjectNode) example.deepCopy()
                : JSON.objectNode()
                        .put("from", "16505551234")
                        .put("id", "wamid.1")
                        .put("timestamp", "1749416383");
        message.put("type", type);

        WebhookEvent event = parse("messages", "messages", message);

        assertThat(event).isInstanceOf(MessageReceived.class);
        String shown = CustomerText.of(((MessageReceived) event).message(), Locale.ENGLISH);
        assertThat(shown).isNotBlank().doesNotContain("cannot be shown here yet");
    }

    @Test
    void everyStatusIsUnderstood() throws Exception {
        for (String status : MetaContract.v23().values("Statuses/properties/status")) {
            ObjectNode node = JSON.objectNode()
                    .put("id", "wamid.1")
                    .put("status", status)
                    .put("timestamp", "1749416383")
                    .put("recipient_id", "16505551234");

            WebhookEvent event = parse("messages", "statuses", node);

            assertThat(event).isInstanceOf(StatusChanged.class);
            assertThat(((StatusChanged) event).status().status()).isEqualTo(status);
        }
    }

    /** Its fields beside messages are of groups' lives, of which nothing is made. */
    @Test
    void everyFieldIsReadable() throws Exception {
        for (String field : MetaContract.v23().values("Change/properties/field")) {
            if (!field.equals("messages")) {
                assertThat(parse(field, "groups", JSON.objectNode().put("group_id", "1")))
                        .isInstanceOf(AccountChanged.class);
            }
        }
    }

    private static WebhookEvent parse(String field, String list, ObjectNode content) throws Exception {
        ObjectNode webhook = JSON.objectNode().put("object", "whatsapp_business_account");
        ObjectNode change = webhook.putArray("entry")
                .addObject()
                .put("id", "419561257915477")
                .putArray("changes")
                .addObject()
                .put("field", field);
        ObjectNode value = change.putObject("value").put("messaging_product", "whatsapp");
        value.putObject("metadata")
                .put("display_phone_number", "15550783881")
                .put("phone_number_id", "106540352242922");
        value.putArray(list).add(content);
        List<WebhookEvent> events = Webhooks.parse(webhook.toString().getBytes(StandardCharsets.UTF_8));
        return events.getFirst();
    }
}
