package io.zaptrix.platform;

import io.zaptrix.testing.TestSettings;

/** Seals as the application under {@link TestSettings} does, for rows that a test puts into the database itself. */
public final class TestSecrets {

    /** Those of an application under test. */
    public static final Secrets SECRETS = new TinkSecrets(TestSettings.KEYSET);

    private TestSecrets() {}

    /** Those of a service of its own. */
    public static Secrets others() {
        return new TinkSecrets(TinkSecrets.newKeyset());
    }

    public static byte[] seal(TenantId tenant, String purpose, String secret) {
        return SECRETS.seal(tenant, purpose, secret);
    }
}
