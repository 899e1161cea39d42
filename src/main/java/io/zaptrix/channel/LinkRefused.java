package io.zaptrix.channel;

import io.zaptrix.bitrix24.Bitrix24Errors;
import io.zaptrix.bitrix24.Bitrix24Exception;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which step of linking failed and what the other side said of it; nothing is left half-linked. */
public class LinkRefused extends RuntimeException {

    private final Reason reason;
    private final @Nullable String detail;

    LinkRefused(Reason reason, @Nullable String detail, @Nullable Throwable cause) {
        super(reason + (detail == null ? "" : ": " + detail), cause);
        this.reason = reason;
        this.detail = detail;
    }

    public Reason reason() {
        return reason;
    }

    /** What Meta or Bitrix24 said, in its own words. */
    public @Nullable String detail() {
        return detail;
    }

    /** What can be done about an error of Bitrix24's; empty: it was none. */
    public Optional<Bitrix24Errors.Advice> advice() {
        return getCause() instanceof Bitrix24Exception failure
                ? Optional.of(Bitrix24Errors.advice(failure.code()))
                : Optional.empty();
    }

    /** What a person can be told. */
    public enum Reason {
        /** The form itself is wrong; {@link #detail()} names the field. */
        INVALID,
        /** Another portal has linked this number. */
        TAKEN,
        /** Meta does not accept the token. */
        TOKEN_REFUSED,
        /** Meta does not know the number, or not with this token. */
        NUMBER_UNKNOWN,
        /** Meta did not subscribe the app to the account: the wrong WABA, or no right to it. */
        SUBSCRIPTION_REFUSED,
        /** Meta does not take what Embedded Signup gave, or the list that came of it is too old. */
        SIGN_UP_REFUSED,
        /** Meta does not list the account's numbers: the wrong WABA, or no right to it. */
        ACCOUNT_UNKNOWN,
        /** Meta does not register the number for the Cloud API. */
        REGISTRATION_REFUSED,
        /** Meta does not answer now. */
        META_FAILED,
        /** The open line does not exist in the portal. */
        LINE_UNKNOWN,
        /** Bitrix24 did not make the line, or did not activate the connector on it. */
        LINE_REFUSED,
        /** Bitrix24 does not answer now. */
        BITRIX24_FAILED
    }
}
