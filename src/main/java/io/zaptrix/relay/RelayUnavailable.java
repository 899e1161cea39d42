package io.zaptrix.relay;

/** The database did not take what was to be accepted; nothing is promised of it. */
public class RelayUnavailable extends RuntimeException {

    RelayUnavailable(Throwable cause) {
        super("the relay cannot accept now", cause);
    }
}
