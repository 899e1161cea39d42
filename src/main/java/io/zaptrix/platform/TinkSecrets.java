package io.zaptrix.platform;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/**
 * {@link Secrets} by Tink's AEAD (AES-256-GCM), tenant and purpose being the associated data. The keyset may hold
 * several keys: the primary one seals, all open, which is how keys are rotated.
 */
final class TinkSecrets implements Secrets {

    static {
        try {
            AeadConfig.register();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private final Aead aead;

    /** @throws IllegalArgumentException when {@code keyset} is no cleartext AEAD keyset in Tink's JSON */
    TinkSecrets(String keyset) {
        try {
            aead = TinkJsonProtoKeysetFormat.parseKeyset(keyset, InsecureSecretKeyAccess.get())
                    .getPrimitive(RegistryConfiguration.get(), Aead.class);
        } catch (GeneralSecurityException | RuntimeException unusable) {
            // The cause may quote the keyset.
            throw new IllegalArgumentException("not an AEAD keyset");
        }
    }

    static boolean isUsable(String keyset) {
        try {
            new TinkSecrets(keyset);
            return true;
        } catch (IllegalArgumentException unusable) {
            return false;
        }
    }

    /** A new keyset of one random key. */
    static String newKeyset() {
        try {
            return TinkJsonProtoKeysetFormat.serializeKeyset(
                    KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM), InsecureSecretKeyAccess.get());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public byte[] seal(TenantId tenant, String purpose, String secret) {
        try {
            return aead.encrypt(secret.getBytes(StandardCharsets.UTF_8), associatedData(tenant, purpose));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("cannot seal " + purpose, impossible);
        }
    }

    @Override
    public String open(TenantId tenant, String purpose, byte[] sealed) {
        try {
            return new String(aead.decrypt(sealed, associatedData(tenant, purpose)), StandardCharsets.UTF_8);
        } catch (GeneralSecurityException foreign) {
            throw new IllegalStateException("cannot open " + purpose + " of tenant " + tenant, foreign);
        }
    }

    private static byte[] associatedData(TenantId tenant, String purpose) {
        return (tenant + "|" + purpose).getBytes(StandardCharsets.UTF_8);
    }
}
