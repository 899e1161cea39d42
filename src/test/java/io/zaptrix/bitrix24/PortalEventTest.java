package io.zaptrix.bitrix24;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The samples are those of the REST documentation, once as it prints them and once as they travel. */
class PortalEventTest {

    private static final String FORM = "application/x-www-form-urlencoded";

    private static final String AUTH_JSON = """
            "auth": {
                "access_token": "c978b990071b0008440001b0895f697a",
                "expires": 1773762761,
                "expires_in": 3600,
                "scope": "imconnector, imopenlines",
                "domain": "some-domain.bitrix24.com",
                "server_endpoint": "https://oauth.bitrix.info/rest/",
                "status": "F",
                "client_endpoint": "https://some-domain.bitrix24.com/rest/",
                "member_id": "bac1cd5c8940947a75e0d71b1a84e348",
                "user_id": 27,
                "application_token": "831c76b092f9f135d9b6b36c3a720757"
            }
            """;

    private static final String MESSAGE_ADD_JSON = """
            {
                "event": "ONIMCONNECTORMESSAGEADD",
                "event_handler_id": 555,
                "data": {
                    "CONNECTOR": "myconnector",
                    "LINE": 107,
                    "MESSAGES": [
                        {
                            "im": {"chat_id": 1807, "message_id": 86497},
                            "message": {"user_id": 27, "text": "[b]Klaus Weber:[/b] [br]Guten Tag!"},
                            "chat": {"id": "channel-123"}
                        }
                    ]
                },
                "ts": 1773759161,
                %s
            }
            """.formatted(AUTH_JSON);

    private static final String MESSAGE_ADD_FORM = "event=ONIMCONNECTORMESSAGEADD&event_handler_id=555"
            + "&data%5BCONNECTOR%5D=myconnector&data%5BLINE%5D=107"
            + "&data%5BMESSAGES%5D%5B0%5D%5Bim%5D%5Bchat_id%5D=1807"
            + "&data%5BMESSAGES%5D%5B0%5D%5Bim%5D%5Bmessage_id%5D=86497"
            + "&data%5BMESSAGES%5D%5B0%5D%5Bmessage%5D%5Buser_id%5D=27"
            + "&data%5BMESSAGES%5D%5B0%5D%5Bmessage%5D%5Btext%5D="
            + "%5Bb%5DKlaus+Weber%3A%5B%2Fb%5D+%5Bbr%5DGuten+Tag%21"
            + "&data%5BMESSAGES%5D%5B0%5D%5Bchat%5D%5Bid%5D=channel-123&ts=1773759161"
            + "&auth%5Baccess_token%5D=c978b990071b0008440001b0895f697a&auth%5Bexpires%5D=1773762761"
            + "&auth%5Bexpires_in%5D=3600&auth%5Bscope%5D=imconnector%2C+imopenlines"
            + "&auth%5Bdomain%5D=some-domain.bitrix24.com"
            + "&auth%5Bserver_endpoint%5D=https%3A%2F%2Foauth.bitrix.info%2Frest%2F&auth%5Bstatus%5D=F"
            + "&auth%5Bclient_endpoint%5D=https%3A%2F%2Fsome-domain.bitrix24.com%2Frest%2F"
            + "&auth%5Bmember_id%5D=bac1cd5c8940947a75e0d71b1a84e348&auth%5Buser_id%5D=27"
            + "&auth%5Bapplication_token%5D=831c76b092f9f135d9b6b36c3a720757";

    @Test
    void anAgentsMessageIsReadAsItTravels() {
        PortalEvent event = form(MESSAGE_ADD_FORM);

        assertIsTheDocumentedMessage(event);
        assertThat(event.data().get("LINE").asString()).isEqualTo("107");
    }

    @Test
    void anAgentsMessageIsReadAsTheDocumentationPrintsIt() {
        assertIsTheDocumentedMessage(PortalEvent.parse(MESSAGE_ADD_JSON.getBytes(UTF_8), "application/json"));
        assertIsTheDocumentedMessage(PortalEvent.parse(MESSAGE_ADD_JSON.getBytes(UTF_8), null));
    }

