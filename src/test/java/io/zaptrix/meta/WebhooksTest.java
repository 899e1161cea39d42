package io.zaptrix.meta;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zaptrix.meta.GraphException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** What a webhook says, in Meta's shapes: those of its OpenAPI file, and newer ones that it does not know yet. */
class WebhooksTest {

    private static final String ANNA = "{\"profile\":{\"name\":\"Anna\"},\"wa_id\":\"4915112345678\"}";

    /** A webhook about number 106540352242922 with this inside its value. */
    private static byte[] webhook(String inside) {
        return """
        {"object":"whatsapp_business_account","entry":[{"id":"419561257915477","changes":[{"field":"messages","value":{
         "messaging_product":"whatsapp",
         "metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},%s}}]}]}""".formatted(inside).getBytes(UTF_8);
    }

    private static byte[] changes(String change) {
        return ("{\"entry\":[{\"id\":\"419561257915477\",\"changes\":[" + change + "]}]}").getBytes(UTF_8);
    }

    private static byte[] messages(String... messages) {
        return webhook("\"contacts\":[" + ANNA + "],\"messages\":[" + String.join(",", messages) + "]");
    }

    private static String message(String wamid, String rest) {
        return "{\"from\":\"4915112345678\",\"id\":\"" + wamid + "\",\"timestamp\":\"1749416383\"," + rest + "}";
    }

    private static InboundMessage only(byte[] body) throws MalformedWebhook {
        List<WebhookEvent> events = Webhooks.parse(body);
        assertThat(events).hasSize(1);
        return ((MessageReceived) events.getFirst()).message();
    }

    /** As a queue would store it. */
    private static WebhookEvent stored(WebhookEvent event) {
        JsonMapper plain = JsonMapper.builder().build();
        String json = plain.writeValueAsString(event);
        assertThat(plain.readValue(json, event.getClass())).isEqualTo(event);
        return plain.readValue(json, WebhookEvent.class);
    }

    @Test
    void aCustomerWritesAText() throws Exception {
        byte[] body = messages(message("wamid.1", "\"type\":\"text\",\"text\":{\"body\":\"Guten Tag\"}"));

        List<WebhookEvent> events = Webhooks.parse(body);

        assertThat(events).singleElement().isInstanceOfSatisfying(MessageReceived.class, received -> {
            assertThat(received.wabaId()).isEqualTo("419561257915477");
            assertThat(received.phoneNumberId()).isEqualTo("106540352242922");
            assertThat(received.displayPhoneNumber()).isEqualTo("15550783881");
            assertThat(received.contact()).isEqualTo(new ContactProfile("4915112345678", null, null, "Anna"));
            InboundMessage message = received.message();
            assertThat(message.wamid()).isEqualTo("wamid.1");
            assertThat(message.from()).isEqualTo("4915112345678");
            assertThat(message.timestamp()).isEqualTo(Instant.parse("2025-06-08T20:59:43Z"));
            assertThat(message.type()).isEqualTo("text");
            assertThat(message.text()).isEqualTo("Guten Tag");
            assertThat(message.contextWamid()).isNull();
            assertThat(message.raw().at("/text/body").asString()).isEqualTo("Guten Tag");
        });
        assertThat(events.toString()).doesNotContain("Guten Tag", "4915112345678", "Anna");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "null", textBlock = """
                    image       | {"id":"1","mime_type":"image/jpeg","sha256":"x=","caption":"The roof"}      | The roof
                    image       | {"id":"1","mime_type":"image/jpeg","sha256":"x="}                           | null
                    video       | {"id":"1","mime_type":"video/mp4","sha256":"x=","caption":"Leak"}           | Leak
                    document    | {"id":"1","mime_type":"application/pdf","filename":"a.pdf","caption":"Plan"} | Plan
                    audio       | {"id":"1","mime_type":"audio/ogg; codecs=opus","voice":true}                | null
                    sticker     | {"id":"1","mime_type":"image/webp","animated":false}                        | null
                    location    | {"latitude":52.5,"longitude":13.4,"name":"Office"}                          | null
                    reaction    | {"message_id":"wamid.0","emoji":"👍"}                                       | null
                    button      | {"payload":"STOP","text":"Unsubscribe"}                                     | Unsubscribe
                    interactive | {"type":"button_reply","button_reply":{"id":"b1","title":"Cancel"}}         | Cancel
                    interactive | {"type":"list_reply","list_reply":{"id":"l1","title":"Express"}}            | Express
                    interactive | {"type":"nfm_reply","nfm_reply":{"name":"flow","response_json":"{}"}}       | null
                    order       | {"catalog_id":"1","text":"Ring twice","product_items":[]}                   | Ring twice
                    edit        | {"original_message_id":"wamid.0","message":{"type":"text","text":{"body":"Tuesday"}}} | Tuesday
                    edit        | {"original_message_id":"wamid.0","message":{"type":"edit","edit":{"message":{"type":"text"}}}} | null
                    revoke      | {"original_message_id":"wamid.0"}                                           | null
                    hologram    | {"depth":3}                                                                 | null
                    """)
    void everyTypeComesThroughWithItsWords(String type, String content, String words) throws Exception {
        byte[] body = messages(message("wamid.1", "\"type\":\"%s\",\"%s\":%s".formatted(type, type, content)));

        InboundMessage message = only(body);

        assertThat(message.type()).isEqualTo(type);
        assertThat(message.text()).isEqualTo(words);
        assertThat(message.raw().path(type)).isEqualTo(JsonMapper.shared().readTree(content));
        WebhookEvent event = Webhooks.parse(body).getFirst();
        assertThat(stored(event)).isEqualTo(event);
    }

