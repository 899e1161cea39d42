package io.zaptrix.portal;

/** Why a page or an installation was not opened; the pages have a text for each. */
public class SignInRefused extends RuntimeException {

    private final Reason reason;

    public SignInRefused(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    SignInRefused(Reason reason, Throwable cause) {
        super(reason + ": " + cause.getMessage(), cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** What a person can be told. */
    public enum Reason {
        /** The authorization server does not confirm the token. */
        NOT_PROVED,
        /** The token is good, but the user may not administer the portal. */
        NOT_ADMIN,
        /** The portal has not installed the app (or has uninstalled it). */
        NOT_INSTALLED,
        /**
         * A local app opened the page, and its secret is not known yet: ask for it, then
         * {@link Portals#installLocalApp}.
         */
        LOCAL_APP_SECRET_NEEDED,
        /** The secret that was entered is not that of the local app. */
        LOCAL_APP_SECRET_WRONG,
        /** Bitrix24 did not answer, or refused a step; worth trying again. */
        BITRIX24_FAILED,
        /** The client has failed so often that nobody is asked any more for a minute. */
        TOO_MANY_TRIES
    }
}
