package io.zaptrix.bitrix24;

import org.jspecify.annotations.Nullable;

/** A link of a portal's file that gives no file. Does not name the link, which opens the file without a login. */
public final class PortalFileException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** What can be done about it. */
    public enum Reason {
        /** It is not there, not to be seen, or where nobody may be called: nothing will change that. */
        GONE,
        /** The server has trouble, or does not answer: worth repeating. */
        UNREACHABLE
    }

    private final Reason reason;

    PortalFileException(Reason reason, String what, @Nullable Throwable cause) {
        super(what, cause);
        this.reason = reason;
    }

    /** It was there, and did not come to its end. */
    public static PortalFileException unreachable(String what, @Nullable Throwable cause) {
        return new PortalFileException(Reason.UNREACHABLE, what, cause);
    }

    public Reason reason() {
        return reason;
    }
}