    @Test
    void metasOwnExamplesAreUnderstoodAndCanBeStored() throws Exception {
        Map<String, byte[]> examples = MetaContract.v23().webhookExamples();
        assertThat(examples).hasSizeGreaterThan(12);
        for (Map.Entry<String, byte[]> example : examples.entrySet()) {
            List<WebhookEvent> events = Webhooks.parse(example.getValue());
            Class<?> expected = example.getKey().startsWith("Group") ? AccountChanged.class : MessageReceived.class;
            assertThat(events).as(example.getKey()).singleElement().isInstanceOf(expected);
            assertThat(stored(events.getFirst())).isEqualTo(events.getFirst());
        }
    }

    @Test
    void anAnswerNamesTheMessageThatItAnswers() throws Exception {
        InboundMessage answer = only(messages(message(
                "wamid.2",
                "\"type\":\"text\",\"text\":{\"body\":\"Yes\"},"
                        + "\"context\":{\"from\":\"15550783881\",\"id\":\"wamid.ASKED\"}")));
        InboundMessage forwarded = only(messages(
                message("wamid.3", "\"type\":\"text\",\"text\":{\"body\":\"Look\"},\"context\":{\"forwarded\":true}")));

        assertThat(answer.contextWamid()).isEqualTo("wamid.ASKED");
        assertThat(forwarded.contextWamid()).isNull();
    }

    @Test
    void aCustomerWithAUsernameIsKnownByTheirUserId() throws Exception {
        byte[] body = webhook("""
                "contacts":[{"profile":{"name":"Bo","username":"bo.codes"},"user_id":"DE.81723","wa_id":""}],
                "messages":[{"id":"wamid.1","from_user_id":"DE.81723","timestamp":"1749416383","type":"text",
                             "text":{"body":"Hi"}}]""");

        assertThat(only(body).from()).isEqualTo("DE.81723");
        assertThat(((MessageReceived) Webhooks.parse(body).getFirst()).contact())
                .isEqualTo(new ContactProfile(null, "DE.81723", "bo.codes", "Bo"));
    }

    @Test
    void aCustomerNamedOnlyInTheContactIsFoundThere() throws Exception {
        byte[] body = webhook("""
                "contacts":[{"profile":{},"user_id":"DE.81723"}],
                "messages":[{"id":"wamid.1","timestamp":"1749416383","type":"text","text":{"body":"Hi"}}]""");

        assertThat(only(body).from()).isEqualTo("DE.81723");
    }

