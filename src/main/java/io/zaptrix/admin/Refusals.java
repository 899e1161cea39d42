package io.zaptrix.admin;

import io.zaptrix.channel.LinkRefused;
import io.zaptrix.portal.SignInRefused;
import org.springframework.http.HttpStatus;

/** The HTTP status of each refusal; its words are in {@code messages/admin}. */
final class Refusals {

    private Refusals() {}

    static HttpStatus status(SignInRefused.Reason reason) {
        return switch (reason) {
            case NOT_PROVED -> HttpStatus.UNAUTHORIZED;
            case NOT_ADMIN, NOT_INSTALLED -> HttpStatus.FORBIDDEN;
            case LOCAL_APP_SECRET_NEEDED -> HttpStatus.OK;
            case LOCAL_APP_SECRET_WRONG -> HttpStatus.UNPROCESSABLE_CONTENT;
            case BITRIX24_FAILED -> HttpStatus.BAD_GATEWAY;
        };
    }

    static HttpStatus status(LinkRefused.Reason reason) {
        return switch (reason) {
            case INVALID, TOKEN_REFUSED, NUMBER_UNKNOWN, SUBSCRIPTION_REFUSED, LINE_UNKNOWN, LINE_REFUSED ->
                HttpStatus.UNPROCESSABLE_CONTENT;
            case TAKEN -> HttpStatus.CONFLICT;
            case META_FAILED, BITRIX24_FAILED -> HttpStatus.BAD_GATEWAY;
        };
    }
}
