package io.zaptrix.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An agent asks for a template in the words of a chat. */
class TemplateCommandTest {

    private static TemplateCommand command(String text) {
        return TemplateCommand.parse(text).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/template order_update Ana",
                "[b]Klaus Weber:[/b] [br]/template order_update Ana",
                "[b]Klaus Weber:[/b][br] /Template  ORDER_update[br]Ana",
                "  /modelo order_update \"Ana\"",
                "/plantilla order_update «Ana»",
                "/шаблон order_update “Ana”"
            })
    void whoeverWroteItAndInWhateverLanguage(String text) {
        TemplateCommand command = command(text);
        assertThat(command.name()).isEqualTo("order_update");
        assertThat(command.values()).containsExactly("Ana");
        assertThat(command.language()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "template order_update",
                "please /template order_update",
                "/templates",
                "/template_x",
                "/template/order",
                "[b]Klaus:[/b] see /template",
                "[b]Bold[/b] /template x"
            })
    void otherWordsAreForTheCustomer(String text) {
        assertThat(TemplateCommand.parse(text)).isEmpty();
        assertThat(TemplateCommand.parse(null)).isEmpty();
    }

    @Test
    void withoutANameItAsksForTheList() {
        assertThat(command("[b]K:[/b] [br]/template").name()).isEmpty();
        assertThat(command("/template ").values()).isEmpty();
    }

    @Test
    void aLanguageStandsBehindTheName() {
        assertThat(command("/template hello:pt_BR x").language()).isEqualTo("pt_BR");
        assertThat(command("/template hello:pt_BR x").name()).isEqualTo("hello");
        assertThat(command("/template hello: x").language()).isNull();
    }

    @Test
    void valuesFitOrDoNot() {
        assertThat(command("/template a one two").valuesFor(2).orElseThrow()).containsExactly("one", "two");
        assertThat(command("/template a one two").valuesFor(1).orElseThrow()).containsExactly("one two");
        assertThat(command("/template a \"one two\" three").valuesFor(2).orElseThrow())
                .containsExactly("one two", "three");
        assertThat(command("/template a").valuesFor(0).orElseThrow()).isEmpty();
        assertThat(command("/template a one").valuesFor(0)).isEmpty();
        assertThat(command("/template a one").valuesFor(2)).isEmpty();
        assertThat(command("/template a \"\"").valuesFor(1)).isEmpty();
    }

    @Test
    void whatBitrix24MakesOfAnAddressIsUndone() {
        assertThat(command("/template a [URL=https://x.y/z]https://x.y/z[/URL] 2")
                        .values())
                .containsExactly("https://x.y/z", "2");
    }

    @Property
    void noTextBreaksIt(@ForAll String text) {
        TemplateCommand.parse("/template " + text)
                .ifPresent(command -> assertThat(command.values()).noneMatch(value -> value.contains("\n")));
        TemplateCommand.parse(text);
    }
}