    @Test
    void eachMessageGetsItsOwnContact() throws Exception {
        byte[] body = webhook("""
                "contacts":[{"profile":{"name":"A"},"wa_id":"491"},{"profile":{"name":"B"},"wa_id":"492"}],
                "messages":[{"from":"492","id":"wamid.1","timestamp":"1749416383","type":"text","text":{"body":"b"}},
                            {"from":"491","id":"wamid.2","timestamp":"1749416383","type":"text","text":{"body":"a"}},
                            {"from":"493","id":"wamid.3","timestamp":"1749416383","type":"text","text":{"body":"?"}}]""");

        assertThat(Webhooks.parse(body))
                .map(event -> ((MessageReceived) event).contact())
                .map(contact -> contact == null ? "nobody" : contact.name())
                .containsExactly("B", "A", "nobody");
    }

    /** Meta warns that a number and the id made of it may differ (Brazil, Mexico, Argentina). */
    @Test
    void aLoneContactCountsThoughItsIdIsWrittenDifferently() throws Exception {
        byte[] body = webhook("""
                "contacts":[{"profile":{"name":"Caio"},"wa_id":"5511987654321"}],
                "messages":[{"from":"551187654321","id":"wamid.1","timestamp":"1","type":"text","text":{"body":"Oi"}}]""");

        assertThat(((MessageReceived) Webhooks.parse(body).getFirst()).contact())
                .isEqualTo(new ContactProfile("5511987654321", null, null, "Caio"));
        assertThat(only(body).from()).isEqualTo("551187654321");
    }

    @Test
    void aStatusTellsHowFarAMessageGot() throws Exception {
        byte[] body = webhook("""
                "statuses":[{"id":"wamid.OUT","status":"delivered","timestamp":"1749416400",
                  "recipient_id":"4915112345678","biz_opaque_callback_data":"portal/42",
                  "conversation":{"id":"c1","origin":{"type":"service"}},
                  "pricing":{"billable":false,"pricing_model":"PMP","category":"service"}}]""");

        WebhookEvent event = Webhooks.parse(body).getFirst();

        MetaContract.v23().assertWebhook(body);
        assertThat(event).isInstanceOfSatisfying(StatusChanged.class, changed -> {
            assertThat(changed.phoneNumberId()).isEqualTo("106540352242922");
            assertThat(changed.status().wamid()).isEqualTo("wamid.OUT");
            assertThat(changed.status().status()).isEqualTo("delivered");
            assertThat(changed.status().timestamp()).isEqualTo(Instant.ofEpochSecond(1749416400));
            assertThat(changed.status().recipientId()).isEqualTo("4915112345678");
            assertThat(changed.status().callbackData()).isEqualTo("portal/42");
            assertThat(changed.status().errors()).isEmpty();
            assertThat(changed.status().raw().at("/pricing/category").asString())
                    .isEqualTo("service");
        });
        assertThat(event.toString()).doesNotContain("4915112345678");
        assertThat(stored(event)).isEqualTo(event);
    }

    @Test
    void aFailureSaysWhy() throws Exception {
        byte[] body = webhook("""
                "statuses":[{"id":"wamid.OUT","status":"failed","timestamp":"1749416400","recipient_id":"4915112345678",
                  "errors":[{"code":131047,"title":"Re-engagement message","message":"Re-engagement message",
                             "error_data":{"details":"More than 24 hours have passed"},"href":"https://x"},
                            {"code":"131042","error_data":"Payment"},{}]}]""");

        WebhookEvent event = Webhooks.parse(body).getFirst();

        List<MetaError> errors = ((StatusChanged) event).status().errors();
        assertThat(errors)
                .containsExactly(
                        new MetaError(
                                131047,
                                "Re-engagement message",
                                "Re-engagement message",
                                "More than 24 hours have passed"),
                        new MetaError(131042, null, null, "Payment"),
                        new MetaError(GraphException.NO_CODE, null, null, null));
        assertThat(errors).map(MetaError::kind).containsExactly(Kind.REFUSE, Kind.SUSPEND, Kind.REFUSE);
        assertThat(stored(event)).isEqualTo(event);
    }

