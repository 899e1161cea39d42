package io.zaptrix.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import org.junit.jupiter.api.Test;

class TinkSecretsTest {

    private static final TenantId ACME = TenantId.ofMember("acme");
    private static final TenantId OTHER = TenantId.ofMember("other");
    private static final String PURPOSE = "portal_config.access_token";

    private final TinkSecrets secrets = new TinkSecrets(TinkSecrets.newKeyset());

    @Test
    void whatWasSealedOpens() {
        assertThat(secrets.open(ACME, PURPOSE, secrets.seal(ACME, PURPOSE, "tökén €")))
                .isEqualTo("tökén €");
        assertThat(secrets.open(ACME, PURPOSE, secrets.seal(ACME, PURPOSE, ""))).isEmpty();
    }

    @Test
    void theSameSecretNeverLooksTheSame() {
        assertThat(secrets.seal(ACME, PURPOSE, "token")).isNotEqualTo(secrets.seal(ACME, PURPOSE, "token"));
        assertThat(new String(secrets.seal(ACME, PURPOSE, "token"), StandardCharsets.ISO_8859_1))
                .doesNotContain("token");
    }

    @Test
    void anotherTenantOrPurposeOpensNothing() {
        byte[] sealed = secrets.seal(ACME, PURPOSE, "token");
        assertThatIllegalStateException().isThrownBy(() -> secrets.open(OTHER, PURPOSE, sealed));
        assertThatIllegalStateException().isThrownBy(() -> secrets.open(ACME, "portal_config.refresh_token", sealed));
    }

    @Test
    void garbageOpensToNothing() {
        byte[] sealed = secrets.seal(ACME, PURPOSE, "token");
        for (int index = 0; index < sealed.length; index++) {
            byte[] bent = sealed.clone();
            bent[index] ^= 1;
            assertThatIllegalStateException().isThrownBy(() -> secrets.open(ACME, PURPOSE, bent));
        }
        assertThatIllegalStateException().isThrownBy(() -> secrets.open(ACME, PURPOSE, new byte[0]));
    }

    @Test
    void aRotatedKeysetOpensWhatTheOldKeySealed() throws GeneralSecurityException {
        String old = TinkSecrets.newKeyset();
        byte[] sealed = new TinkSecrets(old).seal(ACME, PURPOSE, "token");
        KeysetHandle oldKeys = TinkJsonProtoKeysetFormat.parseKeyset(old, InsecureSecretKeyAccess.get());
        KeysetHandle rotated = KeysetHandle.newBuilder(oldKeys)
                .addEntry(KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
                        .withRandomId()
                        .makePrimary())
                .build();
        String keyset = TinkJsonProtoKeysetFormat.serializeKeyset(rotated, InsecureSecretKeyAccess.get());

        assertThat(new TinkSecrets(keyset).open(ACME, PURPOSE, sealed)).isEqualTo("token");
        byte[] sealedAnew = new TinkSecrets(keyset).seal(ACME, PURPOSE, "token");
        assertThatIllegalStateException().isThrownBy(() -> new TinkSecrets(old).open(ACME, PURPOSE, sealedAnew));
    }

    @Test
    void whatIsNoKeysetIsSaidWithoutRepeatingIt() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TinkSecrets("{\"primaryKeyId\":1,\"key\":[]}"))
                .withMessage("not an AEAD keyset")
                .withNoCause();
    }
}
