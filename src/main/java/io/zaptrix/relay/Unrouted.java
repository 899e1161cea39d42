package io.zaptrix.relay;

/**
 * Keeps what was proved or at least well-formed, but is nobody's: a webhook of a number that no portal has linked, an
 * event of a portal that has not installed. For the operator; bounded in size and number, pruned by age.
 */
public interface Unrouted {

    /**
     * @param source {@code meta} or {@code bitrix24}
     * @param reason a short constant such as {@code unknown_number}
     * @param reference the id that was not found; only its first 100 characters are kept
     * @param body what arrived; only its first 16 KiB are kept
     */
    void keep(String source, String reason, String reference, byte[] body);
}
