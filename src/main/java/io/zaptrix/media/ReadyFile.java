package io.zaptrix.media;

import io.zaptrix.meta.MediaKind;
import java.net.URI;

/** How an agent's file can go to WhatsApp. */
public sealed interface ReadyFile {

    /**
     * Meta has it.
     *
     * @param voice whether it can be a voice message: Ogg with Opus in it, and nothing else
     * @param filename what a document is called
     * @param again whether it was uploaded for an earlier message: Meta may have forgotten it since
     */
    record Uploaded(MediaKind kind, boolean voice, String mediaId, String filename, boolean again)
            implements ReadyFile {}

    /** Meta's upload does not take its type; as a document that Meta fetches itself it can be of any. */
    record Fetched(URI link, String filename) implements ReadyFile {}

    /** WhatsApp does not take it in any form: the customer can open its link. */
    record LinkOnly() implements ReadyFile {}

    /** There is nothing behind its link, or nothing that the link opens without a login. */
    record Lost() implements ReadyFile {}
}
