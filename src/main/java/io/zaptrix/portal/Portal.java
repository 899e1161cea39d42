package io.zaptrix.portal;

import io.zaptrix.platform.TenantId;
import java.net.URI;
import java.time.ZoneId;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A portal as other rooms may know it: no secrets.
 *
 * @param memberId Bitrix24's unchanging id of the portal
 * @param portalUrl where its people open it, such as {@code https://acme.bitrix24.com}; can change
 * @param clientEndpoint where its REST answers, ending in a slash
 * @param language what its agents read
 * @param problem why it is suspended: a code of Bitrix24's; null: it is not
 * @param timeZone where its admins live; null: not known
 */
public record Portal(
        TenantId tenant,
        String memberId,
        URI portalUrl,
        URI clientEndpoint,
        Locale language,
        Status status,
        @Nullable String problem,
        @Nullable ZoneId timeZone) {

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
