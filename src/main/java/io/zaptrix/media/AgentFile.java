package io.zaptrix.media;

import org.jspecify.annotations.Nullable;

/**
 * A file that an agent attached.
 *
 * @param source names the message and the file in it; the same whenever it is tried again
 * @param name as the agent sees it
 * @param link where the portal gives it out without a login
 * @param size in bytes, as the portal says; it may be wrong
 */
public record AgentFile(
        String source, String name, String link, @Nullable Long size) {

    /** Leaves the link out: it opens the file without a login. */
    @Override
    public String toString() {
        return "AgentFile[source=" + source + ", size=" + size + "]";
    }
}
