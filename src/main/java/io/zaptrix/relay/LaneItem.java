package io.zaptrix.relay;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An item in a handler's hands.
 *
 * @param attempts how often it failed before, or was left by a crash
 * @param uncertain it was handed over before and nobody knows what became of it (the replica died, the answer was
 *     lost): ask the other side before sending, or mark it as perhaps repeated
 * @param acceptedAt by the database's clock, as all times here
 * @param waited how long it had been accepted when it was handed over
 * @param failingFor how long before it was handed over it first failed; null: never
 */
public record LaneItem(
        long seq,
        long position,
        String key,
        byte[] payload,
        int attempts,
        boolean uncertain,
        Instant acceptedAt,
        Duration waited,
        @Nullable Duration failingFor,
        String correlationId) {}
