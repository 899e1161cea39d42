package io.zaptrix.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.Sha256;
import io.zaptrix.platform.TenantId;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Keys of any tenant, and what could be mistaken for one. */
class KeyTextProperties {

    @Property(tries = 200)
    void aKeyNamesItsTenant(@ForAll long most, @ForAll long least) {
        TenantId tenant = new TenantId(new UUID(most, least));
        String key = KeyText.fresh(tenant);
        assertThat(key).matches("zpx_[0-9A-Za-z]{71}");
        assertThat(KeyText.read(key)).hasValueSatisfying(read -> {
            assertThat(read.tenant()).isEqualTo(tenant);
            assertThat(read.digest()).isEqualTo(Sha256.of(key));
            assertThat(read.toString()).doesNotContain(key.substring(30));
        });
        assertThat(KeyText.fresh(tenant)).isNotEqualTo(key);
    }

    @Property(tries = 300)
    void aKeyWithAnyOtherCharacterIsNone(@ForAll @IntRange(min = 4, max = 74) int at, @ForAll char other) {
        String key = KeyText.fresh(TenantId.ofMember("acme"));
        if (key.charAt(at) != other) {
            assertThat(KeyText.read(key.substring(0, at) + other + key.substring(at + 1)))
                    .isEmpty();
        }
    }

    @Property(tries = 300)
    void whateverIsSentIsNoKeyAndHarmsNothing(@ForAll String sent) {
        assertThat(KeyText.read(sent)).isEmpty();
        assertThat(Recipients.read(sent))
                .satisfiesAnyOf(
                        read -> assertThat(read).isEmpty(),
                        read -> assertThat(sent).containsPattern("[1-9]|[A-Z]{2}\\."));
    }
}
