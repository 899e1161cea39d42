package io.zaptrix.portal;

import io.zaptrix.bitrix24.PortalEvent;
import io.zaptrix.platform.TenantId;
import java.util.List;
import java.util.Optional;

/** The tenants: their coming, their going, and who speaks for them. */
public interface Portals {

    /**
     * What is known of a portal, active or not. A session outlives neither its portal's uninstallation nor a look at
     * {@link Portal#status()}: pages ask here on every request.
     */
    Optional<Portal> find(TenantId tenant);

    /** The portals in use, for jobs that look after each; needs no tenant. */
    List<TenantId> active();

    /**
     * Proves a page's opener at the authorization server and installs or re-installs the portal: keeps its tokens,
     * registers the connector, binds the events. Every step may be repeated.
     *
     * <p>The marketplace app is known by the configured {@code client_id}. The token of any other app is refused, but
     * for a local app, which a portal's own admins made: its secret is asked for once
     * ({@link SignInRefused.Reason#LOCAL_APP_SECRET_NEEDED}), and kept.
     *
     * @throws SignInRefused when the authorization server does not know the token, it was given to another app, the
     *     user is no admin, a local app's secret is missing, or Bitrix24 refuses a step
     */
    PortalUser install(PageGrant grant);

    /**
     * As {@link #install(PageGrant)}, for a local app whose secret the admin has just entered. The page that
     * {@code LOCAL_APP_SECRET_NEEDED} shows posts the fields of the grant again together with the secret; the
     * {@code client_id} is what the authorization server says. The secret is tried at once, by refreshing the grant's
     * tokens, and stored only if that works.
     *
     * @throws SignInRefused as above, and {@link SignInRefused.Reason#LOCAL_APP_SECRET_WRONG}
     */
    PortalUser installLocalApp(PageGrant grant, String clientSecret);

    /**
     * Proves a page's opener at the authorization server. An admin's visit replaces the portal's tokens by the admin's,
     * and so revives a suspended portal; anybody's notices that the portal has moved.
     *
     * @throws SignInRefused when the authorization server does not know the token, or the portal has not installed the
     *     app
     */
    PortalUser signIn(PageGrant grant);

    /**
     * Installs from {@code ONAPPINSTALL}, the event that installs without pages. It is believed as little as a page's
     * post: its access token must prove it.
     *
     * @throws SignInRefused as {@link #install(PageGrant)}
     */
    void install(PortalEvent event);

    /**
     * Ends a portal on its admin's word, as an uninstallation does: it gets and sends nothing from then on, its tokens,
     * sessions and linked numbers are gone when this returns, and all its rows minutes later. Bitrix24 is asked, but
     * need not answer, to forget the connector and the events; the app itself only the portal's admin can remove there.
     */
    void close(TenantId tenant);
}
