package io.zaptrix.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** A template that does not fit is refused with the code that Meta's page of error codes gives for it. */
class MetaTemplatesTest {

    private final MetaTemplates templates = new MetaTemplates(new MetaFiles());

    private int code(String name, String components) {
        for (String status : new String[] {"APPROVED", "PENDING", "PAUSED", "DISABLED"}) {
            templates.add("1", status.toLowerCase(Locale.ROOT), "en", status, "UTILITY", json("[]"));
        }
        templates.add("1", "order", "en", "APPROVED", "UTILITY", json("[{'type':'BODY','text':'Order {{1}}'}]"));
        templates.add("1", "menu", "en", "APPROVED", "UTILITY", json("[{'type':'HEADER','format':'DOCUMENT'}]"));
        templates.add("1", "track", "en", "APPROVED", "UTILITY", json("""
                [{'type':'BUTTONS','buttons':[{'type':'URL','text':'Track','url':'https://x.y/{{1}}'},
                  {'type':'QUICK_REPLY','text':'No'}]}]"""));
        JsonNode sent = json("{'name':'" + name + "','language':{'code':'en'},'components':[" + components + "]}");
        GraphFault wrong = templates.wrong(sent, "1", "2");
        return wrong == null ? 0 : wrong.code();
    }

    private static JsonNode json(String text) {
        return SandboxJson.MAPPER.readTree(text.replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            0      ~ approved ~ ``
            132001 ~ nowhere  ~ ``
            132001 ~ pending  ~ ``
            132015 ~ paused   ~ ``
            132016 ~ disabled ~ ``
            132000 ~ order    ~ ``
            132000 ~ approved ~ {'type':'body','parameters':[{'type':'text','text':'7'}]}
            0      ~ order    ~ {'type':'body','parameters':[{'type':'text','text':'7'}]}
            100    ~ order    ~ {'type':'body','parameters':[{'type':'text','text':'7     8'}]}
            132012 ~ menu     ~ ``
            132012 ~ menu     ~ {'type':'header','parameters':[{'type':'image','image':{'link':'https://x.y/a.jpg'}}]}
            131008 ~ menu     ~ {'type':'header','parameters':[{'type':'document','document':{}}]}
            0      ~ menu     ~ {'type':'header','parameters':[{'type':'document','document':{'link':'https://x.y/a.pdf'}}]}
            131008 ~ track    ~ ``
            0      ~ track    ~ {'type':'button','sub_type':'url','index':'0','parameters':[{'type':'text','text':'7'}]}
            132012 ~ track    ~ {'type':'button','sub_type':'quick_reply','index':'0','parameters':[{'type':'text','text':'7'}]}
            132000 ~ track    ~ {'type':'button','sub_type':'url','index':'0','parameters':[{'type':'text','text':''}]}
            100    ~ track    ~ {'type':'button','sub_type':'url','index':'x','parameters':[{'type':'text','text':'7'}]}
            """)
    void whatDoesNotFitHasItsCode(int code, String name, String components) {
        assertThat(code(name, components)).isEqualTo(code);
    }

    @Test
    void theCustomerReadsItFilledInWithItsButtonsBelow() {
        code("approved", "");
        JsonNode sent = json("""
                {'name':'track','language':{'code':'en'},'components':[{'type':'button','sub_type':'url','index':'0',
                 'parameters':[{'type':'text','text':'7'}]}]}""");

        assertThat(templates.shown("1", sent).buttons())
                .containsExactly(
                        new PhoneMessage.Button("Track", "https://x.y/7"), new PhoneMessage.Button("No", null));
    }
}