    @Test
    void everythingOfABatchComesInItsOrder() throws Exception {
        byte[] body = """
                {"object":"whatsapp_business_account","entry":[
                 {"id":"1","changes":[
                  {"field":"messages","value":{"metadata":{"phone_number_id":"10"},
                    "statuses":[{"id":"wamid.S1","status":"sent","timestamp":"1","recipient_id":"491"},
                                {"id":"wamid.S1","status":"read","timestamp":"2","recipient_id":"491"}],
                    "messages":[{"from":"491","id":"wamid.M1","timestamp":"3","type":"text","text":{"body":"a"}},
                                {"from":"491","id":"wamid.M2","timestamp":"3","type":"text","text":{"body":"b"}}]}},
                  {"field":"account_update","value":{"event":"ACCOUNT_RESTRICTION"}}]},
                 {"id":"2","time":1743451903,"changes":[
                  {"field":"messages","value":{"metadata":{"phone_number_id":"20"},
                    "messages":[{"from":"492","id":"wamid.M3","timestamp":"4","type":"text","text":{"body":"c"}}],
                    "errors":[{"code":131000,"title":"Something went wrong"}]}}]}]}""".getBytes(UTF_8);

        assertThat(Webhooks.parse(body))
                .map(WebhooksTest::brief)
                .containsExactly(
                        "1 status wamid.S1 sent",
                        "1 status wamid.S1 read",
                        "1 message wamid.M1",
                        "1 message wamid.M2",
                        "1 account_update ACCOUNT_RESTRICTION",
                        "2 message wamid.M3",
                        "2 messages ");
    }

    /** The reason of a message that Meta could not pass on may stand beside it. */
    @Test
    void anErrorBesideALoneMessageIsThatMessages() throws Exception {
        String errors = "\"errors\":[{\"code\":131051,\"title\":\"Message type unknown\"}]";
        String unsupported = message("wamid.U", "\"type\":\"unsupported\"");

        List<WebhookEvent> alone = Webhooks.parse(webhook("\"messages\":[" + unsupported + "]," + errors));
        assertThat(((MessageReceived) alone.getFirst())
                        .message()
                        .raw()
                        .at("/errors/0/code")
                        .asInt())
                .isEqualTo(131051);

        String own = message("wamid.O", "\"type\":\"unsupported\",\"errors\":[{\"code\":1}]");
        List<WebhookEvent> withItsOwn = Webhooks.parse(webhook("\"messages\":[" + own + "]," + errors));
        assertThat(((MessageReceived) withItsOwn.getFirst())
                        .message()
                        .raw()
                        .at("/errors/0/code")
                        .asInt())
                .isEqualTo(1);

        assertThat(Webhooks.parse(webhook("\"messages\":[" + unsupported + "," + unsupported + "]," + errors)))
                .filteredOn(MessageReceived.class::isInstance)
                .hasSize(2)
                .noneMatch(event -> ((MessageReceived) event).message().raw().has("errors"));
    }

