package io.zaptrix.media;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import io.zaptrix.platform.Secrets;
import io.zaptrix.platform.TenantId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/** Secrets of a service of its own. */
final class TestSecrets implements Secrets {

    private final Aead aead;

    private TestSecrets(Aead aead) {
        this.aead = aead;
    }

    interface Keys {
        KeysetHandle get() throws GeneralSecurityException;
    }

    static Secrets create() {
        return of(() -> KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM));
    }

    static Secrets of(Keys keys) {
        try {
            AeadConfig.register();
            return new TestSecrets(keys.get().getPrimitive(RegistryConfiguration.get(), Aead.class));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public byte[] seal(TenantId tenant, String purpose, String secret) {
        try {
            return aead.encrypt(secret.getBytes(StandardCharsets.UTF_8), (tenant + "|" + purpose).getBytes());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String open(TenantId tenant, String purpose, byte[] sealed) {
        try {
            return new String(aead.decrypt(sealed, (tenant + "|" + purpose).getBytes()), StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
