package io.zaptrix.sandbox;

import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** JSON as the stand-ins read and write it. */
final class SandboxJson {

    static final JsonMapper MAPPER = JsonMapper.builder().build();

    /** Reads also what an earlier version has kept, which knew less. */
    static final JsonMapper KEPT = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** As PHP's {@code json_encode} writes: non-ASCII letters and slashes escaped, so that a rewrite changes bytes. */
    static final JsonMapper ESCAPING = JsonMapper.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .enable(JsonWriteFeature.ESCAPE_FORWARD_SLASHES)
            .build();

    private SandboxJson() {}
}
