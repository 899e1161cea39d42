package io.zaptrix.admin;

import io.zaptrix.channel.LinkRefused;
import io.zaptrix.platform.CorrelationId;
import io.zaptrix.portal.SignInRefused;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.web.servlet.ModelAndView;

/** The HTTP status of each refusal, and what the form shows of it; its words are in {@code messages/admin}. */
final class Refusals {

    private static final Logger log = LoggerFactory.getLogger(Refusals.class);

    private Refusals() {}

    static HttpStatus status(SignInRefused.Reason reason) {
        return switch (reason) {
            case NOT_PROVED -> HttpStatus.UNAUTHORIZED;
            case NOT_ADMIN, NOT_INSTALLED -> HttpStatus.FORBIDDEN;
            case LOCAL_APP_SECRET_NEEDED -> HttpStatus.OK;
            case LOCAL_APP_SECRET_WRONG -> HttpStatus.UNPROCESSABLE_CONTENT;
            case BITRIX24_FAILED -> HttpStatus.BAD_GATEWAY;
            case TOO_MANY_TRIES -> HttpStatus.TOO_MANY_REQUESTS;
        };
    }

    static HttpStatus status(LinkRefused.Reason reason) {
        return switch (reason) {
            case INVALID,
                    TOKEN_REFUSED,
                    NUMBER_UNKNOWN,
                    SUBSCRIPTION_REFUSED,
                    SIGN_UP_REFUSED,
                    ACCOUNT_UNKNOWN,
                    REGISTRATION_REFUSED,
                    LINE_UNKNOWN,
                    LINE_REFUSED -> HttpStatus.UNPROCESSABLE_CONTENT;
            case TAKEN -> HttpStatus.CONFLICT;
            case META_FAILED, BITRIX24_FAILED -> HttpStatus.BAD_GATEWAY;
        };
    }

    /** Says on the page of a form that came back why it did, and by which reference the log knows it. */
    static void show(ModelAndView page, LinkRefused refusal) {
        note(refusal);
        page.addObject("refusal", refusal.reason())
                .addObject("wrong", field(refusal))
                .addObject("said", said(refusal))
                .addObject("correlationId", CorrelationId.current());
        page.setStatus(status(refusal.reason()));
    }

    /** In our own words only: what was typed, and what the other side says of it, may name a person or a token. */
    static void note(LinkRefused refusal) {
        log.info("not linked: {}, field {}", refusal.reason(), field(refusal));
    }

    /** The field of the form that has to be changed, by its name; null when none has. */
    static @Nullable String field(LinkRefused refusal) {
        return switch (refusal.reason()) {
            case INVALID -> refusal.detail();
            case TAKEN, NUMBER_UNKNOWN -> "phoneNumberId";
            case SUBSCRIPTION_REFUSED, ACCOUNT_UNKNOWN -> "wabaId";
            case TOKEN_REFUSED -> "accessToken";
            case LINE_UNKNOWN, LINE_REFUSED -> "lineId";
            case SIGN_UP_REFUSED, REGISTRATION_REFUSED, META_FAILED, BITRIX24_FAILED -> null;
        };
    }

    /** What the other side said, for people; our own names of fields and lines are not. */
    static @Nullable String said(LinkRefused refusal) {
        return switch (refusal.reason()) {
            case INVALID, LINE_UNKNOWN -> null;
            default -> refusal.detail();
        };
    }
}
