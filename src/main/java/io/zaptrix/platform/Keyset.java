package io.zaptrix.platform;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeyStatus;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/**
 * A Tink AEAD keyset that can be used. A key's id is 32 bits, here without sign; what it seals begins with {@code 01}
 * and the id, big-endian (Tink's wire format, prefix type {@code TINK}).
 */
final class Keyset {

    static {
        try {
            AeadConfig.register();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static final int PREFIX = 5;

    private final KeysetHandle handle;
    private final Aead aead;

    private Keyset(KeysetHandle handle) throws GeneralSecurityException {
        this.handle = handle;
        this.aead = handle.getPrimitive(RegistryConfiguration.get(), Aead.class);
    }

    /** @throws IllegalArgumentException when {@code json} is no cleartext AEAD keyset in Tink's JSON */
    static Keyset parse(String json) {
        try {
            return new Keyset(TinkJsonProtoKeysetFormat.parseKeyset(json, InsecureSecretKeyAccess.get()));
        } catch (GeneralSecurityException | RuntimeException unusable) {
            // The cause may quote the keyset.
            throw new IllegalArgumentException("not an AEAD keyset");
        }
    }

    static Keyset random() {
        try {
            return new Keyset(KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    String json() {
        try {
            return TinkJsonProtoKeysetFormat.serializeKeyset(handle, InsecureSecretKeyAccess.get());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    Aead aead() {
        return aead;
    }

    /** Of the key that seals. */
    long primary() {
        return Integer.toUnsignedLong(handle.getPrimary().getId());
    }

    /** Of the keys that open, in the keyset's order. */
    List<Long> ids() {
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < handle.size(); i++) {
            if (handle.getAt(i).getStatus() == KeyStatus.ENABLED) {
                ids.add(Integer.toUnsignedLong(handle.getAt(i).getId()));
            }
        }
        return ids;
    }

    /** With a new random key, which opens and does not seal. */
    Keyset withAnother() {
        return rebuilt(KeysetHandle.newBuilder(handle)
                .addEntry(KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
                        .withRandomId()));
    }

    /** With another of its keys sealing. */
    Keyset sealingWith(long id) {
        if (id == primary()) {
            return this;
        }
        KeysetHandle.Builder builder = KeysetHandle.newBuilder(handle);
        builder.getAt(ids0().indexOf(id)).makePrimary();
        return rebuilt(builder);
    }

    /** Without a key that does not seal. */
    Keyset without(long id) {
        if (id == primary()) {
            throw new IllegalArgumentException("the key that seals cannot be taken away");
        }
        KeysetHandle.Builder builder = KeysetHandle.newBuilder(handle);
        builder.deleteAt(ids0().indexOf(id));
        return rebuilt(builder);
    }

    /** What everything begins with that a key has sealed. */
    static byte[] prefix(long id) {
        return ByteBuffer.allocate(PREFIX).put((byte) 1).putInt((int) id).array();
    }

    /** Of all keys, by their place. */
    private List<Long> ids0() {
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < handle.size(); i++) {
            ids.add(Integer.toUnsignedLong(handle.getAt(i).getId()));
        }
        return ids;
    }

    private static Keyset rebuilt(KeysetHandle.Builder builder) {
        try {
            return new Keyset(builder.build());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
