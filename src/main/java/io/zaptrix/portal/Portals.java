package io.zaptrix.portal;

import io.zaptrix.bitrix24.PortalEvent;
import io.zaptrix.platform.TenantId;
import java.util.Optional;

/** The tenants: their coming, their going, and who speaks for them. */
public interface Portals {

    /** What is known of a portal, active or not. */
    Optional<Portal> find(TenantId tenant);

    /**
     * Proves a page's opener at the authorization server and installs or re-installs the portal: keeps its tokens,
     * registers the connector, binds the events. Every step may be repeated.
     *
     * @throws SignInRefused when the authorization server does not know the token, or the user is no admin
     */
    PortalUser install(PageGrant grant);

    /**
     * Proves a page's opener at the authorization server.
     *
     * @throws SignInRefused when the authorization server does not know the token, or the portal has not installed the
     *     app
     */
    PortalUser signIn(PageGrant grant);

    /**
     * Installs from {@code ONAPPINSTALL}, the event that installs without pages.
     *
     * @throws SignInRefused as {@link #install(PageGrant)}
     */
    void install(PortalEvent event);
}
