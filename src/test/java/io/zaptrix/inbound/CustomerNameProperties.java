package io.zaptrix.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.meta.ContactProfile;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Names from WhatsApp, as Bitrix24 will take them. */
class CustomerNameProperties {

    private static CustomerName name(String whatsappName) {
        return CustomerName.of(new ContactProfile("5511987654321", null, null, whatsappName), "5511987654321");
    }

    @Property
    void whateverSomebodyCallsThemselvesBitrix24TakesIt(@ForAll String whatsappName) {
        CustomerName name = name(whatsappName);
        assertThat(name.first()).isNotEmpty();
        for (String part : new String[] {name.first(), name.last()}) {
            assertThat(part.length()).isLessThanOrEqualTo(25);
            assertThat(part).isEqualTo(part.strip());
        }
        assertThat(name.last()).matches("[\\p{L}\\p{M}' -]*");
    }

    @Example
    void aNameIsSplitAtItsFirstSpace() {
        assertThat(name("Ana Beatriz D’Ávila ✨")).isEqualTo(new CustomerName("Ana", "Beatriz D'Ávila"));
        assertThat(name("Zé")).isEqualTo(new CustomerName("Zé", ""));
    }

    @Example
    void whoHasNoLettersIsCalledByNumber() {
        assertThat(name("🔥🔥 123")).isEqualTo(new CustomerName("+5511987654321", ""));
        assertThat(CustomerName.of(null, "US.1349")).isEqualTo(new CustomerName("US.1349", ""));
    }
}