    private static void assertIsTheDocumentedMessage(PortalEvent event) {
        assertThat(event.event()).isEqualTo("ONIMCONNECTORMESSAGEADD");
        assertThat(event.memberId()).isEqualTo("bac1cd5c8940947a75e0d71b1a84e348");
        assertThat(event.domain()).isEqualTo("some-domain.bitrix24.com");
        assertThat(event.applicationToken()).isEqualTo("831c76b092f9f135d9b6b36c3a720757");
        assertThat(event.ts()).isEqualTo(Instant.ofEpochSecond(1773759161));
        PortalEvent.Auth auth = Objects.requireNonNull(event.auth());
        assertThat(auth.accessToken()).isEqualTo("c978b990071b0008440001b0895f697a");
        assertThat(auth.refreshToken()).isNull();
        assertThat(auth.expiresIn()).isEqualTo(3600);
        assertThat(auth.clientEndpoint()).isEqualTo(URI.create("https://some-domain.bitrix24.com/rest/"));
        assertThat(auth.status()).isEqualTo("F");
        assertThat(auth.userId()).isEqualTo("27");

        assertThat(ConnectorMessage.of(event)).singleElement().satisfies(message -> {
            assertThat(message.connector()).isEqualTo("myconnector");
            assertThat(message.lineId()).isEqualTo("107");
            assertThat(message.imChatId()).isEqualTo("1807");
            assertThat(message.imMessageId()).isEqualTo("86497");
            assertThat(message.userId()).isEqualTo("27");
            assertThat(message.text()).isEqualTo("[b]Klaus Weber:[/b] [br]Guten Tag!");
            assertThat(message.files()).isEmpty();
            assertThat(message.externalIds()).isEmpty();
            assertThat(message.chatId()).isEqualTo("channel-123");
            assertThat(message.im().get("message_id").asString()).isEqualTo("86497");
        });
    }

    @Test
    void filesComeWithTheirLinks() {
        PortalEvent event = form("event=ONIMCONNECTORMESSAGEADD&data[CONNECTOR]=Zaptrix_WhatsApp&data[LINE]=107"
                + "&data[MESSAGES][0][im][chat_id]=1807&data[MESSAGES][0][im][message_id]=86498"
                + "&data[MESSAGES][0][message][user_id]=27&data[MESSAGES][0][message][text]="
                + "&data[MESSAGES][0][message][files][0][name]=price+list.pdf"
                + "&data[MESSAGES][0][message][files][0][type]=file"
                + "&data[MESSAGES][0][message][files][0][link]=https%3A%2F%2Fp.example%2F%7EabC"
                + "&data[MESSAGES][0][message][files][0][size]=70855"
                + "&data[MESSAGES][0][message][files][1][type]=image"
                + "&data[MESSAGES][0][chat][id]=c1");

        ConnectorMessage message = ConnectorMessage.of(event).getFirst();

        assertThat(message.connector()).isEqualTo("zaptrix_whatsapp");
        assertThat(message.text()).isNull();
        assertThat(message.files())
                .containsExactly(new ConnectorMessage.File("price list.pdf", "file", "https://p.example/~abC", 70855L));
    }

    @Test
    void severalMessagesKeepTheirOrderAlsoWhenPhpNumbersThemWithGaps() {
        PortalEvent event = form("event=ONIMCONNECTORMESSAGEADD&data[CONNECTOR]=c&data[LINE]=1"
                + "&data[MESSAGES][2][im][chat_id]=1&data[MESSAGES][2][im][message_id]=20"
                + "&data[MESSAGES][2][chat][id]=a"
                + "&data[MESSAGES][5][im][chat_id]=1&data[MESSAGES][5][im][message_id]=50"
                + "&data[MESSAGES][5][chat][id]=a");

        assertThat(ConnectorMessage.of(event))
                .extracting(ConnectorMessage::imMessageId)
                .containsExactly("20", "50");
    }

