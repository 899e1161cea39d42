package io.zaptrix.meta;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A file that Meta keeps ({@code GET /{media-id}}).
 *
 * @param id the media id, which webhooks and messages name it by
 * @param url where it can be fetched with the number's access token; valid for 5 minutes
 * @param mimeType what Meta says it is
 * @param sha256 of its content, in hexadecimal; absent if Meta does not say
 * @param size in bytes; -1 if Meta does not say
 */
public record MediaInfo(
        String id,
        URI url,
        @Nullable String mimeType,
        @Nullable String sha256,
        long size) {

    /** Leaves the address out. */
    @Override
    public String toString() {
        return "MediaInfo[id=" + id + ", mimeType=" + mimeType + ", size=" + size + "]";
    }
}
