package io.zaptrix.bitrix24;

import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A file on its way from a portal. Whoever got it closes it; closing early ends the connection and reads nothing more.
 *
 * @param length in bytes; -1 if it is not announced
 * @param contentType as the portal's server says
 * @param body fails when nothing has come for half a minute, and when the whole takes too long
 */
public record PortalFile(long length, @Nullable String contentType, InputStream body, Runnable abort)
        implements AutoCloseable {

    @Override
    public void close() {
        // Not the body: closing it would read what is left.
        abort.run();
    }

    @Override
    public String toString() {
        return "PortalFile[length=" + length + ", contentType=" + contentType + "]";
    }
}
