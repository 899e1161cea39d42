package io.zaptrix.meta;

import java.io.InputStream;

/**
 * A file to give to Meta.
 *
 * @param content is read once, to its end
 * @param length in bytes; -1 if it is not known
 * @param mimeType one of those that Meta takes
 * @param filename its ending says the type too
 */
public record MediaUpload(InputStream content, long length, String mimeType, String filename) {

    @Override
    public String toString() {
        return "MediaUpload[mimeType=" + mimeType + ", length=" + length + "]";
    }
}
