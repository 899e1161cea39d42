package io.zaptrix.admin;

import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What browsers are told about a page: scripts and styles are files of ours (and Bitrix24's own library), and only the
 * portal that the page belongs to may frame it.
 */
final class PageHeaders {

    static final String NOBODY = "'none'";

    private static final String POLICY = "Content-Security-Policy";
    private static final Pattern HOST = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:[0-9]{1,5})?");

    private PageHeaders() {}

    /** The sign-in, which no frame shows, leads to a portal by a redirect; all other forms stay here. */
    static String policy(String frameAncestors) {
        String forms = frameAncestors.equals(NOBODY) ? "'self' https: http:" : "'self'";
        return "default-src 'none'; script-src 'self' https://api.bitrix24.com; style-src 'self'; img-src 'self' data:; "
                + "connect-src 'self'; font-src 'self'; form-action " + forms + "; base-uri 'none'; frame-ancestors "
                + frameAncestors;
    }

    /** @param portalUrl as the authorization server gave it */
    static void framedBy(HttpServletResponse response, String portalUrl) {
        response.setHeader(POLICY, policy(portalUrl.replaceAll("[;,\\s]", "")));
        response.setHeader("Cache-Control", "no-store");
    }

    /**
     * For the page on which Embedded Signup runs: Facebook's library, and what that loads and asks.
     *
     * @param portalUrl as the authorization server gave it
     * @param sdkUrl where the library is; another place than Facebook's own is allowed as well
     */
    static void signUp(HttpServletResponse response, String portalUrl, URI sdkUrl) {
        String sdk = sdkUrl.getScheme() + "://" + sdkUrl.getAuthority();
        String facebook = "https://www.facebook.com https://web.facebook.com https://graph.facebook.com " + sdk;
        response.setHeader(
                POLICY,
                policy(portalUrl.replaceAll("[;,\\s]", ""))
                        .replace("script-src 'self'", "script-src 'self' https://connect.facebook.net " + sdk)
                        .replace("img-src 'self'", "img-src 'self' https://www.facebook.com")
                        .replace("connect-src 'self'", "connect-src 'self' " + facebook)
                        .replace("font-src 'self'", "font-src 'self'; frame-src " + facebook));
        // Meta gives a code to the pages only whose origin the app's settings name.
        response.setHeader("Referrer-Policy", "strict-origin");
        response.setHeader("Cache-Control", "no-store");
    }

    /** For a page that holds nothing and on which nothing can be done. */
    static void framedByAnyone(HttpServletResponse response) {
        response.setHeader(POLICY, policy("https: http:"));
        response.setHeader("Cache-Control", "no-store");
    }

    /**
     * For a page that says what went wrong before anybody was proved, and holds nothing: it may be seen in the portal
     * that claims to have opened it.
     */
    static void framedByClaimed(HttpServletResponse response, @Nullable String domain, @Nullable String protocol) {
        String host = domain == null ? "" : domain.toLowerCase(java.util.Locale.ROOT);
        framedBy(
                response,
                HOST.matcher(host).matches() ? ("0".equals(protocol) ? "http://" : "https://") + host : NOBODY);
    }
}
