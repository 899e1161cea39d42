package io.zaptrix.relay;

/** Another replica may have this lane now: stop, and leave its items to it. */
public final class LeaseLost extends RuntimeException {

    LeaseLost(String lane) {
        super("the lease of lane " + lane + " is lost", null, false, false);
    }
}
