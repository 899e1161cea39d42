package io.zaptrix.channel;

import io.zaptrix.platform.TenantId;
import org.jspecify.annotations.Nullable;

/**
 * A WhatsApp Business number linked to a portal's open line.
 *
 * @param phoneNumberId Meta's id of the number
 * @param wabaId the WhatsApp Business account that it belongs to
 * @param displayPhoneNumber the number as people write it
 * @param displayName what the admin calls it
 * @param lineId the open line's id in the portal
 * @param problem why it is suspended, for the admin: what Meta said, or {@code line_deleted} or {@code connector_off}
 */
public record PhoneNumber(
        TenantId tenant,
        String phoneNumberId,
        String wabaId,
        String displayPhoneNumber,
        String displayName,
        String lineId,
        Status status,
        @Nullable String problem) {

    /** The {@link #problem} of a number whose connector is switched off in its open line. */
    public static final String CONNECTOR_OFF = "connector_off";

    /** Whether the number's lanes may move. */
    public enum Status {
        /** In use. */
        ACTIVE,
        /** Meta refuses its token or the account; an admin must act. */
        SUSPENDED
    }
}
