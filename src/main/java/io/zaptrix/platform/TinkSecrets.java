package io.zaptrix.platform;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/**
 * {@link Secrets} by Tink's AEAD (AES-256-GCM), tenant and purpose being the associated data. The keyset may hold
 * several keys: the primary one seals, all open, which is how keys are rotated ({@link KeyRing}).
 */
final class TinkSecrets implements Secrets {

    private volatile Keyset keyset;

    /** @throws IllegalArgumentException when {@code keyset} is no cleartext AEAD keyset in Tink's JSON */
    TinkSecrets(String keyset) {
        this(Keyset.parse(keyset));
    }

    TinkSecrets(Keyset keyset) {
        this.keyset = keyset;
    }

    static boolean isUsable(String keyset) {
        try {
            Keyset.parse(keyset);
            return true;
        } catch (IllegalArgumentException unusable) {
            return false;
        }
    }

    /** A new keyset of one random key. */
    static String newKeyset() {
        return Keyset.random().json();
    }

    /** What is sealed and opened with from now on. */
    void use(Keyset other) {
        keyset = other;
    }

    Keyset keyset() {
        return keyset;
    }

    @Override
    public byte[] seal(TenantId tenant, String purpose, String secret) {
        try {
            return keyset.aead().encrypt(secret.getBytes(StandardCharsets.UTF_8), associatedData(tenant, purpose));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("cannot seal " + purpose, impossible);
        }
    }

    @Override
    public String open(TenantId tenant, String purpose, byte[] sealed) {
        try {
            return new String(keyset.aead().decrypt(sealed, associatedData(tenant, purpose)), StandardCharsets.UTF_8);
        } catch (GeneralSecurityException foreign) {
            throw new IllegalStateException("cannot open " + purpose + " of tenant " + tenant, foreign);
        }
    }

    private static byte[] associatedData(TenantId tenant, String purpose) {
        return (tenant + "|" + purpose).getBytes(StandardCharsets.UTF_8);
    }
}
