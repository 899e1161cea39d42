package io.zaptrix.portal;

import org.jspecify.annotations.Nullable;

/**
 * What Bitrix24 posts when it opens a page of the app in its iframe; none of it is believed before the authorization
 * server has confirmed {@code authId}.
 *
 * @param authId {@code AUTH_ID}, an access token
 * @param refreshId {@code REFRESH_ID}
 * @param authExpires {@code AUTH_EXPIRES}, seconds that the access token lives
 * @param domain {@code DOMAIN}, where the portal says it is
 * @param language {@code LANG}
 * @param applicationToken {@code APPLICATION_TOKEN}, which the portal's events will carry
 * @param applicationScope {@code APPLICATION_SCOPE}
 * @param status {@code status}: F, D, T, P, L or S, as {@code app.info} explains them
 */
public record PageGrant(
        String authId,
        @Nullable String refreshId,
        @Nullable String authExpires,
        @Nullable String memberId,
        @Nullable String domain,
        @Nullable String language,
        @Nullable String applicationToken,
        @Nullable String applicationScope,
        @Nullable String status) {

    @Override
    public String toString() {
        return "PageGrant[memberId=" + memberId + ", domain=" + domain + "]";
    }
}
