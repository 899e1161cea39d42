package io.zaptrix.bitrix24;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class PhpFormProperties {

    @Property
    void whatIsEncodedComesBackAsItWas(@ForAll("trees") Map<String, Object> tree) {
        ObjectNode decoded = PhpForm.decode(PhpForm.encode(tree).getBytes(UTF_8));

        assertThat((JsonNode) decoded).isEqualTo(Json.MAPPER.valueToTree(tree));
    }

    @Property
    void aJsonTreeEncodesLikeTheMapsAndListsThatItIsMadeOf(@ForAll("trees") Map<String, Object> tree) {
        Map<String, Object> nodes = new LinkedHashMap<>();
        tree.forEach((key, value) -> nodes.put(key, Json.MAPPER.valueToTree(value)));

        assertThat(PhpForm.encode(nodes)).isEqualTo(PhpForm.encode(tree));
    }

    @Property(tries = 3000)
    void garbageIsDecodedOrRefusedButNeverBreaksAnything(@ForAll byte[] garbage) {
        assertDecodesOrRefuses(garbage);
    }

    @Property(tries = 3000)
    void garbageOfTheFormsOwnSignsIsDecodedOrRefused(@ForAll("formSigns") String garbage) {
        assertDecodesOrRefuses(garbage.getBytes(UTF_8));
    }

    @Property(tries = 3000)
    void garbageIsAnEventOrIsRefused(@ForAll("formSigns") String garbage, @ForAll boolean json) {
        byte[] body = ("event=ONIMCONNECTORMESSAGEADD&" + garbage).getBytes(UTF_8);
        try {
            PortalEvent event = PortalEvent.parse(body, json ? "application/json" : null);
            assertThat(event.event()).isEqualTo("ONIMCONNECTORMESSAGEADD");
            ConnectorMessage.of(event);
        } catch (MalformedEvent refused) {
            assertThat(refused).hasMessageStartingWith("The ");
        }
    }

    private static void assertDecodesOrRefuses(byte[] body) {
        try {
            assertThat((JsonNode) PhpForm.decode(body)).isNotNull();
        } catch (MalformedEvent refused) {
            assertThat(refused).hasMessageStartingWith("The form");
        }
    }

    /** Non-empty trees of strings: nulls and empty arrays are not sent, and brackets in a key cannot be escaped. */
    @Provide
    Arbitrary<Map<String, Object>> trees() {
        Arbitrary<String> keys = Arbitraries.strings()
                .ofMinLength(1)
                .ofMaxLength(8)
                .filter(key -> key.chars().noneMatch(c -> c == '[' || c == ']' || Character.isSurrogate((char) c))
                        && !key.chars().allMatch(Character::isDigit));
        Arbitrary<Object> leaves = Arbitraries.strings()
                .ofMaxLength(12)
                .filter(text -> text.chars().noneMatch(c -> Character.isSurrogate((char) c)))
                .map(text -> (Object) text);
        Arbitrary<Object> values = Arbitraries.recursive(() -> leaves, inner -> container(keys, inner), 0, 4);
        return Arbitraries.maps(keys, values).ofMinSize(1).ofMaxSize(5).map(LinkedHashMap::new);
    }

    @Provide
    Arbitrary<String> formSigns() {
        return Arbitraries.strings()
                .withChars("[]=&%+.0123456789abdeAF \u00e9\u20ac{}\"")
                .ofMaxLength(60);
    }

    private static Arbitrary<Object> container(Arbitrary<String> keys, Arbitrary<Object> inner) {
        Arbitrary<Object> lists =
                inner.list().ofMinSize(1).ofMaxSize(3).map(list -> (Object) new ArrayList<Object>((List<?>) list));
        Arbitrary<Object> maps =
                Arbitraries.maps(keys, inner).ofMinSize(1).ofMaxSize(3).map(map -> (Object) new LinkedHashMap<>(map));
        return Arbitraries.oneOf(lists, maps);
    }
}
