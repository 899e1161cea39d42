package io.zaptrix.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.bitrix24.ConnectorMessage;
import io.zaptrix.bitrix24.PortalEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the messenger says of a message beside its text, in every spelling that its versions have. */
class HiddenMessagesTest {

    private static final String SYSTEM = "bx-messenger-content-item-system";
    private static final String FOR_CUSTOMER = "bx-messenger-content-item-ol-output";

    /** An agent's message as the portal posts it, with one more field. */
    private static ConnectorMessage with(String field) {
        String form = "event=ONIMCONNECTORMESSAGEADD&data[CONNECTOR]=zaptrix_whatsapp&data[LINE]=1"
                + "&data[MESSAGES][0][im][chat_id]=13&data[MESSAGES][0][im][message_id]=99"
                + "&data[MESSAGES][0][message][user_id]=27&data[MESSAGES][0][message][text]=Yes"
                + "&data[MESSAGES][0][chat][id]=n:c&ts=1&auth[member_id]=m&auth[application_token]=t"
                + "&auth[domain]=acme.bitrix24.com" + field;
        return ConnectorMessage.of(PortalEvent.parse(form.getBytes(UTF_8), "application/x-www-form-urlencoded"))
                .getFirst();
    }

    private static String message(String path, String value) {
        return "&data[MESSAGES][0][message]" + path + "=" + value;
    }

    @ParameterizedTest
    @ValueSource(strings = {"CLASS", "STYLE_CLASS", "class", "styleClass"})
    void aWhisperIsKnownByItsStyle(String name) {
        assertThat(HiddenMessages.isHidden(with(message("[params][" + name + "]", SYSTEM))))
                .isTrue();
        assertThat(HiddenMessages.isHidden(with(message("[params][" + name + "]", FOR_CUSTOMER))))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"system,Y", "system,y", "system,1", "SYSTEM,true"})
    void theMessengersOwnLineStaysInside(String name, String value) {
        assertThat(HiddenMessages.isHidden(with(message("[" + name + "]", value))))
                .isTrue();
        assertThat(HiddenMessages.isHidden(with(message("[" + name + "]", "N"))))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"COMPONENT_ID", "componentId"})
    void aHiddenMessageIsKnownByItsComponent(String name) {
        assertThat(HiddenMessages.isHidden(with(message("[params][" + name + "]", "HiddenMessage"))))
                .isTrue();
    }

    @Test
    void aGreetingIsTheMessengersAndForTheCustomer() {
        assertThat(HiddenMessages.isHidden(with(message("[system]", "Y") + message("[params][CLASS]", FOR_CUSTOMER))))
                .isFalse();
        assertThat(HiddenMessages.isHidden(with(""))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"REPLY_ID", "replyId", "reply_id"})
    void anAnswerNamesTheMessageBesideItsText(String name) {
        assertThat(AgentMessage.of(with(message("[params][" + name + "]", "3456")))
                        .quoted())
                .isEqualTo("3456");
        assertThat(AgentMessage.of(with(message("[params][" + name + "]", "0"))).quoted())
                .isNull();
    }
}
