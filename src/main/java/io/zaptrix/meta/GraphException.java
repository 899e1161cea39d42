package io.zaptrix.meta;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request that the Graph API did not fulfil. Holds nothing secret: tokens and phone numbers that Meta's own words
 * contain are masked.
 */
public final class GraphException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** What {@link #code()} and {@link #subcode()} say when Meta gave no code. */
    public static final int NO_CODE = -1;

    /** What can be done about it. */
    public enum Kind {
        /** Certainly not done, through nobody's fault: worth repeating later. */
        RETRY,
        /** Certainly not done because of a limit: repeat after {@link GraphException#retryAfter()}. */
        LIMIT,
        /** This request can never succeed as it is. */
        REFUSE,
        /** No request with this token or from this number can succeed until somebody mends it. */
        SUSPEND,
        /** It may have been done: no readable answer came. Never repeat it blindly. */
        UNCERTAIN
    }

    private final Kind kind;
    private final int httpStatus;
    private final int code;
    private final int subcode;
    private final @Nullable String title;
    private final @Nullable String details;
    private final @Nullable String fbtraceId;
    private final @Nullable Duration retryAfter;

    /** Meta answered with an error. */
    GraphException(
            String operation,
            Kind kind,
            int httpStatus,
            int code,
            int subcode,
            @Nullable String title,
            @Nullable String details,
            @Nullable String fbtraceId,
            @Nullable Duration retryAfter) {
        super("Graph " + operation + ": " + kind + ", HTTP " + httpStatus
                + (code == NO_CODE ? "" : ", code " + code)
                + (subcode == NO_CODE ? "" : ", subcode " + subcode)
                + (title == null ? "" : ", " + title)
                + (fbtraceId == null ? "" : ", fbtrace " + fbtraceId));
        this.kind = kind;
        this.httpStatus = httpStatus;
        this.code = code;
        this.subcode = subcode;
        this.title = title;
        this.details = details;
        this.fbtraceId = fbtraceId;
        this.retryAfter = retryAfter;
    }

    /** No answer came. */
    GraphException(String operation, Kind kind, String what, @Nullable Throwable cause) {
        this(operation, kind, 0, what, null);
        if (cause != null) {
            initCause(cause);
        }
    }

    /** An answer came, but none of Meta's. */
    GraphException(String operation, Kind kind, int httpStatus, String what, @Nullable Duration retryAfter) {
        super("Graph " + operation + ": " + kind + ", " + what);
        this.kind = kind;
        this.httpStatus = httpStatus;
        this.code = NO_CODE;
        this.subcode = NO_CODE;
        this.title = null;
        this.details = null;
        this.fbtraceId = null;
        this.retryAfter = retryAfter;
    }

    public Kind kind() {
        return kind;
    }

    /** The status of the answer, or 0 if there was none. */
    public int httpStatus() {
        return httpStatus;
    }

    /** Meta's error code, or {@link #NO_CODE}. */
    public int code() {
        return code;
    }

    /** Whether Meta says that the object that was asked for does not exist, or may not be seen with this token. */
    public boolean isNoSuchObject() {
        return code == GraphErrors.INVALID_PARAMETER && subcode == GraphErrors.NO_SUCH_OBJECT
                || code == GraphErrors.NO_SUCH_OBJECT
                || code == GraphErrors.UNKNOWN_ALIAS;
    }

    /** Meta's error subcode, or {@link #NO_CODE}. */
    public int subcode() {
        return subcode;
    }

    /** The error's name in English, such as {@code Re-engagement message}. */
    public @Nullable String title() {
        return title;
    }

    /** What happened this time, in English. */
    public @Nullable String details() {
        return details;
    }

    /** What Meta's support asks for. */
    public @Nullable String fbtraceId() {
        return fbtraceId;
    }

    /** How long to wait at least; present with {@link Kind#LIMIT}, and where Meta asks for it. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
