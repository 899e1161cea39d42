package io.zaptrix.platform;

import java.io.Serializable;
import java.util.UUID;

/**
 * A tenant: one Bitrix24 portal. Computed from the portal's {@code member_id}, which Bitrix24 never changes, so that an
 * event names its tenant without a look-up; 16 bytes, because it leads every key.
 */
public record TenantId(UUID value) implements Serializable {

    /** The id that no portal has: what a query sees that forgot its tenant. */
    public static final TenantId NOBODY = new TenantId(new UUID(0, 0));

    /** The tenant of the portal that Bitrix24 calls {@code memberId}. */
    public static TenantId ofMember(String memberId) {
        return new TenantId(Sha256.uuid("bitrix24:" + memberId));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
