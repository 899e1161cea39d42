package io.zaptrix.platform;

import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads JSON from outside no deeper and with no more parts than anything honest has. A body's size does not bound what
 * it becomes: three megabytes of <code>{},{},{}</code> are a hundred in memory, more than the whole process may spare.
 */
public final class BoundedJson {

    /** Nobody here, neither Meta nor Bitrix24, nests deeper than a dozen levels. */
    public static final int DEPTH = 64;

    /**
     * Brackets, names and values of what may come from anybody, or from a portal's own server. A thousand messages have
     * about fifty thousand; all of these together take some ten megabytes.
     */
    public static final int TOKENS = 200_000;

    private static final int LONGEST_NUMBER = 400;
    private static final int LONGEST_NAME = 10_000;

    private BoundedJson() {}

    /** For what comes from anybody. */
    public static JsonMapper ofAnybody() {
        return mapper(TOKENS);
    }

    /** For what Meta has signed or answered: as many parts as its size allows. */
    public static JsonMapper ofMeta() {
        return mapper(-1);
    }

    private static JsonMapper mapper(long tokens) {
        return JsonMapper.builder(JsonFactory.builder()
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(DEPTH)
                                .maxTokenCount(tokens)
                                .maxNumberLength(LONGEST_NUMBER)
                                .maxNameLength(LONGEST_NAME)
                                .build())
                        .build())
                .build();
    }
}
