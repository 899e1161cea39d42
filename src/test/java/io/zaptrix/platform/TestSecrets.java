package io.zaptrix.platform;

import io.zaptrix.testing.TestSettings;

/** Seals as the application under {@link TestSettings} does, for rows that a test puts into the database itself. */
public final class TestSecrets {

    private static final Secrets SECRETS = new TinkSecrets(TestSettings.KEYSET);

    private TestSecrets() {}

    public static byte[] seal(TenantId tenant, String purpose, String secret) {
        return SECRETS.seal(tenant, purpose, secret);
    }
}
