package io.zaptrix.media;

import org.jspecify.annotations.Nullable;

/**
 * A file that a customer sent and Meta keeps, as its webhook describes it.
 *
 * @param phoneNumberId the number that it was sent to
 * @param chat the open line's chat that it belongs to, for whoever must be told that it is lost
 * @param mediaId Meta's id of it
 * @param filename what the customer calls it; only documents have a name
 * @param mimeType what Meta says it is
 * @param sha256 of its content, in hexadecimal or Base64
 */
public record MediaFile(
        String phoneNumberId,
        String chat,
        String mediaId,
        @Nullable String filename,
        @Nullable String mimeType,
        @Nullable String sha256) {

    /** Leaves out what the customer calls it. */
    @Override
    public String toString() {
        return "MediaFile[mediaId=" + mediaId + ", mimeType=" + mimeType + "]";
    }
}