    private static String brief(WebhookEvent event) {
        return event.wabaId()
                + switch (event) {
                    case MessageReceived received ->
                        " message " + received.message().wamid();
                    case StatusChanged changed ->
                        " status " + changed.status().wamid() + " "
                                + changed.status().status();
                    case MessageEchoed echoed -> " echo " + echoed.message().wamid();
                    case AccountChanged changed ->
                        " " + changed.field() + " "
                                + changed.value().path("event").asString("");
                };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"field\":\"account_update\",\"value\":{\"event\":\"DISABLED_UPDATE\"}}",
                "{\"field\":\"a_field_of_next_year\",\"value\":[1,2]}",
                "{\"field\":\"calls\",\"value\":{\"metadata\":{\"phone_number_id\":\"1\"},"
                        + "\"statuses\":[{\"id\":\"wacid.1\",\"status\":\"RINGING\"}]}}",
                "{\"field\":\"smb_message_echoes\",\"value\":{\"metadata\":{\"phone_number_id\":\"1\"},"
                        + "\"message_echoes\":[{\"id\":\"wamid.1\"}]}}",
                "{\"field\":\"messages\",\"value\":{\"metadata\":{\"phone_number_id\":\"1\"}}}",
                "{\"field\":\"messages\",\"value\":{\"messages\":[{\"id\":\"wamid.1\",\"from\":\"491\"}]}}",
                "{\"field\":\"messages\"}",
                "{}",
                "7",
            })
    void whatIsNoMessageIsKeptAsItIs(String change) throws Exception {
        byte[] body = "{\"entry\":[{\"id\":\"1\",\"changes\":[%s]}]}"
                .formatted(change)
                .getBytes(UTF_8);

        List<WebhookEvent> events = Webhooks.parse(body);

        assertThat(events)
                .singleElement()
                .isInstanceOfSatisfying(
                        AccountChanged.class,
                        changed -> assertThat(changed.value().isNull()).isEqualTo(!change.contains("value")));
        assertThat(stored(events.getFirst())).isEqualTo(events.getFirst());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"messages\":[{\"id\":\"wamid.1\",\"timestamp\":\"1\",\"type\":\"text\"}]",
                "\"messages\":[null]",
                "\"statuses\":[{\"status\":\"sent\"}]",
                "\"statuses\":[{\"id\":\"wamid.1\"}]",
            })
    void aMessageThatNamesNobodyIsKeptButIsNone(String inside) throws Exception {
        List<WebhookEvent> events = Webhooks.parse(webhook(inside));

        assertThat(events).singleElement().isInstanceOfSatisfying(AccountChanged.class, changed -> {
            assertThat(changed.field()).isEqualTo("messages");
            assertThat(changed.value().at("/metadata/phone_number_id").asString())
                    .isEqualTo("106540352242922");
        });
    }

    @Test
    void aMessageWithoutAnIdGetsOneThatIsTheSameInEachDelivery() throws Exception {
        byte[] body = webhook("\"messages\":[{\"from\":\"491\",\"timestamp\":\"1\",\"text\":{\"body\":\"Hi\"}}]");
        byte[] other = webhook("\"messages\":[{\"from\":\"491\",\"timestamp\":\"1\",\"text\":{\"body\":\"Ho\"}}]");

        assertThat(only(body).wamid())
                .startsWith("zaptrix.")
                .isEqualTo(only(body).wamid());
        assertThat(only(other).wamid()).isNotEqualTo(only(body).wamid());
        assertThat(only(body).type()).isEqualTo("text");
        assertThat(only(body).text()).isEqualTo("Hi");
    }

    @Test
    void halfACharacterCanBeStoredAfterAll() throws Exception {
        byte[] body = webhook("""
                "messages":[{"from":"491","id":"wamid.1","timestamp":"1","type":"text",
                  "text":{"body":"cut \\ud83d here, whole \\ud83d\\ude00, tail \\uDE00, nul \\u0000"}}]""");

        assertThat(only(body).text()).isEqualTo("cut \ufffd here, whole \ud83d\ude00, tail \ufffd, nul \ufffd");
        WebhookEvent event = Webhooks.parse(body).getFirst();
        assertThat(stored(event)).isEqualTo(event);
    }

    @Test
    void whatTheCompanyWroteOnItsOwnPhoneIsToldApart() throws Exception {
        byte[] body = changes("""
                {"field":"smb_message_echoes","value":{"metadata":{"display_phone_number":"15550783881",
                "phone_number_id":"106540352242922"},"contacts":[{"wa_id":"491","user_id":"DE.1"}],
                "message_echoes":[{"from":"15550783881","to":"+491","id":"wamid.9","timestamp":"1749416383",
                "type":"text","text":{"body":"From the app"}}]}}""");

        WebhookEvent event = Webhooks.parse(body).getFirst();

        assertThat(event).isInstanceOfSatisfying(MessageEchoed.class, echoed -> {
            assertThat(echoed.to()).isEqualTo("491");
            assertThat(echoed.toUserId()).isEqualTo("DE.1");
            assertThat(echoed.message().text()).isEqualTo("From the app");
            assertThat(echoed.message().from()).isEqualTo("15550783881");
        });
        assertThat(event.toString()).doesNotContain("From the app");
        assertThat(stored(event)).isEqualTo(event);
    }

    /** Seen with edits and revocations: the customer stands in {@code from}. */
    @Test
    void anEchoWhoseSidesAreSwappedStillFindsTheCustomer() throws Exception {
        byte[] body = changes("""
                {"field":"smb_message_echoes","value":{"metadata":{"display_phone_number":"15550783881",
                "phone_number_id":"106540352242922"},
                "message_echoes":[{"from":"491","to":"15550783881","id":"wamid.9","timestamp":"1749416383",
                "type":"revoke","revoke":{"original_message_id":"wamid.8"}}]}}""");

        assertThat(((MessageEchoed) Webhooks.parse(body).getFirst()).to()).isEqualTo("491");
    }

    @Test
    void anAccountEventSaysWhenItHappened() throws Exception {
        byte[] body = """
                {"entry":[{"id":"1","time":1743451903,"changes":[{"field":"account_update","value":{"event":"X"}}]}]}
                """.getBytes(UTF_8);

        assertThat(Webhooks.parse(body))
                .singleElement()
                .isInstanceOfSatisfying(
                        AccountChanged.class,
                        changed -> assertThat(changed.at()).isEqualTo(Instant.ofEpochSecond(1743451903)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"soon\"", "\"-5\"", "\"99999999999999999999\"", "1e300", "null", "{}"})
    void aSenselessTimestampCountsAsNow(String timestamp) throws Exception {
        byte[] body = webhook("\"messages\":[{\"from\":\"491\",\"id\":\"wamid.1\",\"type\":\"text\",\"timestamp\":"
                + timestamp + "}]");
        assertThat(Duration.between(only(body).timestamp(), Instant.now().plus(1, ChronoUnit.SECONDS)))
                .isBetween(Duration.ZERO, Duration.ofSeconds(20));
    }

    @Test
    void aTimestampMayBeANumber() throws Exception {
        byte[] body = webhook("\"messages\":[{\"from\":\"491\",\"id\":\"wamid.1\",\"timestamp\":1749416383}]");
        assertThat(only(body).timestamp()).isEqualTo(Instant.ofEpochSecond(1749416383));
        assertThat(only(body).type()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "hello", "[]", "\"x\"", "7", "null", "{\"entry\":[", "{} {}", "{\"a\":1,}"})
    void whatIsNoJsonObjectIsMalformed(String body) {
        assertThatThrownBy(() -> Webhooks.parse(body.getBytes(UTF_8))).isInstanceOf(MalformedWebhook.class);
    }

    @Test
    void aBottomlessPitIsMalformed() {
        byte[] body = ("{\"entry\":" + "[".repeat(100_000)).getBytes(UTF_8);
        assertThatThrownBy(() -> Webhooks.parse(body)).isInstanceOf(MalformedWebhook.class);
    }

    @Test
    void aWebhookAboutNothingReportsNothing() throws Exception {
        assertThat(Webhooks.parse("{}".getBytes(UTF_8))).isEmpty();
        assertThat(Webhooks.parse("{\"entry\":\"x\"}".getBytes(UTF_8))).isEmpty();
    }

    @Property(tries = 2000)
    void arbitraryBytesAreAtWorstMalformed(@ForAll byte[] body) {
        assertAtWorstMalformed(body);
    }

    @Property(tries = 3000)
    void aDamagedWebhookIsAtWorstMalformed(
            @ForAll("webhooks") byte[] body, @ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int damages) {
        Random random = new Random(seed);
        byte[] damaged = body.clone();
        for (int i = 0; i < damages; i++) {
            damaged[random.nextInt(damaged.length)] = (byte) "{}[]:,\"0-ex\\ \u0001n".charAt(random.nextInt(15));
        }
        assertAtWorstMalformed(damaged);
    }

    @Property(tries = 3000)
    void aWebhookWithForeignValuesIsAlwaysUnderstood(@ForAll("webhooks") byte[] body, @ForAll long seed)
            throws Exception {
        String[] foreign = {"null", "true", "-1", "1.5", "\"\"", "\"x\"", "[]", "{}", "[[]]", "123456789012345678901"};
        Random random = new Random(seed);
        String text = new String(body, UTF_8);
        // Any string value may turn into anything; what stays is JSON, so it may not even be malformed.
        String changed = Pattern.compile(":\"[^\"]*\"")
                .matcher(text)
                .replaceAll(value -> random.nextInt(4) == 0
                        ? ":" + foreign[random.nextInt(foreign.length)]
                        : Matcher.quoteReplacement(value.group()));

        for (WebhookEvent event : Webhooks.parse(changed.getBytes(UTF_8))) {
            assertThat(stored(event)).isEqualTo(event);
            assertThat(event.toString()).isNotEmpty();
        }
    }

    private static void assertAtWorstMalformed(byte[] body) {
        try {
            assertThat(Webhooks.parse(body)).doesNotContainNull();
        } catch (MalformedWebhook expected) {
            assertThat(expected).hasMessageStartingWith("not ");
        }
    }

    @Provide
    Arbitrary<byte[]> webhooks() {
        return Arbitraries.of(MetaContract.v23().webhookExamples().values());
    }
}
