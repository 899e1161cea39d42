package io.zaptrix.meta;

import java.util.Locale;

/** The kinds of messages that are a file; their names in lower case are Meta's {@code type}. */
public enum MediaKind {
    IMAGE(5 * 1024, true),
    VIDEO(16 * 1024, true),
    AUDIO(16 * 1024, false),
    DOCUMENT(100 * 1024, true),
    STICKER(500, false);

    private final long mostBytes;
    private final boolean captioned;

    MediaKind(int mostKilobytes, boolean captioned) {
        this.mostBytes = mostKilobytes * 1024L;
        this.captioned = captioned;
    }

    /** The largest file of this kind ("Media", "Supported media types" in Meta's documentation). */
    public long mostBytes() {
        return mostBytes;
    }

    /** Whether words can go with it in one message. */
    public boolean takesCaption() {
        return captioned;
    }

    /** What Meta calls it. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
