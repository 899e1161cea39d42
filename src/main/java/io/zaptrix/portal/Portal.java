package io.zaptrix.portal;

import io.zaptrix.platform.TenantId;
import java.net.URI;
import java.util.Locale;

/**
 * A portal as other rooms may know it: no secrets.
 *
 * @param memberId Bitrix24's unchanging id of the portal
 * @param portalUrl where its people open it, such as {@code https://acme.bitrix24.com}; can change
 * @param clientEndpoint where its REST answers, ending in a slash
 * @param language what its agents read
 */
public record Portal(
        TenantId tenant, String memberId, URI portalUrl, URI clientEndpoint, Locale language, Status status) {

    /** Whether the portal's lanes may move. */
    public enum Status {
        /** In use. */
        ACTIVE,
        /** Its tokens are dead; an admin must open the app again. */
        SUSPENDED,
        /** Gone; its data follows after the promised days. */
        UNINSTALLED
    }
}
