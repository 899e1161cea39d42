package io.zaptrix.journal;

import io.zaptrix.journal.LoggedMessage.Direction;
import io.zaptrix.journal.LoggedMessage.State;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is looked for in the log; null: whatever it is.
 *
 * @param phone as somebody types it, see {@link TypedPhone}
 * @param from when it was taken over, at the earliest
 * @param until before which it was
 * @param numberId Meta's id of the company's number
 */
public record LogSearch(
        @Nullable String phone,
        @Nullable Instant from,
        @Nullable Instant until,
        @Nullable State state,
        @Nullable Direction direction,
        @Nullable String numberId) {

    /** Everything. */
    public static final LogSearch ALL = new LogSearch(null, null, null, null, null, null);
}
