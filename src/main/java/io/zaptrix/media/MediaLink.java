package io.zaptrix.media;

import java.net.URI;
import java.time.Instant;

/**
 * Where a customer's file can be fetched for a while, by whoever has the link.
 *
 * @param url of this service
 * @param name under which to keep the file: the customer's, made harmless, or one of ours; always with an ending where
 *     the type has one
 * @param expires when the link ends
 */
public record MediaLink(URI url, String name, Instant expires) {

    /** Leaves the address out: it opens the file. */
    @Override
    public String toString() {
        return "MediaLink[expires=" + expires + "]";
    }
}
