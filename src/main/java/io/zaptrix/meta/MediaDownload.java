package io.zaptrix.meta;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A file on its way from Meta. Whoever got it closes it; closing early ends the connection and reads nothing more.
 *
 * @param status 200 with the whole file, 206 with the range that was asked for, or 416 with nothing
 * @param length of the body in bytes; -1 if it is not announced
 * @param contentType as Meta's server says
 * @param contentRange of a 206 or 416
 */
public record MediaDownload(
        int status,
        long length,
        @Nullable String contentType,
        @Nullable String contentRange,
        InputStream body,
        Runnable abort)
        implements AutoCloseable {

    @Override
    public void close() {
        // Not the body: closing it would read what is left, be it 100 MB.
        abort.run();
    }

    /** Reads as {@link InputStream#read(byte[])} does. */
    public int read(byte[] into) throws IOException {
        return body.read(into);
    }

    @Override
    public String toString() {
        return "MediaDownload[status=" + status + ", length=" + length + "]";
    }
}
