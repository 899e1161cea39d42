package io.zaptrix.relay;

import org.jspecify.annotations.Nullable;

/** The database did not take what was to be accepted; nothing is promised of it. */
public class RelayUnavailable extends RuntimeException {

    RelayUnavailable(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
