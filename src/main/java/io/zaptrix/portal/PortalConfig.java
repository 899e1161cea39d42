package io.zaptrix.portal;

import io.zaptrix.platform.TenantId;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import java.util.UUID;
import org.hibernate.annotations.DynamicUpdate;
import org.hibernate.annotations.UpdateTimestamp;
import org.jspecify.annotations.Nullable;

/**
 * A portal's row. The table's key is {@code tenant_id}; Hibernate wants that column as its tenant discriminator, which
 * an entity's id cannot be, so the id here is the {@code member_id} that the tenant is computed from. Secrets are as
 * {@link PortalStore} has sealed them.
 */
@Entity
// What is not changed is not written, or it would undo the sealing anew of a token by another key.
@DynamicUpdate
@Table(name = "portal_config")
class PortalConfig {

    @Id
    @Column(name = "member_id")
    private String memberId;

    @org.hibernate.annotations.TenantId
    @Column(name = "tenant_id")
    private @Nullable UUID tenantId;

    @Column(name = "portal_url")
    String portalUrl;

    @Column(name = "client_endpoint")
    String clientEndpoint;

    @Column(name = "client_id")
    @Nullable
    String clientId;

    @Column(name = "client_secret")
    byte @Nullable [] clientSecret;

    @Column(name = "access_token")
    byte @Nullable [] accessToken;

    @Column(name = "refresh_token")
    byte @Nullable [] refreshToken;

    @Column(name = "token_expiration_time")
    @Nullable
    Instant tokenExpirationTime;

    @Column(name = "application_token")
    byte @Nullable [] applicationToken;

    @Column(name = "scope")
    @Nullable
    String scope;

    @Column(name = "app_status")
    @Nullable
    String appStatus;

    @Enumerated(EnumType.STRING)
    @Column(name = "status")
    Portal.Status status;

    @Column(name = "problem")
    @Nullable
    String problem;

    @Column(name = "language")
    String language;

    @Column(name = "time_zone")
    @Nullable
    String timeZone;

    @UpdateTimestamp
    @Column(name = "updated_at")
    private @Nullable Instant updatedAt;

    @Column(name = "uninstalled_at")
    @Nullable
    Instant uninstalledAt;

    @Column(name = "erase_after")
    @Nullable
    Instant eraseAfter;

    PortalConfig(String memberId, URI clientEndpoint) {
        this.memberId = memberId;
        this.status = Portal.Status.ACTIVE;
        this.language = Locale.ENGLISH.toLanguageTag();
        this.clientEndpoint = clientEndpoint.toString();
        this.portalUrl = portalUrl(clientEndpoint);
    }

    @SuppressWarnings("NullAway.Init") // Hibernate fills it.
    protected PortalConfig() {}

    String memberId() {
        return memberId;
    }

    /** Where the authorization server says that the portal is now; the only source of its address. */
    void movedTo(URI endpoint) {
        clientEndpoint = endpoint.toString();
        portalUrl = portalUrl(endpoint);
    }

    boolean isInstalled() {
        return status != Portal.Status.UNINSTALLED;
    }

    Portal toPortal() {
        return new Portal(
                TenantId.ofMember(memberId),
                memberId,
                URI.create(portalUrl),
                URI.create(clientEndpoint),
                Locale.forLanguageTag(language),
                status,
                problem,
                zone());
    }

    private @Nullable ZoneId zone() {
        try {
            return timeZone == null ? null : ZoneId.of(timeZone);
        } catch (DateTimeException unknownHere) {
            return null;
        }
    }

    static String portalUrl(URI clientEndpoint) {
        return clientEndpoint.getScheme() + "://" + clientEndpoint.getAuthority();
    }
}
