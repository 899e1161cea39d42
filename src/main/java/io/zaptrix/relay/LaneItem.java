package io.zaptrix.relay;

import java.time.Instant;

/**
 * An item in a handler's hands.
 *
 * @param attempts how often it was handed to a handler, this time included
 * @param uncertain it was handed over before and nobody knows what became of it (the replica died, the answer was
 *     lost): ask the other side before sending, or mark it as perhaps repeated
 */
public record LaneItem(
        long seq,
        String key,
        byte[] payload,
        int attempts,
        boolean uncertain,
        Instant acceptedAt,
        Instant firstTriedAt,
        String correlationId) {}
