package io.zaptrix.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.testing.AppProcess;
import io.zaptrix.testing.TestDatabase;
import io.zaptrix.testing.TestSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * The keyset lies wrapped; Vault, which has the key to it, opens it at the start, or the start is refused in one line.
 */
class WrappedKeysetTest {

    private static final TenantId ACME = TenantId.ofMember("acme");

    private final Vault vault = new Vault();

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        vault.close();
    }

    private List<String> problems(String keyset, Map<String, String> more) {
        Map<String, Object> all = new HashMap<>(TestSettings.environment());
        all.put("ZAPTRIX_ENCRYPTION_KEYSET", keyset);
        all.put("ZAPTRIX_VAULT_ADDR", vault.url());
        all.put("ZAPTRIX_VAULT_TOKEN", Vault.TOKEN);
        more.forEach((name, value) -> {
            if (value.isEmpty()) {
                all.remove(name);
            } else {
                all.put(name, value);
            }
        });
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .forEach(source -> environment.getPropertySources().remove(source.getName()));
        environment.getPropertySources().addFirst(new SystemEnvironmentPropertySource("systemEnvironment", all));
        ConfigurationPropertySources.attach(environment);
        return ConfigurationCheck.of(environment).problems();
    }

    private KeyRing ring(Path file) {
        Map<String, Object> settings = new HashMap<>(TestSettings.properties());
        settings.put("zaptrix.encryption-keyset", "file:" + file);
        settings.put("zaptrix.vault.addr", vault.url());
        settings.put("zaptrix.vault.token", Vault.TOKEN);
        Binder binder = new Binder(new MapConfigurationPropertySource(settings));
        return KeyRing.of(
                binder.bindOrCreate("zaptrix", ZaptrixProperties.class),
                binder.bindOrCreate("zaptrix.vault", VaultProperties.class));
    }

    @Test
    void whatVaultOpensIsTheKeyset() throws IOException {
        String wrapped = vault.wraps(TestSettings.KEYSET);
        assertThat(problems(wrapped, Map.of())).isEmpty();
        Path token = Files.writeString(directory.resolve("token"), Vault.TOKEN + "\n");
        Path file = Files.writeString(directory.resolve("keyset"), wrapped + "\n");
        assertThat(problems("file:" + file, Map.of("ZAPTRIX_VAULT_TOKEN", "file:" + token)))
                .isEmpty();
        vault.namespace = "team";
        assertThat(problems(wrapped, Map.of("ZAPTRIX_VAULT_NAMESPACE", "team"))).isEmpty();
        assertThat(vault.asked).containsOnly("POST /v1/transit/decrypt/zaptrix");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ZAPTRIX_VAULT_ADDR  |                          | ZAPTRIX_VAULT_ADDR is missing (Vault has wrapped the keyset)",
                "ZAPTRIX_VAULT_ADDR  | http://vault.example.com | ZAPTRIX_VAULT_ADDR must be like https://vault.example.com:8200",
                "ZAPTRIX_VAULT_ADDR  | https://a:b@vault.example.com | ZAPTRIX_VAULT_ADDR must be like https://vault.example.com:8200",
                "ZAPTRIX_VAULT_ADDR  | http://127.0.0.1:1       | ZAPTRIX_VAULT_ADDR: Vault does not answer",
                "ZAPTRIX_VAULT_TOKEN |                          | ZAPTRIX_VAULT_TOKEN is missing (Vault has wrapped the keyset)",
                "ZAPTRIX_VAULT_TOKEN | file:/nowhere/token      | ZAPTRIX_VAULT_TOKEN names a file that cannot be read",
                "ZAPTRIX_VAULT_TOKEN | hvs.another-token        | ZAPTRIX_VAULT_TOKEN may not decrypt with Vault's key transit/zaptrix",
                "ZAPTRIX_VAULT_KEY   | zaptrix                  | ZAPTRIX_VAULT_KEY must be like transit/zaptrix: the engine's path and the key's name",
                "ZAPTRIX_VAULT_KEY   | kv/zaptrix               | ZAPTRIX_VAULT_KEY: Vault has no transit engine at kv/zaptrix",
                "ZAPTRIX_VAULT_KEY   | transit/another          | ZAPTRIX_ENCRYPTION_KEYSET was not wrapped by Vault's key transit/another, or that key is not there",
            })
    void whatIsWrongIsNamedByItsVariable(String name, String value, String said) {
        List<String> problems = problems(vault.wraps(TestSettings.KEYSET), Map.of(name, value == null ? "" : value));

        assertThat(problems).containsExactly(said);
        assertThat(problems.toString()).doesNotContain(Vault.TOKEN, "another-token", "a:b");
    }

    @Test
    void aSealedVaultAWrongCiphertextAndAWrongContentAreToldApart() {
        String wrapped = vault.wraps(TestSettings.KEYSET);
        assertThat(problems("vault:v1:AAAA", Map.of()))
                .containsExactly(
                        "ZAPTRIX_ENCRYPTION_KEYSET was not wrapped by Vault's key transit/zaptrix, or that key is not there");
        assertThat(problems(vault.wraps("{}"), Map.of()))
                .containsExactly("ZAPTRIX_ENCRYPTION_KEYSET must be a Tink AEAD keyset in JSON, as it is or wrapped by"
                        + " Vault, or file: and the path of one");
        vault.isSealed = true;
        assertThat(problems(wrapped, Map.of()))
                .containsExactly("ZAPTRIX_VAULT_ADDR: Vault is sealed or in maintenance");
    }

    @Test
    void aNewFileIsOpenedOnceAndASealedVaultLeavesTheOldKeysInUse() throws IOException {
        Path file = Files.writeString(directory.resolve("keyset"), vault.wraps(TestSettings.KEYSET));
        KeyRing ring = ring(file);
        long old = ring.sealing();
        byte[] sealed = ring.secrets().seal(ACME, "portal_config.access_token", "token");
        ring.refresh();
        ring.refresh();
        assertThat(vault.asked).as("what has not changed is not opened again").hasSize(1);

        Keyset both = Keyset.parse(TestSettings.KEYSET).withAnother();
        long fresh = both.ids().stream().filter(id -> id != old).findFirst().orElseThrow();
        Files.writeString(file, vault.wraps(both.sealingWith(fresh).json()));
        vault.isSealed = true;
        ring.refresh();
        assertThat(ring.keys()).extracting(KeyRing.Key::id).containsExactly(old);
        assertThat(ring.secrets().open(ACME, "portal_config.access_token", sealed))
                .isEqualTo("token");

        vault.isSealed = false;
        ring.refresh();
        assertThat(ring.keys()).extracting(KeyRing.Key::id).containsExactlyInAnyOrder(old, fresh);
        assertThat(ring.agree(List.of())).isTrue();
        assertThat(ring.sealing()).isEqualTo(fresh);
    }

    @Test
    void theApplicationStartsWithItAndRefusesInOneLineWithoutIt() {
        TestDatabase.Database database = TestDatabase.createWithSchema();
        AppProcess.Builder builder = AppProcess.builder()
                .database(database)
                .env("ZAPTRIX_ENCRYPTION_KEYSET", vault.wraps(TestSettings.KEYSET))
                .env("VAULT_ADDR", vault.url())
                .env("VAULT_TOKEN", Vault.TOKEN);
        try (AppProcess app = builder.start()) {
            assertThat(app.output()).doesNotContain(Vault.TOKEN);
        }
        vault.isSealed = true;
        try (AppProcess app = builder.port(0).launch()) {
            assertThat(app.awaitExit()).isNotZero();
            assertThat(app.output())
                    .contains("ZAPTRIX_VAULT_ADDR: Vault is sealed or in maintenance")
                    .doesNotContain(Vault.TOKEN, "IllegalArgumentException", "\tat ");
        }
    }
}
