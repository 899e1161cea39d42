package io.zaptrix.platform;

/**
 * Encryption at rest. A sealed value opens only for the tenant and the purpose that it was sealed for, so that a
 * ciphertext copied into another row or column is worthless there.
 */
public interface Secrets {

    /**
     * @param purpose the table and column, such as {@code portal_config.access_token}; the rotation of keys finds what
     *     is stored by it ({@link KeyRotation}), so that a column of a table must be named exactly
     * @return the ciphertext, which names its key
     */
    byte[] seal(TenantId tenant, String purpose, String secret);

    /** @throws IllegalStateException when it was sealed for somebody or something else, or by a key that is gone */
    String open(TenantId tenant, String purpose, byte[] sealed);
}