    @Test
    void aChangedMessageNamesTheOutsideIdsAsAListAndADeletedOneAsAScalar() {
        String head = "data[CONNECTOR]=c&data[LINE]=107&data[MESSAGES][0][im][chat_id]=1807"
                + "&data[MESSAGES][0][im][message_id]=86501&data[MESSAGES][0][chat][id]=channel-123";
        PortalEvent changed = form("event=ONIMCONNECTORMESSAGEUPDATE&" + head
                + "&data[MESSAGES][0][message][id][0]=wamid.A&data[MESSAGES][0][message][id][1]=wamid.B"
                + "&data[MESSAGES][0][message][text]=What+questions+do+you+have%3F");
        PortalEvent deleted =
                form("event=ONIMCONNECTORMESSAGEDELETE&" + head + "&data[MESSAGES][0][message][id]=wamid.A");

        assertThat(ConnectorMessage.of(changed).getFirst().externalIds()).containsExactly("wamid.A", "wamid.B");
        assertThat(ConnectorMessage.of(changed).getFirst().text()).isEqualTo("What questions do you have?");
        assertThat(ConnectorMessage.of(deleted).getFirst().externalIds()).containsExactly("wamid.A");
        assertThat(ConnectorMessage.of(deleted).getFirst().text()).isNull();
    }

    @Test
    void aDeletedLineIsAScalarAndADisconnectedOneIsInLowerCase() {
        PortalEvent lineDeleted = form("event=ONIMCONNECTORLINEDELETE&event_handler_id=563&data=107&ts=1773761165"
                + "&auth[application_token]=t");
        PortalEvent disconnected =
                form("event=ONIMCONNECTORSTATUSDELETE&data[connector]=myconnector&data[line]=107&auth[member_id]=m");

        assertThat(lineDeleted.lineId()).contains("107");
        assertThat(lineDeleted.connector()).isEmpty();
        assertThat(disconnected.lineId()).contains("107");
        assertThat(disconnected.connector()).contains("myconnector");
    }

    @Test
    void anInstallationBringsItsTokens() {
        PortalEvent event = form("event=ONAPPINSTALL&data[VERSION]=1&data[ACTIVE]=Y&data[INSTALLED]=Y"
                + "&data[LANGUAGE_ID]=de&ts=1696527000&auth[domain]=some-domain.bitrix24.com&auth[scope]=imbot"
                + "&auth[access_token]=s6p6eclrvim6da22ft9ch94ekreb52lv"
                + "&auth[refresh_token]=4s386p3q0tr8dy89xvmt96234v3dljg8&auth[expires_in]=3600"
                + "&auth[client_endpoint]=https%3A%2F%2Fsome-domain.bitrix24.com%2Frest%2F"
                + "&auth[member_id]=a223c6b3710f85df22e9377d6c4f7553"
                + "&auth[application_token]=51856fefc120afa4b628cc82d3935cce");

        assertThat(Objects.requireNonNull(event.auth()).refreshToken()).isEqualTo("4s386p3q0tr8dy89xvmt96234v3dljg8");
        assertThat(event.data().get("LANGUAGE_ID").asString()).isEqualTo("de");
        assertThat(event.toString())
                .contains("ONAPPINSTALL", "a223c6b3710f85df22e9377d6c4f7553")
                .doesNotContain("s6p6eclrvim6da22ft9ch94ekreb52lv", "4s386p3q0tr8dy89xvmt96234v3dljg8", "51856f");
        assertThat(String.valueOf(event.auth())).doesNotContain("s6p6eclrvim6da22ft9ch94ekreb52lv", "4s386p3q0tr8");
    }

