package io.zaptrix.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.zaptrix.testing.TestSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class KeyRingTest {

    private static final TenantId ACME = TenantId.ofMember("acme");
    private static final String PURPOSE = "portal_config.access_token";

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void keyset() {
        KeysetFile.ensure(directory);
        file = KeysetFile.in(directory);
    }

    private KeyRing ring(@Nullable String configured) {
        Map<String, Object> settings = new HashMap<>(TestSettings.properties());
        settings.put("zaptrix.data-dir", directory);
        settings.put("zaptrix.encryption-keyset", configured);
        settings.values().removeIf(Objects::isNull);
        Binder binder = new Binder(new MapConfigurationPropertySource(settings));
        return KeyRing.of(
                binder.bindOrCreate("zaptrix", ZaptrixProperties.class),
                binder.bindOrCreate("zaptrix.vault", VaultProperties.class));
    }

    @Test
    void aKeyIsAddedPromotedAndTheOldOneRemoved() throws IOException {
        KeyRing ring = ring(null);
        long old = ring.sealing();
        byte[] sealed = ring.secrets().seal(ACME, PURPOSE, "token");

        long fresh = ring.add();
        assertThat(ring.sealing()).isEqualTo(old);
        assertThat(ring.otherPrefixes()).containsExactly(Keyset.prefix(fresh));
        // Another replica that does not know it yet keeps everybody from using it.
        ring.promote(fresh);
        assertThat(ring.agree(List.of(List.of(old)))).isFalse();
        assertThat(ring.sealing()).isEqualTo(old);
        assertThat(ring.agree(List.of(List.of(old, fresh)))).isTrue();
        assertThat(ring.sealing()).isEqualTo(fresh);
        byte[] anew = ring.secrets().seal(ACME, PURPOSE, ring.secrets().open(ACME, PURPOSE, sealed));
        assertThat(anew).startsWith(Keyset.prefix(fresh));

        // Whenever the process ends, the file is what the next one goes on with.
        assertThat(ring(null).secrets().open(ACME, PURPOSE, sealed)).isEqualTo("token");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        ring.remove(old);
        KeyRing after = ring(null);
        assertThat(after.keys()).containsExactly(new KeyRing.Key(fresh, true, true));
        assertThat(after.secrets().open(ACME, PURPOSE, anew)).isEqualTo("token");
        assertThatIllegalStateException().isThrownBy(() -> after.secrets().open(ACME, PURPOSE, sealed));
    }

    @Test
    void whoStartsWithANewKeyAmongOldReplicasSealsWithWhatTheyKnow() {
        KeyRing ring = ring(null);
        long old = ring.sealing();
        ring.promote(ring.add());
        KeyRing started = ring(null);
        assertThat(started.sealing()).isNotEqualTo(old);
        started.agree(List.of(List.of(old)));
        assertThat(started.sealing()).isEqualTo(old);
    }

    @Test
    void anOperatorsFileIsReadAgainAndNeverWritten() throws IOException {
        KeyRing ring = ring("file:" + file);
        String before = Files.readString(file);
        assertThatIllegalStateException().isThrownBy(ring::add);
        assertThat(Files.readString(file)).isEqualTo(before);

        Keyset two = Keyset.parse(before).withAnother();
        Files.writeString(file, two.json());
        ring.refresh();
        assertThat(ring.keys()).hasSize(2);

        // What lacks the key that is sealed with, or is no keyset, is left aside.
        for (String useless : List.of(TestSettings.KEYSET, "{", "")) {
            Files.writeString(file, useless);
            ring.refresh();
            assertThat(ring.keys()).hasSize(2);
        }
        Files.delete(file);
        ring.refresh();
        assertThat(ring.keys()).hasSize(2);
    }
}
