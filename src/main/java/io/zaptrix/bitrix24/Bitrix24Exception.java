package io.zaptrix.bitrix24;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why Bitrix24 did not do what was asked. The {@link #kind()} says what to do about it; the {@link #code()} is the
 * server's own where it gave one. Neither the message nor the description carries a token or a secret.
 */
public final class Bitrix24Exception extends RuntimeException {

    private static final int LONGEST_DESCRIPTION = 300;

    private final Kind kind;
    private final String code;
    private final String description;
    private final int httpStatus;
    private final @Nullable Duration retryAfter;
    private final boolean outcomeUnknown;

    /**
     * A failure that no answer of Bitrix24 caused, such as a portal whose tokens are known to be dead.
     *
     * @param code in the style of Bitrix24's own, such as {@code TOKENS_DEAD}
     */
    public Bitrix24Exception(Kind kind, String code, String description) {
        this(kind, code, description, 0, null, false, null);
    }

    Bitrix24Exception(
            Kind kind,
            String code,
            String description,
            int httpStatus,
            @Nullable Duration retryAfter,
            boolean outcomeUnknown,
            @Nullable Throwable cause) {
        super(
                kind + " " + code + (httpStatus > 0 ? " (HTTP " + httpStatus + ")" : "") + ": " + tidy(description),
                cause);
        this.kind = kind;
        this.code = code;
        this.description = tidy(description);
        this.httpStatus = httpStatus;
        this.retryAfter = retryAfter;
        this.outcomeUnknown = outcomeUnknown;
    }

    /** What to do about a failure. */
    public enum Kind {
        /** The network or the server stumbled; the same call may succeed later. */
        RETRY,
        /** Too fast; {@link #retryAfter()} says when there is room again. */
        LIMIT,
        /** The access token has expired, or the portal has moved; a refresh brings a new token and address. */
        REFRESH,
        /** This call will never succeed; others may. */
        REFUSE,
        /** The portal, its app or its line is out of order until a person mends it. */
        SUSPEND
    }

    public Kind kind() {
        return kind;
    }

    /** The error code, as the server writes it, such as {@code QUERY_LIMIT_EXCEEDED} or {@code expired_token}. */
    public String code() {
        return code;
    }

    /** The server's explanation, of at most 300 characters and free of the secrets that were sent; may be empty. */
    public String description() {
        return description;
    }

    /** The answer's HTTP status, or 0 where no answer came. */
    public int httpStatus() {
        return httpStatus;
    }

    /** How long to wait at least, where that is known. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /**
     * Whether Bitrix24 may have carried the call out all the same: it was sent, and its answer was lost. Matters for
     * {@code imconnector.send.messages}, which shows a repeated message twice.
     */
    public boolean outcomeUnknown() {
        return outcomeUnknown;
    }

    private static String tidy(String text) {
        StringBuilder tidy = new StringBuilder();
        text.codePoints()
                .limit(LONGEST_DESCRIPTION)
                .map(c -> Character.isISOControl(c) ? ' ' : c)
                .forEach(tidy::appendCodePoint);
        return tidy.toString().strip();
    }
}
