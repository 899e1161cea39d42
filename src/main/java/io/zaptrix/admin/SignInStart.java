package io.zaptrix.admin;

import io.zaptrix.platform.FailedProofs;
import io.zaptrix.portal.SignInRefused;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Stands before the sign-in outside the iframe, each start of which leaves a session behind in the database: so many in
 * a minute from one address, and for so long only.
 */
class SignInStart extends OncePerRequestFilter {

    /** A company's people come from one address; all of them at once after a break is what this must bear. */
    static final int STARTS = 60;

    private static final String DOOR = "sign_in";
    private static final String PATH = "/oauth2/authorization/";

    private final FailedProofs failures;
    private final SignInPage page;

    SignInStart(FailedProofs failures, SignInPage page) {
        this.failures = failures;
        this.page = page;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !request.getRequestURI().startsWith(PATH);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String client = FailedProofs.client(request);
        if (failures.tooMany(DOOR, client, STARTS)) {
            page.refused(request, response, SignInRefused.Reason.TOO_MANY_TRIES);
            return;
        }
        failures.count(DOOR, client);
        chain.doFilter(request, response);
        HttpSession session = request.getSession(false);
        if (session != null && SecurityContextHolder.getContext().getAuthentication() == null) {
            SessionLife.ofNobody(session);
        }
    }
}