    @Test
    void anUninstallationBringsNoTokensButItsProof() {
        PortalEvent event = form("event=ONAPPUNINSTALL&data[LANGUAGE_ID]=de&data[CLEAN]=1&ts=1466439714"
                + "&auth[domain]=some-domain.bitrix24.com&auth[member_id]=a223c6b3710f85df22e9377d6c4f7553"
                + "&auth[application_token]=51856fefc120afa4b628cc82d3935cce");

        assertThat(Objects.requireNonNull(event.auth()).accessToken()).isNull();
        assertThat(event.applicationToken()).isEqualTo("51856fefc120afa4b628cc82d3935cce");
        assertThat(event.data().get("CLEAN").asString()).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "hello",
                "event=",
                "data[x]=1",
                "event[0]=ONAPPINSTALL",
                "event=a%20b",
                "{",
                "[]",
                "{}",
                "{\"event\":5}{",
                "{\"event\":{\"a\":1}}",
                "null"
            })
    void whatNamesNoEventIsRefused(String body) {
        assertThatThrownBy(() -> PortalEvent.parse(body.getBytes(UTF_8), FORM)).isInstanceOf(MalformedEvent.class);
        assertThatThrownBy(() -> PortalEvent.parse(body.getBytes(UTF_8), "application/json; charset=utf-8"))
                .isInstanceOf(MalformedEvent.class);
    }

    @Test
    void jsonWithoutEndIsRefusedAndNothingElse() {
        String endless = "{\"event\":\"X\",\"data\":" + "[".repeat(200_000);

        assertThatThrownBy(() -> PortalEvent.parse(endless.getBytes(UTF_8), "application/json"))
                .isInstanceOf(MalformedEvent.class);
    }

    @Test
    void aMessageWithoutItsIdsIsRefused() {
        List<String> incomplete = List.of(
                "data[LINE]=1&data[MESSAGES][0][chat][id]=a",
                "data[CONNECTOR]=c&data[MESSAGES][0][chat][id]=a",
                "data[CONNECTOR]=c&data[LINE]=1",
                "data[CONNECTOR]=c&data[LINE]=1&data[MESSAGES]=x",
                "data[CONNECTOR]=c&data[LINE]=1&data[MESSAGES][0]=x",
                "data[CONNECTOR]=c&data[LINE]=1&data[MESSAGES][0][im][chat_id]=1&data[MESSAGES][0][chat][id]=a",
                "data[CONNECTOR]=c&data[LINE]=1&data[MESSAGES][0][im][chat_id]=1&data[MESSAGES][0][im][message_id]=2");

        assertThat(incomplete)
                .allSatisfy(form -> assertThatThrownBy(
                                () -> ConnectorMessage.of(form("event=ONIMCONNECTORMESSAGEADD&" + form)))
                        .isInstanceOf(MalformedEvent.class));
    }

    @Test
    void aSessionIsNamedByTheConnectorsChatAndByItsNumber() {
        PortalEvent event = form("event=ONIMCONNECTORDIALOGFINISH&data[CONNECTOR]=Zaptrix_WhatsApp&data[LINE]=105"
                + "&data[DATA][0][connector][connector_id]=Zaptrix_WhatsApp&data[DATA][0][connector][line_id]=105"
                + "&data[DATA][0][connector][chat_id]=106540352242922:5511987654321"
                + "&data[DATA][0][connector][user_id]=77&data[DATA][0][session][id]=3282"
                + "&data[DATA][0][session][closed]=Y&data[DATA][0][session][parent_id]=0");

        assertThat(ConnectorDialog.of(event))
                .containsExactly(
                        new ConnectorDialog("zaptrix_whatsapp", "105", "106540352242922:5511987654321", "3282"));
    }

    @Test
    void aSessionWithoutWhatNamesItIsRefused() {
        String chat = "data[DATA][0][connector][chat_id]=a";
        String session = "data[DATA][0][session][id]=1";
        List<String> incomplete = List.of(
                "data[CONNECTOR]=c&data[LINE]=1",
                "data[CONNECTOR]=c&data[LINE]=1&data[DATA]=x",
                "data[CONNECTOR]=c&data[LINE]=1&data[DATA][0]=x",
                "data[CONNECTOR]=c&data[LINE]=1&" + chat,
                "data[CONNECTOR]=c&data[LINE]=1&" + session,
                "data[CONNECTOR]=c&data[LINE]=1&" + chat + "&data[DATA][0][session][id]=one",
                "data[LINE]=1&" + chat + "&" + session,
                "data[CONNECTOR]=c&" + chat + "&" + session);

        assertThat(incomplete)
                .allSatisfy(form -> assertThatThrownBy(
                                () -> ConnectorDialog.of(form("event=ONIMCONNECTORDIALOGSTART&" + form)))
                        .isInstanceOf(MalformedEvent.class));
    }

    @Test
    void whatIsPrintedOfAMessageHasNoContent() {
        ConnectorMessage message = ConnectorMessage.of(form(MESSAGE_ADD_FORM)).getFirst();
        JsonNode im = message.im();

        assertThat(message.toString()).contains("86497").doesNotContain("Guten Tag", "Klaus");
        assertThat(im.toString()).isEqualTo("{\"chat_id\":\"1807\",\"message_id\":\"86497\"}");
    }

    private static PortalEvent form(String form) {
        return PortalEvent.parse(form.getBytes(UTF_8), FORM);
    }
}
