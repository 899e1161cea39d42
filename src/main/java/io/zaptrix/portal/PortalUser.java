package io.zaptrix.portal;

import io.zaptrix.platform.TenantId;
import java.io.Serializable;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.oauth2.core.user.OAuth2User;

/**
 * Somebody whom Bitrix24 has vouched for: the principal of every session.
 *
 * @param userId the user's id in the portal
 * @param admin whether the user has the portal's admin right
 * @param portalUrl the only host that may frame this user's pages
 * @param language what the user reads
 */
public record PortalUser(
        TenantId tenant, String memberId, String userId, String name, boolean admin, String portalUrl, Locale language)
        implements OAuth2User, Serializable {

    @Override
    public Map<String, Object> getAttributes() {
        return Map.of("member_id", memberId, "user_id", userId);
    }

    @Override
    public Collection<? extends GrantedAuthority> getAuthorities() {
        return admin
                ? List.of(
                        new SimpleGrantedAuthority("ROLE_PORTAL_USER"), new SimpleGrantedAuthority("ROLE_PORTAL_ADMIN"))
                : List.of(new SimpleGrantedAuthority("ROLE_PORTAL_USER"));
    }

    @Override
    public String getName() {
        return memberId + "/" + userId;
    }
}
