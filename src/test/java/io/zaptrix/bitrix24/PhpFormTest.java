package io.zaptrix.bitrix24;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhpFormTest {

    /** What PHP's own parse_str makes of these, as JSON. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    a=1&b=2                 | {"a":"1","b":"2"}
                    a=1&a=2                 | {"a":"2"}
                    a[b][c]=1&a[b][d]=2     | {"a":{"b":{"c":"1","d":"2"}}}
                    a[]=1&a[]=2             | {"a":["1","2"]}
                    a[5]=1&a[]=2            | {"a":{"5":"1","6":"2"}}
                    a[1]=x&a[0]=y           | {"a":{"1":"x","0":"y"}}
                    a[0]=x&a[1]=y           | {"a":["x","y"]}
                    a=1&a[b]=2              | {"a":{"b":"2"}}
                    a[b]=2&a=1              | {"a":"1"}
                    a%5Bb%5D=1              | {"a":{"b":"1"}}
                    a[b=1                   | {"a[b":"1"}
                    a[b]c=1                 | {"a":{"b":"1"}}
                    a[b]c[d]=1              | {"a":{"b":"1"}}
                    a                       | {"a":""}
                    =1&&a=2&                | {"a":"2"}
                    a=1=2                   | {"a":"1=2"}
                    a=x+y%20z               | {"a":"x y z"}
                    a=100%&b=%zz            | {"a":"100%","b":"%zz"}
                    a=%D0%9F%D1%80          | {"a":"Пр"}
                    a=%F0%9F%98%80          | {"a":"😀"}
                    a[x][0][y]=1            | {"a":{"x":[{"y":"1"}]}}
                    """)
    void readsFormsAsPhpDoes(String form, String json) {
        assertThat(PhpForm.decode(form.getBytes(UTF_8)).toString()).isEqualTo(json);
    }

    @Test
    void bytesThatAreNoUtf8BecomeReplacementCharacters() {
        assertThat(PhpForm.decode("a=%FF%FE!".getBytes(UTF_8)).get("a").asString())
                .isEqualTo("\uFFFD\uFFFD!");
    }

    @Test
    void writesParametersAsHttpBuildQueryDoes() {
        Map<String, @Nullable Object> params = new LinkedHashMap<>();
        params.put("CONNECTOR", "zaptrix_whatsapp");
        params.put("LINE", 107);
        params.put("MESSAGES", List.of(Map.of("message", Map.of("id", List.of("wamid.A=")))));
        params.put("ACTIVE", true);
        params.put("SILENT", false);
        params.put("NOTHING", null);
        params.put("NONE", List.of());

        assertThat(PhpForm.encode(params))
                .isEqualTo("CONNECTOR=zaptrix_whatsapp&LINE=107"
                        + "&MESSAGES%5B0%5D%5Bmessage%5D%5Bid%5D%5B0%5D=wamid.A%3D&ACTIVE=1&SILENT=0");
    }

    @Test
    void aFormThatIsTooDeepTooWideOrTooLargeIsRefused() {
        String deep = "a" + "[b]".repeat(PhpForm.MAX_DEPTH) + "=1";
        String wide = "a=1&".repeat(PhpForm.MAX_PAIRS + 1);
        byte[] large = new byte[PhpForm.MAX_BYTES + 1];

        assertThatThrownBy(() -> PhpForm.decode(deep.getBytes(UTF_8)))
                .isInstanceOf(MalformedEvent.class)
                .hasMessageContaining("deeper");
        assertThatThrownBy(() -> PhpForm.decode(wide.getBytes(UTF_8)))
                .isInstanceOf(MalformedEvent.class)
                .hasMessageContaining("fields");
        assertThatThrownBy(() -> PhpForm.decode(large))
                .isInstanceOf(MalformedEvent.class)
                .hasMessageContaining("larger");
    }
}
