package io.zaptrix.bitrix24;

/**
 * Bitrix24's authorization server, the only one that is trusted about tokens, addresses and payment, and the only one
 * that is ever sent a client secret (REST documentation, {@code settings/oauth}). Where it is comes from the
 * configuration, never from a request.
 */
public interface Bitrix24OAuth {

    /**
     * Whom a token belongs to: proves that somebody who presents it comes from that portal.
     *
     * @throws Bitrix24Exception {@code REFRESH} when the token has expired, {@code REFUSE} when it is none
     */
    AppInfo appInfo(String accessToken);

    /**
     * A new pair of tokens for an old one, which must be kept until the new one is durable.
     *
     * @throws Bitrix24Exception {@code SUSPEND} when only a person can help: the app was removed, its payment has
     *     ended, or the refresh token is dead
     */
    TokenPair refresh(String clientId, String clientSecret, String refreshToken);

    /**
     * The first pair of tokens for an authorization code, which lives 30 seconds.
     *
     * @throws Bitrix24Exception as {@link #refresh}
     */
    TokenPair exchange(String clientId, String clientSecret, String code);
}
