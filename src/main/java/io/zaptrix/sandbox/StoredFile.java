package io.zaptrix.sandbox;

import org.jspecify.annotations.Nullable;

/**
 * A file that a stand-in has received.
 *
 * @param sha256 in hexadecimal
 * @param content null for one that is too large to be kept
 */
public record StoredFile(
        String name,
        String contentType,
        long size,
        String sha256,
        @Nullable FileContent content) {}
