package io.zaptrix.admin;

import io.zaptrix.journal.People;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantRequest;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.PortalUser;
import io.zaptrix.portal.Portals;
import io.zaptrix.relay.Holds;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.InsufficientAuthenticationException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Binds a request to the tenant of whoever is signed in, for as long as it lasts. A session outlives neither its portal
 * nor {@link SessionLife#LONGEST} nor, for those who are no admins, the right to see the message log: all are looked at
 * every time.
 */
class TenantFilter extends OncePerRequestFilter {

    /** What the pages call the portal: who administers several sees whose page it is. */
    static final String PORTAL_HOST = "portalHost";

    /** Why the operator of the service has suspended the portal; absent: not. */
    static final String HELD = "suspendedBecause";

    private final Portals portals;
    private final People people;
    private final Holds holds;
    private final SignInPage signInPage;

    TenantFilter(Portals portals, People people, Holds holds, SignInPage signInPage) {
        this.portals = portals;
        this.people = people;
        this.holds = holds;
        this.signInPage = signInPage;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Authentication who = SecurityContextHolder.getContext().getAuthentication();
        if (who == null || !(who.getPrincipal() instanceof PortalUser user)) {
            chain.doFilter(request, response);
            return;
        }
        Optional<Portal> portal = portals.find(user.tenant());
        HttpSession session = request.getSession(false);
        if (portal.isEmpty()
                || portal.get().status() == Portal.Status.UNINSTALLED
                || session == null
                || SessionLife.isOver(session, Instant.now())) {
            if (session != null) {
                session.invalidate();
            }
            SecurityContextHolder.clearContext();
            signInPage.commence(
                    request,
                    response,
                    new InsufficientAuthenticationException("the portal is gone, or the session too old"));
            return;
        }
        if (!user.admin()
                && TenantContext.call(user.tenant(), () -> people.viewer(user.userId()))
                        .isEmpty()) {
            if (session != null) {
                session.invalidate();
            }
            SecurityContextHolder.clearContext();
            signInPage.handle(request, response, new AccessDeniedException("the user may not see the log any more"));
            return;
        }
        PageHeaders.framedBy(response, portal.get().portalUrl().toString());
        request.setAttribute(PORTAL_HOST, portal.get().portalUrl().getHost());
        holds.find(user.tenant()).ifPresent(hold -> request.setAttribute(HELD, hold.reason()));
        TenantRequest.carryOn(user.tenant(), chain, request, response);
    }
}
