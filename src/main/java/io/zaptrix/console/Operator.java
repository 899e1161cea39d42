package io.zaptrix.console;

/**
 * Somebody who runs the service: the principal of the console's sessions.
 *
 * @param name what the audit calls them: {@value #BY_PASSWORD}, or the e-mail address that the identity provider
 *     vouched for
 * @param session the digest of their session
 */
record Operator(String name, String session) {

    /** All who know the password are one. */
    static final String BY_PASSWORD = "operator";
}
