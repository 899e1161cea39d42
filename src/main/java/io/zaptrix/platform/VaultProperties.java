package io.zaptrix.platform;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the key is that the encryption keyset is wrapped with: HashiCorp Vault's transit engine.
 *
 * @param addr Vault's address, as {@code VAULT_ADDR} has it; null: there is none
 * @param token what may decrypt with the key, or {@code file:} and the path of a file with it, which is read whenever
 *     it is needed
 * @param namespace of Vault Enterprise and HCP; null: the root
 * @param key the engine's path and the key's name
 */
@ConfigurationProperties("zaptrix.vault")
record VaultProperties(
        @Nullable String addr,
        @Nullable String token,
        @Nullable String namespace,
        @DefaultValue(VaultProperties.USUAL_KEY) String key) {

    static final String USUAL_KEY = "transit/zaptrix";

    /** Leaves the token out. */
    @Override
    public String toString() {
        return "VaultProperties[addr=" + addr + ", namespace=" + namespace + ", key=" + key + "]";
    }
}
